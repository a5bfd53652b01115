//! One log line, under the event's name, and the counters for each event that a batch has committed.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::{Details, Event, EventKind, EventOrigin};
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::session::{Session, SessionEnd};
use issuecommand_core::engine::change::WriteBatch;
use metrics::counter;
use tracing::info;

/// The maximum number of characters of a note in a line. Agents write notes of any length.
const NOTE: usize = 200;

/// Writes the lines and counts. Called after the commit.
pub(crate) fn committed(events: &[Event]) {
    for event in events {
        count(event);
        write(event);
    }
}

/// The sessions in a batch that their clients said are over, in no event.
pub(crate) fn sessions_over(writes: &WriteBatch) -> Vec<Session> {
    let rows = writes.tables.sessions.put.iter();
    let over = rows.filter(|row| matches!(row.ended, Some((_, SessionEnd::Over))));
    over.cloned().collect()
}

/// Writes a line for each of them. Called after the commit.
pub(crate) fn ended(sessions: &[Session]) {
    for session in sessions {
        info!(
            name: "session.over",
            agent_id = display(&session.agent),
            session_id = display(&session.id),
            principal = String::from(session.principal.clone()),
            "a client said that its session is over"
        );
    }
}

/// Writes a line under this name. `tracing` binds a name to a place in the source, so that each name needs its own call.
macro_rules! line {
    ($name:literal, $event:expr, $message:literal) => {{
        let event: &Event = $event;
        let said = LineFields::of(&event.details);
        info!(
            name: $name,
            agent_id = event.agent.as_ref().map(display),
            repo = event.repo.as_ref().map(display),
            issue_number = event.number.map(IssueNumber::get),
            pr_number = event.pull.map(IssueNumber::get),
            claim_id = event.claim.map(display),
            work_item_id = event.item.map(display),
            status = said.status,
            source = said.source,
            note = said.note,
            from = said.from,
            delivery_id = said.delivery,
            delivery_event = said.delivery_event,
            principal = String::from(event.principal.clone()),
            $message
        );
    }};
}

fn write(event: &Event) {
    match event.kind {
        EventKind::ClaimCreated => line!("claim.created", event, "an agent took an issue"),
        EventKind::ClaimUpdated => line!("claim.updated", event, "a claim changed"),
        EventKind::ClaimMoved => {
            line!(
                "claim.moved",
                event,
                "a claim followed its issue to another repository"
            );
        }
        EventKind::ClaimReleased => line!("claim.released", event, "an issue was given back"),
        EventKind::ClaimStale => line!("claim.stale", event, "a claim went stale"),
        EventKind::ClaimAutoReleased => {
            line!(
                "claim.auto_released",
                event,
                "a claim was released without its agent"
            );
        }
        EventKind::ClaimCompetingPr => line!(
            "claim.competing_pr",
            event,
            "another pull request closes the issue of a claim"
        ),
        EventKind::FollowupHeldBack => {
            line!("followup.held_back", event, "feedback was kept from agents");
        }
        EventKind::IssueUnblocked => {
            line!(
                "issue.unblocked",
                event,
                "an issue that others waited for was closed"
            );
        }
        EventKind::DependencyCycle => {
            line!(
                "dependencies.cycle",
                event,
                "issues block each other in a circle"
            );
        }
        EventKind::FollowupCreated => {
            line!("followup.created", event, "feedback made a follow-up");
        }
        EventKind::FollowupClaimed => {
            line!("followup.claimed", event, "an agent took a follow-up");
        }
        EventKind::FollowupUpdated => line!("followup.updated", event, "a follow-up changed"),
        EventKind::FollowupDone => line!("followup.done", event, "a follow-up is done"),
        EventKind::FollowupDismissed => {
            line!("followup.dismissed", event, "a follow-up was dismissed");
        }
        EventKind::FollowupStale => line!("followup.stale", event, "a follow-up went stale"),
        EventKind::ClaimGiven => line!("claim.given", event, "a claim was given to another agent"),
        EventKind::IssueParked => line!("issue.parked", event, "an issue was parked"),
        EventKind::IssueOffered => line!("issue.offered", event, "an issue is offered again"),
        EventKind::WorkPaused => line!("work.paused", event, "work was paused"),
        EventKind::WorkDraining => line!("work.draining", event, "no new issues are given"),
        EventKind::WorkResumed => line!("work.resumed", event, "work goes on"),
        EventKind::PolicyChanged => {
            line!("policy.changed", event, "a repository's policy changed");
        }
        EventKind::PolicyBroken => {
            line!("policy.broken", event, "a repository's policy is broken");
        }
        EventKind::WebhookReceived => line!("webhook.received", event, "a delivery was taken"),
        EventKind::SyncReconciled => line!("sync.reconciled", event, "a run of the sync ended"),
    }
}

