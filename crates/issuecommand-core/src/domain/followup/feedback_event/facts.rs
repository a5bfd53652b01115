//! The facts that decide whether a review or comment waits. They only accumulate, and those that can be undone carry GitHub's
//! time, so that the order of arrival does not matter.

use serde::{Deserialize, Serialize};

use super::{FeedbackEvent, Resolution, SourceKind};
use crate::domain::policy::ResolveOnPush;
use crate::domain::pull_request::Pull;
use crate::domain::time::Timestamp;

/// The last known state of a comment's thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadState {
    /// Whether it was resolved; otherwise it was reopened.
    pub resolved: bool,
    /// When, on GitHub's clock.
    pub at: Timestamp,
}

/// See the module. All times are GitHub's.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that is never taken back, or taken back alone"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceFacts {
    /// When the text that asks for something was written; `None` while only the end of the event is known.
    pub said_at: Option<Timestamp>,
    /// When the newest known text was written, even if it asks for nothing more.
    pub version: Option<Timestamp>,
    /// A digest of that text.
    pub digest: u64,
    /// For a review that requests changes: its author in lower case, and when it was submitted.
    pub reviewer: Option<(String, Timestamp)>,
    /// Whether its agent ended its item.
    pub answered: bool,
    /// Whether a push resolved it under the setting of that time, regardless of timestamps.
    pub pushed: bool,
    /// Whether it is a dismissed review.
    pub dismissed: bool,
    /// Whether it was deleted.
    pub gone: bool,
    /// Whether it is hidden.
    pub hidden: bool,
    /// Whether a later event replaced it.
    pub replaced: bool,
    /// The state of its thread.
    pub thread: Option<ThreadState>,
}

impl SourceFacts {
    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The facts of a new event. `now` is the present on GitHub's clock.
    pub fn of(source: &FeedbackEvent, now: Timestamp) -> Self {
        let said_at = source.updated_at.max(source.created_at).unwrap_or(now);
        let submitted = source.created_at.unwrap_or(now);
        let by = source.requested_by.as_ref();
        Self {
            said_at: Some(said_at),
            version: Some(said_at),
            digest: digest(&source.body),
            reviewer: by
                .filter(|_| source.kind == SourceKind::ReviewChangesRequested)
                .map(|login| (login.to_lowercase(), submitted)),
            hidden: source.hidden,
            ..Self::default()
        }
    }

    /// The facts of a row from before facts were stored, from its end and its text if kept.
    pub fn recovered(ended: Option<Resolution>, text: Option<&FeedbackEvent>) -> Self {
        let long_ago = Timestamp(i64::MIN);
        let known = text.map_or_else(Self::default, |text| Self::of(text, long_ago));
        match ended {
            None | Some(Resolution::Merged | Resolution::Closed) => known,
            Some(Resolution::Answered) => Self {
                answered: true,
                ..known
            },
            Some(Resolution::Pushed | Resolution::Approved) => Self {
                pushed: true,
                ..known
            },
            Some(Resolution::Dismissed) => Self {
                dismissed: true,
                ..known
            },
            Some(Resolution::Resolved) => Self {
                thread: Some(ThreadState {
                    resolved: true,
                    at: long_ago,
                }),
                ..known
            },
            Some(Resolution::Deleted) => Self {
                gone: true,
                ..known
            },
            Some(Resolution::Minimized) => Self {
                hidden: true,
                ..known
            },
            Some(Resolution::Edited) => Self {
                replaced: true,
                ..known
            },
        }
    }

    /// Records the thread's state at a time. The later state wins; for equal times, the last one recorded.
    pub fn record_thread(&mut self, word: ThreadState) {
        if self.thread.is_none_or(|known| known.at <= word.at) {
            self.thread = Some(word);
        }
    }

    /// Why the event no longer waits; `None` while it does.
    pub fn ending(&self, pull: &Pull, policy: ResolveOnPush) -> Option<Resolution> {
        let pushed = self.pushed || (policy == ResolveOnPush::All && self.is_pushed_over(pull));
        let resolved = self.thread.is_some_and(|thread| thread.resolved);
        let ends = [
            (self.gone, Resolution::Deleted),
            (self.dismissed, Resolution::Dismissed),
            (pull.facts.merged, Resolution::Merged),
            (self.replaced, Resolution::Edited),
            (self.is_approved(pull), Resolution::Approved),
            (resolved, Resolution::Resolved),
            (self.hidden, Resolution::Minimized),
            (self.answered, Resolution::Answered),
            (pushed, Resolution::Pushed),
            (!pull.facts.open, Resolution::Closed),
        ];
        ends.into_iter()
            .find(|(holds, _)| *holds)
            .map(|(_, end)| end)
    }

    /// Whether a push came at or after it.
    pub fn is_pushed_over(&self, pull: &Pull) -> bool {
        self.said_at
            .is_some_and(|said| Some(said) <= pull.pushed_until())
    }

    fn is_approved(&self, pull: &Pull) -> bool {
        self.reviewer.as_ref().is_some_and(|(login, submitted)| {
            pull.activity
                .verdicts
                .get(login)
                .is_some_and(|verdict| verdict >= submitted)
        })
    }
}

/// FNV-1a. Equal texts have equal digests; nothing else is required.
pub(crate) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Whether an edit asks for more than the text before. Corrected words and removed sentences do not; a new sentence or another
/// text does.
pub(crate) fn adds_text(before: &str, after: &str) -> bool {
    use std::collections::BTreeMap;
    let mut words: BTreeMap<&str, i64> = BTreeMap::new();
    for word in before.split_whitespace() {
        *words.entry(word).or_default() -= 1;
    }
    for word in after.split_whitespace() {
        *words.entry(word).or_default() += 1;
    }
    let added: i64 = words.values().filter(|n| **n > 0).sum();
    let removed: i64 = words.values().filter(|n| **n < 0).sum();
    added + removed > 0 || added >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_that_adds_text_differs_from_a_correction() {
        for (before, after) in [
            ("Review in progress …", "1. The lock is never released."),
            (
                "Please add a test.",
                "Please add a test. And a changelog entry.",
            ),
            ("", "Please add a test."),
            ("one two three four", "five six seven"),
        ] {
            assert!(adds_text(before, after), "{before:?} to {after:?}");
        }
        for (before, after) in [
            ("Pleese add a test.", "Please add a test."),
            ("Please add a test.", "Please   add\na test.\n"),
            ("Please add a test. Or two.", "Please add a test."),
            ("Please add a test.", ""),
        ] {
            assert!(!adds_text(before, after), "{before:?} to {after:?}");
        }
    }

    #[test]
    fn the_later_thread_state_wins() {
        let word = |resolved, at| ThreadState {
            resolved,
            at: Timestamp(at),
        };
        for order in [
            [word(true, 1), word(false, 2)],
            [word(false, 2), word(true, 1)],
        ] {
            let mut facts = SourceFacts::default();
            for word in order {
                facts.record_thread(word);
            }
            assert_eq!(facts.thread, Some(word(false, 2)));
        }
    }
}
