//! Events: the lines of the append-only log.

mod filter;

use serde::{Deserialize, Serialize};

pub use self::filter::EventFilter;
use crate::domain::access::Scope;
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

/// Declares the kinds of event, each once with its name.
macro_rules! event_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal,)+) => {
        /// The kinds of event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum EventKind {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $kind,)+
        }

        impl EventKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The event's name on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }
    };
}

event_kinds! {
    /// An agent claimed an issue.
    ClaimCreated = "claim.created",
    /// A claim changed its status, also to `closed`, or its issue's data changed.
    ClaimUpdated = "claim.updated",
    /// An issue was transferred to another repository with its claim.
    ClaimMoved = "claim.moved",
    /// An agent released its claim.
    ClaimReleased = "claim.released",
    /// A claim went stale.
    ClaimStale = "claim.stale",
    /// A stale claim was released automatically.
    ClaimAutoReleased = "claim.auto_released",
    /// Another open pull request closes the issue of a claim that already has one.
    ClaimCompetingPr = "claim.competing_pr",
    /// Feedback created a follow-up.
    FollowupCreated = "followup.created",
    /// `next_work` handed a follow-up to an agent.
    FollowupClaimed = "followup.claimed",
    /// An agent took a follow-up by id or moved it, or its feedback events changed.
    FollowupUpdated = "followup.updated",
    /// A follow-up was answered, or no longer has open feedback.
    FollowupDone = "followup.done",
    /// A follow-up was dismissed without an answer.
    FollowupDismissed = "followup.dismissed",
    /// A follow-up went stale.
    FollowupStale = "followup.stale",
    /// A person gave a claim to another agent.
    ClaimGiven = "claim.given",
    /// An issue was parked.
    IssueParked = "issue.parked",
    /// An issue is offered again.
    IssueOffered = "issue.offered",
    /// Work was paused: everything, or that of the event's agent or repository.
    WorkPaused = "work.paused",
    /// The same, but feedback is still given.
    WorkDraining = "work.draining",
    /// Work goes on.
    WorkResumed = "work.resumed",
    /// Feedback of somebody without write access was kept from agents.
    FollowupHeldBack = "followup.held_back",
    /// An issue that others waited for was closed.
    IssueUnblocked = "issue.unblocked",
    /// Issues were found that block each other in a circle.
    DependencyCycle = "dependencies.cycle",
    /// The policy of a repository changed, or its file was deleted.
    PolicyChanged = "policy.changed",
    /// The file with the policy of a repository cannot be taken. The last good one holds.
    PolicyBroken = "policy.broken",
    /// A delivery was processed.
    WebhookReceived = "webhook.received",
    /// A sync run ended.
    SyncReconciled = "sync.reconciled",
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
    /// Whether a reader of these repositories may see it. An event of no repository tells of all, so only readers of all see it.
    pub fn is_in(&self, sight: &Scope) -> bool {
        *sight == Scope::All || self.repo.as_ref().is_some_and(|repo| sight.has(repo))
    }

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
