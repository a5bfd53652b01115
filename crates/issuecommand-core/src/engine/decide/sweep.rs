//! Changes that only the passage of time causes, and the end of a sync run.

use super::Context;
use super::effects::Effects;
use crate::domain::access::Scope;
use crate::domain::attempt::Attempt;
use crate::domain::claim::staleness::{Expiry, expiry};
use crate::domain::claim::{Actor, Claim, ClaimStatus};
use crate::domain::daily::{DailyKey, Day};
use crate::domain::event::{Details, Event, EventKind, EventOrigin, SyncStats};
use crate::domain::followup::{Followup, FollowupStatus};
use crate::domain::notice::Notice;
use crate::domain::policy::{Policy, SessionPolicy};
use crate::domain::sync::{SyncFailure, SyncRun};
use crate::engine::change::{Change, Trim};
use crate::engine::command::{Answer, Outcome};
use crate::engine::read_set::CHUNK;
use crate::engine::view::Rows;

/// The history note of a claim or follow-up that went stale.
const SILENT: &str = "No sign of life for too long";

impl Context<'_> {
    pub(super) fn sweep(&self, fx: &mut Effects<'_>) -> Outcome {
        let expired = self.view.expired().iter();
        for claim in expired.filter_map(|id| self.view.claim(*id)) {
            if self.was_marked_ahead(claim) {
                self.undo_stale(claim, fx);
                continue;
            }
            let Some(expiry) = expiry(claim, self.policy, self.time) else {
                continue;
            };
            // A mark with this timestamp would look like one that a wrong clock made.
            if expiry == Expiry::GoesStale && self.time.returned == Some(self.now) {
                continue;
            }
            let (to, kind, note) = match expiry {
                Expiry::GoesStale => (ClaimStatus::Stale, EventKind::ClaimStale, SILENT),
                Expiry::IsReleased => (
                    ClaimStatus::Released,
                    EventKind::ClaimAutoReleased,
                    "Stale for too long; the issue is free again",
                ),
            };
            let Ok(moved) =
                claim
                    .clone()
                    .advance(to, Actor::System, Some(note.to_owned()), self.now)
            else {
                continue;
            };
            match expiry {
                Expiry::GoesStale => fx.tally.stale_marked += 1,
                Expiry::IsReleased => fx.tally.stale_auto_released += 1,
            }
            let details = Details::Moved {
                source: EventOrigin::Sync,
                status: to,
                note: Some(note.to_owned()),
            };
            fx.emit(self.claim_event(kind, &moved, details));
            fx.put_claim(moved);
        }
        self.sweep_followups(fx);
        self.release_of_sessions_over(fx);
        let more = self.view.expired().len() >= CHUNK
            || self.view.expired_followups().len() >= CHUNK
            || self.view.left_behind().len() >= CHUNK;
        if !more {
            let now = self.time.without_jump(Policy::TRIM_GRACE);
            fx.put_other(Change::Trim(Trim {
                history: self.policy.history_max,
                followups: self.policy.followup_max,
                deliveries: self.policy.deliveries_max,
                events_before: now.minus(self.policy.event_keep),
                remembered_before: now.minus(self.policy.remember),
                attempts_before: now.minus(Attempt::KEEP),
                sessions_before: now.minus(SessionPolicy::KEEP),
                agents_before: now.minus(SessionPolicy::KEEP_AGENT),
                notices_before: now.minus(Notice::KEEP),
                notices: Notice::KEPT,
                days_before: Day(Day::of(now).0 - DailyKey::KEPT),
            }));
            fx.put_other(Change::Measure(Day::of(self.now), Day::hour(self.now)));
        }
        fx.counted(more)
    }

    /// Whether a sweep marked this claim stale while the clock was ahead. Only such marks carry the time at which the clock was
    /// right again.
    fn was_marked_ahead(&self, claim: &Claim) -> bool {
        let last = claim.history.last();
        let marked = last.filter(|entry| {
            entry.status == ClaimStatus::Stale && entry.note.as_deref() == Some(SILENT)
        });
        claim.status == ClaimStatus::Stale
            && self.time.returned == Some(claim.last_updated)
            && self.time.returned == marked.map(|entry| entry.timestamp)
    }

    fn undo_stale(&self, claim: &Claim, fx: &mut Effects<'_>) {
        let note = "It went stale by a clock that stood ahead, which is no silence";
        let Some(moved) = claim.clone().undo_stale(note, self.now) else {
            return;
        };
        let details = Details::Moved {
            source: EventOrigin::Sync,
            status: moved.status,
            note: Some(note.to_owned()),
        };
        fx.emit(self.claim_event(EventKind::ClaimUpdated, &moved, details));
        fx.put_claim(moved);
    }

    /// Marks silent follow-ups stale, so that any agent may take them, and restarts the affinity window.
    fn sweep_followups(&self, fx: &mut Effects<'_>) {
        let limit = self.time.silent_since(self.policy.followup_stale);
        for id in self.view.expired_followups() {
            let item = fx.followup(*id).filter(|item| item.alive_at() <= limit);
            let Some(item) = item.cloned() else { continue };
            let (held, note) = (item.status.is_held(), SILENT);
            let to = FollowupStatus::Stale;
            // An item that is already stale or has ended stays as it is.
            let Ok(moved) = item.advance(to, Some(note.to_owned()), self.now) else {
                continue;
            };
            let moved = Followup {
                window_from: if held { self.now } else { moved.window_from },
                ..moved
            };
            let details = Details::FollowupMoved {
                source: EventOrigin::Sync,
                status: to,
                note: Some(note.to_owned()),
            };
            fx.emit(self.followup_event(EventKind::FollowupStale, &moved, details));
            let (key, id) = (moved.pull(), moved.id);
            fx.put_followup(moved);
            if held {
                self.restart_windows(key, id, fx);
            }
        }
    }

    pub(super) fn rerank(&self, fx: &mut Effects<'_>) -> Outcome {
        let page = self.view.page();
        let more = page.len() >= CHUNK;
        self.rank_and_judge(page, fx);
        if !more {
            fx.put_other(Change::PrioritySource(self.policy.judgement_source()));
        }
        Outcome::Done(Answer::Reranked(page.last().copied().filter(|_| more)))
    }

    pub(super) fn finish_sync(
        &self,
        tally: SyncStats,
        run: &SyncRun,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        // A run over some repositories does not refresh the others.
        if run.read && run.scope == Scope::All {
            fx.put_other(Change::LastSync(self.now));
        }
        let failures = self.failures_after(run);
        if failures != self.view.sync_failures() {
            fx.put_other(Change::SyncFailures(failures));
        }
        fx.emit(Event {
            seq: 0,
            kind: EventKind::SyncReconciled,
            timestamp: self.now,
            principal: self.command.caller.principal.clone(),
            claim: None,
            item: None,
            pull: None,
            repo: None,
            number: None,
            agent: None,
            details: Details::Reconciled(tally),
        });
        Outcome::Done(Answer::Noted)
    }

    /// The failures after a run: each subject once, with the time of the first of its consecutive failed runs.
    fn failures_after(&self, run: &SyncRun) -> Vec<SyncFailure> {
        let known = self.view.sync_failures();
        let beyond = |failure: &&SyncFailure| match &failure.fault.repo {
            Some(repo) => !run.scope.has(repo),
            None => run.scope != Scope::All,
        };
        let mut failures: Vec<SyncFailure> = known.iter().filter(beyond).cloned().collect();
        for fault in &run.faults {
            let same = |failure: &&SyncFailure| failure.fault.same_subject(fault);
            if failures.iter().any(|failure| same(&failure)) {
                continue;
            }
            let since = known.iter().find(same).map(|failure| failure.since);
            failures.push(SyncFailure {
                fault: fault.clone(),
                since: since.unwrap_or(self.now),
            });
        }
        failures.sort_by(|a, b| {
            let place = |failure: &SyncFailure| (failure.since, failure.fault.to_string());
            place(a).cmp(&place(b))
        });
        failures.truncate(SyncFailure::MAX);
        failures
    }
}
