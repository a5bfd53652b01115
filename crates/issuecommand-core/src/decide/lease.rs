//! Who does the background work.

use super::{Context, Decision};
use crate::change::Change;
use crate::command::Answer;
use crate::lease::{Lease, LeaseProof, Taken};
use crate::time::Millis;

impl Context<'_> {
    pub(super) fn take_lease(&self, name: &str, holder: &str, length: Millis) -> Decision {
        let until = self.now.plus(length);
        let lease = match self.view.lease(name) {
            Some(lease) if self.now < lease.until && lease.holder != holder => {
                return Decision::done(Answer::Lease(Taken::Theirs { until: lease.until }));
            }
            Some(lease) if self.now < lease.until => Lease {
                until,
                ..lease.clone()
            },
            // It ran out or is new: whoever held it before, even under the same name, is told apart by the number.
            old => {
                let epoch = old.map_or(1, |lease| lease.epoch + 1);
                Lease {
                    name: name.to_owned(),
                    holder: holder.to_owned(),
                    epoch,
                    until,
                }
            }
        };
        let proof = LeaseProof {
            name: lease.name.clone(),
            holder: lease.holder.clone(),
            epoch: lease.epoch,
        };
        let mut decision = Decision::done(Answer::Lease(Taken::Ours(proof)));
        decision.changes.push(Change::Lease(lease));
        decision
    }

    pub(super) fn give_lease(&self, proof: &LeaseProof) -> Decision {
        let mut decision = Decision::done(Answer::Noted);
        if let Some(lease) = self
            .view
            .lease(&proof.name)
            .filter(|lease| lease.honours(proof, self.now))
        {
            decision.changes.push(Change::Lease(Lease {
                until: self.now,
                ..lease.clone()
            }));
        }
        decision
    }
}
