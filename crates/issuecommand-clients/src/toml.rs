//! Edits of TOML that leave every foreign byte alone. What is added is a table of its own at the end of the file, behind an
//! empty line; a removal takes these lines.

mod hooks;
mod parts;
mod render;

use toml_edit::{Document, DocumentMut, Item};

use self::parts::Part;
use crate::edit::{Edit, EditError, line_end};
use crate::value::Value;

/// Reads a text.
pub(crate) fn parse(text: &str) -> Result<Document<&str>, EditError> {
    Document::parse(text).map_err(|error| EditError::Invalid {
        language: "TOML",
        why: error.to_string().trim().replace('\n', "; "),
    })
}

/// A text as a value.
pub(crate) fn value(text: &str) -> Option<Value> {
    parse(text)
        .ok()
        .map(|document| parts::value(document.as_item()))
}

/// The text with what an edit asks for.
pub(crate) fn apply(text: Option<&str>, edit: &Edit) -> Result<String, EditError> {
    let document = parse(text.unwrap_or_default())?;
    let added = match edit {
        Edit::Entry {
            path,
            value,
            rivals,
            ..
        } => match item(&document, path)? {
            None => render::table(path, value),
            Some(present) if agrees(present, value, rivals) => {
                return Ok(text.unwrap_or_default().to_owned());
            }
            Some(_) => return rewrite(text.unwrap_or_default(), path, value, rivals),
        },
        Edit::Element { path, value, mark } => {
            let text = text.unwrap_or_default();
            let all = parts::elements(&document, text, path)?;
            let all: Vec<&Part> = all.iter().filter(|part| mark.is_in(&part.value)).collect();
            match all[..] {
                [] => render::element(path, value),
                [only] if only.value.says(value) => return Ok(text.to_owned()),
                [first, ref again @ ..] => {
                    // From the end, so that the ranges before stay true. What stands there twice would run twice.
                    let mut text = text.to_owned();
                    for part in again.iter().rev() {
                        text = hooks::without(&text, part, path, mark)?.unwrap_or_default();
                    }
                    return hooks::brought(&text, first, path, value, mark);
                }
            }
        }
        Edit::Companion { key, .. } => {
            return Err(EditError::Form { path: key.clone() });
        }
    };
    Ok(appended(text, &added))
}

/// The text without what an edit asks for; `None` if it was made for it alone.
pub(crate) fn revert(text: &str, edit: &Edit) -> Result<Option<String>, EditError> {
    let mut text = text.to_owned();
    loop {
        let document = parse(&text)?;
        let rest = match edit {
            Edit::Entry { path, .. } => match item(&document, path)? {
                Some(_) => without(&text, &parts::of_table(&document, &text, path)?),
                None => return Ok(Some(text)),
            },
            Edit::Element { path, mark, .. } => {
                if !hooks::has(&document, path, mark) {
                    return Ok(Some(text));
                }
                let all = parts::elements(&document, &text, path)?;
                match all.iter().rfind(|part| mark.is_in(&part.value)) {
                    Some(part) => hooks::without(&text, part, path, mark)?,
                    None => return Ok(Some(text)),
                }
            }
            Edit::Companion { .. } => return Ok(Some(text)),
        };
        match rest {
            Some(rest) => text = rest,
            None => return Ok(None),
        }
    }
}

/// What stands at a path, if anything does.
fn item<'d>(document: &'d Document<&str>, path: &[String]) -> Result<Option<&'d Item>, EditError> {
    let mut at = document.as_item();
    for (depth, key) in path.iter().enumerate() {
        if at.as_table_like().is_none() {
            return Err(EditError::Type {
                path: path[..depth].join("."),
                found: at.type_name(),
                wanted: "a table",
            });
        }
        match at.get(key) {
            Some(inner) => at = inner,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

fn agrees(present: &Item, value: &Value, rivals: &[&str]) -> bool {
    rivals.iter().all(|rival| present.get(rival).is_none()) && parts::value(present).says(value)
}

/// Changes the members of our table that differ, and keeps the others.
fn rewrite(
    text: &str,
    path: &[String],
    value: &Value,
    rivals: &[&str],
) -> Result<String, EditError> {
    let form = || EditError::Form {
        path: path.join("."),
    };
    let document = parse(text)?;
    let part = parts::of_table(&document, text, path)?;
    let mut alone: DocumentMut = text[part.range.clone()].parse().map_err(|_| form())?;
    let mut table = alone.as_item_mut();
    for key in path {
        table = table.get_mut(key).ok_or_else(form)?;
    }
    let table = table.as_table_like_mut().ok_or_else(form)?;
    let mut is_changed = false;
    for rival in rivals {
        is_changed |= table.remove(rival).is_some();
    }
    if is_changed && value.get("type").is_none() {
        table.remove("type");
    }
    render::merge(table, value);
    let rendered = alone.to_string().replace('\n', line_end(text));
    Ok(replaced(text, &part, &rendered))
}

/// The text with a block at its end. The separation says what stood before: a text without a line end gets a block without.
fn appended(text: Option<&str>, block: &str) -> String {
    let Some(text) = text else {
        return block.to_owned();
    };
    let end = line_end(text);
    let block = block.replace('\n', end);
    if text.is_empty() || text.ends_with('\n') {
        format!("{text}{end}{block}")
    } else {
        format!("{text}{end}{}", block.trim_end())
    }
}

fn replaced(text: &str, part: &Part, rendered: &str) -> String {
    let rendered = if text[part.range.clone()].ends_with('\n') {
        rendered.to_owned()
    } else {
        rendered.trim_end().to_owned()
    };
    let rendered = match line_end(text) {
        "\r\n" => rendered.replace("\r\n", "\n").replace('\n', "\r\n"),
        _ => rendered,
    };
    format!(
        "{}{rendered}{}",
        &text[..part.range.start],
        &text[part.range.end..]
    )
}

/// The text without a part and without the line end that separated it.
fn without(text: &str, part: &Part) -> Option<String> {
    let (before, after) = (&text[..part.range.start], &text[part.range.end..]);
    if before.is_empty() && after.is_empty() {
        return None;
    }
    let ends_file = after.is_empty();
    let shorter = before
        .strip_suffix("\r\n")
        .or_else(|| before.strip_suffix('\n'))
        .unwrap_or(before);
    let is_blank_line = shorter.is_empty() || shorter.ends_with('\n');
    let before = if ends_file || is_blank_line {
        shorter
    } else {
        before
    };
    Some(format!("{before}{after}"))
}
