//! Edits of JSON that leave every foreign byte alone: comments, order, spacing, trailing commas.
//!
//! What is added at a place that has been empty stands tight behind its bracket (`{"a": …}`); what is added together with
//! its container stands on lines of its own. So a removal knows whether the container was there before.

mod render;
mod splice;
mod tree;

use crate::edit::{Edit, EditError, line_end};
use crate::value::Value;

pub(crate) use self::tree::parse;
use self::tree::{Kind, Node};

/// A text, or a file that is not there.
pub(crate) struct Json<'a> {
    text: Option<&'a str>,
}

impl<'a> Json<'a> {
    pub(crate) fn new(text: Option<&'a str>) -> Self {
        Self { text }
    }

    /// Whether the file has this member.
    pub(crate) fn has(&self, key: &str) -> Result<bool, EditError> {
        match self.text.filter(|text| !text.trim().is_empty()) {
            Some(text) => Ok(parse(text)?.member(key).is_some()),
            None => Ok(false),
        }
    }

    /// The text with what an edit asks for.
    pub(crate) fn apply(&self, edit: &Edit) -> Result<String, EditError> {
        let Some(text) = self.text else {
            let root = render::lines(&alone(edit), "", "  ", "\n");
            return Ok(format!("{root}\n"));
        };
        if text.trim().is_empty() {
            // Without a line end, so that its removal knows that there was a file.
            let root = render::lines(&alone(edit), "", "  ", line_end(text));
            return Ok(format!("{text}{root}"));
        }
        let root = parse(text)?;
        match edit {
            Edit::Entry {
                path,
                value,
                rivals,
            } => set(text, &root, path, value, rivals),
            Edit::Element { path, value, mark } => element(text, &root, path, value, mark),
            Edit::Companion { key, value, .. } => Ok(match root.member(key) {
                Some(_) => text.to_owned(),
                None => splice::insert(text, &root, Some(key), value),
            }),
        }
    }

    /// The text without what an edit asks for; `None` if it was made for it alone. A companion goes by [`Self::companion`].
    pub(crate) fn revert(&self, edit: &Edit) -> Result<Option<String>, EditError> {
        let Some(text) = self.text else {
            return Ok(None);
        };
        if text.trim().is_empty() {
            return Ok(Some(text.to_owned()));
        }
        match edit {
            Edit::Entry { path, .. } => {
                let root = parse(text)?;
                Ok(match root.steps(path) {
                    Some(steps) => splice::take_out(text, &root, &steps),
                    None => Some(text.to_owned()),
                })
            }
            Edit::Element { path, mark, .. } => without_elements(text, path, mark),
            Edit::Companion { .. } => Ok(Some(text.to_owned())),
        }
    }

    /// The text without a companion that was added after what needed it, and `before` which still had both.
    pub(crate) fn companion(
        &self,
        before: &str,
        key: &str,
        value: &Value,
        of: &str,
    ) -> Result<Option<String>, EditError> {
        let Some(text) = self.text.filter(|text| !text.trim().is_empty()) else {
            return Ok(self.text.map(str::to_owned));
        };
        let (root, full) = (parse(text)?, parse(before)?);
        let added = matches!((full.place(of), full.place(key)), (Some(of), Some(key)) if of < key);
        let gone = root.member(of).is_none();
        match root.place(key) {
            Some(at) if added && gone && root.value_at(at) == Some(value.clone()) => {
                Ok(splice::take_out(text, &root, &[at]))
            }
            _ => Ok(Some(text.to_owned())),
        }
    }
}

/// The whole file that an edit makes where there is none.
fn alone(edit: &Edit) -> Value {
    match edit {
        Edit::Entry { path, value, .. } => value.clone().within(path),
        Edit::Element { path, value, .. } => Value::List(vec![value.clone()]).within(path),
        Edit::Companion { key, value, .. } => Value::object([(key.clone(), value.clone())]),
    }
}

