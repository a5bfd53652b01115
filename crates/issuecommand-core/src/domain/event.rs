//! What happened: the lines of the append-only event log.

use serde::{Deserialize, Serialize};

use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::followup::{Followup, FollowupStatus, SourceId, SourceKind, WorkItemId};
use crate::domain::id::{AgentId, ClaimId, IssueNumber, Principal};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{AuthMethod, WebhookAnswer};

/// The place of an event in the log; it grows with every commit, and gaps mean nothing.
pub type Seq = i64;

/// The kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// An agent got an issue.
    #[serde(rename = "claim.created")]
    ClaimCreated,
    /// A claim moved, also to `closed`, or what it says of its issue changed.
    #[serde(rename = "claim.updated")]
    ClaimUpdated,
    /// The issue was transferred to another repository, and its claim went with it.
    #[serde(rename = "claim.moved")]
    ClaimMoved,
    /// An agent gave an issue back.
    #[serde(rename = "claim.released")]
    ClaimReleased,
    /// A claim went stale.
    #[serde(rename = "claim.stale")]
    ClaimStale,
    /// A stale claim was given up for its agent.
    #[serde(rename = "claim.auto_released")]
    ClaimAutoReleased,
    /// Another open pull request closes the issue of a claim that has one.
    #[serde(rename = "claim.competing_pr")]
    ClaimCompetingPr,
    /// Feedback made a follow-up.
    #[serde(rename = "followup.created")]
    FollowupCreated,
    /// `next_work` gave a follow-up to an agent.
    #[serde(rename = "followup.claimed")]
    FollowupClaimed,
    /// A follow-up was taken by name or moved, or its events changed.
    #[serde(rename = "followup.updated")]
    FollowupUpdated,
    /// A follow-up was answered, or nothing of it is asked for any more.
    #[serde(rename = "followup.done")]
    FollowupDone,
    /// A follow-up is not to be answered.
    #[serde(rename = "followup.dismissed")]
    FollowupDismissed,
    /// A follow-up went stale.
    #[serde(rename = "followup.stale")]
    FollowupStale,
    /// A delivery of GitHub was taken.
    #[serde(rename = "webhook.received")]
    WebhookReceived,
    /// A run of the sync ended.
    #[serde(rename = "sync.reconciled")]
    SyncReconciled,
}

impl EventKind {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClaimCreated => "claim.created",
            Self::ClaimUpdated => "claim.updated",
            Self::ClaimMoved => "claim.moved",
            Self::ClaimReleased => "claim.released",
            Self::ClaimStale => "claim.stale",
            Self::ClaimAutoReleased => "claim.auto_released",
            Self::ClaimCompetingPr => "claim.competing_pr",
            Self::FollowupCreated => "followup.created",
            Self::FollowupClaimed => "followup.claimed",
            Self::FollowupUpdated => "followup.updated",
            Self::FollowupDone => "followup.done",
            Self::FollowupDismissed => "followup.dismissed",
            Self::FollowupStale => "followup.stale",
            Self::WebhookReceived => "webhook.received",
            Self::SyncReconciled => "sync.reconciled",
        }
    }
}

/// Whose doing an event was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOrigin {
    /// The agent's.
    Agent,
    /// A delivery of GitHub's.
    Webhook,
    /// GitHub's word, learned by the sync, or time.
    Sync,
}

/// What a run of the sync saw and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStats {
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
    /// Claims that went stale.
    pub stale_marked: u64,
    /// Stale claims that were released.
    pub stale_auto_released: u64,
}

/// What an event says beyond whom and what it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Details {
    /// Of `sync.reconciled`.
    Reconciled(SyncStats),
    /// Of `claim.created`; always `false`, since a repeated claim makes no event.
    Created {
        /// Kept for old readers.
        idempotent: bool,
    },
    /// Of `followup.created`.
    FollowupCreated {
        /// Its kind.
        kind: SourceKind,
        /// Its first event.
        source: SourceId,
    },
    /// Of `followup.claimed`.
    FollowupClaimed {
        /// Who got it.
        by: AgentId,
    },
    /// Of every other event of a follow-up.
    FollowupMoved {
        /// Whose doing.
        source: EventOrigin,
        /// The status after it.
        status: FollowupStatus,
        /// Why.
        note: Option<String>,
    },
    /// Of `webhook.received`.
    Webhook {
        /// How the delivery proved itself.
        auth: AuthMethod,
        /// GitHub's name of the event.
        event: String,
        /// GitHub's id of the delivery.
        delivery: Option<String>,
        /// What it was answered.
        answer: WebhookAnswer,
    },
    /// Of `claim.moved`. The event itself names the place where the issue is now.
    Transferred {
        /// Whose doing.
        source: EventOrigin,
        /// The repository where the issue was.
        from_repo: RepoName,
        /// Its number there.
        from_number: IssueNumber,
    },
    /// Of every other claim event.
    Moved {
        /// Whose doing.
        source: EventOrigin,
        /// The status after it.
        status: ClaimStatus,
        /// Why.
        note: Option<String>,
    },
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place; 0 until the store has written it.
    pub seq: Seq,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub timestamp: Timestamp,
    /// On whose authority.
    pub principal: Principal,
    /// The claim it concerns.
    pub claim: Option<ClaimId>,
    /// The follow-up it concerns.
    pub item: Option<WorkItemId>,
    /// The repository it concerns.
    pub repo: Option<RepoName>,
    /// The issue it concerns.
    pub number: Option<IssueNumber>,
    /// The pull request it concerns.
    pub pull: Option<IssueNumber>,
    /// The agent it concerns.
    pub agent: Option<AgentId>,
    /// The rest.
    pub details: Details,
}

impl Event {
    /// An event of a claim as it stands after it.
    pub fn of_claim(
        kind: EventKind,
        claim: &Claim,
        at: Timestamp,
        principal: &Principal,
        details: Details,
    ) -> Self {
        Self {
            seq: 0,
            kind,
            timestamp: at,
            principal: principal.clone(),
            claim: Some(claim.id),
            item: None,
            pull: None,
            repo: Some(claim.repo_name.clone()),
            number: Some(claim.number),
            agent: Some(claim.agent.clone()),
            details,
        }
    }

    /// An event of a follow-up as it stands after it.
    pub fn of_followup(
        kind: EventKind,
        item: &Followup,
        at: Timestamp,
        principal: &Principal,
        details: Details,
    ) -> Self {
        Self {
            seq: 0,
            kind,
            timestamp: at,
            principal: principal.clone(),
            claim: None,
            item: Some(item.id),
            repo: Some(item.repo_name.clone()),
            number: None,
            pull: Some(item.number),
            agent: item.owner.clone(),
            details,
        }
    }
}
