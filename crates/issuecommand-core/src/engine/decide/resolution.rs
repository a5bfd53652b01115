//! The end of a hold on a pull request, and what it sets free.

use super::Context;
use super::effects::Effects;
use crate::domain::claim::Claim;
use crate::domain::event::EventKind;
use crate::domain::followup::{Followup, FollowupStatus, WorkItemId};
use crate::domain::id::PullKey;
use crate::engine::view::Rows;

impl Context<'_> {
    /// A claim that ends ends its agent's hold on the feedback of its pull request: the items are stale, and anybody may take
    /// them. Asked of everything that a command changes, so that it holds however a claim ends.
    pub(super) fn end_holds(&self, fx: &mut Effects<'_>) {
        let ended = |claim: &&Claim| {
            !claim.is_active() && self.view.claim(claim.id).is_some_and(Claim::is_active)
        };
        let ended: Vec<Claim> = fx.claims().filter(ended).cloned().collect();
        for claim in ended {
            let Some(key) = self.view.claim(claim.id).and_then(|before| before.pull) else {
                continue;
            };
            let others = fx.claims_of(key);
            if others.iter().any(|other| other.agent == claim.agent) {
                continue;
            }
            let held: Vec<Followup> = (fx.open_on(key).into_iter())
                .filter(|item| item.holder() == Some(&claim.agent))
                .cloned()
                .collect();
            for item in held {
                let note = format!("The claim of {} ended", claim.agent);
                let Ok(item) = item.advance(FollowupStatus::Stale, Some(note.clone()), self.now)
                else {
                    continue;
                };
                let item = Followup {
                    window_from: self.now,
                    ..item
                };
                fx.emit(self.followup_moved(EventKind::FollowupStale, &item, note));
                fx.put_followup(item.clone());
                self.restart_windows(key, item.id, fx);
            }
        }
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
