//! Background work that needs no GitHub: the sweep, and new priorities after a change of the priority table.

use super::Service;
use crate::domain::event::SyncStats;
use crate::domain::failure::Failure;
use crate::domain::lease::LeaseProof;
use crate::engine::command::{Action, Answer, Command};

impl Service {
    /// Marks silent claims and follow-ups stale, releases those stale for too long, and deletes expired rows.
    ///
    /// # Errors
    /// The store's errors and a lost lease.
    pub async fn sweep(&self, lease: &LeaseProof) -> Result<SyncStats, Failure> {
        let mut sum = SyncStats::default();
        loop {
            match self
                .note(Command::system(Action::Sweep).under(Some(lease)))
                .await?
            {
                Answer::Tally { tally, more, .. } => {
                    sum.stale_marked += tally.stale_marked;
                    sum.stale_auto_released += tally.stale_auto_released;
                    if !more {
                        return Ok(sum);
                    }
                }
                other => return Err(Failure::Internal(format!("a sweep came to {other:?}"))),
            }
        }
    }

    /// Recomputes priorities if the priority table has changed.
    ///
    /// # Errors
    /// The store's errors and a lost lease.
    pub async fn rerank(&self, lease: &LeaseProof) -> Result<(), Failure> {
        let mut after = None;
        while let Answer::Reranked(Some(last)) = self
            .note(Command::system(Action::Rerank(after)).under(Some(lease)))
            .await?
        {
            after = Some(last);
        }
        Ok(())
    }
}
