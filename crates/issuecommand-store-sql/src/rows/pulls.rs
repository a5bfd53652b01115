//! Rows of pull requests.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::pull_request::{LinkedPull, Pull, PullRequestSnapshot};
use issuecommand_core::domain::time::Timestamp;
use sqlx::FromRow;

use super::StoredRow;
use crate::json::{issue_number, parse, repo_name, unversioned, unversioned_if_any};

/// A pull request. See [`pull_columns`](crate::pull_columns).
#[derive(Debug, FromRow)]
pub struct PullRow {
    repo_id: i64,
    number: i64,
    pushed_at: Option<i64>,
    cut_at: Option<i64>,
    validators: String,
    facts: String,
    activity: Option<String>,
    closing: Option<String>,
}

impl StoredRow for PullRow {
    type Value = Pull;

    const TABLE: &'static str = "pull_request";

    fn id(&self) -> String {
        format!("{}/{}", self.repo_id, self.number)
    }

    fn value(self) -> Result<Pull, StoreError> {
        Ok(Pull {
            repo: RepoId(self.repo_id),
            facts: unversioned(&self.facts)?,
            pushed_at: self.pushed_at.map(Timestamp),
            closed_or_reopened_at: self.cut_at.map(Timestamp),
            validators: unversioned(&self.validators)?,
            activity: unversioned_if_any(self.activity.as_deref())?.unwrap_or_default(),
            closing: unversioned_if_any(self.closing.as_deref())?.unwrap_or_default(),
        })
    }
}

/// A pull request that an active claim names. Of one that was never heard of only the key is known.
#[derive(Debug, FromRow)]
pub struct LinkedPullRow {
    repo_name: String,
    number: i64,
    facts: Option<String>,
    validators: Option<String>,
    waiting: String,
}

impl StoredRow for LinkedPullRow {
    type Value = LinkedPull;

    const TABLE: &'static str = PullRow::TABLE;

    fn id(&self) -> String {
        format!("{}#{}", self.repo_name, self.number)
    }

    fn value(self) -> Result<LinkedPull, StoreError> {
        let facts: Option<PullRequestSnapshot> = unversioned_if_any(self.facts.as_deref())?;
        Ok(LinkedPull {
            repo: repo_name(&self.repo_name)?,
            number: issue_number(self.number)?,
            head: facts.and_then(|facts| facts.head),
            waiting: parse(&self.waiting)?,
            validators: unversioned_if_any(self.validators.as_deref())?.unwrap_or_default(),
        })
    }
}
