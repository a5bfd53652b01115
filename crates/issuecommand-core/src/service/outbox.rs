//! Carries out the pending writes to GitHub.

use super::Service;
use crate::domain::failure::{Failure, GithubError, GithubErrorKind};
use crate::domain::issue::IssueLookup;
use crate::domain::lease::LeaseProof;
use crate::domain::outbox::{OutboxEntry, WriteFailure};
use crate::engine::command::{Action, Command};
use crate::ports::github::Written;

/// The result of a run of the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxReport {
    /// Writes that GitHub accepted.
    pub done: u64,
    /// Writes that failed permanently, each with its last failure, for the log.
    pub given_up: Vec<(OutboxEntry, String)>,
}

impl Service {
    /// Carries out the due writes.
    ///
    /// # Errors
    /// The store's errors and a lost lease. Writes that GitHub refuses are in the report or stay in the outbox.
    pub async fn run_outbox(&self, lease: &LeaseProof) -> Result<OutboxReport, Failure> {
        let due = self.store.due_outbox(self.clock.now(), 50).await?;
        let mut report = OutboxReport::default();
        // A repository that lost its name waits for its next one: GitHub cannot be asked for it now.
        let is_named = |entry: &OutboxEntry| !entry.write.issue().0.is_unnamed();
        for entry in due.into_iter().filter(is_named) {
            match self.carry_out(&entry, Some(lease)).await {
                Ok(()) => report.done += 1,
                Err(Failure::Github(error)) if entry.is_final(&write_failure(&error)) => {
                    report.given_up.push((entry, error.detail));
                }
                Err(Failure::Github(error)) if error.retry_after.is_some() => break,
                Err(Failure::Github(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(report)
    }

    /// Carries out one write and records the result. Idempotent.
    pub(super) async fn carry_out(
        &self,
        entry: &OutboxEntry,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let settle = |failure: Option<WriteFailure>| {
            let entry = Box::new(entry.clone());
            let action = Action::SettleOutbox { entry, failure };
            self.note(Command::system(action).under(lease))
        };
        match self.github.write(&entry.write).await {
            Ok(Written::Issue(issue)) => {
                settle(None).await?;
                let (repo, number) = entry.write.issue();
                let action = Action::RecordIssue {
                    repo: repo.clone(),
                    number,
                    seen: IssueLookup::Issue { issue, etag: None },
                };
                self.note(Command::system(action).under(lease)).await?;
                Ok(())
            }
            Err(error) => {
                settle(Some(write_failure(&error))).await?;
                Err(error.into())
            }
        }
    }
}

/// The meaning of a GitHub error for a write.
pub(super) fn write_failure(error: &GithubError) -> WriteFailure {
    WriteFailure {
        words: error.detail.clone(),
        status: error.status,
        limited: error.kind == GithubErrorKind::Limited,
    }
}
