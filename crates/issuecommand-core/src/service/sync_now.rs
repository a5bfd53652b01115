//! A sync that somebody asks for, beside those of the background.

use std::sync::atomic::Ordering;

use super::first_sync::{LEASE, LOOK, LOOKS};
use super::sync::{SyncReport, SyncRequest};
use super::{Service, ServiceResult};

use crate::domain::access::{Caller, Scope};
use crate::domain::failure::Failure;
use crate::domain::lease::LeaseOutcome;
use crate::domain::repo_name::RepoName;

impl Service {
    /// Follows GitHub at once: one repository, or all that the caller may see. With `full` every open issue is read again.
    /// One such run goes at a time; another one waits for it. It may run beside the background's: what both learn is the
    /// same.
    pub async fn sync_now(
        &self,
        caller: &Caller,
        repo: Option<RepoName>,
        full: bool,
    ) -> ServiceResult<SyncReport> {
        // What the background does by itself is nobody's: a key that only looks, or acts as one agent, may not ask for it.
        caller.may_change(None)?;
        if let Some(repo) = &repo {
            Self::permit(&self.scoped(caller), repo)?;
        }
        let scope = match repo {
            Some(repo) => Scope::Only([repo].into()),
            None => self.sight(caller),
        };
        let request = SyncRequest { scope, full };
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let holder = format!("{}/{turn}", self.holder);
        for _ in 0..LOOKS {
            match self.lease_for(&holder, "sync", LEASE).await? {
                LeaseOutcome::Ours(proof) => {
                    let result = self
                        .keeping(&proof, Box::pin(self.sync_as(&request, &proof)))
                        .await;
                    self.give_lease(proof).await?;
                    return Ok(result?);
                }
                LeaseOutcome::Theirs { .. } => self.clock.sleep(LOOK).await,
            }
        }
        Err(Failure::SyncRunning.into())
    }
}
