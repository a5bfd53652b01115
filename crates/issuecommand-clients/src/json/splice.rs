//! Insertions into a text and their exact removals.

use super::render;
use super::tree::Node;
use crate::edit::line_end;
use crate::value::Value;

/// What stands between two items, or between the last one and the bracket: blanks, comments and at most one comma.
struct Gap {
    comma: Option<usize>,
    /// Where the last comment ends.
    comment_end: Option<usize>,
}

fn gap(text: &str, from: usize, to: usize) -> Gap {
    let bytes = text.as_bytes();
    let mut found = Gap {
        comma: None,
        comment_end: None,
    };
    let mut at = from;
    while at < to {
        let rest = &text[at..to];
        if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            // The line end of a file of Windows is no part of the comment.
            at += rest[..length].trim_end_matches('\r').len();
            found.comment_end = Some(at);
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |length| length + 2);
            found.comment_end = Some(at);
        } else {
            if bytes[at] == b',' && found.comma.is_none() {
                found.comma = Some(at);
            }
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// The blanks at the beginning of the line that holds an offset.
fn indent_at(text: &str, offset: usize) -> &str {
    let line = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[line..offset];
    &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
}

/// Whether only blanks stand before an offset on its line, and there is a line before it.
fn begins_line(text: &str, offset: usize) -> bool {
    let line = text[..offset].rfind('\n');
    line.is_some_and(|at| text[at + 1..offset].trim_matches([' ', '\t']).is_empty())
}

/// One step of indentation: what the first indented line has.
fn unit(text: &str) -> &str {
    text.lines()
        .map(|line| &line[..line.len() - line.trim_start_matches([' ', '\t']).len()])
        .find(|indent| !indent.is_empty())
        .map_or("  ", |indent| match indent.as_bytes() {
            [b'\t', ..] => "\t",
            _ if indent.len() <= 8 => indent,
            _ => "  ",
        })
}

/// Adds an item at the end of an object or array.
pub(super) fn insert(text: &str, container: &Node, key: Option<&str>, value: &Value) -> String {
    let end = line_end(text);
    let unit = unit(text);
    let outer = indent_at(text, container.start);
    let item = |rendered: String| match key {
        Some(key) => format!("{}: {rendered}", render::quoted(key)),
        None => rendered,
    };
    let on_lines = |indent: &str| item(render::lines(value, indent, unit, end));
    let close = container.end - 1;
    let items = container.items();
    let (Some(first), Some(last)) = (items.first(), items.last()) else {
        let gap = gap(text, container.start + 1, close);
        return match gap.comment_end {
            Some(at) => {
                let indent = format!("{outer}{unit}");
                let added = format!("{end}{indent}{}", on_lines(&indent));
                spliced(text, at, &added)
            }
            None => spliced(text, container.start + 1, &on_lines(outer)),
        };
    };
    let gap = gap(text, last.1, close);
    let in_lines = begins_line(text, first.0);
    let added = if in_lines || gap.comment_end.is_some() {
        let indent = if in_lines {
            indent_at(text, first.0).to_owned()
        } else {
            format!("{outer}{unit}")
        };
        format!("{end}{indent}{}", on_lines(&indent))
    } else {
        // A container that is made here has lines of its own all the same, by which it is known at its removal.
        format!(" {}", on_lines(outer))
    };
    let after_comma = gap.comma.map(|at| at + 1);
    let at = [gap.comment_end, after_comma, Some(last.1)]
        .into_iter()
        .flatten()
        .max()
        .unwrap_or(last.1);
    if gap.comma.is_some() {
        spliced(text, at, &format!("{added},"))
    } else {
        spliced(&spliced(text, at, &added), last.1, ",")
    }
}

/// Puts a value in the place of another.
pub(super) fn replace(text: &str, node: &Node, value: &Value) -> String {
    let is_in_lines = text[node.start..node.end].contains('\n') || begins_line(text, node.start);
    let rendered = if is_in_lines {
        render::lines(
            value,
            indent_at(text, node.start),
            unit(text),
            line_end(text),
        )
    } else {
        render::line(value)
    };
    format!("{}{rendered}{}", &text[..node.start], &text[node.end..])
}

/// Removes an item and the containers that were made for it; `None` if the whole file was.
pub(super) fn take_out(text: &str, root: &Node, steps: &[usize]) -> Option<String> {
    let mut depth = steps.len();
    while depth > 0
        && root
            .at(&steps[..depth - 1])
            .is_some_and(|c| is_made_here(text, c))
    {
        depth -= 1;
    }
    if depth > 0 {
        return Some(remove(text, root, &steps[..depth]));
    }
    let (before, after) = (&text[..root.start], &text[root.end..]);
    if before.is_empty() && matches!(after, "\n" | "\r\n") {
        None
    } else if before.trim().is_empty() && after.is_empty() {
        Some(before.to_owned())
    } else {
        Some(remove(text, root, &steps[..1]))
    }
}

/// Whether a container has the form that [`render::lines`] gives to one that holds one item.
fn is_made_here(text: &str, container: &Node) -> bool {
    let [(start, end)] = container.items()[..] else {
        return false;
    };
    let is_line_end = |blanks: &str| {
        blanks
            .strip_prefix("\r\n")
            .or_else(|| blanks.strip_prefix('\n'))
            .is_some_and(|rest| rest.trim_matches([' ', '\t']).is_empty())
    };
    is_line_end(&text[container.start + 1..start]) && is_line_end(&text[end..container.end - 1])
}

/// Removes one item, and one comma.
pub(super) fn remove(text: &str, root: &Node, steps: &[usize]) -> String {
    let Some((place, path)) = steps.split_last() else {
        return text.to_owned();
    };
    let Some(container) = root.at(path) else {
        return text.to_owned();
    };
    let items = container.items();
    let (start, end) = items[*place];
    let next = items
        .get(place + 1)
        .map_or(container.end - 1, |next| next.0);
    let before = place.checked_sub(1).map(|before| items[before].1);
    let ahead = gap(text, before.unwrap_or(container.start + 1), start);
    // Blanks at the end of a comment are the comment's.
    let from = text[..start].trim_end().len();
    let from = from.max(ahead.comment_end.unwrap_or(0));
    match gap(text, end, next).comma {
        Some(comma) => {
            let rest = &text[comma + 1..];
            let is_on_same_line = !rest
                .trim_start_matches([' ', '\t'])
                .starts_with(['\r', '\n']);
            // A comment must not swallow what follows on the line.
            let from = if ahead.comment_end.is_some() && is_on_same_line {
                start
            } else {
                from
            };
            format!("{}{}{rest}", &text[..from], &text[end..comma])
        }
        None => match ahead.comma {
            Some(comma) if comma < from => {
                format!(
                    "{}{}{}",
                    &text[..comma],
                    &text[comma + 1..from],
                    &text[end..]
                )
            }
            _ => format!("{}{}", &text[..from], &text[end..]),
        },
    }
}

fn spliced(text: &str, at: usize, added: &str) -> String {
    format!("{}{added}{}", &text[..at], &text[at..])
}
