//! What follows when an agent's work on an issue ends without a merge.

use super::Context;
use super::effects::Effects;
use crate::domain::attempt::{Attempt, AttemptEnd, QuickReleases, ReleaseOutcome};
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::halt::{Halt, HaltKind, HaltOf};
use crate::domain::id::AgentId;
use crate::domain::policy::AttemptPolicy;
use crate::domain::repo_name::RepoName;
use crate::engine::command::Action;
use crate::engine::view::Rows;

impl Context<'_> {
    /// Records the work that the command ended.
    pub(super) fn note_attempts(&self, fx: &mut Effects<'_>) {
        let changed: Vec<Claim> = fx.changed_claims().cloned().collect();
        for claim in &changed {
            let Some(before) = self.view.claim(claim.id).filter(|claim| claim.is_active()) else {
                continue;
            };
            let own = self.acting_agent() == Some(&before.agent);
            if own && before.status != claim.status && is_progress(claim.status) {
                self.end_of_row(&before.agent, fx);
            }
            let moved_on = claim.agent != before.agent;
            let Some(end) = self.end_of(before, claim, moved_on) else {
                continue;
            };
            let gave_back = own && end == AttemptEnd::Released;
            let attempt = self.attempt(before, claim, end, gave_back);
            self.park_after(&attempt, fx);
            fx.put_row(attempt);
            if gave_back {
                self.count_quick(before, fx);
            }
        }
    }

    /// How the agent's work ended; `None` if it goes on, or ended with the issue.
    fn end_of(&self, before: &Claim, now: &Claim, moved_on: bool) -> Option<AttemptEnd> {
        if now.status != ClaimStatus::Released {
            return moved_on.then_some(AttemptEnd::Given);
        }
        Some(match self.command.action.agent() {
            Some(agent) if *agent == before.agent => AttemptEnd::Released,
            Some(_) => AttemptEnd::TakenOver,
            None => AttemptEnd::AutoReleased,
        })
    }

    fn attempt(&self, before: &Claim, now: &Claim, end: AttemptEnd, gave_back: bool) -> Attempt {
        let lived = self.now.0 - before.claimed_at.0;
        let reached = |status| {
            before.status == status || before.history.iter().any(|entry| entry.status == status)
        };
        // A history that was cut began with the first moves.
        let worked = reached(ClaimStatus::InProgress) || before.earlier > 0;
        let merged = reached(ClaimStatus::PrMerged);
        let last = now.history.last();
        Attempt {
            claim: before.id,
            repo: before.repo,
            number: before.number,
            agent: before.agent.clone(),
            from: before.claimed_at,
            to: self.now,
            end,
            outcome: self.outcome_said().filter(|_| gave_back),
            note: last.and_then(|entry| entry.note.clone()),
            pr_url: before.pr_url.clone(),
            counts: !merged && (worked || lived >= self.policy.attempts.after.0),
            gave_back,
        }
    }

    /// What the caller says about the issue that it gives back.
    fn outcome_said(&self) -> Option<ReleaseOutcome> {
        match &self.command.action {
            Action::ReleaseClaim { outcome, .. } => *outcome,
            _ => None,
        }
    }

    /// Pauses an agent that gives back one issue after the other at once: it is in a loop.
    fn count_quick(&self, claim: &Claim, fx: &mut Effects<'_>) {
        let Some(limit) = self.policy.attempts.loop_after else {
            return;
        };
        let agent = &claim.agent;
        let known = self.view.tables.quick_releases.get(agent);
        let known = known.map_or(0, |row| row.count);
        let quick = self.now.0 - claim.claimed_at.0 < AttemptPolicy::QUICK.0;
        let count = if quick { known + 1 } else { 0 };
        if count >= limit {
            self.pause_for_loop(agent, count, fx);
        }
        let count = if count >= limit { 0 } else { count };
        if count != known {
            fx.put_row(QuickReleases {
                agent: agent.clone(),
                count,
                at: self.now,
            });
        }
    }

    /// The agent got on with an issue, so the releases before are no row.
    fn end_of_row(&self, agent: &AgentId, fx: &mut Effects<'_>) {
        let known = self.view.tables.quick_releases.get(agent);
        if known.is_some_and(|row| row.count > 0) {
            fx.put_row(QuickReleases {
                agent: agent.clone(),
                count: 0,
                at: self.now,
            });
        }
    }

    fn pause_for_loop(&self, agent: &AgentId, count: u32, fx: &mut Effects<'_>) {
        let note = format!("It gave back {count} issues in a row within a minute each");
        let halt = Halt {
            of: HaltOf::Agent(agent.clone()),
            kind: HaltKind::Paused,
            by: Halt::LOOP.to_owned(),
            note: Some(note),
            at: self.now,
        };
        fx.emit(self.halt_event(&halt, EventKind::WorkPaused, None));
        fx.put_row(halt);
    }

    /// An event of the halt or resumption of work.
    pub(super) fn halt_event(&self, halt: &Halt, kind: EventKind, repo: Option<RepoName>) -> Event {
        let agent = match &halt.of {
            HaltOf::Agent(agent) => Some(agent.clone()),
            HaltOf::Everything | HaltOf::Repo(_) => None,
        };
        let details = Details::Work {
            note: halt.note.clone(),
        };
        Event {
            repo,
            agent,
            ..Event::bare(kind, self.now, &self.command.caller.principal, details)
        }
    }
}

/// Whether a claim in this status has a result.
fn is_progress(status: ClaimStatus) -> bool {
    match status {
        ClaimStatus::PrSubmitted | ClaimStatus::PrMerged | ClaimStatus::Closed => true,
        ClaimStatus::Claimed
        | ClaimStatus::InProgress
        | ClaimStatus::Stale
        | ClaimStatus::Released => false,
    }
}
