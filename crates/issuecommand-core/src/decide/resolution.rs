//! What ends the events of follow-ups, and what the end of a hold sets free.

use super::Context;
use super::effects::Effects;
use super::events::kind_of;
use crate::event::EventKind;
use crate::followup::{Ending, Followup, FollowupStatus, Source, SourceRow, WorkItemId};
use crate::id::PullKey;
use crate::policy::ResolveOnPush;
use crate::pull::Pull;
use crate::time::Timestamp;
use crate::view::Rows;

impl Context<'_> {
    /// Ends the events that a merge, a close or this push has answered, and those that are `withdrawn`. Says how many items
    /// ended.
    pub(super) fn end_by(
        &self,
        pull: &Pull,
        pushed_at: Option<Timestamp>,
        withdrawn: &dyn Fn(&Source) -> Option<Ending>,
        fx: &mut Effects<'_>,
    ) -> u64 {
        let until = |source: &Source, moment: Option<Timestamp>| {
            moment.is_some_and(|moment| source.created_at.is_none_or(|at| at <= moment))
        };
        let policy = self.policy.resolve_on_push;
        // What was said after the last word on a closed pull request was said after it had been opened again, of which word
        // is still to come.
        let closed_at =
            (!pull.facts.open).then(|| pull.facts.updated_at.max(pull.cut_at).unwrap_or(self.now));
        let end = |item: &Followup, source: &Source| {
            let pushed = match policy {
                ResolveOnPush::All => true,
                ResolveOnPush::Owned => item.status.is_held(),
                ResolveOnPush::Never => false,
            };
            if pull.facts.merged {
                Some(Ending::Merged)
            } else if until(source, closed_at) || until(source, pull.cut_at) {
                Some(Ending::Closed)
            } else if pushed && until(source, pushed_at) {
                Some(Ending::Pushed)
            } else {
                withdrawn(source)
            }
        };
        self.end_sources(pull.key(), &end, fx)
    }

    /// Ends the events of a pull request as `end` says. An item with none left ends too. Says how many items ended.
    pub(super) fn end_sources(
        &self,
        pull: PullKey,
        end: &dyn Fn(&Followup, &Source) -> Option<Ending>,
        fx: &mut Effects<'_>,
    ) -> u64 {
        let mut resolved = 0;
        let mut freed = None;
        let open: Vec<Followup> = fx.open_on(pull).into_iter().cloned().collect();
        for before in open {
            let mut item = before.clone();
            let mut last = None;
            for source in &mut item.sources {
                let ending = end(&before, source).filter(|_| source.ended.is_none());
                let Some(ending) = ending else { continue };
                (source.ended, last) = (Some(ending), Some(ending));
                fx.put_source(SourceRow {
                    id: source.id.clone(),
                    pull,
                    item: Some(before.id),
                    ended: source.ended,
                });
            }
            let Some((status, note)) = last.map(ended_as) else {
                continue;
            };
            let over = item.sources.iter().all(|source| source.ended.is_some());
            let moved = if over {
                item.clone()
                    .advance(status, Some(note.to_owned()), self.now)
            } else {
                item.last_updated = item.moment(self.now);
                Ok(item)
            };
            // The table lets every open item end.
            let Ok(item) = moved else { continue };
            let kind = if over {
                freed = freed.or(before.status.is_held().then_some(item.id));
                resolved += 1;
                kind_of(status)
            } else {
                EventKind::FollowupUpdated
            };
            fx.emit(self.followup_moved(kind, &item, note.to_owned()));
            fx.put_followup(item);
        }
        if let Some(id) = freed {
            self.restart_windows(pull, id, fx);
        }
        resolved
    }

    /// The end of a hold gives the author's agent its affinity window anew, on what else waits there.
    pub(super) fn restart_windows(&self, key: PullKey, but: WorkItemId, fx: &mut Effects<'_>) {
        let others: Vec<Followup> = fx
            .open_on(key)
            .into_iter()
            .filter(|item| item.id != but && item.waits())
            .cloned()
            .collect();
        for item in others {
            fx.put_followup(Followup {
                window_from: self.now,
                ..item
            });
        }
    }
}

/// What an item becomes whose last event ended so, and why.
fn ended_as(ending: Ending) -> (FollowupStatus, &'static str) {
    match ending {
        Ending::Answered => (FollowupStatus::Done, "Answered"),
        Ending::Pushed => (
            FollowupStatus::Done,
            "Resolved by a push to the pull request",
        ),
        Ending::Dismissed => (FollowupStatus::Done, "The review was dismissed"),
        Ending::Resolved => (FollowupStatus::Done, "The thread was resolved"),
        Ending::Merged => (FollowupStatus::Done, "The pull request was merged"),
        Ending::Closed => (
            FollowupStatus::Dismissed,
            "The pull request was closed without being merged",
        ),
    }
}
