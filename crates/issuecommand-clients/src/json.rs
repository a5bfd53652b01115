//! Edits of JSON that leave every foreign byte alone: comments, order, spacing, trailing commas.
//!
//! What is added at a place that has been empty stands tight behind its bracket (`{"a": …}`); what is added together with
//! its container stands on lines of its own. So a removal knows whether the container was there before.

mod render;
mod splice;
mod tree;

use crate::edit::{Beside, Edit, EditError, line_end};
use crate::mark::{self, Mark};
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
                ..
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
            Edit::Entry {
                path,
                beside: Some(beside),
                ..
            } if parse(text)?.steps(&child(path, beside.theirs)).is_some() => {
                leave(text, path, *beside).map(Some)
            }
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
    // The kind goes with what belongs to it, unless the value names another.
    let is_changed = rivals.iter().any(|rival| present.member(rival).is_some());
    let kind = (is_changed && value.get("type").is_none()).then_some("type");
    for rival in rivals.iter().copied().chain(kind) {
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

/// Takes the parts of one client out of an entry that another one reads, too.
fn leave(text: &str, path: &[String], beside: Beside) -> Result<String, EditError> {
    let mut text = text.to_owned();
    let mut out = vec![child(path, beside.ours)];
    let env = child(path, "env");
    let root = parse(&text)?;
    let steps = root.steps(&env).filter(|_| beside.placeholders);
    if let Some(Value::Object(members)) = steps.and_then(|steps| root.at(&steps)).map(Node::value) {
        let members = members.into_iter().filter(
            |(name, value)| matches!(value, Value::Text(text) if text.starts_with(&format!("${{{name}"))),
        );
        out.extend(members.map(|(name, _)| child(&env, &name)));
    }
    for path in out.iter().rev() {
        let root = parse(&text)?;
        if let Some(steps) = root.steps(path) {
            text = splice::take_out(&text, &root, &steps).unwrap_or_default();
        }
    }
    Ok(text)
}

/// Puts an element into an array, or makes an older one of ours say the same. What others added to it stays.
fn element(
    text: &str,
    root: &Node,
    path: &[String],
    value: &Value,
    mark: &Mark,
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
    if !matches!(array.kind, Kind::Array(_)) {
        return Err(wrong_type(path, array, "an array"));
    }
    let all = ours(array, mark);
    let (Some(first), Some(steps)) = (all.first(), root.steps(path)) else {
        return Ok(splice::insert(text, array, None, value));
    };
    let mut text = text.to_owned();
    // What stands there twice would run twice.
    for again in all[1..].iter().rev() {
        let root = parse(&text)?;
        if let Some(array) = root.at(&steps) {
            let steps = [&steps[..], alone_or_whole(array, again)].concat();
            text = splice::remove(&text, &root, &steps);
        }
    }
    let element = [&steps[..], &first[..1]].concat();
    let root = parse(&text)?;
    let hook = match (first.len() > 1, mark::hooks(value)) {
        (true, [hook]) => hook,
        (false, []) => return brought(&text, &element, value),
        // A hook in place of a group, or the other way round.
        _ => {
            return Ok(match root.at(&element) {
                Some(present) => splice::replace(&text, present, value),
                None => text,
            });
        }
    };
    // Whom else a group serves is not decided here.
    let is_shared = root
        .at(&steps)
        .is_some_and(|array| alone_or_whole(array, first).len() > 1);
    text = brought(&text, &[steps, first.clone()].concat(), hook)?;
    match value {
        Value::Object(members) if !is_shared => {
            let further = members.iter().filter(|(key, _)| key != "hooks").cloned();
            brought(&text, &element, &Value::Object(further.collect()))
        }
        _ => Ok(text),
    }
}

/// Makes the object at these steps say what `value` says.
fn brought(text: &str, steps: &[usize], value: &Value) -> Result<String, EditError> {
    let Value::Object(members) = value else {
        return Ok(text.to_owned());
    };
    let mut text = text.to_owned();
    for (key, value) in members {
        let root = parse(&text)?;
        let Some(object) = root.at(steps) else {
            continue;
        };
        text = match object.member(key) {
            Some(present) if present.value().says(value) => continue,
            Some(present) => splice::replace(&text, present, value),
            None => splice::insert(&text, object, Some(key), value),
        };
    }
    // The words of the command stand in its line now.
    let root = parse(&text)?;
    let args = root.at(steps).and_then(|object| object.place("args"));
    Ok(match args {
        Some(at) if value.get("command").is_some() => {
            splice::remove(&text, &root, &[steps, &[at]].concat())
        }
        _ => text,
    })
}

fn without_elements(text: &str, path: &[String], mark: &Mark) -> Result<Option<String>, EditError> {
    let mut text = text.to_owned();
    loop {
        if text.trim().is_empty() {
            return Ok(Some(text));
        }
        let root = parse(&text)?;
        let Some(mut steps) = root.steps(path) else {
            return Ok(Some(text));
        };
        let Some(array) = root.at(&steps) else {
            return Ok(Some(text));
        };
        let all = ours(array, mark);
        let Some(last) = all.last() else {
            return Ok(Some(text));
        };
        steps.extend(alone_or_whole(array, last));
        match splice::take_out(&text, &root, &steps) {
            Some(rest) => text = rest,
            None => return Ok(None),
        }
    }
}

/// The steps from an array to each object of ours: an element, or a hook that an element groups.
fn ours(array: &Node, mark: &Mark) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    for at in 0..array.items().len() {
        let Some(element) = array.inner(at) else {
            continue;
        };
        if mark.is_on(&element.value()) {
            found.push(vec![at]);
        }
        let Some(place) = element.place("hooks") else {
            continue;
        };
        let hooks = element.inner(place).map(Node::value);
        if let Some(Value::List(hooks)) = hooks {
            let ours = hooks
                .iter()
                .enumerate()
                .filter(|(_, hook)| mark.is_on(hook));
            found.extend(ours.map(|(hook, _)| vec![at, place, hook]));
        }
    }
    found
}

/// The steps to a hook of ours, or to its group if that has no other one.
fn alone_or_whole<'s>(array: &Node, steps: &'s [usize]) -> &'s [usize] {
    let others = match steps {
        [element, hooks, _] => array
            .at(&[*element, *hooks])
            .map_or(0, |hooks| hooks.items().len()),
        _ => 0,
    };
    if others > 1 { steps } else { &steps[..1] }
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
