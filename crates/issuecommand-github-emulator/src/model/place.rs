//! What a repository has beside issues: labels, milestones, people's permissions, and where issues went.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::State;

/// A label of a repository.
#[derive(Debug, Clone)]
pub struct Label {
    /// GitHub's numeric id; it survives a new name.
    pub id: u64,
    /// Its text, as written when it was first used or last renamed.
    pub name: String,
    /// Six hex digits.
    pub color: String,
    /// What it is for.
    pub description: Option<String>,
}

/// A milestone of a repository.
#[derive(Debug, Clone)]
pub struct Milestone {
    /// GitHub's numeric id.
    pub id: u64,
    /// Counted for each repository, from 1.
    pub number: u64,
    /// One line, unique within the repository.
    pub title: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last change of itself; its issues count for nothing here.
    pub updated_at: Timestamp,
    /// When it was closed, while it is closed.
    pub closed_at: Option<Timestamp>,
}

impl Milestone {
    /// Open or closed.
    pub fn state(&self) -> State {
        if self.closed_at.is_some() {
            State::Closed
        } else {
            State::Open
        }
    }
}

/// What a user may do in a repository, the highest of all grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Nothing at all.
    None,
    /// Looking. In a public repository everybody may.
    Read,
    /// Labels and assignees; GitHub's old word for it is `read`.
    Triage,
    /// Pushing.
    Write,
    /// Settings that do no harm; GitHub's old word for it is `write`.
    Maintain,
    /// Everything.
    Admin,
}

impl Permission {
    /// The word in `permission`, which knows four of them.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read | Self::Triage => "read",
            Self::Write | Self::Maintain => "write",
            Self::Admin => "admin",
        }
    }

    /// The word in `role_name`.
    pub fn role(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }
}

/// Where an issue went that is no longer here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormerIssue {
    /// Deleted: GitHub answers 410.
    Deleted,
    /// Transferred: GitHub answers 301 to the new place.
    Moved {
        /// Repository it lives in now.
        repo: u64,
        /// Its number there.
        number: u64,
    },
}

/// What GitHub's lists of a repository say wrongly, while each single issue is shown as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListErrors {
    /// Lists of issues and pull requests come up empty.
    pub(crate) empty: bool,
    /// Numbers that no list shows yet.
    pub(crate) late: BTreeSet<u64>,
    /// What `open_issues_count` says in place of the truth.
    pub(crate) open_issues: Option<u64>,
}
