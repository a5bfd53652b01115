//! What a test says when it makes something: a title is enough, the rest has GitHub's defaults.

mod comment;
mod pull;

use jiff::Timestamp;

use super::associations::Association;
pub use comment::{NewComment, NewReview};
pub(crate) use pull::{Head, Pushed};
pub use pull::{NewPull, NewPush};

/// The account that an issue, comment or review is written by.
#[derive(Debug, Clone, Default)]
pub(crate) enum Author {
    /// The account that acts at the moment ([`World::acting_as`](super::World::acting_as)), the token's user at first.
    #[default]
    Viewer,
    Login(String),
    /// An account that is gone.
    Ghost,
}

/// A repository to be made.
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

    /// Not for the public.
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

/// An issue to be opened, by the token's user unless said otherwise.
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

    /// Written by an account that is gone: GitHub answers `"user": null`.
    #[must_use]
    pub fn by_ghost(mut self) -> Self {
        self.author = Author::Ghost;
        self
    }

    /// How the author stands to the repository, where it is not to be worked out.
    #[must_use]
    pub fn association(mut self, association: Association) -> Self {
        self.association = Some(association);
        self
    }

    /// One more label; it is made in the repository if need be.
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

    /// The milestone with this title; it is made in the repository if need be.
    #[must_use]
    pub fn milestone(mut self, title: &str) -> Self {
        self.milestone = Some(title.to_owned());
        self
    }

    /// This number instead of the next one of the sequence, which then goes on after it.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.number = Some(number);
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
