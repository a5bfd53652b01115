//! Builds the events that the rules emit.

use super::Context;
use crate::domain::claim::Claim;
use crate::domain::event::{Details, Event, EventKind, EventOrigin as Origin};
use crate::domain::followup::{Followup, FollowupStatus};
use crate::engine::command::Action;

impl Context<'_> {
    pub(super) fn claim_event(&self, kind: EventKind, claim: &Claim, details: Details) -> Event {
        Event::of_claim(
            kind,
            claim,
            claim.moment(self.now),
            &self.command.caller.principal,
            details,
        )
    }

    /// A `ClaimUpdated` event with the claim's status and this note.
    pub(super) fn claim_updated(&self, claim: &Claim, note: &str) -> Event {
        let details = Details::Moved {
            source: self.origin(),
            status: claim.status,
            note: Some(note.to_owned()),
        };
        self.claim_event(EventKind::ClaimUpdated, claim, details)
    }

    pub(super) fn followup_event(
        &self,
        kind: EventKind,
        item: &Followup,
        details: Details,
    ) -> Event {
        Event::of_followup(
            kind,
            item,
            item.moment(self.now),
            &self.command.caller.principal,
            details,
        )
    }

    /// A follow-up event with the item's status and this note.
    pub(super) fn followup_moved(&self, kind: EventKind, item: &Followup, note: String) -> Event {
        let details = Details::FollowupMoved {
            source: self.origin(),
            status: item.status,
            note: Some(note),
        };
        self.followup_event(kind, item, details)
    }

    /// The source of the change: a webhook, an agent, or the sync with everything else that polls GitHub.
    pub(super) fn origin(&self) -> Origin {
        let action = &self.command.action;
        if matches!(action, Action::ProcessDelivery { .. }) {
            Origin::Webhook
        } else if action.agent().is_some() {
            Origin::Agent
        } else {
            Origin::Sync
        }
    }
}

/// The event kind for a follow-up that reaches this status.
pub(super) fn kind_of(status: FollowupStatus) -> EventKind {
    match status {
        FollowupStatus::Queued | FollowupStatus::Claimed | FollowupStatus::InProgress => {
            EventKind::FollowupUpdated
        }
        FollowupStatus::Done => EventKind::FollowupDone,
        FollowupStatus::Dismissed => EventKind::FollowupDismissed,
        FollowupStatus::Stale => EventKind::FollowupStale,
    }
}
