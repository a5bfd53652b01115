//! What waits between here and GitHub, and trying it again.

use super::claims::unexpected;
use super::{Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::failure::Failure;
use crate::domain::outbox::OutboxEntry;
use crate::engine::command::{Action, Answer, Command, Outcome, RetryOf};
use crate::ports::read_model::WaitingDelivery;

/// How many rows of a list are told.
const LISTED: u32 = 200;

/// Deliveries of GitHub that could not be applied yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// How many are tried again by themselves.
    pub waiting: u64,
    /// How many failed too often.
    pub dead: u64,
    /// Those that failed too often first, then the oldest.
    pub rows: Vec<WaitingDelivery>,
}

/// Writes to GitHub that are not done yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxList {
    /// How many are sent by themselves.
    pub waiting: u64,
    /// Those that failed for good first, then those that are due first.
    pub rows: Vec<OutboxEntry>,
}

impl Service {
    /// Deliveries that could not be applied yet. They belong to no repository, so that only callers who see all are told of them.
    pub async fn deliveries(&self, caller: &Caller) -> ServiceResult<Deliveries> {
        self.must_see_all(caller)?;
        let health = self.store.health(&Scope::All).await?;
        Ok(Deliveries {
            waiting: health.deferred_deliveries,
            dead: health.dead_deliveries,
            rows: self.store.waiting_deliveries(LISTED).await?,
        })
    }

    /// Writes to GitHub that are not done yet, of repositories that the caller sees.
    pub async fn outbox_list(&self, caller: &Caller) -> ServiceResult<OutboxList> {
        let sight = self.sight(caller);
        Ok(OutboxList {
            waiting: self.store.health(&sight).await?.outbox,
            rows: self.store.outbox(&sight, LISTED).await?,
        })
    }

    /// Lets something be tried again at once, also if it failed for good. Needs a key that is bound to no agent and sees all
    /// repositories.
    pub async fn retry(&self, caller: &Caller, what: RetryOf) -> ServiceResult<()> {
        self.must_see_all(caller)?;
        let missing = match &what {
            RetryOf::Delivery(id) => format!(
                "No delivery waits under the id {id:?}: it was applied, or there was none. GET /api/deliveries lists those that wait."
            ),
            RetryOf::Write(id) => format!(
                "No write to GitHub waits under the id {}: it was done, or there was none. GET /api/outbox lists those that wait.",
                id.0
            ),
        };
        let command = Command::new(&self.scoped(caller), Action::Retry(what));
        match self.store.transact(command).await? {
            Outcome::Done(Answer::Retried(true)) => Ok(()),
            Outcome::Done(Answer::Retried(false)) => Err(Failure::NotThere(missing).into()),
            Outcome::Refused(refusal) => Err(refusal.into()),
            other => Err(unexpected(&other)),
        }
    }

    fn must_see_all(&self, caller: &Caller) -> Result<(), Failure> {
        match self.sight(caller) {
            Scope::All => Ok(()),
            Scope::Only(_) => Err(Failure::ScopeTooNarrow),
        }
    }
}
