//! Carrying out the writes to GitHub that wait.

use super::Service;
use crate::command::{Action, Command};
use crate::failure::Failure;
use crate::github::Seen;
use crate::lease::LeaseProof;
use crate::outbox::{OutboxEntry, Write};

impl Service {
    /// Carries out what is due. Says how much was done.
    ///
    /// # Errors
    /// The store's, and a lost lease. What GitHub refuses stays in the outbox and is no error.
    pub async fn run_outbox(&self, lease: &LeaseProof) -> Result<u64, Failure> {
        let due = self.store.due_outbox(self.clock.now(), 50).await?;
        let mut done = 0;
        for entry in due {
            match self.carry_out(&entry, Some(lease)).await {
                Ok(()) => done += 1,
                Err(Failure::Github(error)) if error.retry_after.is_some() => break,
                Err(Failure::Github(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(done)
    }

    /// Carries out one write and says what became of it. Doing it twice does no harm.
    pub(super) async fn carry_out(
        &self,
        entry: &OutboxEntry,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let settle = |error: Option<String>| {
            self.note(
                Command::system(Action::SettleOutbox {
                    id: entry.id,
                    error,
                })
                .under(lease),
            )
        };
        let Write::CloseIssue { repo, number } = &entry.write;
        match self.github.close_issue(repo, *number).await {
            Ok(issue) => {
                settle(None).await?;
                let seen = Seen::Issue {
                    issue: Box::new(issue),
                    etag: None,
                };
                let action = Action::SeeIssue {
                    repo: repo.clone(),
                    number: *number,
                    seen,
                };
                self.note(Command::system(action).under(lease)).await?;
                Ok(())
            }
            Err(error) => {
                settle(Some(error.detail.clone())).await?;
                Err(error.into())
            }
        }
    }
}
