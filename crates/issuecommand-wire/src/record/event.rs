//! A line of the event log on the wire, as SSE tells it.

mod reset;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::bounds::{NOTE_MAX, beginning};
use issuecommand_core::domain::event::{Details, Event, EventOrigin, Seq};
use issuecommand_core::domain::id::{IssueNumber, Principal};
use issuecommand_core::domain::park::ParkReason;
use issuecommand_core::domain::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

pub use self::reset::ResetRecord;
use super::claim::ClaimStatusName;
use super::followup::FollowupStatusName;
use super::source::SourceKindName;
use super::webhook::WebhookReceived;

/// What an event says beyond whom and what it concerns. Spelled out here and not taken from core's stored form, so that a
/// change of storage never changes the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum EventDetails {
    /// Of `sync.reconciled`.
    Reconciled {
        /// Repositories that answered completely.
        repos_scanned: u64,
        /// Open issues in the mirror of those repositories.
        open_issues_seen: u64,
        /// Issues that were not open in the mirror before.
        newly_opened_issues: u64,
        /// Claims closed because GitHub closed their issue.
        externally_closed_claims: u64,
        /// Active claims whose title, labels or assignees followed GitHub.
        metadata_updates: u64,
        /// Claims that went stale.
        stale_marked: u64,
        /// Stale claims that were released.
        stale_auto_released: u64,
    },
    /// Of `claim.created`.
    Created {
        /// Always `false`.
        idempotent: bool,
    },
    /// Of `followup.created`.
    FollowupCreated {
        /// What kind of feedback.
        source_event_type: SourceKindName,
        /// Its name.
        source_event_id: String,
    },
    /// Of `followup.claimed`.
    FollowupClaimed {
        /// Who got it.
        claimed_by_agent_id: String,
    },
    /// Of every other event of a follow-up.
    FollowupMoved {
        /// `agent`, `webhook` or `sync`.
        source: &'static str,
        /// The status after it.
        status: FollowupStatusName,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Of `followup.held_back`.
    HeldBack {
        /// The review or comment.
        source_event_id: String,
        /// Its author's login; absent for a deleted account.
        #[serde(skip_serializing_if = "Option::is_none")]
        author: Option<String>,
    },
    /// Of `issue.unblocked`: the event's `issue_number` was closed.
    Unblocked {
        /// How many issues waited for it.
        dependents: u64,
        /// How many of them are handed out now.
        ready: u64,
    },
    /// Of `dependencies.cycle`.
    Cycle {
        /// The issues that block each other in a circle, each as `owner/name#number`, without those that the key does not see.
        issues: Vec<String>,
    },
    /// Of `webhook.received`.
    Webhook(WebhookReceived),
    /// Of `webhook.rejected`.
    Rejected {
        /// Why.
        reason: String,
    },
    /// Of `claim.moved`: the issue was transferred, and the event's `repo` and `issue_number` are the new ones.
    Transferred {
        /// `webhook` or `sync`.
        source: &'static str,
        /// The repository where the issue was; absent where the key does not see it.
        #[serde(skip_serializing_if = "Option::is_none")]
        from_repo: Option<String>,
        /// Its number there; absent with `from_repo`.
        #[serde(skip_serializing_if = "Option::is_none")]
        from_issue_number: Option<i64>,
        /// The repository where it is.
        to_repo: String,
        /// Its number there.
        to_issue_number: i64,
    },
    /// Of `claim.given`: the event's `agent_id` has it now.
    Given {
        /// The agent that had it.
        from_agent_id: String,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Of `issue.parked`.
    Parked {
        /// `outcome`, `attempts` or `person`.
        why: &'static str,
        /// What its agent said when it gave it back.
        #[serde(skip_serializing_if = "Option::is_none")]
        outcome: Option<&'static str>,
        /// The agent or the key that parked it.
        by: String,
        /// Why, in the words of whoever parked it.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Of `issue.offered`, `work.paused`, `work.draining` and `work.resumed`: of everything, or of the event's `agent_id` or `repo`.
    /// Of `policy.changed` and `policy.broken`: of the `repo`.
    Work {
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Of every other claim event.
    Moved {
        /// `agent`, `webhook` or `sync`.
        source: &'static str,
        /// The status after it.
        status: ClaimStatusName,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

impl EventDetails {
    fn of(event: &Event, sight: &Scope) -> Self {
        match &event.details {
            Details::Transferred {
                source,
                from_repo,
                from_number,
            } => Self::Transferred {
                source: doer(*source),
                from_repo: sight.has(from_repo).then(|| from_repo.to_string()),
                from_issue_number: sight.has(from_repo).then(|| from_number.get()),
                to_repo: event
                    .repo
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                to_issue_number: event.number.map(IssueNumber::get).unwrap_or_default(),
            },
            Details::Reconciled(tally) => Self::Reconciled {
                repos_scanned: tally.repos_scanned,
                open_issues_seen: tally.open_issues_seen,
                newly_opened_issues: tally.newly_opened_issues,
                externally_closed_claims: tally.externally_closed_claims,
                metadata_updates: tally.metadata_updates,
                stale_marked: tally.stale_marked,
                stale_auto_released: tally.stale_auto_released,
            },
            Details::Given { from, note } => Self::Given {
                from_agent_id: from.to_string(),
                note: note.as_deref().map(shown),
            },
            Details::Parked(parked) => {
                let (why, outcome) = match parked.why {
                    ParkReason::Outcome(outcome) => ("outcome", Some(outcome.as_str())),
                    ParkReason::Attempts(_) => ("attempts", None),
                    ParkReason::Person => ("person", None),
                };
                Self::Parked {
                    why,
                    outcome,
                    by: parked.by.clone(),
                    note: parked.note.as_deref().map(shown),
                }
            }
            Details::Work { note } => Self::Work {
                note: note.as_deref().map(shown),
            },
            Details::HeldBack { source, author } => Self::HeldBack {
                source_event_id: source.to_string(),
                author: author.clone(),
            },
            Details::Unblocked { dependents, ready } => Self::Unblocked {
                dependents: *dependents,
                ready: *ready,
            },
            Details::Cycle { issues } => Self::Cycle {
                issues: issues
                    .iter()
                    .filter(|place| sight.has(&place.repo))
                    .map(ToString::to_string)
                    .collect(),
            },
            Details::Created { idempotent } => Self::Created {
                idempotent: *idempotent,
            },
            Details::Moved {
                source,
                status,
                note,
            } => Self::Moved {
                source: doer(*source),
                status: ClaimStatusName(*status),
                note: note.as_deref().map(shown),
            },
            Details::FollowupCreated { kind, source } => Self::FollowupCreated {
                source_event_type: SourceKindName(*kind),
                source_event_id: source.to_string(),
            },
            Details::FollowupClaimed { by } => Self::FollowupClaimed {
                claimed_by_agent_id: by.to_string(),
            },
            Details::FollowupMoved {
                source,
                status,
                note,
            } => Self::FollowupMoved {
                source: doer(*source),
                status: FollowupStatusName(*status),
                note: note.as_deref().map(shown),
            },
            Details::Webhook {
                auth,
                event,
                delivery,
                answer,
            } => Self::Webhook(WebhookReceived::new(
                *auth,
                event,
                delivery.as_deref(),
                answer,
            )),
        }
    }
}

/// A note as it was given; the beginning of one from before notes were bounded.
fn shown(note: &str) -> String {
    beginning(note, NOTE_MAX).to_owned()
}

fn doer(source: EventOrigin) -> &'static str {
    match source {
        EventOrigin::Agent => "agent",
        EventOrigin::Webhook => "webhook",
        EventOrigin::Sync => "sync",
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventRecord {
    /// A decimal number that grows from event to event.
    pub event_id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When.
    pub timestamp: String,
    /// The claim it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_id: Option<String>,
    /// The follow-up it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_item_id: Option<String>,
    /// The repository it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// The issue it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_number: Option<i64>,
    /// The pull request it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pr_number: Option<i64>,
    /// The agent it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The person who did it on the dashboard; absent where it was an agent, GitHub or IssueCommand itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonRecord>,
    /// The rest, by type.
    pub details: EventDetails,
}

/// A person who is signed in to the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PersonRecord {
    /// The id of the person's key; `api-key` or `local` for who runs the service.
    pub person: String,
    /// The name of the key.
    pub key_name: String,
}

impl PersonRecord {
    fn of(principal: &Principal) -> Option<Self> {
        match principal {
            Principal::Person { by, name } => Some(Self {
                person: String::from((**by).clone()),
                key_name: name.clone(),
            }),
            _ => None,
        }
    }
}

impl From<&Event> for EventRecord {
    /// The event for who sees all repositories.
    fn from(event: &Event) -> Self {
        Self::seen_in(event, &Scope::All)
    }
}

impl EventRecord {
    /// The event for a reader who sees these repositories alone: what it says of others is left out.
    pub fn seen_in(event: &Event, sight: &Scope) -> Self {
        Self {
            event_id: event.seq.to_string(),
            kind: event.kind.as_str(),
            timestamp: event.timestamp.to_string(),
            claim_id: event.claim.map(|id| id.to_string()),
            work_item_id: event.item.map(|id| id.to_string()),
            repo: event.repo.as_ref().map(ToString::to_string),
            issue_number: event.number.map(IssueNumber::get),
            pr_number: event.pull.map(IssueNumber::get),
            agent_id: event.agent.as_ref().map(ToString::to_string),
            by: PersonRecord::of(&event.principal),
            details: EventDetails::of(event, sight),
        }
    }

    /// A request on the webhook's path that was turned away: told to live readers and never stored. It has no place in the
    /// log of its own, so it shows the place `at` that its reader has come to, from which a stream may be resumed.
    pub fn rejected(at: Seq, when: Timestamp, reason: &str) -> Self {
        Self {
            event_id: at.to_string(),
            kind: "webhook.rejected",
            timestamp: when.to_string(),
            claim_id: None,
            work_item_id: None,
            repo: None,
            issue_number: None,
            pr_number: None,
            agent_id: None,
            by: None,
            details: EventDetails::Rejected {
                reason: reason.to_owned(),
            },
        }
    }
}
