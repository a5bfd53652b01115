//! The response of each call on success.

mod answered;
mod events;
mod histories;
mod next;
mod reads;
mod sessions;

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::followup::Followup;
use issuecommand_core::domain::sync::SyncFailure;
use issuecommand_core::ports::store::ENDED_LISTED;
use issuecommand_core::service::{Claimed, MovedFollowup, ShownHalt, SyncReport, Updated};
use schemars::JsonSchema;
use serde::Serialize;

use crate::page::Page;
use crate::record::{
    AttemptRecord, ClaimRecord, ClaimStatusName, FollowupRecord, FollowupStatusName, HaltRecord,
    HealthRecord, HeldFeedbackRecord, HeldRecord, IssueRecord, LeanIssueRecord, ReadinessRecord,
    RepoRecord, SyncFailureRecord, WhyRecord,
};

pub use self::answered::{Response, WithWarnings};
pub use self::events::EventsResponse;
pub use self::histories::{
    AgentCounts, AgentPageResponse, DeliveriesResponse, IssueHistoryResponse, OutboxResponse,
    PullLine, RetriedResponse, StatisticsResponse,
};
pub use self::next::{NextIssueResponse, NextWorkResponse};
pub use self::reads::{IssueListResponse, LatestEventsResponse, OverviewResponse};
pub use self::sessions::{AgentsResponse, HeartbeatResponse, WorkRecord, WorkResponse};

/// `{repos}`, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReposResponse {
    /// The repositories whose issues are handed out.
    pub repos: Vec<RepoRecord>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// What of them could not be read. [`WithWarnings`] writes it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// An issue in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ListedIssue {
    /// With all its fields.
    Whole(Box<IssueRecord>),
    /// With those by which an issue is chosen.
    Lean(LeanIssueRecord),
}

/// `{issues}`: open and unclaimed; those that are handed out first, the most urgent first, then the others with `not_ready`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IssuesResponse {
    /// The issues.
    pub issues: Vec<ListedIssue>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// What of them could not be read. [`WithWarnings`] writes it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// `{issue}`, with all its comments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IssueResponse {
    /// The issue.
    pub issue: IssueRecord,
    /// How old it is, where GitHub was not asked. [`WithWarnings`] writes it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// A claim as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimResponse {
    /// `true`.
    pub ok: bool,
    /// The claim.
    pub claim: ClaimRecord,
    /// It was so before.
    pub idempotent: bool,
    /// What was tried before without a merge, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub previous_attempts: Vec<AttemptRecord>,
    /// Why the issue would not have been handed out. [`WithWarnings`] writes it, with the warnings on the input.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl From<Claimed> for ClaimResponse {
    fn from(claimed: Claimed) -> Self {
        Self {
            ok: true,
            claim: (&claimed.claim).into(),
            idempotent: claimed.idempotent,
            previous_attempts: Vec::new(),
            warnings: claimed.warnings,
        }
    }
}

/// `{readiness}` of one issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReadinessResponse {
    /// Whether it is handed out, and why not.
    pub readiness: ReadinessRecord,
}

/// What is halted after the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HaltResponse {
    /// `true`.
    pub ok: bool,
    /// The halt; absent if work goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halt: Option<HaltRecord>,
}

impl From<Option<ShownHalt>> for HaltResponse {
    fn from(halt: Option<ShownHalt>) -> Self {
        Self {
            ok: true,
            halt: halt.as_ref().map(Into::into),
        }
    }
}

/// What there is for an agent, and why not all of it is handed out; asked about one issue, `readiness` of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainResponse {
    /// How many issues there are, and what stands against them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<WhyRecord>,
    /// Whether the one issue is handed out, and why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness: Option<ReadinessRecord>,
}

/// A claim that was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UpdateResponse {
    /// `true`.
    pub ok: bool,
    /// The claim. Absent in a lean answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimRecord>,
    /// In a lean answer: the claim's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_id: Option<String>,
    /// In a lean answer: where the claim stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ClaimStatusName>,
    /// In a lean answer: when it goes stale without another sign of life.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_at: Option<String>,
    /// In a lean answer: feedback on its pull request that waits for you; next_work gives it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feedback: Vec<HeldRecord>,
    /// It was so before; only its `last_updated` moved.
    pub idempotent: bool,
    /// For a claim that is closed: whether this call closed its issue on GitHub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_closed: Option<bool>,
    /// Why it did not, when it should have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_close_error: Option<String>,
    /// `true` when GitHub has the issue closed, whoever closed it: this call, or a pull request that said "Closes #N".
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub closed_on_github: bool,
    /// What the service warned of. [`WithWarnings`] writes it, with the warnings on the input.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl From<Updated> for UpdateResponse {
    fn from(updated: Updated) -> Self {
        Self {
            ok: true,
            claim: Some((&updated.claim).into()),
            claim_id: None,
            status: None,
            stale_at: None,
            feedback: Vec::new(),
            idempotent: updated.idempotent,
            issue_closed: updated.issue_closed,
            issue_close_error: updated.issue_close_error,
            closed_on_github: updated.closed_on_github,
            warnings: updated.warnings,
        }
    }
}

