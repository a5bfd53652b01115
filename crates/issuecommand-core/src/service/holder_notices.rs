//! Notifies the holders of claims about changes of their repositories.

use std::collections::BTreeSet;

use super::Service;
use crate::domain::failure::Failure;
use crate::domain::lease::LeaseProof;
use crate::engine::command::{Action, Command};
use crate::ports::store::ClaimFilter;

impl Service {
    /// Notifies holders, once each, when their repository is archived or becomes writable again.
    pub(super) async fn notify_holders(&self, lease: Option<&LeaseProof>) -> Result<(), Failure> {
        let repos = self.store.repos().await?.into_iter();
        let archived: BTreeSet<_> = repos
            .filter(|count| count.repo.facts.archived)
            .map(|count| count.repo.id)
            .collect();
        let claims = self.store.claims(&ClaimFilter::default()).await?;
        for claim in claims {
            if claim.is_untold_of(archived.contains(&claim.repo)) {
                let action = Action::NotifyRepoHolder(claim.id);
                self.note(Command::system(action).under(lease)).await?;
            }
        }
        Ok(())
    }
}
