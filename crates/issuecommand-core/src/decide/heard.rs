//! What a delivery or a poll changes, gathered.

use super::Decision;
use crate::change::Change;
use crate::event::Event;
use crate::webhook::{Ignored, Look, WebhookAnswer};

/// The changes and events of one piece of news, and what GitHub hears and is asked.
pub(super) struct Heard {
    pub(super) changes: Vec<Change>,
    pub(super) events: Vec<Event>,
    pub(super) answer: WebhookAnswer,
    pub(super) look: Option<Look>,
}

impl Heard {
    /// Nothing changed.
    pub(super) fn nothing(answer: WebhookAnswer) -> Self {
        Self {
            changes: Vec::new(),
            events: Vec::new(),
            answer,
            look: None,
        }
    }

    /// It means nothing to us.
    pub(super) fn ignored(reason: Ignored) -> Self {
        Self::nothing(WebhookAnswer::Ignored(reason))
    }

    pub(super) fn into_decision(self) -> Decision {
        let answer = crate::command::Answer::Delivery {
            answer: self.answer,
            look: self.look,
        };
        Decision {
            changes: self.changes,
            events: self.events,
            ..Decision::done(answer)
        }
    }
}
