//! What time alone changes, and the end of a run of the sync.

use super::{Context, Decision};
use crate::change::{Change, Trim};
use crate::claim::staleness::{Expiry, expiry};
use crate::claim::{Actor, ClaimStatus};
use crate::command::Answer;
use crate::event::{Details, Event, EventKind, Source, SyncTally};
use crate::followup::transition::table;
use crate::followup::{Followup, FollowupStatus};
use crate::issue::MirroredIssue;
use crate::needs::CHUNK;

impl Context<'_> {
    pub(super) fn sweep(&self) -> Decision {
        let mut decision = Decision::done(Answer::Noted);
        let mut tally = SyncTally::default();
        for claim in self
            .view
            .expired()
            .iter()
            .filter_map(|id| self.view.claim(*id))
        {
            let (to, kind, note) = match expiry(claim, self.policy, self.now) {
                Some(Expiry::GoesStale) => (
                    ClaimStatus::Stale,
                    EventKind::ClaimStale,
                    "No sign of life for too long",
                ),
                Some(Expiry::IsReleased) => (
                    ClaimStatus::Released,
                    EventKind::ClaimAutoReleased,
                    "Stale for too long; the issue is free again",
                ),
                None => continue,
            };
            let Ok(moved) =
                claim
                    .clone()
                    .advance(to, Actor::System, Some(note.to_owned()), self.now)
            else {
                continue;
            };
            match to {
                ClaimStatus::Stale => tally.stale_marked += 1,
                _ => tally.stale_auto_released += 1,
            }
            let details = Details::Moved {
                source: Source::Sync,
                status: to,
                note: Some(note.to_owned()),
            };
            decision
                .events
                .push(self.claim_event(kind, &moved, details));
            decision.changes.push(Change::Claim(Box::new(moved)));
        }
        self.sweep_followups(&mut decision);
        let more =
            self.view.expired().len() >= CHUNK || self.view.expired_followups().len() >= CHUNK;
        if !more {
            decision.changes.push(Change::Trim(Trim {
                history: self.policy.history_max,
                followups: self.policy.followup_max,
                deliveries: self.policy.deliveries_max,
                events_before: self.now.minus(self.policy.event_keep),
                remembered_before: self.now.minus(self.policy.remember),
            }));
        }
        decision.outcome = crate::command::Outcome::Done(Answer::Tally {
            tally,
            closed: 0,
            more,
        });
        decision
    }

    /// A follow-up that went stale is anybody's; the author's agent gets its window anew.
    fn sweep_followups(&self, decision: &mut Decision) {
        let items = self
            .view
            .expired_followups()
            .iter()
            .filter_map(|id| self.view.followup(*id));
        let limit = self.now.minus(self.policy.followup_stale);
        let silent = |item: &&Followup| {
            item.last_updated <= limit && table(item.status, FollowupStatus::Stale)
        };
        for item in items.filter(silent) {
            let note = "No sign of life for too long".to_owned();
            let held = item.status.is_held();
            let mut moved = item
                .clone()
                .put(FollowupStatus::Stale, Some(note.clone()), self.now);
            if held {
                moved.window_from = self.now;
            }
            let status = moved.status;
            let details = Details::FollowupMoved {
                source: Source::Sync,
                status,
                note: Some(note),
            };
            decision
                .events
                .push(self.followup_event(EventKind::FollowupStale, &moved, details));
            let (key, id) = (moved.pull(), moved.id);
            decision.changes.push(Change::Followup(Box::new(moved)));
            if held {
                // What goes stale by this very sweep is written by its own turn; what a command of the same batch has touched
                // meanwhile does not.
                let has_a_turn = |other: &Followup| {
                    self.view.expired_followups().contains(&other.id) && silent(&other)
                };
                let others = self.windows_begin_again(key, id).into_iter();
                decision
                    .changes
                    .extend(others.filter(|change| match change {
                        Change::Followup(other) => !has_a_turn(other),
                        _ => true,
                    }));
            }
        }
    }

    pub(super) fn rerank(&self) -> Decision {
        let page = self.view.page();
        let more = page.len() >= CHUNK;
        let mut decision = Decision::done(Answer::Reranked(page.last().copied().filter(|_| more)));
        for issue in page.iter().filter_map(|key| self.view.issue(*key)) {
            let rank = self.policy.priority.rank(&issue.facts.labels);
            if rank != issue.rank {
                let issue = MirroredIssue {
                    rank,
                    ..issue.clone()
                };
                decision.changes.push(Change::Issue(Box::new(issue)));
            }
        }
        if !more {
            decision.changes.push(Change::PrioritySource(
                self.policy.priority.source().to_owned(),
            ));
        }
        decision
    }

    pub(super) fn finish_sync(&self, tally: SyncTally) -> Decision {
        let mut decision = Decision::done(Answer::Noted);
        decision.changes.push(Change::LastSync(self.now));
        decision.events.push(Event {
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
        decision
    }
}
