//! Parameters of actions.

use std::collections::BTreeSet;

use crate::domain::id::{AgentId, IssueKey, IssueNumber, RepoId};
use crate::domain::outbox::OutboxId;
use crate::domain::repo_name::RepoName;

/// How far the mirror counts when an issue is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateChecks {
    /// GitHub was asked just now and did not answer in time, so the mirror's state is used.
    pub unreachable: bool,
    /// Candidates that other requests are checking with GitHub in order to take them. They are skipped if there is another.
    pub busy: BTreeSet<IssueKey>,
}

/// How much of a repository a poll read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The poll read all open issues and looked up each further one that the mirror has as open.
    pub full: bool,
    /// A row could not be read, so the poll confirms only issues that it showed.
    pub gaps: bool,
}

/// A page of a repository's issues that is judged by its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepoPage {
    /// The repository.
    pub repo: RepoId,
    /// The version of its policy. Nothing happens if it has another one by now.
    pub version: i64,
    /// The last issue of the page before; `None` for the first page.
    pub after: Option<IssueNumber>,
}

/// What is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryOf {
    /// A delivery of GitHub, by its id here.
    Delivery(String),
    /// A write to GitHub.
    Write(OutboxId),
}

/// What a caller halts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HaltTarget {
    /// All work.
    Everything,
    /// One agent.
    Agent(AgentId),
    /// One repository.
    Repo(RepoName),
}
