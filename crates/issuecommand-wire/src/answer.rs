//! What each call answers when the answer is yes.

use issuecommand_core::claim::Claim;
use issuecommand_core::issue::MirroredIssue;
use issuecommand_core::service::{Claimed, Updated, Work};
use schemars::JsonSchema;
use serde::Serialize;

use crate::record::{ClaimRecord, HealthRecord, IssueRecord, RepoRecord};

/// `{repos}`, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReposAnswer {
    /// The repositories whose issues are handed out.
    pub repos: Vec<RepoRecord>,
}

/// `{issues}`: open and unclaimed, the most urgent first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IssuesAnswer {
    /// The issues.
    pub issues: Vec<IssueRecord>,
}

/// `{issue}`, with all its comments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IssueAnswer {
    /// The issue.
    pub issue: IssueRecord,
}

/// An issue for an agent, and its claim on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextIssueAnswer {
    /// `true`.
    pub ok: bool,
    /// The agent's claim.
    pub claim: ClaimRecord,
    /// The issue.
    pub issue: IssueRecord,
    /// `false`: it is always another issue.
    pub idempotent: bool,
}

impl From<(Claim, MirroredIssue)> for NextIssueAnswer {
    fn from((claim, issue): (Claim, MirroredIssue)) -> Self {
        Self {
            ok: true,
            claim: (&claim).into(),
            issue: (&issue).into(),
            idempotent: false,
        }
    }
}

/// A piece of work for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextWorkAnswer {
    /// `true`.
    pub ok: bool,
    /// What kind of work it is.
    #[schemars(extend("enum" = ["issue"]))]
    pub kind: &'static str,
    /// The agent's claim.
    pub claim: ClaimRecord,
    /// The issue.
    pub issue: IssueRecord,
}

impl From<(Claim, MirroredIssue)> for NextWorkAnswer {
    fn from((claim, issue): (Claim, MirroredIssue)) -> Self {
        Self {
            ok: true,
            kind: "issue",
            claim: (&claim).into(),
            issue: (&issue).into(),
        }
    }
}

/// A claim as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimAnswer {
    /// `true`.
    pub ok: bool,
    /// The claim.
    pub claim: ClaimRecord,
    /// It was so before.
    pub idempotent: bool,
}

impl From<Claimed> for ClaimAnswer {
    fn from(claimed: Claimed) -> Self {
        Self {
            ok: true,
            claim: (&claimed.claim).into(),
            idempotent: claimed.idempotent,
        }
    }
}

/// A claim that was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UpdateAnswer {
    /// `true`.
    pub ok: bool,
    /// The claim.
    pub claim: ClaimRecord,
    /// It was so before; only its `last_updated` moved.
    pub idempotent: bool,
    /// For a claim that is closed: whether this call closed its issue on GitHub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_closed: Option<bool>,
    /// Why it did not, when it should have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_close_error: Option<String>,
}

impl From<Updated> for UpdateAnswer {
    fn from(updated: Updated) -> Self {
        Self {
            ok: true,
            claim: (&updated.claim).into(),
            idempotent: updated.idempotent,
            issue_closed: updated.issue_closed,
            issue_close_error: updated.issue_close_error,
        }
    }
}

/// `{claims}`: active ones, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimsAnswer {
    /// The claims.
    pub claims: Vec<ClaimRecord>,
}

impl From<Vec<Claim>> for ClaimsAnswer {
    fn from(claims: Vec<Claim>) -> Self {
        Self {
            claims: claims.iter().map(Into::into).collect(),
        }
    }
}

/// `{items, next_cursor?}`: ended claims, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HistoryAnswer {
    /// The claims of this page.
    pub items: Vec<ClaimRecord>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// All that one agent has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkRecord {
    /// Its active claims, the oldest first.
    pub claims: Vec<ClaimRecord>,
    /// Review feedback that it has to answer; none yet, since nothing makes any.
    pub followups: Vec<serde_json::Value>,
}

/// `{work}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkAnswer {
    /// The work.
    pub work: WorkRecord,
}

impl From<Work> for WorkAnswer {
    fn from(work: Work) -> Self {
        let claims = work.claims.iter().map(Into::into).collect();
        Self {
            work: WorkRecord {
                claims,
                followups: Vec::new(),
            },
        }
    }
}

/// `{health}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthAnswer {
    /// How IssueCommand is.
    pub health: HealthRecord,
}
