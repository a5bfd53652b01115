//! Settles writes to GitHub.

use super::Context;
use super::effects::Effects;
use crate::domain::claim::StatusEntry;
use crate::domain::issue::{MirroredIssue, WithheldReason};
use crate::domain::outbox::{OutboxEntry, WriteFailure, WriteKind};
use crate::domain::webhook::StoredDelivery;
use crate::engine::change::Change;
use crate::engine::command::{Answer, Outcome, RetryOf};
use crate::engine::view::Rows;

impl Context<'_> {
    pub(super) fn settle_outbox(
        &self,
        entry: &OutboxEntry,
        failure: Option<&WriteFailure>,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        if let Some(entry) = self.view.tables.outbox.get(&entry.id) {
            match failure {
                None => fx.put_other(Change::OutboxDone(entry.id)),
                // A late failure of a write that was given up before.
                Some(_) if !entry.waits() => {}
                Some(failure) if entry.is_final(failure) => {
                    let failed = entry.clone();
                    fx.put_row(failed.given_up(failure.words.clone(), self.now));
                    match entry.write.kind() {
                        WriteKind::CloseIssue => self.give_up_close(entry, failure, fx),
                    }
                }
                Some(failure) => {
                    let (entry, words) = (entry.clone(), failure.words.clone());
                    fx.put_row(if failure.limited {
                        entry.limited(words, self.now)
                    } else {
                        entry.failed(words, self.now)
                    });
                }
            }
        }
        Outcome::Done(Answer::Noted)
    }

    /// Lets what failed be tried again at once, with as many tries as something new.
    pub(super) fn retry(&self, what: &RetryOf, fx: &mut Effects<'_>) -> Outcome {
        let tables = &self.view.tables;
        let is_there = match what {
            RetryOf::Delivery(id) => {
                let waiting = tables.deliveries.get(id);
                let waiting = waiting.filter(|row| row.processed_at.is_none());
                waiting.is_some_and(|row| {
                    fx.put_row(StoredDelivery {
                        attempts: 0,
                        ..row.clone()
                    });
                    true
                })
            }
            RetryOf::Write(id) => tables.outbox.get(id).is_some_and(|entry| {
                fx.put_row(OutboxEntry {
                    attempts: 0,
                    due: self.now,
                    failed_at: None,
                    ..entry.clone()
                });
                true
            }),
        };
        Outcome::Done(Answer::Retried(is_there))
    }

    /// Records that a close failed for good. The issue stays open on GitHub and is withheld until it changes there. The claim's history
    /// and an event say so. The entry itself is kept for a while, as failed.
    fn give_up_close(&self, entry: &OutboxEntry, failure: &WriteFailure, fx: &mut Effects<'_>) {
        let (name, number) = entry.write.issue();
        let named = || Some(self.view.repo_named(name)?.id);
        let row = (entry.repo.or_else(named))
            .and_then(|repo| self.view.issue((repo, number)))
            .filter(|row| matches!(row.withheld, Some((WithheldReason::Closing, _))));
        if let Some(row) = row {
            fx.put_issue(MirroredIssue {
                withheld: Some((WithheldReason::CloseFailed, self.now)),
                ..row.clone()
            });
        }
        if let Some(claim) = entry.claim.and_then(|claim| self.view.claim(claim)) {
            let note = given_up(entry, failure);
            let mut claim = claim.clone();
            // An entry with the unchanged status. The time at which the claim ended stays too.
            claim.history.push(StatusEntry {
                status: claim.status,
                timestamp: claim.moment(self.now),
                note: Some(note.clone()),
            });
            fx.emit(self.claim_updated(&claim, &note));
            fx.put_claim(claim);
        }
    }
}

/// The note for agents, without GitHub's own message, which is in the log.
fn given_up(entry: &OutboxEntry, failure: &WriteFailure) -> String {
    let tries = entry.attempts.saturating_add(1);
    let why = match failure.status {
        Some(status) => format!("GitHub answered {status}"),
        None => "GitHub did not answer".to_owned(),
    };
    let plural = if tries == 1 { "try" } else { "tries" };
    format!(
        "close_failed: the issue could not be closed on GitHub and stays open there ({why}; given up after {tries} {plural})"
    )
}
