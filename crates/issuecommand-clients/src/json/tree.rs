//! JSON as a tree whose nodes know where they stand in the text.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::edit::EditError;
use crate::value::Value;

/// A value of the text.
#[derive(Debug)]
pub(crate) struct Node {
    /// Offsets in bytes.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Object(Vec<Member>),
    Array(Vec<Node>),
    Leaf(Value),
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: String,
    /// Where its key begins.
    pub(super) start: usize,
    pub(super) node: Node,
}

/// Reads a text with comments and trailing commas, and nothing else that JSON forbids.
pub(crate) fn parse(text: &str) -> Result<Node, EditError> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let invalid = |why: String| EditError::Invalid {
        language: "JSON",
        why,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| invalid(error.to_string()))?;
    let value = parsed
        .value
        .ok_or_else(|| invalid("there are comments and no object".to_owned()))?;
    Ok(node(&value))
}

fn node(value: &ast::Value<'_>) -> Node {
    let range = value.range();
    let kind = match value {
        ast::Value::StringLit(text) => Kind::Leaf(Value::text(text.value.as_ref())),
        ast::Value::NumberLit(number) => Kind::Leaf(Value::Other(number.value.to_owned())),
        ast::Value::BooleanLit(flag) => Kind::Leaf(Value::Flag(flag.value)),
        ast::Value::NullKeyword(_) => Kind::Leaf(Value::Other("null".to_owned())),
        ast::Value::Array(array) => Kind::Array(array.elements.iter().map(node).collect()),
        ast::Value::Object(object) => {
            let members = object.properties.iter().map(|member| Member {
                key: member.name.as_str().to_owned(),
                start: member.range.start,
                node: node(&member.value),
            });
            Kind::Object(members.collect())
        }
    };
    Node {
        start: range.start,
        end: range.end,
        kind,
    }
}

impl Node {
    /// The place of a member among the members. Where a key stands twice the last one counts, as for the clients.
    pub(super) fn place(&self, key: &str) -> Option<usize> {
        match &self.kind {
            Kind::Object(members) => members.iter().rposition(|member| member.key == key),
            Kind::Array(_) | Kind::Leaf(_) => None,
        }
    }

    /// The value of a member.
    pub(super) fn member(&self, key: &str) -> Option<&Self> {
        self.inner(self.place(key)?)
    }

    /// The value at a place of an object or array.
    pub(super) fn inner(&self, place: usize) -> Option<&Self> {
        match &self.kind {
            Kind::Object(members) => members.get(place).map(|member| &member.node),
            Kind::Array(elements) => elements.get(place),
            Kind::Leaf(_) => None,
        }
    }

    /// The value of the member at a place.
    pub(super) fn value_at(&self, place: usize) -> Option<Value> {
        self.inner(place).map(Self::value)
    }

    /// The places that lead along a path of members, if all are there.
    pub(super) fn steps(&self, path: &[String]) -> Option<Vec<usize>> {
        let mut at = self;
        let mut steps = Vec::new();
        for key in path {
            let place = at.place(key)?;
            at = at.inner(place)?;
            steps.push(place);
        }
        Some(steps)
    }

    /// The node to which places lead.
    pub(super) fn at(&self, steps: &[usize]) -> Option<&Self> {
        steps.iter().try_fold(self, |at, place| at.inner(*place))
    }

    /// The ranges of members, with their keys, or of elements.
    pub(super) fn items(&self) -> Vec<(usize, usize)> {
        match &self.kind {
            Kind::Object(members) => members
                .iter()
                .map(|member| (member.start, member.node.end))
                .collect(),
            Kind::Array(elements) => elements
                .iter()
                .map(|element| (element.start, element.end))
                .collect(),
            Kind::Leaf(_) => Vec::new(),
        }
    }

    /// It as a value, without its place.
    pub(crate) fn value(&self) -> Value {
        match &self.kind {
            Kind::Leaf(value) => value.clone(),
            Kind::Array(elements) => Value::List(elements.iter().map(Self::value).collect()),
            Kind::Object(members) => Value::object(
                members
                    .iter()
                    .map(|member| (member.key.clone(), member.node.value())),
            ),
        }
    }

    /// What it is, in words for an error.
    pub(super) fn words(&self) -> &'static str {
        match &self.kind {
            Kind::Object(_) => "an object",
            Kind::Array(_) => "an array",
            Kind::Leaf(Value::Text(_)) => "a string",
            Kind::Leaf(Value::Flag(_)) => "a boolean",
            Kind::Leaf(Value::Other(spelling)) if spelling == "null" => "null",
            Kind::Leaf(_) => "a number",
        }
    }
}
