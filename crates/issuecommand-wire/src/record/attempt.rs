//! Attempts at an issue on the wire.

use issuecommand_core::domain::attempt::{Attempt, AttemptEnd, ReleaseOutcome};
use issuecommand_core::domain::bounds::cut;
use schemars::JsonSchema;
use serde::Serialize;

use super::history::shorten;

/// The most bytes of a note that are shown. The history of the claim has all of it.
const NOTE_SHOWN: usize = 1_000;

/// Work of an agent on an issue that ended without a merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AttemptRecord {
    /// The agent.
    pub agent_id: String,
    /// When it began.
    pub from: String,
    /// When it ended.
    pub to: String,
    /// How it ended: `released` by the agent, `auto_released` after a silence, `taken_over` by another agent, or `given` to another by a
    /// person.
    #[schemars(extend("enum" = ["released", "auto_released", "taken_over", "given"]))]
    pub how: &'static str,
    /// What the agent found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["gave_up", "blocked", "not_reproducible", "already_done", "needs_human"]))]
    pub outcome: Option<&'static str>,
    /// What the agent, or whoever ended it, wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its pull request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pr_url: Option<String>,
}

impl AttemptRecord {
    /// Shortens the note to so many bytes.
    pub(crate) fn shorten_note(&mut self, most: usize) {
        if let Some(note) = &mut self.note {
            shorten(note, most, " … (shortened)");
        }
    }
}

impl From<&Attempt> for AttemptRecord {
    fn from(attempt: &Attempt) -> Self {
        Self {
            agent_id: attempt.agent.to_string(),
            from: attempt.from.to_string(),
            to: attempt.to.to_string(),
            how: AttemptEnd::as_str(attempt.end),
            outcome: attempt.outcome.map(ReleaseOutcome::as_str),
            note: attempt.note.clone().map(|note| cut(note, NOTE_SHOWN)),
            pr_url: attempt.pr_url.clone(),
        }
    }
}
