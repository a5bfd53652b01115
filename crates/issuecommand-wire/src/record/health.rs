//! How IssueCommand is, on the wire.

use std::collections::BTreeMap;

use issuecommand_core::domain::edge::Cycle;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::sync::{SyncFailure, SyncFault};
use issuecommand_core::ports::github::Budget;
use issuecommand_core::ports::store::WithheldIssue;
use issuecommand_core::service::{DatabaseInfo, Health};
use schemars::JsonSchema;
use serde::Serialize;

use super::HaltRecord;

/// What is known of the GitHub credential's budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GithubBudget {
    /// Requests left until the reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<i64>,
    /// Requests granted from one reset to the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// When the budget is full again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<String>,
    /// Whole seconds, rounded up, for which GitHub must be left alone from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_seconds: Option<i64>,
}

impl From<&Budget> for GithubBudget {
    fn from(budget: &Budget) -> Self {
        Self {
            remaining: budget.remaining,
            limit: budget.limit,
            resets_at: budget.resets_at.map(|at| at.to_string()),
            waiting_seconds: budget
                .waiting
                .map(|wait| wait.0.saturating_add(999).div_euclid(1000)),
        }
    }
}

/// An issue that is not offered although GitHub has it open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WithheldRecord {
    /// `owner/name`.
    pub repo: String,
    /// Its number.
    pub issue_number: i64,
    /// Since when.
    pub since: String,
}

impl From<&WithheldIssue> for WithheldRecord {
    fn from(issue: &WithheldIssue) -> Self {
        Self {
            repo: issue.repo.to_string(),
            issue_number: issue.number.get(),
            since: issue.since.to_string(),
        }
    }
}

/// Something that the sync cannot read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SyncFailureRecord {
    /// The repository; absent for the list of repositories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// The issue or pull request; absent where the whole repository is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// When it first failed; absent in the answer of the very run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Why, in at most 300 characters.
    pub reason: String,
}

impl From<&SyncFault> for SyncFailureRecord {
    fn from(fault: &SyncFault) -> Self {
        Self {
            repo: fault.repo.as_ref().map(ToString::to_string),
            number: fault.number.map(IssueNumber::get),
            since: None,
            reason: fault.reason.clone(),
        }
    }
}

impl From<&SyncFailure> for SyncFailureRecord {
    fn from(failure: &SyncFailure) -> Self {
        Self {
            since: Some(failure.since.to_string()),
            ..(&failure.fault).into()
        }
    }
}

/// How IssueCommand is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthRecord {
    /// Whole seconds for which this process runs.
    pub uptime_seconds: i64,
    /// Claims ever made.
    pub total_claims: u64,
    /// Claims that have not ended.
    pub active_claims: u64,
    /// Agents with at least one of them.
    pub active_agents: u64,
    /// How many of them are stale.
    pub stale_claims: u64,
    /// When a run of the sync last ended that read something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_github_sync_at: Option<String>,
    /// What the latest runs of the sync could not read, the longest failing first; absent when all could be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sync_failures: Vec<SyncFailureRecord>,
    /// How many open issues are not handed out, by the code of the first reason of each; absent where all are.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub not_ready: BTreeMap<String, u64>,
    /// Writes to GitHub that wait to be done.
    pub outbox_waiting: u64,
    /// Issues that their agents finished and that GitHub refuses to close, the longest waiting first, 20 at most: the operator
    /// should look at them. Why, their claims' history says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub close_failed: Vec<WithheldRecord>,
    /// Issues that block each other in a circle, each circle as a list of `owner/name#number`: a person must remove a dependency.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependency_cycles: Vec<Vec<String>>,
    /// Work that is paused or drained, by whom and why; absent where all work goes on. `POST /api/work` ends it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub halted: Vec<HaltRecord>,
    /// Reviews and comments that are kept from agents because their authors have no write access; absent where there are none.
    /// `GET /api/followups/held-back` lists them.
    #[serde(skip_serializing_if = "is_zero")]
    pub feedback_held_back: u64,
    /// Follow-ups that have not ended.
    pub open_followups: u64,
    /// How many of them are stale.
    pub stale_followups: u64,
    /// Deliveries of GitHub that could not be applied yet and are tried again.
    pub deferred_deliveries: u64,
    /// Deliveries of GitHub that could not be applied however often they were tried: the operator should look at them.
    pub dead_deliveries: u64,
    /// What is known of the GitHub credential's budget.
    pub github: GithubBudget,
    /// What the operator should look at, a sentence each; absent where there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Which database this is; told to the operator's own callers alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseRecord>,
}

/// Which database a process works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DatabaseRecord {
    /// Names this one database: the same for all processes on it, and another one for a copy of it.
    pub id: String,
    /// The absolute path of the file, or the server and the name.
    pub place: String,
}

impl From<&DatabaseInfo> for DatabaseRecord {
    fn from(database: &DatabaseInfo) -> Self {
        Self {
            id: database.id.clone(),
            place: database.place.clone(),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn named(cycle: &Cycle) -> Vec<String> {
    cycle.issues.iter().map(ToString::to_string).collect()
}

impl From<&Health> for HealthRecord {
    fn from(health: &Health) -> Self {
        let store = &health.store;
        Self {
            uptime_seconds: health.uptime.0 / 1000,
            total_claims: store.total_claims,
            active_claims: store.active_claims,
            active_agents: store.active_agents,
            stale_claims: store.stale_claims,
            last_github_sync_at: store.last_sync.map(|at| at.to_string()),
            sync_failures: store.sync_failures.iter().map(Into::into).collect(),
            not_ready: health
                .not_ready
                .iter()
                .map(|(code, n)| (code.to_string(), *n))
                .collect(),
            outbox_waiting: store.outbox,
            close_failed: store.close_failed.iter().map(Into::into).collect(),
            dependency_cycles: health.cycles.iter().map(named).collect(),
            halted: health.halts.iter().map(Into::into).collect(),
            feedback_held_back: health.held_back,
            open_followups: store.open_followups,
            stale_followups: store.stale_followups,
            deferred_deliveries: store.deferred_deliveries,
            dead_deliveries: store.dead_deliveries,
            github: (&health.budget).into(),
            warnings: health.warnings.clone(),
            database: health.database.as_ref().map(Into::into),
        }
    }
}