/// The fields that the details of an event add to its line.
#[derive(Default)]
struct LineFields<'a> {
    status: Option<&'static str>,
    source: Option<&'static str>,
    note: Option<&'a str>,
    from: Option<String>,
    delivery: Option<&'a str>,
    delivery_event: Option<&'a str>,
}

impl<'a> LineFields<'a> {
    fn of(details: &'a Details) -> Self {
        match details {
            Details::Created { idempotent: _ } => Self {
                status: Some(ClaimStatus::Claimed.as_str()),
                ..Self::default()
            },
            Details::FollowupCreated { kind, source: _ } => Self {
                source: Some(kind.as_str()),
                ..Self::default()
            },
            Details::FollowupClaimed { by: _ } => Self {
                status: Some(FollowupStatus::Claimed.as_str()),
                ..Self::default()
            },
            Details::FollowupMoved {
                source,
                status,
                note,
            } => Self {
                status: Some(status.as_str()),
                source: Some(source_name(*source)),
                note: note.as_deref().map(short),
                ..Self::default()
            },
            Details::Moved {
                source,
                status,
                note,
            } => Self {
                status: Some(status.as_str()),
                source: Some(source_name(*source)),
                note: note.as_deref().map(short),
                ..Self::default()
            },
            Details::Transferred {
                source,
                from_repo,
                from_number,
            } => Self {
                source: Some(source_name(*source)),
                from: Some(format!("{from_repo}#{from_number}")),
                ..Self::default()
            },
            Details::Webhook {
                event, delivery, ..
            } => Self {
                delivery: delivery.as_deref(),
                delivery_event: Some(short(event)),
                ..Self::default()
            },
            Details::Given { from, note } => Self {
                from: Some(from.to_string()),
                note: note.as_deref().map(short),
                ..Self::default()
            },
            Details::Parked(parked) => Self {
                note: parked.note.as_deref().map(short),
                ..Self::default()
            },
            Details::Work { note } => Self {
                note: note.as_deref().map(short),
                ..Self::default()
            },
            Details::HeldBack { source, author: _ } => Self {
                from: Some(source.to_string()),
                ..Self::default()
            },
            Details::Reconciled(_) | Details::Unblocked { .. } | Details::Cycle { .. } => {
                Self::default()
            }
        }
    }
}

fn source_name(source: EventOrigin) -> &'static str {
    match source {
        EventOrigin::Agent => "agent",
        EventOrigin::Webhook => "webhook",
        EventOrigin::Sync => "sync",
    }
}

fn short(text: &str) -> &str {
    let end = text.char_indices().nth(NOTE).map(|(end, _)| end);
    &text[..end.unwrap_or(text.len())]
}

