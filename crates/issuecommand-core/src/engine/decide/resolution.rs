//! Ends the holds on a pull request and restarts the affinity windows.

use super::Context;
use super::effects::Effects;
use crate::domain::claim::Claim;
use crate::domain::event::EventKind;
use crate::domain::followup::{Followup, FollowupStatus, WorkItemId};
use crate::domain::id::PullKey;
use crate::engine::view::Rows;

impl Context<'_> {
    /// When a claim ends, its agent's holds on the feedback of its pull request end too: the items become stale and any agent
    /// may take them. This looks at every changed claim, so it covers every way in which a claim ends.
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

    /// After a hold ends, restarts the affinity window of the other waiting items of the pull request.
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
