//! The parts of a repository besides issues: labels, milestones, permissions, and former issues.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::State;

/// A label of a repository.
#[derive(Debug, Clone)]
pub struct Label {
    /// GitHub's numeric id; it survives a rename.
    pub id: u64,
    /// Its name, in the case of its first use or last rename.
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
    /// Numbered in each repository, from 1.
    pub number: u64,
    /// One line, unique within the repository.
    pub title: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last change of the milestone itself; changes of its issues do not count.
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

/// The effective permission of a user in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// No access.
    None,
    /// Read access, which everybody has in a public repository.
    Read,
    /// Labels and assignees; `permission` says `read` for it.
    Triage,
    /// Push access.
    Write,
    /// Harmless settings; `permission` says `write` for it.
    Maintain,
    /// Full access.
    Admin,
}

impl Permission {
    /// The spelling in `permission`, which has only four values.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read | Self::Triage => "read",
            Self::Write | Self::Maintain => "write",
            Self::Admin => "admin",
        }
    }

    /// The spelling in `role_name`.
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

/// The location of an issue that is no longer here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormerIssue {
    /// Deleted: GitHub answers 410.
    Deleted,
    /// Transferred: GitHub answers 301 with the new address.
    Moved {
        /// Its repository now.
        repo: u64,
        /// Its number there.
        number: u64,
    },
}

/// Errors in GitHub's lists of a repository, while each single issue is shown correctly.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListErrors {
    /// Lists of issues and pull requests are empty.
    pub(crate) empty: bool,
    /// Numbers that are missing from all lists.
    pub(crate) late: BTreeSet<u64>,
    /// A wrong value for `open_issues_count`.
    pub(crate) open_issues: Option<u64>,
}
