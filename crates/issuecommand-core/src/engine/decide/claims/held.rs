//! Claims an issue that is held: again by its own agent, from another session of it, or from an agent that has been silent for long.

use crate::domain::claim::staleness::may_be_taken_over_at;
use crate::domain::claim::{Actor, Claim, ClaimStatus, StatusEntry};
use crate::domain::event::{Details, EventKind};
use crate::domain::id::AgentId;
use crate::domain::refusal::Refusal;
use crate::engine::command::{Answer, Outcome};
use crate::engine::decide::Context;
use crate::engine::decide::effects::Effects;

impl Context<'_> {
    /// The agent that has the claim asks for the issue again, perhaps from another session.
    pub(super) fn claim_again(
        &self,
        claim: &Claim,
        take_over: bool,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let other = self.other_session(&claim.agent, claim.session.as_ref());
        if let Some(other) = other.clone().filter(|_| !take_over) {
            return Outcome::Refused(Refusal::AlreadyClaimed {
                claim: Box::new(claim.clone()),
                session: Some(Box::new(other)),
                may_take_over_at: None,
            });
        }
        let mut joined = self.in_this_session(claim.clone());
        if joined.session != claim.session {
            if let Some(before) = &claim.session {
                let before = before.short();
                let own = joined.session.as_ref().filter(|_| other.is_some());
                let note = match own {
                    Some(own) => {
                        format!(
                            "Taken over by session {}… from session {before}…",
                            own.short()
                        )
                    }
                    None => format!("Resumed after session {before}…"),
                };
                joined = joined.noted(note.clone(), self.now);
                fx.emit(self.claim_updated(&joined, &note));
            }
            fx.put_claim(joined.clone());
        }
        Outcome::Done(Answer::Claim {
            claim: Box::new(joined),
            issue: None,
            idempotent: true,
            outbox: None,
            not_ready: Vec::new(),
            chosen: None,
            untried: false,
        })
    }

    /// The claim in the caller's session. A caller without one leaves it where it is.
    pub(super) fn in_this_session(&self, claim: Claim) -> Claim {
        match self.command.caller.session_id() {
            Some(session) if claim.session.as_ref() != Some(session) => Claim {
                session: Some(session.clone()),
                signed_at: self.now,
                ..claim
            },
            Some(_) | None => claim,
        }
    }

    /// Whether another agent may take over this claim now. A jump of the clock is no silence.
    pub(super) fn may_be_taken_over(&self, claim: &Claim) -> bool {
        let after = self.policy.sessions.takeover_after;
        may_be_taken_over_at(claim, self.policy).is_some()
            && after.is_some_and(|after| claim.alive_at() <= self.time.silent_since(after))
    }

    /// Ends a stale claim that another agent takes over.
    pub(super) fn release_stale(&self, claim: &Claim, by: &AgentId, fx: &mut Effects<'_>) {
        let note = format!("Taken over by {by}: it was stale for too long");
        let to = ClaimStatus::Released;
        let moved = claim
            .clone()
            .advance(to, Actor::System, Some(note.clone()), self.now);
        let Ok(moved) = moved else { return };
        let details = Details::Moved {
            source: self.origin(),
            status: to,
            note: Some(note),
        };
        fx.emit(self.claim_event(EventKind::ClaimReleased, &moved, details));
        fx.put_claim(moved);
    }
}

impl Claim {
    /// Adds an entry of the same status to the history.
    #[must_use]
    fn noted(mut self, note: String, now: crate::domain::time::Timestamp) -> Self {
        self.history.push(StatusEntry {
            status: self.status,
            timestamp: self.moment(now),
            note: Some(note),
        });
        self
    }
}
