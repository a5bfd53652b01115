//! All single-field alterations of a JSON document.

use serde_json::{Value, json};

/// One altered field: its JSON pointer, and its new value; `None` removes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Alteration {
    /// The JSON pointer.
    pub pointer: String,
    /// The new value.
    pub to: Option<Value>,
}

impl Alteration {
    /// All alterations of a document: each field in turn removed, null, and of every other JSON type. In a list only the first
    /// row is altered, so that a test can check the other rows.
    pub fn all_of(document: &Value) -> Vec<Self> {
        let mut found = Vec::new();
        walk(document, "", &mut found);
        found
    }

    /// The document with this alteration.
    #[must_use]
    pub fn of(&self, document: &Value) -> Value {
        let mut document = document.clone();
        alter(&mut document, &self.pointer, self.to.as_ref());
        document
    }
}

/// Sets the value at a JSON pointer, or removes it.
pub(crate) fn alter(value: &mut Value, pointer: &str, to: Option<&Value>) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    match (value.pointer_mut(parent), to) {
        (Some(Value::Object(fields)), Some(to)) => {
            fields.insert(name, to.clone());
        }
        (Some(Value::Object(fields)), None) => {
            fields.remove(&name);
        }
        (Some(Value::Array(rows)), to) => {
            let Some(place) = name.parse().ok().filter(|place| *place < rows.len()) else {
                return;
            };
            match to {
                Some(to) => rows[place] = to.clone(),
                None => drop(rows.remove(place)),
            }
        }
        _ => {}
    }
}

fn walk(value: &Value, pointer: &str, found: &mut Vec<Alteration>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                field(value, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(rows) => {
            if let Some(row) = rows.first() {
                field(row, &format!("{pointer}/0"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn field(value: &Value, pointer: &str, found: &mut Vec<Alteration>) {
    walk(value, pointer, found);
    let others = [
        Value::Null,
        json!(true),
        json!(5),
        json!("x"),
        json!([5]),
        json!({"x": 5}),
    ];
    let kind = |value: &Value| std::mem::discriminant(value);
    let others = others
        .into_iter()
        .filter(|other| kind(other) != kind(value))
        .map(Some);
    found.extend(others.chain([None]).map(|to| Alteration {
        pointer: pointer.to_owned(),
        to,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_altered_in_each_way() {
        let document = json!([{"a": "text", "b": {"c": null}}, {"a": "other"}]);
        let all = Alteration::all_of(&document);
        // Four places: the row, two fields of it, and one below.
        assert_eq!(all.len(), 4 * 6);
        for alteration in all {
            let altered = alteration.of(&document);
            assert_ne!(altered, document, "{alteration:?}");
            let last = altered.as_array().unwrap().last().unwrap();
            assert_eq!(*last, document[1], "{alteration:?}");
        }
    }
}
