//! Where tables stand in a text of TOML.

use std::ops::Range;

use toml_edit::{Document, Item, Table, Value as TomlValue};

use crate::edit::EditError;
use crate::value::Value;

/// Whole lines: a header, its members, and the tables within it that follow directly.
pub(super) struct Part {
    pub(super) range: Range<usize>,
    pub(super) value: Value,
}

/// A header of the document with the place where its last member ends.
struct Block {
    path: Vec<String>,
    start: usize,
    end: usize,
}

/// The part of the table at a path.
pub(super) fn of_table(
    document: &Document<&str>,
    text: &str,
    path: &[String],
) -> Result<Part, EditError> {
    let form = || EditError::Form {
        path: path.join("."),
    };
    let blocks = blocks(document, text);
    let first = blocks
        .iter()
        .position(|block| block.path == path)
        .ok_or_else(form)?;
    let is_ours = |block: &Block| block.path.starts_with(path);
    let count = blocks[first..].iter().take_while(|b| is_ours(b)).count();
    // A table within ours that stands elsewhere would be left behind.
    if blocks.iter().filter(|block| is_ours(block)).count() != count {
        return Err(form());
    }
    let item = path
        .iter()
        .try_fold(document.as_item(), |at, key| at.get(key))
        .ok_or_else(form)?;
    Ok(Part {
        range: blocks[first].start..blocks[first + count - 1].end,
        value: value(item),
    })
}

/// The elements of the array of tables at a path.
pub(super) fn elements(
    document: &Document<&str>,
    text: &str,
    path: &[String],
) -> Result<Vec<Part>, EditError> {
    let Some(item) = path
        .iter()
        .try_fold(document.as_item(), |at, key| at.get(key))
    else {
        return Ok(Vec::new());
    };
    let Some(tables) = item.as_array_of_tables() else {
        return Err(EditError::Form {
            path: path.join("."),
        });
    };
    let blocks = blocks(document, text);
    let elements = tables.iter().filter_map(|table| {
        let start = line_start(text, table.span()?.start);
        let after = blocks.iter().skip_while(|block| block.start < start);
        let end = after
            .enumerate()
            .take_while(|(at, block)| {
                *at == 0 || (block.path.starts_with(path) && block.path.len() > path.len())
            })
            .last()
            .map_or(text.len(), |(_, block)| block.end);
        Some(Part {
            range: start..end,
            value: of_tables(table),
        })
    });
    Ok(elements.collect())
}

/// All headers of a document, in their order.
fn blocks(document: &Document<&str>, text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    collect(document.as_table(), &mut Vec::new(), text, &mut found);
    found.sort_by_key(|block| block.start);
    found
}

fn collect(table: &Table, path: &mut Vec<String>, text: &str, found: &mut Vec<Block>) {
    let has_header = !path.is_empty() && !table.is_implicit() && !table.is_dotted();
    if let Some(span) = table.span().filter(|_| has_header) {
        let end = last_value_end(table).unwrap_or(span.end).max(span.end);
        found.push(Block {
            path: path.clone(),
            start: line_start(text, span.start),
            end: line_after(text, end),
        });
    }
    for (key, item) in table {
        path.push(key.to_owned());
        match item {
            Item::Table(inner) => collect(inner, path, text, found),
            Item::ArrayOfTables(inner) => {
                for inner in inner {
                    collect(inner, path, text, found);
                }
            }
            Item::None | Item::Value(_) => {}
        }
        path.pop();
    }
}

/// Where the last member ends that stands under the header itself.
fn last_value_end(table: &Table) -> Option<usize> {
    let ends = table.iter().filter_map(|(_, item)| match item {
        Item::Value(value) => value.span().map(|span| span.end),
        // A dotted key stands under the header, too.
        Item::Table(inner) if inner.is_dotted() => last_value_end(inner),
        Item::Table(_) | Item::ArrayOfTables(_) | Item::None => None,
    });
    ends.max()
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

fn line_after(text: &str, offset: usize) -> usize {
    text[offset..]
        .find('\n')
        .map_or(text.len(), |at| offset + at + 1)
}

/// A part of TOML as a value.
pub(super) fn value(item: &Item) -> Value {
    match item {
        Item::Value(value) => of_value(value),
        Item::Table(table) => of_tables(table),
        Item::ArrayOfTables(tables) => Value::List(tables.iter().map(of_tables).collect()),
        Item::None => Value::Other(String::new()),
    }
}

fn of_tables(table: &Table) -> Value {
    Value::object(table.iter().map(|(key, item)| (key, value(item))))
}

fn of_value(value: &TomlValue) -> Value {
    match value {
        TomlValue::String(text) => Value::text(text.value().as_str()),
        TomlValue::Boolean(flag) => Value::Flag(*flag.value()),
        TomlValue::Integer(number) => Value::Other(number.value().to_string()),
        TomlValue::Float(number) => Value::Other(number.value().to_string()),
        TomlValue::Datetime(moment) => Value::Other(moment.value().to_string()),
        TomlValue::Array(values) => Value::List(values.iter().map(of_value).collect()),
        TomlValue::InlineTable(table) => {
            Value::object(table.iter().map(|(key, value)| (key, of_value(value))))
        }
    }
}
