//! Events: the lines of the append-only log.

use serde::{Deserialize, Serialize};

use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::followup::{Followup, FollowupStatus, SourceId, SourceKind, WorkItemId};
use crate::domain::id::{AgentId, ClaimId, IssueNumber, Principal};
use crate::domain::issue::IssuePlace;
use crate::domain::park::Parked;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{AuthMethod, WebhookAnswer};

/// The position of an event in the log. It grows with every commit; gaps mean nothing.
pub type Seq = i64;

/// The kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// An agent claimed an issue.
    #[serde(rename = "claim.created")]
    ClaimCreated,
    /// A claim changed its status, also to `closed`, or its issue's data changed.
    #[serde(rename = "claim.updated")]
    ClaimUpdated,
    /// An issue was transferred to another repository with its claim.
    #[serde(rename = "claim.moved")]
    ClaimMoved,
    /// An agent released its claim.
    #[serde(rename = "claim.released")]
    ClaimReleased,
    /// A claim went stale.
    #[serde(rename = "claim.stale")]
    ClaimStale,
    /// A stale claim was released automatically.
    #[serde(rename = "claim.auto_released")]
    ClaimAutoReleased,
    /// Another open pull request closes the issue of a claim that already has one.
    #[serde(rename = "claim.competing_pr")]
    ClaimCompetingPr,
    /// Feedback created a follow-up.
    #[serde(rename = "followup.created")]
    FollowupCreated,
    /// `next_work` handed a follow-up to an agent.
    #[serde(rename = "followup.claimed")]
    FollowupClaimed,
    /// An agent took a follow-up by id or moved it, or its feedback events changed.
    #[serde(rename = "followup.updated")]
    FollowupUpdated,
    /// A follow-up was answered, or no longer has open feedback.
    #[serde(rename = "followup.done")]
    FollowupDone,
    /// A follow-up was dismissed without an answer.
    #[serde(rename = "followup.dismissed")]
    FollowupDismissed,
    /// A follow-up went stale.
    #[serde(rename = "followup.stale")]
    FollowupStale,
    /// A person gave a claim to another agent.
    #[serde(rename = "claim.given")]
    ClaimGiven,
    /// An issue was parked.
    #[serde(rename = "issue.parked")]
    IssueParked,
    /// An issue is offered again.
    #[serde(rename = "issue.offered")]
    IssueOffered,
    /// Work was paused: everything, or that of the event's agent or repository.
    #[serde(rename = "work.paused")]
    WorkPaused,
    /// The same, but feedback is still given.
    #[serde(rename = "work.draining")]
    WorkDraining,
    /// Work goes on.
    #[serde(rename = "work.resumed")]
    WorkResumed,
    /// Feedback of somebody without write access was kept from agents.
    #[serde(rename = "followup.held_back")]
    FollowupHeldBack,
    /// An issue that others waited for was closed.
    #[serde(rename = "issue.unblocked")]
    IssueUnblocked,
    /// Issues were found that block each other in a circle.
    #[serde(rename = "dependencies.cycle")]
    DependencyCycle,
    /// The policy of a repository changed, or its file was deleted.
    #[serde(rename = "policy.changed")]
    PolicyChanged,
    /// The file with the policy of a repository cannot be taken. The last good one holds.
    #[serde(rename = "policy.broken")]
    PolicyBroken,
    /// A delivery was processed.
    #[serde(rename = "webhook.received")]
    WebhookReceived,
    /// A sync run ended.
    #[serde(rename = "sync.reconciled")]
    SyncReconciled,
}

impl EventKind {
    /// The event's name on the wire.
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
            Self::ClaimGiven => "claim.given",
            Self::IssueParked => "issue.parked",
            Self::IssueOffered => "issue.offered",
            Self::WorkPaused => "work.paused",
            Self::WorkDraining => "work.draining",
            Self::WorkResumed => "work.resumed",
            Self::FollowupHeldBack => "followup.held_back",
            Self::IssueUnblocked => "issue.unblocked",
            Self::DependencyCycle => "dependencies.cycle",
            Self::PolicyChanged => "policy.changed",
            Self::PolicyBroken => "policy.broken",
            Self::WebhookReceived => "webhook.received",
            Self::SyncReconciled => "sync.reconciled",
        }
    }
}

/// The cause of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOrigin {
    /// A call of the agent.
    Agent,
    /// A delivery from GitHub.
    Webhook,
    /// The sync's reads from GitHub, or the passage of time.
    Sync,
}

