//! Builders for test data: a title is enough, the rest has GitHub's defaults.

mod comment;
mod pull;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::associations::Association;
pub use comment::{NewComment, NewReview};
pub(crate) use pull::{Head, Pushed};
pub use pull::{NewPull, NewPush};

/// The author of an issue, comment or review.
#[derive(Debug, Clone, Default)]
pub(crate) enum Author {
    /// The acting account ([`World::acting_as`](super::World::acting_as)), by default the token's user.
    #[default]
    Viewer,
    Login(String),
    /// A deleted account.
    Ghost,
}

/// A repository to be created.
#[derive(Debug, Clone)]
pub struct NewRepo {
    pub(crate) full_name: String,
    pub(crate) description: Option<String>,
    pub(crate) private: bool,
}

impl NewRepo {
    /// A public repository `owner/name`.
    pub fn named(full_name: &str) -> Self {
        Self {
            full_name: full_name.to_owned(),
            description: None,
            private: false,
        }
    }

    /// With this description.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }

    /// Private.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }
}

impl From<&str> for NewRepo {
    fn from(full_name: &str) -> Self {
        Self::named(full_name)
    }
}

/// An issue to be opened, by default by the token's user.
#[derive(Debug, Clone, Default)]
pub struct NewIssue {
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) author: Author,
    pub(crate) association: Option<Association>,
    pub(crate) labels: Vec<String>,
    pub(crate) assignees: Vec<String>,
    pub(crate) milestone: Option<String>,
    pub(crate) number: Option<u64>,
    pub(crate) id: Option<u64>,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) kind: Option<String>,
    pub(crate) fields: BTreeMap<String, String>,
}

impl NewIssue {
    /// With this title and nothing else.
    pub fn titled(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            ..Self::default()
        }
    }

    /// Markdown text.
    #[must_use]
    pub fn body(mut self, text: &str) -> Self {
        self.body = Some(text.to_owned());
        self
    }

    /// Written by this login.
    #[must_use]
    pub fn by(mut self, login: &str) -> Self {
        self.author = Author::Login(login.to_owned());
        self
    }

    /// Written by a deleted account: GitHub answers `"user": null`.
    #[must_use]
    pub fn by_ghost(mut self) -> Self {
        self.author = Author::Ghost;
        self
    }

    /// Sets the author's association instead of deriving it.
    #[must_use]
    pub fn association(mut self, association: Association) -> Self {
        self.association = Some(association);
        self
    }

    /// Adds a label, which is created in the repository if missing.
    #[must_use]
    pub fn label(mut self, name: &str) -> Self {
        self.labels.push(name.to_owned());
        self
    }

    /// One more assignee.
    #[must_use]
    pub fn assignee(mut self, login: &str) -> Self {
        self.assignees.push(login.to_owned());
        self
    }

    /// The milestone with this title, which is created in the repository if missing.
    #[must_use]
    pub fn milestone(mut self, title: &str) -> Self {
        self.milestone = Some(title.to_owned());
        self
    }

    /// This number instead of the next one. The sequence continues after it.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.number = Some(number);
        self
    }

    /// Of this issue type, which is created if missing.
    #[must_use]
    pub fn kind(mut self, name: &str) -> Self {
        self.kind = Some(name.to_owned());
        self
    }

    /// With this option of an issue field of the organization. Both are created if missing.
    #[must_use]
    pub fn field(mut self, name: &str, option: &str) -> Self {
        self.fields.insert(name.to_owned(), option.to_owned());
        self
    }

    /// Opened at this time instead of now.
    #[must_use]
    pub fn created_at(mut self, time: Timestamp) -> Self {
        self.created_at = Some(time);
        self
    }
}

impl From<&str> for NewIssue {
    fn from(title: &str) -> Self {
        Self::titled(title)
    }
}
