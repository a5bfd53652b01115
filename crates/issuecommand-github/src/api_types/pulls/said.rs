//! Reviews and comments on pull requests.

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
use crate::api_types::BODY_MAX;
use crate::marker::is_marked;

/// A review, a line comment or a comment on a pull request. They differ only in the names of their fields.
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
    /// The reason why it is hidden; null or absent while it is visible.
    minimized: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "super::maybe_moment")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "super::maybe_moment")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "super::maybe_moment")]
    pub(crate) submitted_at: Option<Timestamp>,
    /// The state of a review: upper case in the API, lower case in deliveries.
    state: Option<String>,
}

/// The fields without which a review or comment can still be used.
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
    /// The row without unreadable fields of [`ORNAMENTS`]; `None` if another field is unreadable too.
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

    /// Whether the state of the review is known.
    pub(crate) fn has_state(&self) -> bool {
        self.state.is_some()
    }

    /// The author's login; `None` for a deleted account.
    pub(crate) fn login(&self) -> Option<&str> {
        self.user.as_ref()?.login.as_deref()
    }

    pub(crate) fn has_text(&self) -> bool {
        self.body
            .as_ref()
            .is_some_and(|body| !body.trim().is_empty())
    }

    /// The kind of feedback of a review: a request for changes or a text. An approval is no feedback, whatever its text, and
    /// neither is a review that was not submitted.
    pub(crate) fn review_kind(&self) -> Option<SourceKind> {
        if self.is_state("changes_requested") {
            return Some(SourceKind::ReviewChangesRequested);
        }
        (self.is_state("commented") && self.has_text()).then_some(SourceKind::PrComment)
    }

    /// The resolution by an approved or dismissed review: its author's earlier request no longer counts.
    pub(crate) fn verdict(&self) -> Option<Resolution> {
        if self.is_state("approved") {
            Some(Resolution::Approved)
        } else {
            self.is_state("dismissed").then_some(Resolution::Dismissed)
        }
    }

    /// The ids of the reviews that this verdict withdraws.
    pub(crate) fn withdrawn(&self, verdict: Resolution) -> Vec<SourceId> {
        if verdict == Resolution::Dismissed {
            vec![SourceId::review(self.id)]
        } else {
            Vec::new()
        }
    }

    /// The review as a feedback event, with its author.
    pub(crate) fn review(self, kind: SourceKind) -> (FeedbackEvent, Voice) {
        let (id, submitted) = (SourceId::review(self.id), self.submitted_at);
        let (mut source, voice) = self.said(id, kind);
        source.created_at = submitted.or(source.created_at);
        (source, voice)
    }

    /// The line comment as a feedback event, with its author.
    pub(crate) fn on_a_line(self) -> (FeedbackEvent, Voice) {
        let id = SourceId::review_comment(self.id);
        self.said(id, SourceKind::ReviewComment)
    }

    /// The comment on the pull request as a feedback event, with its author.
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
