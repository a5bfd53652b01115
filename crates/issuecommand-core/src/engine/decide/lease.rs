//! Leases for background work.

use super::Context;
use super::effects::Effects;
use crate::domain::lease::{Lease, LeaseOutcome, LeaseProof};
use crate::domain::time::Millis;
use crate::engine::command::{Answer, Outcome};

impl Context<'_> {
    pub(super) fn acquire_lease(
        &self,
        name: &str,
        holder: &str,
        length: Millis,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let until = self.now.plus(length);
        let lease = match self.view.tables.leases.get(name) {
            Some(lease) if self.now < lease.until && lease.holder != holder => {
                return Outcome::Done(Answer::Lease(LeaseOutcome::Held { until: lease.until }));
            }
            Some(lease) if self.now < lease.until => Lease {
                until,
                ..lease.clone()
            },
            // A new or expired lease gets a new epoch, so that a former holder is refused even under the same name.
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
        let proof = lease.proof();
        fx.put_row(lease);
        Outcome::Done(Answer::Lease(LeaseOutcome::Acquired(proof)))
    }

    pub(super) fn release_lease(&self, proof: &LeaseProof, fx: &mut Effects<'_>) -> Outcome {
        if let Some(lease) = self
            .view
            .tables
            .leases
            .get(proof.name())
            .filter(|lease| lease.honours(proof, self.now))
        {
            fx.put_row(Lease {
                until: self.now,
                ..lease.clone()
            });
        }
        Outcome::Done(Answer::Noted)
    }
}
