//! Rows of pull requests.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueNumber, PullKey, RepoId};
use issuecommand_core::domain::pull_request::Pull;
use issuecommand_core::domain::time::Timestamp;
use serde::Serialize;

use crate::json::versioned;

/// The pull requests of a batch, and the issues that they close.
#[derive(Debug)]
pub struct PullRows<'a> {
    /// Their keys.
    pub keys: Vec<PullKey>,
    /// The pull requests, to insert or replace.
    pub pulls: Vec<NewPullRow>,
    /// What they close, instead of what is there for these keys.
    pub closes: Vec<NewPullClosesRow<'a>>,
}

impl<'a> PullRows<'a> {
    pub(super) fn of(pulls: &'a [Pull]) -> Result<Self, StoreError> {
        Ok(Self {
            keys: pulls.iter().map(Pull::key).collect(),
            pulls: super::rows(pulls, NewPullRow::of)?,
            closes: pulls.iter().flat_map(NewPullClosesRow::of).collect(),
        })
    }
}

/// A pull request.
#[derive(Debug, Serialize)]
pub struct NewPullRow {
    repo_id: RepoId,
    number: IssueNumber,
    pushed_at: Option<Timestamp>,
    cut_at: Option<Timestamp>,
    validators: String,
    facts: String,
    activity: String,
    closing: String,
}

impl NewPullRow {
    fn of(pull: &Pull) -> Result<Self, StoreError> {
        Ok(Self {
            repo_id: pull.repo,
            number: pull.facts.number,
            pushed_at: pull.pushed_at,
            cut_at: pull.closed_or_reopened_at,
            validators: versioned(&pull.validators)?,
            facts: versioned(&pull.facts)?,
            activity: versioned(&pull.activity)?,
            closing: versioned(&pull.closing)?,
        })
    }
}

/// An issue that a pull request closes.
#[derive(Debug, Serialize)]
pub struct NewPullClosesRow<'a> {
    repo_id: RepoId,
    number: IssueNumber,
    issue: &'a IssueNumber,
    candidate: bool,
}

impl<'a> NewPullClosesRow<'a> {
    fn of(pull: &'a Pull) -> impl Iterator<Item = Self> {
        pull.closing.issues.iter().map(|issue| Self {
            repo_id: pull.repo,
            number: pull.facts.number,
            issue,
            candidate: pull.is_candidate(),
        })
    }
}
