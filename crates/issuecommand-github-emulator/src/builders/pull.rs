//! Builders of pull requests and pushes.

use jiff::Timestamp;

use super::NewIssue;

/// The location of a pull request's branch.
#[derive(Debug, Clone, Default)]
pub(crate) enum Head {
    #[default]
    Base,
    Fork(String),
    Gone(String),
}

/// A pull request to be opened.
#[derive(Debug, Clone)]
pub struct NewPull {
    pub(crate) issue: NewIssue,
    pub(crate) head_ref: String,
    pub(crate) head: Head,
    pub(crate) head_sha: Option<String>,
    pub(crate) base_ref: Option<String>,
    pub(crate) draft: bool,
}

impl NewPull {
    /// From `head_ref` of the same repository to the default branch, with the fields of an issue.
    pub fn from_branch(head_ref: &str, issue: impl Into<NewIssue>) -> Self {
        Self {
            issue: issue.into(),
            head_ref: head_ref.to_owned(),
            head: Head::Base,
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

    /// As a draft.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    /// From a fork of this owner, or from the repository itself if the owner is its own.
    #[must_use]
    #[expect(
        clippy::wrong_self_convention,
        reason = "a step of a builder, not a conversion"
    )]
    pub fn from_fork(mut self, owner: &str) -> Self {
        self.head = Head::Fork(owner.to_owned());
        self
    }

    /// From a deleted fork of this owner: `head.repo` is `null`.
    #[must_use]
    #[expect(
        clippy::wrong_self_convention,
        reason = "a step of a builder, not a conversion"
    )]
    pub fn from_deleted_fork(mut self, owner: &str) -> Self {
        self.head = Head::Gone(owner.to_owned());
        self
    }
}

impl From<&str> for NewPull {
    fn from(title: &str) -> Self {
        Self::from_branch("work", title)
    }
}

/// The kind of a push.
#[derive(Debug, Clone)]
pub(crate) enum Pushed {
    /// One commit on top.
    Commit,
    /// New commits that replace all others.
    Force,
    /// A merge of the base branch, by GitHub's web page or by hand.
    Base { web_flow: bool },
    /// A merge of another branch.
    Branch(String),
}

/// A push to the branch of a pull request.
#[derive(Debug, Clone)]
pub struct NewPush {
    pub(crate) what: Pushed,
    pub(crate) by: Option<String>,
    pub(crate) sha: Option<String>,
    pub(crate) date: Option<Timestamp>,
    pub(crate) touches: Option<Vec<String>>,
}

impl NewPush {
    fn of(what: Pushed) -> Self {
        Self {
            what,
            by: None,
            sha: None,
            date: None,
            touches: None,
        }
    }

    /// One commit on top of the others. All line comments become outdated.
    pub fn commit() -> Self {
        Self::of(Pushed::Commit)
    }

    /// One commit that replaces all others, as after a rebase.
    pub fn force() -> Self {
        Self::of(Pushed::Force)
    }

    /// The effect of the button "Update branch": a merge commit by `web-flow` whose second parent is the tip of the base
    /// branch.
    pub fn update_branch() -> Self {
        Self::of(Pushed::Base { web_flow: true })
    }

    /// The same merge, made by hand and pushed.
    pub fn merge_of_base() -> Self {
        Self::of(Pushed::Base { web_flow: false })
    }

    /// A merge of another branch than the base, created if missing. It counts as work although it has two parents.
    pub fn merge_of(branch: &str) -> Self {
        Self::of(Pushed::Branch(branch.to_owned()))
    }

    /// Pushed by this login, who also wrote and committed it.
    #[must_use]
    pub fn by(mut self, login: &str) -> Self {
        self.by = Some(login.to_owned());
        self
    }

    /// With this commit date, independent of the time of the push.
    #[must_use]
    pub fn dated(mut self, date: Timestamp) -> Self {
        self.date = Some(date);
        self
    }

    /// Changes only the files named by this method: comments on other files do not become outdated.
    #[must_use]
    pub fn touching(mut self, path: &str) -> Self {
        self.touches.get_or_insert_default().push(path.to_owned());
        self
    }
}
