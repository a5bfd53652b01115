//! The responses that give work.

use issuecommand_core::domain::chosen::Chosen;
use issuecommand_core::service::{AssignedIssue, AssignedWork};
use schemars::JsonSchema;
use serde::Serialize;

#[cfg(doc)]
use super::WithWarnings;
use crate::record::{AttemptRecord, ChosenRecord, ClaimRecord, FollowupRecord, IssueRecord};

/// An issue for an agent, and its claim on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextIssueResponse {
    /// `true`.
    pub ok: bool,
    /// The agent's claim.
    pub claim: ClaimRecord,
    /// The issue.
    pub issue: IssueRecord,
    /// `false`: it is always another issue.
    pub idempotent: bool,
    /// Why it was given before all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen_because: Option<ChosenRecord>,
    /// What was tried before without a merge, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub previous_attempts: Vec<AttemptRecord>,
    /// What could not be read of where it was looked for. [`WithWarnings`] writes it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl From<AssignedIssue> for NextIssueResponse {
    fn from(given: AssignedIssue) -> Self {
        Self {
            ok: true,
            claim: given.claim.as_ref().into(),
            issue: given.issue.as_ref().into(),
            idempotent: false,
            chosen_because: given.chosen.as_ref().map(Into::into),
            previous_attempts: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// A piece of work for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextWorkResponse {
    /// `true`.
    pub ok: bool,
    /// What kind of work it is.
    #[schemars(extend("enum" = ["pr_followup", "issue"]))]
    pub kind: &'static str,
    /// Of kind `pr_followup`: the feedback, now the agent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_item: Option<FollowupRecord>,
    /// Of kind `issue`: the agent's claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimRecord>,
    /// Of kind `issue`: the issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueRecord>,
    /// Why it was given before all other work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen_because: Option<ChosenRecord>,
    /// What was tried before without a merge, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub previous_attempts: Vec<AttemptRecord>,
    /// What could not be read of where it was looked for. [`WithWarnings`] writes it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl From<AssignedWork> for NextWorkResponse {
    fn from(given: AssignedWork) -> Self {
        match given {
            AssignedWork::Followup(item) => Self {
                ok: true,
                kind: "pr_followup",
                work_item: Some(item.as_ref().into()),
                claim: None,
                issue: None,
                chosen_because: Some((&Chosen::followup(&item)).into()),
                previous_attempts: Vec::new(),
                warnings: Vec::new(),
            },
            AssignedWork::Issue(given) => Self {
                ok: true,
                kind: "issue",
                work_item: None,
                claim: Some(given.claim.as_ref().into()),
                issue: Some(given.issue.as_ref().into()),
                chosen_because: given.chosen.as_ref().map(Into::into),
                previous_attempts: Vec::new(),
                warnings: Vec::new(),
            },
        }
    }
}
