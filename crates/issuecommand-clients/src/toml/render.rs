//! Values as TOML text.

use toml_edit::{Array, InlineTable, TableLike, Value as TomlValue};

use crate::value::Value;

/// A table with its header.
pub(super) fn table(path: &[String], value: &Value) -> String {
    format!("[{}]\n{}", path.join("."), members(value))
}

/// An element of an array of tables. Arrays of objects within it are arrays of tables, too.
pub(super) fn element(path: &[String], value: &Value) -> String {
    let name = path.join(".");
    let mut text = format!("[[{name}]]\n{}", members(value));
    if let Value::Object(all) = value {
        for (key, inner) in all {
            if let Value::List(elements) = inner
                && elements.iter().any(|e| matches!(e, Value::Object(_)))
            {
                let path = [name.clone(), key.clone()];
                for inner in elements {
                    text.push_str(&element(&path, inner));
                }
            }
        }
    }
    text
}

/// A line for each member that is no array of objects.
fn members(value: &Value) -> String {
    let Value::Object(members) = value else {
        return String::new();
    };
    members
        .iter()
        .filter_map(|(key, value)| Some(format!("{key} = {}\n", toml(value)?)))
        .collect()
}

/// Sets the members that differ, and those of tables within one by one.
pub(super) fn merge(table: &mut dyn TableLike, value: &Value) {
    let Value::Object(members) = value else {
        return;
    };
    for (key, value) in members {
        if let Some(present) = table.get_mut(key) {
            if super::parts::value(present).says(value) {
                continue;
            }
            if let (Value::Object(_), Some(inner)) = (value, present.as_table_like_mut()) {
                merge(inner, value);
                continue;
            }
        }
        if let Some(value) = toml(value) {
            table.insert(key, toml_edit::value(value));
        }
    }
}

/// A value on one line; `None` for an array of objects, and for what TOML does not have.
fn toml(value: &Value) -> Option<TomlValue> {
    Some(match value {
        Value::Text(text) => text.as_str().into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Other(spelling) => spelling.parse().ok()?,
        Value::List(values) => {
            if values.iter().any(|value| matches!(value, Value::Object(_))) {
                return None;
            }
            TomlValue::Array(values.iter().map(toml).collect::<Option<Array>>()?)
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| Some((key.as_str(), toml(value)?)));
            TomlValue::InlineTable(members.collect::<Option<InlineTable>>()?)
        }
    })
}
