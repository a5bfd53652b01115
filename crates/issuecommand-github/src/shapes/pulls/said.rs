//! What is said on pull requests: reviews and comments.

use issuecommand_core::domain::bounds::cut;
use issuecommand_core::domain::followup::{
    FeedbackEvent, Resolution, Side, SourceId, SourceKind, bounded_hunk,
};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::Voice;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::Account;
use crate::marker::is_marked;
use crate::shapes::BODY_MAX;

/// A review, or a comment on a line or under a pull request: they differ in their names alone.
#[derive(Debug, Deserialize)]
pub(crate) struct ReviewOrComment {
    pub(crate) id: i64,
    user: Option<Account>,
    body: Option<String>,
    author_association: Option<String>,
    html_url: Option<String>,
    path: Option<String>,
    line: Option<i64>,
    start_line: Option<i64>,
    original_line: Option<i64>,
    side: Option<String>,
    diff_hunk: Option<String>,
    in_reply_to_id: Option<i64>,
    pub(crate) pull_request_review_id: Option<i64>,
    /// Why it is hidden; null or absent while it is shown.
    minimized: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "super::maybe_moment")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "super::maybe_moment")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "super::maybe_moment")]
    pub(crate) submitted_at: Option<Timestamp>,
    /// Of a review: upper case where GitHub is asked, lower case where it tells.
    state: Option<String>,
}

/// What a review or comment is understood without.
const ORNAMENTS: [&str; 9] = [
    "html_url",
    "path",
    "line",
    "start_line",
    "original_line",
    "side",
    "diff_hunk",
    "in_reply_to_id",
    "author_association",
];

impl ReviewOrComment {
    /// The row without anything of [`ORNAMENTS`] that cannot be read; `None` where that is not all that is wrong with it.
    pub(crate) fn without_ornaments(object: &Map<String, Value>) -> Option<Self> {
        let mut kept = object.clone();
        for name in ORNAMENTS {
            let wrong = kept.get(name).is_some_and(|value| match name {
                "line" | "start_line" | "original_line" | "in_reply_to_id" => !value.is_i64(),
                _ => !value.is_string(),
            });
            if wrong {
                kept.remove(name);
            }
        }
        Self::deserialize(&Value::Object(kept)).ok()
    }

    pub(crate) fn is_state(&self, state: &str) -> bool {
        self.state
            .as_ref()
            .is_some_and(|known| known.eq_ignore_ascii_case(state))
    }

    /// Whether it says what kind of review it is.
    pub(crate) fn has_state(&self) -> bool {
        self.state.is_some()
    }

    /// Who wrote it; `None` for a deleted account.
    pub(crate) fn login(&self) -> Option<&str> {
        self.user.as_ref()?.login.as_deref()
    }

    pub(crate) fn has_text(&self) -> bool {
        self.body
            .as_ref()
            .is_some_and(|body| !body.trim().is_empty())
    }

    /// What kind of feedback a review is: one that asks for changes, or one that has something to say. An approval is none,
    /// whatever it says, and one that was not submitted yet is its author's own.
    pub(crate) fn review_kind(&self) -> Option<SourceKind> {
        if self.is_state("changes_requested") {
            return Some(SourceKind::ReviewChangesRequested);
        }
        (self.is_state("commented") && self.has_text()).then_some(SourceKind::PrComment)
    }

    /// A review that was approved or dismissed: what its author asked for before is asked for no more.
    pub(crate) fn verdict(&self) -> Option<Resolution> {
        if self.is_state("approved") {
            Some(Resolution::Approved)
        } else {
            self.is_state("dismissed").then_some(Resolution::Dismissed)
        }
    }

    /// The names of the reviews that are withdrawn by themselves with a verdict on this one.
    pub(crate) fn withdrawn(&self, verdict: Resolution) -> Vec<SourceId> {
        if verdict == Resolution::Dismissed {
            vec![SourceId::review(self.id)]
        } else {
            Vec::new()
        }
    }

    /// A review as the event that a follow-up may come from, and who speaks.
    pub(crate) fn review(self, kind: SourceKind) -> (FeedbackEvent, Voice) {
        let (id, submitted) = (SourceId::review(self.id), self.submitted_at);
        let (mut source, voice) = self.said(id, kind);
        source.created_at = submitted.or(source.created_at);
        (source, voice)
    }

    /// A comment on a line.
    pub(crate) fn on_a_line(self) -> (FeedbackEvent, Voice) {
        let id = SourceId::review_comment(self.id);
        self.said(id, SourceKind::ReviewComment)
    }

    /// A comment under the pull request.
    pub(crate) fn under_it(self) -> (FeedbackEvent, Voice) {
        let id = SourceId::issue_comment(self.id);
        self.said(id, SourceKind::PrComment)
    }

    fn said(self, id: SourceId, kind: SourceKind) -> (FeedbackEvent, Voice) {
        let body = cut(self.body.unwrap_or_default(), BODY_MAX);
        let voice = Voice {
            bot: self.user.as_ref().is_some_and(Account::is_bot),
            marked: is_marked(&body),
            ..Voice::default()
        };
        let source = FeedbackEvent {
            requested_by: self.user.and_then(|user| user.login),
            author_association: self.author_association,
            body,
            url: self.html_url,
            path: self.path,
            line: self.line,
            created_at: self.created_at,
            updated_at: self.updated_at,
            start_line: self.start_line,
            side: self.side.as_deref().and_then(Side::parse),
            original_line: self.original_line,
            hunk: self.diff_hunk.as_deref().map(bounded_hunk),
            in_reply_to: self.in_reply_to_id,
            review: self.pull_request_review_id,
            hidden: self.minimized.is_some(),
            ..FeedbackEvent::new(id, kind)
        };
        (source, voice)
    }
}
