//! Pull requests to be opened, and pushes to them.

use jiff::Timestamp;

use super::NewIssue;

/// Where the branch of a pull request lies.
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
    /// From `head_ref` of the same repository to the default branch; title, body, author and the like as for an issue.
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

    /// Not ready for review.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    /// From a fork of this owner; from the repository itself when that is its owner.
    #[must_use]
    #[expect(
        clippy::wrong_self_convention,
        reason = "a step of a builder, not a conversion"
    )]
    pub fn from_fork(mut self, owner: &str) -> Self {
        self.head = Head::Fork(owner.to_owned());
        self
    }

    /// From a fork of this owner that was deleted since: its `head.repo` is `null`.
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

/// What a push to a pull request's branch is.
#[derive(Debug, Clone)]
pub(crate) enum Pushed {
    /// One commit on top.
    Commit,
    /// Other commits in place of all there were.
    Force,
    /// The base branch, merged in; by GitHub's own page or by hand.
    Base { web_flow: bool },
    /// Another branch, merged in.
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

    /// One commit on top of the others. Comments on lines are outdated by it, all that there are.
    pub fn commit() -> Self {
        Self::of(Pushed::Commit)
    }

    /// One commit in place of all others, as after a rebase.
    pub fn force() -> Self {
        Self::of(Pushed::Force)
    }

    /// What the button "Update branch" does: a merge commit by `web-flow` whose second parent is the tip of the base branch.
    pub fn update_branch() -> Self {
        Self::of(Pushed::Base { web_flow: true })
    }

    /// The same merge, made by hand and pushed.
    pub fn merge_of_base() -> Self {
        Self::of(Pushed::Base { web_flow: false })
    }

    /// A merge of another branch than the base (made if need be): work, though it has two parents.
    pub fn merge_of(branch: &str) -> Self {
        Self::of(Pushed::Branch(branch.to_owned()))
    }

    /// Pushed by this login, who also wrote and committed it.
    #[must_use]
    pub fn by(mut self, login: &str) -> Self {
        self.by = Some(login.to_owned());
        self
    }

    /// The commit claims to be of this time, whenever it is pushed.
    #[must_use]
    pub fn dated(mut self, date: Timestamp) -> Self {
        self.date = Some(date);
        self
    }

    /// It changes this file (and others named so) alone: comments on other files stay where they are.
    #[must_use]
    pub fn touching(mut self, path: &str) -> Self {
        self.touches.get_or_insert_default().push(path.to_owned());
        self
    }
}