/// Counts claims that ended, by outcome, and claims that went stale. Each instance counts its own commits, so that the sum over all
/// instances is the total.
fn count(event: &Event) {
    let ended =
        |outcome| counter!("issuecommand_claims_ended_total", "outcome" => outcome).increment(1);
    match event.kind {
        EventKind::ClaimReleased => ended("released"),
        EventKind::ClaimAutoReleased => ended("auto_released"),
        EventKind::ClaimUpdated => {
            if let Details::Moved {
                status: ClaimStatus::Closed,
                source,
                ..
            } = &event.details
            {
                ended(match source {
                    EventOrigin::Agent => "closed",
                    EventOrigin::Webhook | EventOrigin::Sync => "closed_on_github",
                });
            }
        }
        EventKind::ClaimStale => counter!("issuecommand_claims_stale_total").increment(1),
        EventKind::ClaimCreated
        | EventKind::ClaimMoved
        | EventKind::ClaimCompetingPr
        | EventKind::FollowupCreated
        | EventKind::FollowupClaimed
        | EventKind::FollowupUpdated
        | EventKind::FollowupDone
        | EventKind::FollowupDismissed
        | EventKind::FollowupStale
        | EventKind::ClaimGiven
        | EventKind::IssueParked
        | EventKind::IssueOffered
        | EventKind::WorkPaused
        | EventKind::WorkDraining
        | EventKind::WorkResumed
        | EventKind::FollowupHeldBack
        | EventKind::IssueUnblocked
        | EventKind::DependencyCycle
        | EventKind::PolicyChanged
        | EventKind::PolicyBroken
        | EventKind::WebhookReceived
        | EventKind::SyncReconciled => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use issuecommand_core::domain::access::Scope;
    use issuecommand_core::domain::id::{AgentId, Principal};
    use issuecommand_core::domain::session::{SessionId, Transport};
    use issuecommand_core::domain::time::Timestamp;
    use tracing::field::{Field, Visit};
    use tracing::{Id, Metadata, Subscriber, span};

    use super::*;

    const KINDS: [EventKind; 21] = [
        EventKind::ClaimCreated,
        EventKind::ClaimUpdated,
        EventKind::ClaimMoved,
        EventKind::ClaimReleased,
        EventKind::ClaimStale,
        EventKind::ClaimAutoReleased,
        EventKind::ClaimCompetingPr,
        EventKind::FollowupCreated,
        EventKind::FollowupClaimed,
        EventKind::FollowupUpdated,
        EventKind::FollowupDone,
        EventKind::FollowupDismissed,
        EventKind::FollowupStale,
        EventKind::ClaimGiven,
        EventKind::IssueParked,
        EventKind::IssueOffered,
        EventKind::WorkPaused,
        EventKind::WorkDraining,
        EventKind::WorkResumed,
        EventKind::WebhookReceived,
        EventKind::SyncReconciled,
    ];

    /// Keeps the name of each line and its note.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<(&'static str, String)>>>);

    #[derive(Default)]
    struct Note(String);

    impl Visit for Note {
        fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}

        fn record_str(&mut self, field: &Field, value: &str) {
            if field.name() == "note" {
                value.clone_into(&mut self.0);
            }
        }
    }

    impl Subscriber for Lines {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &span::Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &tracing::Event<'_>) {
            let mut note = Note::default();
            event.record(&mut note);
            let name = event.metadata().name();
            self.0.lock().unwrap().push((name, note.0));
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    fn event(kind: EventKind, note: &str) -> Event {
        Event {
            seq: 0,
            kind,
            timestamp: Timestamp(0),
            principal: Principal::System,
            claim: None,
            item: None,
            repo: None,
            number: None,
            pull: None,
            agent: None,
            details: Details::Moved {
                source: EventOrigin::Agent,
                status: ClaimStatus::Stale,
                note: Some(note.to_owned()),
            },
        }
    }

    #[test]
    fn each_event_is_one_named_line_with_a_bounded_note() {
        let long = "ä".repeat(5000);
        let events = KINDS.map(|kind| event(kind, &long));
        let lines = Lines::default();
        tracing::subscriber::with_default(lines.clone(), || committed(&events));
        let lines = lines.0.lock().unwrap();
        let names: Vec<&str> = lines.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, KINDS.map(EventKind::as_str));
        assert!(lines.iter().all(|(_, note)| *note == "ä".repeat(NOTE)));
    }

    #[test]
    fn a_session_that_is_over_is_one_line() {
        let session = |id: &str, ended| Session {
            agent: AgentId::parse("ann").unwrap(),
            id: SessionId::parse(id).unwrap(),
            client: None,
            principal: Principal::System,
            transport: Transport::Http,
            process: None,
            first_seen: Timestamp(0),
            last_seen: Timestamp(0),
            ended,
            gives_back: Scope::All,
        };
        let mut writes = WriteBatch::default();
        writes.tables.sessions.put = vec![
            session("open", None),
            session("left", Some((Timestamp(1), SessionEnd::Left))),
            session("over", Some((Timestamp(1), SessionEnd::Over))),
        ];
        let lines = Lines::default();
        tracing::subscriber::with_default(lines.clone(), || ended(&sessions_over(&writes)));
        let lines = lines.0.lock().unwrap();
        assert_eq!(*lines, [("session.over", String::new())]);
    }
}
