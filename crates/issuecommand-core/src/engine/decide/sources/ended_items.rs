//! Ends the items in which nothing waits any more, and emits the event of each item that a command touched.

use super::changed_items::TouchedItems;
use crate::domain::event::{Details, EventKind};
use crate::domain::followup::{FeedbackEvent, Followup, FollowupStatus, KnownSource, Resolution};
use crate::engine::decide::Context;
use crate::engine::decide::effects::Effects;
use crate::engine::decide::events::kind_of;
use crate::engine::view::Rows;

impl Context<'_> {
    /// Ends the items without a waiting event, and emits one event for each touched item. Returns how many ended.
    pub(in crate::engine::decide) fn close_items(
        &self,
        touched: TouchedItems,
        fx: &mut Effects<'_>,
    ) -> u64 {
        let (mut resolved, mut freed) = (0, None);
        for (id, touch) in touched.0 {
            let Some(item) = fx.followup(id).cloned() else {
                continue;
            };
            if touch.made {
                if let Some(item) = without_ended(item, fx) {
                    let first = &item.sources[0];
                    let details = Details::FollowupCreated {
                        kind: first.kind,
                        source: first.id.clone(),
                    };
                    fx.emit(self.followup_event(EventKind::FollowupCreated, &item, details));
                }
                continue;
            }
            let over = !item.asks();
            let end = touch.ending.filter(|_| over).map(ended_as);
            let (item, kind, note) = if let Some((status, note)) = end {
                let held = item.status.is_held();
                // The transition table lets every open item end.
                let Ok(item) = item.advance(status, Some(note.to_owned()), self.now) else {
                    continue;
                };
                freed = freed.or(held.then(|| (item.pull(), item.id)));
                resolved += 1;
                (item, kind_of(status), note.to_owned())
            } else {
                let last_updated = item.moment(self.now);
                let item = Followup {
                    last_updated,
                    ..item
                };
                (item, EventKind::FollowupUpdated, touch.words())
            };
            fx.emit(self.followup_moved(kind, &item, note));
            fx.put_followup(item);
        }
        if let Some((key, id)) = freed {
            self.restart_windows(key, id, fx);
        }
        resolved
    }
}

/// A new item without the events that the same command ended again, as a reopening of the pull request may bring both. `None`
/// if no other event is in it.
fn without_ended(mut item: Followup, fx: &mut Effects<'_>) -> Option<Followup> {
    let (waiting, ended): (Vec<FeedbackEvent>, Vec<FeedbackEvent>) =
        item.sources.into_iter().partition(FeedbackEvent::waits);
    item.sources = waiting;
    for source in &ended {
        fx.put_source(KnownSource {
            id: source.id.clone(),
            pull: (item.repo, item.number),
            item: None,
            ended: source.ended,
            facts: source.facts.clone(),
        });
        if source.ended.is_some_and(Resolution::may_return) {
            fx.put_text(source.as_text());
        }
    }
    if item.sources.is_empty() {
        fx.unmake_followup(item.id);
        return None;
    }
    if !ended.is_empty() {
        fx.put_followup(item.clone());
    }
    Some(item)
}

/// The status and note of an item whose last event ended in this way.
pub(super) fn ended_as(ending: Resolution) -> (FollowupStatus, &'static str) {
    match ending {
        Resolution::Answered => (FollowupStatus::Done, "Answered"),
        Resolution::Pushed => (
            FollowupStatus::Done,
            "Resolved by a push to the pull request",
        ),
        Resolution::Dismissed => (FollowupStatus::Done, "The review was dismissed"),
        Resolution::Resolved => (FollowupStatus::Done, "The thread was resolved"),
        Resolution::Merged => (FollowupStatus::Done, "The pull request was merged"),
        Resolution::Approved => (FollowupStatus::Done, "The reviewer approved since"),
        Resolution::Closed => (
            FollowupStatus::Dismissed,
            "The pull request was closed without being merged",
        ),
        Resolution::Deleted => (FollowupStatus::Dismissed, "It was deleted on GitHub"),
        Resolution::Minimized => (FollowupStatus::Dismissed, "It was hidden on GitHub"),
        Resolution::Edited => (FollowupStatus::Dismissed, "Its text was replaced"),
    }
}