/// Counts of one sync run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStats {
    /// Repositories that were read completely.
    pub repos_scanned: u64,
    /// Open issues in the mirror of those repositories.
    pub open_issues_seen: u64,
    /// Issues that were not open in the mirror before.
    pub newly_opened_issues: u64,
    /// Claims closed because GitHub closed their issue.
    pub externally_closed_claims: u64,
    /// Active claims whose title, labels or assignees changed on GitHub.
    pub metadata_updates: u64,
    /// Claims that went stale.
    pub stale_marked: u64,
    /// Stale claims that were released.
    pub stale_auto_released: u64,
}

/// The fields of an event that depend on its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Details {
    /// For `sync.reconciled`.
    Reconciled(SyncStats),
    /// For `claim.created`; always `false`, because a repeated claim emits no event.
    Created {
        /// Kept for old readers.
        idempotent: bool,
    },
    /// For `followup.created`.
    FollowupCreated {
        /// The kind of its first feedback event.
        kind: SourceKind,
        /// Its first feedback event.
        source: SourceId,
    },
    /// For `followup.claimed`.
    FollowupClaimed {
        /// The agent that got it.
        by: AgentId,
    },
    /// For every other follow-up event.
    FollowupMoved {
        /// The cause of the change.
        source: EventOrigin,
        /// The status after the event.
        status: FollowupStatus,
        /// A note for people.
        note: Option<String>,
    },
    /// For `webhook.received`.
    Webhook {
        /// How the delivery was authenticated.
        auth: AuthMethod,
        /// GitHub's event name.
        event: String,
        /// GitHub's delivery id.
        delivery: Option<String>,
        /// The answer to GitHub.
        answer: WebhookAnswer,
    },
    /// For `claim.moved`. The event's `repo` and `number` are the new ones.
    Transferred {
        /// The cause of the transfer.
        source: EventOrigin,
        /// The former repository.
        from_repo: RepoName,
        /// The former number.
        from_number: IssueNumber,
    },
    /// For `claim.given`. The event's agent is the one that has it now.
    Given {
        /// The agent that had it.
        from: AgentId,
        /// The note of the person who gave it.
        note: Option<String>,
    },
    /// For `issue.parked`.
    Parked(Parked),
    /// For `issue.offered`, and the events of halts and of policies.
    Work {
        /// The note of the person who did it, or what IssueCommand saw.
        note: Option<String>,
    },
    /// For `followup.held_back`.
    HeldBack {
        /// The review or comment.
        source: SourceId,
        /// Its author; `None` for a deleted account.
        author: Option<String>,
    },
    /// For `issue.unblocked`. The event's `repo` and `number` are those of the closed issue.
    Unblocked {
        /// How many issues waited for it.
        dependents: u64,
        /// How many of them can be handed out now.
        ready: u64,
    },
    /// For `dependencies.cycle`. The event's `repo` and `number` are those of the first issue.
    Cycle {
        /// The issues.
        issues: Vec<IssuePlace>,
    },
    /// For every other claim event.
    Moved {
        /// The cause of the change.
        source: EventOrigin,
        /// The status after the event.
        status: ClaimStatus,
        /// A note for people.
        note: Option<String>,
    },
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its position; 0 until the store writes it.
    pub seq: Seq,
    /// The kind of event.
    pub kind: EventKind,
    /// When the event happened.
    pub timestamp: Timestamp,
    /// The caller whose command caused it.
    pub principal: Principal,
    /// The claim, if it concerns one.
    pub claim: Option<ClaimId>,
    /// The follow-up, if it concerns one.
    pub item: Option<WorkItemId>,
    /// The repository, if it concerns one.
    pub repo: Option<RepoName>,
    /// The issue, if it concerns one.
    pub number: Option<IssueNumber>,
    /// The pull request, if it concerns one.
    pub pull: Option<IssueNumber>,
    /// The agent, if it concerns one.
    pub agent: Option<AgentId>,
    /// The fields of its kind.
    pub details: Details,
}

impl Event {
    /// An event about no claim, follow-up, issue or agent yet; the caller fills in what it concerns.
    pub(crate) fn bare(kind: EventKind, at: Timestamp, by: &Principal, details: Details) -> Self {
        Self {
            seq: 0,
            kind,
            timestamp: at,
            principal: by.clone(),
            claim: None,
            item: None,
            repo: None,
            number: None,
            pull: None,
            agent: None,
            details,
        }
    }

    /// An event about a claim, which is in its state after the event.
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

    /// An event about a follow-up, which is in its state after the event.
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
