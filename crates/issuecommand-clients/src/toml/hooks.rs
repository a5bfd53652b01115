//! Hooks in groups that may hold somebody else's, too.

use toml_edit::{Document, DocumentMut, Item, Table, TableLike, Value as TomlValue};

use super::parts::{self, Part};
use super::{render, replaced, without as cut};
use crate::edit::{EditError, line_end};
use crate::mark::{self, Mark};
use crate::value::Value;

/// Whether an element of ours stands at a path, in whatever form.
pub(super) fn has(document: &Document<&str>, path: &[String], mark: &Mark) -> bool {
    let item = path
        .iter()
        .try_fold(document.as_item(), |at, key| at.get(key));
    match item.map(parts::value) {
        Some(Value::List(elements)) => elements.iter().any(|element| mark.is_in(element)),
        _ => false,
    }
}

/// Makes a group say what `value` says. What others added to it stays.
pub(super) fn brought(
    text: &str,
    part: &Part,
    path: &[String],
    value: &Value,
    mark: &Mark,
) -> Result<String, EditError> {
    let places = ours(&part.value, mark);
    if places.is_empty() {
        // A hook in place of a group.
        return Ok(replaced(text, part, &render::element(path, value)));
    }
    let is_ours_alone = mark::hooks(&part.value).len() == places.len();
    changed(text, part, path, |group| {
        if let (Some(first), [hook]) = (places.first(), mark::hooks(value)) {
            let hooks = group.get_mut("hooks")?;
            for again in places[1..].iter().rev() {
                remove(hooks, *again)?;
            }
            let present = at(hooks, *first)?;
            present.remove("args");
            render::merge(present, hook);
        }
        if let (Value::Object(members), true) = (value, is_ours_alone) {
            let further = members.iter().filter(|(key, _)| key != "hooks").cloned();
            render::merge(group, &Value::Object(further.collect()));
        }
        Some(())
    })
}

/// The text without our hooks of a group, and without the group if it has no other one.
pub(super) fn without(
    text: &str,
    part: &Part,
    path: &[String],
    mark: &Mark,
) -> Result<Option<String>, EditError> {
    let places = ours(&part.value, mark);
    if places.len() == mark::hooks(&part.value).len() {
        return Ok(cut(text, part));
    }
    let text = changed(text, part, path, |group| {
        let hooks = group.get_mut("hooks")?;
        for place in places.iter().rev() {
            remove(hooks, *place)?;
        }
        Some(())
    })?;
    Ok(Some(text))
}

/// The places of our hooks in a group.
fn ours(group: &Value, mark: &Mark) -> Vec<usize> {
    let hooks = mark::hooks(group).iter().enumerate();
    let ours = hooks.filter(|(_, hook)| mark.is_on(hook));
    ours.map(|(place, _)| place).collect()
}

fn changed(
    text: &str,
    part: &Part,
    path: &[String],
    change: impl FnOnce(&mut Table) -> Option<()>,
) -> Result<String, EditError> {
    let form = || EditError::Form {
        path: path.join("."),
    };
    let before = &text[part.range.clone()];
    let mut alone: DocumentMut = before.parse().map_err(|_| form())?;
    let mut item = alone.as_item_mut();
    for key in path {
        item = item.get_mut(key).ok_or_else(form)?;
    }
    let tables = item.as_array_of_tables_mut();
    let group = tables.and_then(|tables| tables.get_mut(0));
    change(group.ok_or_else(form)?).ok_or_else(form)?;
    let after = alone.to_string().replace("\r\n", "\n");
    if after == before.replace("\r\n", "\n") {
        return Ok(text.to_owned());
    }
    Ok(replaced(text, part, &after.replace('\n', line_end(text))))
}

fn at(hooks: &mut Item, place: usize) -> Option<&mut dyn TableLike> {
    match hooks {
        Item::ArrayOfTables(tables) => tables
            .get_mut(place)
            .map(|table| table as &mut dyn TableLike),
        Item::Value(TomlValue::Array(hooks)) => {
            let table = hooks.get_mut(place)?.as_inline_table_mut()?;
            Some(table as &mut dyn TableLike)
        }
        _ => None,
    }
}

fn remove(hooks: &mut Item, place: usize) -> Option<()> {
    match hooks {
        Item::ArrayOfTables(tables) => drop(tables.remove(place)),
        Item::Value(TomlValue::Array(hooks)) => drop(hooks.remove(place)),
        _ => return None,
    }
    Some(())
}
