//! Builders of reviews and comments.

use issuecommand_core::domain::followup::{FeedbackEvent, SourceId, SourceKind};
use issuecommand_core::domain::webhook::Voice;

use super::minute;

/// A builder of a feedback event.
#[derive(Clone, Debug)]
pub struct SourceDraft {
    pub(super) source: FeedbackEvent,
    pub(super) voice: Voice,
}

fn said(id: SourceId, kind: SourceKind) -> SourceDraft {
    let body = format!("Please look at {id}.");
    let on_a_line = kind == SourceKind::ReviewComment;
    SourceDraft {
        source: FeedbackEvent {
            requested_by: Some("reviewer".to_owned()),
            author_association: Some("MEMBER".to_owned()),
            body,
            url: Some(format!("https://github.com/acme/api/pull/7#{id}")),
            path: on_a_line.then(|| "src/lib.rs".to_owned()),
            line: on_a_line.then_some(7),
            created_at: Some(minute(1)),
            ..FeedbackEvent::new(id, kind)
        },
        voice: Voice::default(),
    }
}

/// A review that requests changes, at minute 1.
pub fn review(id: i64) -> SourceDraft {
    said(SourceId::review(id), SourceKind::ReviewChangesRequested)
}

/// A comment on a line, at minute 1.
pub fn line_comment(id: i64) -> SourceDraft {
    said(SourceId::review_comment(id), SourceKind::ReviewComment)
}

/// A comment under a pull request, at minute 1.
pub fn comment(id: i64) -> SourceDraft {
    said(SourceId::issue_comment(id), SourceKind::PrComment)
}

impl SourceDraft {
    /// Written at that minute.
    #[must_use]
    pub fn at(mut self, n: i64) -> Self {
        self.source.created_at = Some(minute(n));
        self
    }

    /// Without a time.
    #[must_use]
    pub fn some_time(mut self) -> Self {
        self.source.created_at = None;
        self
    }

    /// With this text.
    #[must_use]
    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.source.body);
        self
    }

    /// By a bot.
    #[must_use]
    pub fn by_a_bot(mut self) -> Self {
        self.source.requested_by = Some("linter[bot]".to_owned());
        self.voice.bot = true;
        self
    }

    /// By this login.
    #[must_use]
    pub fn by(mut self, login: &str) -> Self {
        self.source.requested_by = Some(login.to_owned());
        self
    }

    /// Hidden on GitHub.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.source.hidden = true;
        self
    }

    /// For a review: one that only comments.
    #[must_use]
    pub fn commented(mut self) -> Self {
        self.source.kind = SourceKind::PrComment;
        self
    }

    /// With the marker of agents' replies.
    #[must_use]
    pub fn marked(mut self) -> Self {
        self.voice.marked = true;
        self
    }

    /// By the credential's own user.
    #[must_use]
    pub fn own(mut self) -> Self {
        self.voice.own = true;
        self
    }

    /// With this text since that minute.
    #[must_use]
    pub fn edited(mut self, body: &str, n: i64) -> Self {
        body.clone_into(&mut self.source.body);
        self.source.updated_at = Some(minute(n));
        self
    }

    /// By a deleted account.
    #[must_use]
    pub fn by_a_ghost(mut self) -> Self {
        self.source.requested_by = None;
        self
    }

    /// The event.
    pub fn source(&self) -> FeedbackEvent {
        self.source.clone()
    }
}
