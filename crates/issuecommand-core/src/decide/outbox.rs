//! What became of writes to GitHub.

use super::Context;
use super::effects::Effects;
use crate::change::Change;
use crate::command::{Answer, Outcome};
use crate::outbox::OutboxId;

impl Context<'_> {
    pub(super) fn settle_outbox(
        &self,
        id: OutboxId,
        error: Option<&str>,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        if let Some(entry) = self.view.outbox(id) {
            fx.put_other(match error {
                None => Change::OutboxDone(id),
                Some(error) => Change::Outbox(entry.clone().failed(error.to_owned(), self.now)),
            });
        }
        Outcome::Done(Answer::Noted)
    }
}