/// `{claims}`: active ones, the oldest first; asked for `closed` or `released` ones, those, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimsResponse {
    /// The claims.
    pub claims: Vec<ClaimRecord>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// What is not in the list. [`WithWarnings`] writes it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl From<Vec<Claim>> for ClaimsResponse {
    fn from(claims: Vec<Claim>) -> Self {
        let ended = claims.iter().filter(|claim| !claim.is_active()).count();
        Self {
            claims: claims.iter().map(Into::into).collect(),
            next_cursor: None,
            warnings: only_latest(ended, "claims", "get_claim_history has all of them"),
        }
    }
}

impl ClaimsResponse {
    /// A page of it.
    pub(crate) fn page(mut self, page: Page) -> Self {
        (self.claims, self.next_cursor) = page.of(self.claims, |claim| claim.claim_id.clone());
        self
    }
}

/// The warning on a list of ended rows that may be incomplete.
fn only_latest(ended: usize, what: &str, rest: &str) -> Vec<String> {
    if ended < ENDED_LISTED as usize {
        return Vec::new();
    }
    vec![format!(
        "Only the latest {ENDED_LISTED} {what} are listed here: {rest}."
    )]
}

/// `{held_feedback}`: feedback that is kept from agents, oldest first, 1,000 pieces at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeldFeedbackResponse {
    /// The reviews and comments.
    pub held_feedback: Vec<HeldFeedbackRecord>,
}

/// `{followups}`: open ones, in serving order; asked for `done` or `dismissed` ones, those, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FollowupsResponse {
    /// The follow-ups.
    pub followups: Vec<FollowupRecord>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// What is not in the list. [`WithWarnings`] writes it.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl From<Vec<Followup>> for FollowupsResponse {
    fn from(items: Vec<Followup>) -> Self {
        let ended = items.iter().filter(|item| item.status.is_terminal());
        let rest = "repo, pr_number and claimed_by_agent_id narrow the list";
        Self {
            followups: items.iter().map(Into::into).collect(),
            next_cursor: None,
            warnings: only_latest(ended.count(), "follow-ups that ended", rest),
        }
    }
}

/// A follow-up that was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FollowupResponse {
    /// `true`.
    pub ok: bool,
    /// The follow-up as it stands now. Absent in a lean answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_item: Option<FollowupRecord>,
    /// In a lean answer: the follow-up's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_item_id: Option<String>,
    /// In a lean answer: where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<FollowupStatusName>,
    /// It was so before; at most its `last_updated` moved.
    pub idempotent: bool,
}

impl From<MovedFollowup> for FollowupResponse {
    fn from(moved: MovedFollowup) -> Self {
        Self {
            ok: true,
            work_item: Some((&moved.item).into()),
            work_item_id: None,
            status: None,
            idempotent: moved.idempotent,
        }
    }
}

/// `{items, next_cursor?}`: ended claims, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HistoryResponse {
    /// The claims of this page.
    pub items: Vec<ClaimRecord>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What a run of the sync came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SyncResponse {
    /// `true`; also where something could not be read.
    pub ok: bool,
    /// Repositories that answered completely.
    pub repos_scanned: u64,
    /// Open issues in the mirror of those repositories.
    pub open_issues_seen: u64,
    /// Issues that were not open in the mirror before.
    pub newly_opened_issues: u64,
    /// Claims closed because GitHub closed their issue.
    pub externally_closed_claims: u64,
    /// Active claims whose title, labels or assignees followed GitHub.
    pub metadata_updates: u64,
    /// What could not be read, at most 200; it stays as it was.
    pub sync_failures: Vec<SyncFailureRecord>,
}

impl From<SyncReport> for SyncResponse {
    fn from(report: SyncReport) -> Self {
        let tally = report.tally;
        let failures = report.failed.iter().take(SyncFailure::MAX);
        Self {
            ok: true,
            repos_scanned: tally.repos_scanned,
            open_issues_seen: tally.open_issues_seen,
            newly_opened_issues: tally.newly_opened_issues,
            externally_closed_claims: tally.externally_closed_claims,
            metadata_updates: tally.metadata_updates,
            sync_failures: failures.map(Into::into).collect(),
        }
    }
}

/// `{health}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthResponse {
    /// How IssueCommand is.
    pub health: HealthRecord,
}

/// A one-time code that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SignInCodeResponse {
    /// `true`.
    pub ok: bool,
    /// Until when it signs a browser in, once.
    pub expires_at: String,
}