/// Sets a member, and the members of an object one by one, so that what else stands in it stays.
fn set(
    text: &str,
    root: &Node,
    path: &[String],
    value: &Value,
    rivals: &[&str],
) -> Result<String, EditError> {
    let (container, rest) = deepest(root, path)?;
    let Some(last) = rest.first() else {
        return Ok(text.to_owned());
    };
    let Some(present) = container.member(last) else {
        let value = value.clone().within(&rest[1..]);
        return Ok(splice::insert(text, container, Some(last), &value));
    };
    let Value::Object(members) = value else {
        return Ok(if present.value() == *value {
            text.to_owned()
        } else {
            splice::replace(text, present, value)
        });
    };
    if !matches!(present.kind, Kind::Object(_)) {
        return Err(wrong_type(path, present, "an object"));
    }
    let mut text = text.to_owned();
    for rival in rivals {
        let root = parse(&text)?;
        if let Some(steps) = root.steps(&child(path, rival)) {
            text = splice::remove(&text, &root, &steps);
        }
    }
    for (key, value) in members {
        let root = parse(&text)?;
        text = set(&text, &root, &child(path, key), value, &[])?;
    }
    Ok(text)
}

/// Puts an element into an array, or in the place of an older one of ours.
fn element(
    text: &str,
    root: &Node,
    path: &[String],
    value: &Value,
    mark: &str,
) -> Result<String, EditError> {
    let (container, rest) = deepest(root, path)?;
    let array = match rest {
        [] => container,
        [last, further @ ..] => {
            let Some(array) = container.member(last) else {
                let value = Value::List(vec![value.clone()]).within(further);
                return Ok(splice::insert(text, container, Some(last), &value));
            };
            array
        }
    };
    let Kind::Array(elements) = &array.kind else {
        return Err(wrong_type(path, array, "an array"));
    };
    let ours = elements
        .iter()
        .find(|element| element.value().has_text_with(mark));
    Ok(match ours {
        Some(present) if present.value().says(value) || shared(present, mark).is_some() => {
            text.to_owned()
        }
        Some(present) => splice::replace(text, present, value),
        None => splice::insert(text, array, None, value),
    })
}

fn without_elements(text: &str, path: &[String], mark: &str) -> Result<Option<String>, EditError> {
    let mut text = text.to_owned();
    loop {
        if text.trim().is_empty() {
            return Ok(Some(text));
        }
        let root = parse(&text)?;
        let Some(mut steps) = root.steps(path) else {
            return Ok(Some(text));
        };
        let array = root.at(&steps);
        let Some(Kind::Array(elements)) = array.map(|array| &array.kind) else {
            return Ok(Some(text));
        };
        let found = elements
            .iter()
            .rposition(|element| element.value().has_text_with(mark));
        let Some(found) = found else {
            return Ok(Some(text));
        };
        steps.push(found);
        if let Some(within) = shared(&elements[found], mark) {
            steps.extend(within);
        }
        match splice::take_out(&text, &root, &steps) {
            Some(rest) => text = rest,
            None => return Ok(None),
        }
    }
}

/// The steps to our hook within a group that holds somebody else's, too.
fn shared(group: &Node, mark: &str) -> Option<Vec<usize>> {
    let hooks = group.place("hooks")?;
    let Kind::Array(commands) = &group.member("hooks")?.kind else {
        return None;
    };
    let is_ours = |command: &Node| command.value().has_text_with(mark);
    if commands.iter().all(is_ours) {
        return None;
    }
    Some(vec![hooks, commands.iter().rposition(is_ours)?])
}

/// The innermost object on a path that is there, and the members of the path that it lacks. The last member of the path is
/// never gone into.
fn deepest<'n, 'p>(
    root: &'n Node,
    path: &'p [String],
) -> Result<(&'n Node, &'p [String]), EditError> {
    let mut container = root;
    for depth in 0..path.len() {
        if !matches!(container.kind, Kind::Object(_)) {
            return Err(wrong_type(&path[..depth], container, "an object"));
        }
        match container.member(&path[depth]) {
            Some(inner) if depth + 1 < path.len() => container = inner,
            _ => return Ok((container, &path[depth..])),
        }
    }
    Ok((container, &[]))
}

fn child(path: &[String], key: &str) -> Vec<String> {
    path.iter().cloned().chain([key.to_owned()]).collect()
}

fn wrong_type(path: &[String], node: &Node, wanted: &'static str) -> EditError {
    let path = if path.is_empty() {
        "the file".to_owned()
    } else {
        path.join(".")
    };
    EditError::Type {
        path,
        found: node.words(),
        wanted,
    }
}
