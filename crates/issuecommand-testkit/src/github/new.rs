//! What a test says when it makes something: a title is enough, the rest has GitHub's defaults.

use jiff::Timestamp;

use super::associations::Association;
use super::model::ReviewState;

/// Who writes.
#[derive(Debug, Clone, Default)]
pub(crate) enum Author {
    /// The token's user.
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

/// A pull request to be opened.
#[derive(Debug, Clone)]
pub struct NewPull {
    pub(crate) issue: NewIssue,
    pub(crate) head_ref: String,
    pub(crate) head_owner: Option<String>,
    pub(crate) head_sha: Option<String>,
    pub(crate) base_ref: Option<String>,
    pub(crate) draft: bool,
}

impl NewPull {
    /// From `head_ref` to the default branch; title, body, author and the like as for an issue.
    pub fn from_branch(head_ref: &str, issue: impl Into<NewIssue>) -> Self {
        Self {
            issue: issue.into(),
            head_ref: head_ref.to_owned(),
            head_owner: None,
            head_sha: None,
            base_ref: None,
            draft: false,
        }
    }

    /// Onto this branch.
    #[must_use]
    pub fn onto(mut self, base_ref: &str) -> Self {
        self.base_ref = Some(base_ref.to_owned());
        self
    }

    /// Not ready for review.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    /// From a fork of this owner.
    #[must_use]
    #[expect(
        clippy::wrong_self_convention,
        reason = "a step of a builder, not a conversion"
    )]
    pub fn from_fork(mut self, owner: &str) -> Self {
        self.head_owner = Some(owner.to_owned());
        self
    }
}

impl From<&str> for NewPull {
    fn from(title: &str) -> Self {
        Self::from_branch("work", title)
    }
}

/// A comment on an issue, a pull request or a line of one.
#[derive(Debug, Clone)]
pub struct NewComment {
    pub(crate) body: String,
    pub(crate) author: Author,
    pub(crate) association: Option<Association>,
    pub(crate) review_id: Option<u64>,
    pub(crate) position: u64,
    pub(crate) path: String,
    pub(crate) id: Option<u64>,
}

impl NewComment {
    /// With this text, by the token's user.
    pub fn saying(body: &str) -> Self {
        Self {
            body: body.to_owned(),
            author: Author::Viewer,
            association: None,
            review_id: None,
            position: 1,
            path: "src/lib.rs".to_owned(),
            id: None,
        }
    }

    /// Written by this login.
    #[must_use]
    pub fn by(mut self, login: &str) -> Self {
        self.author = Author::Login(login.to_owned());
        self
    }

    /// Written by an account that is gone.
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

    /// Part of this review (comments on lines only).
    #[must_use]
    pub fn in_review(mut self, review_id: u64) -> Self {
        self.review_id = Some(review_id);
        self
    }
}

impl From<&str> for NewComment {
    fn from(body: &str) -> Self {
        Self::saying(body)
    }
}

/// A review to be submitted.
#[derive(Debug, Clone)]
pub struct NewReview {
    pub(crate) state: ReviewState,
    pub(crate) comment: NewComment,
    pub(crate) commit_id: Option<String>,
}

impl NewReview {
    /// With this verdict and text.
    pub fn saying(state: ReviewState, comment: impl Into<NewComment>) -> Self {
        Self {
            state,
            comment: comment.into(),
            commit_id: None,
        }
    }
}
