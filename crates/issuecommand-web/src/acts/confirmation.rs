//! What an act asks before it is done, and what it comes to.

use crate::options::Finding;
use crate::view::Html;

/// What an act asks before it is done.
pub(super) struct Confirmation {
    pub(super) title: String,
    /// What will happen, each as HTML.
    pub(super) what: Vec<Html>,
    pub(super) fields: Vec<Field>,
    /// What goes along with the form.
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) button: &'static str,
}

/// A field that the person fills.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: Kind,
    pub(super) is_needed: bool,
}

pub(super) enum Kind {
    Text(String),
    Long,
    Choice(Vec<(&'static str, &'static str)>),
    Check,
}

impl Field {
    pub(super) fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            name,
            label,
            kind,
            is_needed: false,
        }
    }

    pub(super) fn needed(self) -> Self {
        Self {
            is_needed: true,
            ..self
        }
    }
}

/// What an act came to.
pub(super) enum ActOutcome {
    /// A sentence, told on the page that the person comes back to.
    Said(String),
    /// What checks found.
    Found(Vec<Finding>),
    /// A secret that is shown once, on a page of its own.
    Secret {
        title: String,
        words: String,
        secret: String,
    },
}
