//! What an agent is told that it holds.

use std::collections::BTreeSet;

use super::Service;
use crate::domain::access::Caller;
use crate::domain::failure::StoreError;
use crate::domain::holding::Holding;
use crate::domain::id::AgentId;
use crate::domain::time::Timestamp;

/// A piece of work that an agent holds, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownHolding {
    /// The work.
    pub holding: Holding,
    /// When it goes or went stale.
    pub stale_at: Option<Timestamp>,
    /// Another live session of the agent holds it.
    pub is_elsewhere: bool,
}

impl Service {
    pub(super) async fn shown_holdings(
        &self,
        caller: &Caller,
        agent: &AgentId,
        held: Vec<Holding>,
    ) -> Result<Vec<ShownHolding>, StoreError> {
        let own = caller.session_id();
        let is_foreign = |held: &Holding| held.session.is_some() && held.session.as_ref() != own;
        let others = if held.iter().any(is_foreign) {
            self.other_sessions(caller, agent).await?
        } else {
            BTreeSet::new()
        };
        let shown = held.into_iter().map(|holding| ShownHolding {
            stale_at: holding.stale_at(&self.policy),
            is_elsewhere: (holding.session.as_ref())
                .is_some_and(|session| others.contains(session)),
            holding,
        });
        Ok(shown.collect())
    }
}
