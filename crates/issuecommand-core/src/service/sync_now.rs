//! A sync on request, besides the scheduled ones.

use std::sync::atomic::Ordering;

use super::first_sync::{LEASE, LOOK, LOOKS};
use super::sync::{SyncReport, SyncRequest};
use super::{Service, ServiceResult};

use crate::domain::access::{Caller, Scope};
use crate::domain::failure::Failure;
use crate::domain::lease::LeaseOutcome;
use crate::domain::repo_name::RepoName;

impl Service {
    /// Syncs now: one repository, or all that the caller may see. With `full` every open issue is read again. Requested runs
    /// wait for each other. A requested run may overlap with a scheduled one, because both record the same facts.
    pub async fn sync_now(
        &self,
        caller: &Caller,
        repo: Option<RepoName>,
        full: bool,
    ) -> ServiceResult<SyncReport> {
        // A sync belongs to no agent, so read-only keys and keys of one agent may not request it.
        caller.may_change(None)?;
        if let Some(repo) = &repo {
            Self::permit(&self.scoped(caller), repo)?;
        }
        let scope = match repo {
            Some(repo) => Scope::Only([repo].into()),
            None => self.sight(caller),
        };
        let request = SyncRequest {
            scope,
            full,
            asked: true,
        };
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let holder = format!("{}/{turn}", self.holder);
        for _ in 0..LOOKS {
            match self.lease_for(&holder, "sync", LEASE).await? {
                LeaseOutcome::Acquired(proof) => {
                    let result = self
                        .keeping(&proof, Box::pin(self.sync_as(&request, &proof)))
                        .await;
                    self.release_lease(proof).await?;
                    return Ok(result?);
                }
                LeaseOutcome::Held { .. } => self.clock.sleep(LOOK).await,
            }
        }
        Err(Failure::SyncRunning.into())
    }
}
