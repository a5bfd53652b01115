//! What became of writes to GitHub.

use super::{Context, Decision};
use crate::change::Change;
use crate::command::Answer;
use crate::outbox::OutboxId;

impl Context<'_> {
    pub(super) fn settle_outbox(&self, id: OutboxId, error: Option<&str>) -> Decision {
        let mut decision = Decision::done(Answer::Noted);
        let entry = self.view.outbox(id);
        decision.changes.extend(entry.map(|entry| match error {
            None => Change::OutboxDone(id),
            Some(error) => Change::Outbox(entry.clone().failed(error.to_owned(), self.now)),
        }));
        decision
    }
}
