//! What decides whether a review or comment still waits for an answer: facts that only add up, each with GitHub's time of
//! it where it can be taken back, so that the order in which they are heard does not matter.

use serde::{Deserialize, Serialize};

use super::{FeedbackEvent, Resolution, SourceKind};
use crate::domain::policy::ResolveOnPush;
use crate::domain::pull_request::Pull;
use crate::domain::time::Timestamp;

/// Whether the thread of a comment was resolved when last heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadState {
    /// It was; otherwise it was opened again.
    pub resolved: bool,
    /// When, by GitHub.
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
    /// When the text was said that asks for something; `None` while only the end of the event is known.
    pub said_at: Option<Timestamp>,
    /// When the newest text was written that was seen, whether or not it asks for more.
    pub version: Option<Timestamp>,
    /// A digest of that text.
    pub digest: u64,
    /// Who asks for changes in a review, in lower case, and when it was submitted.
    pub reviewer: Option<(String, Timestamp)>,
    /// Its agent ended the item that it was in.
    pub answered: bool,
    /// A push answered it by the setting of that time, whatever the times say.
    pub pushed: bool,
    /// It is a review that was dismissed.
    pub dismissed: bool,
    /// It was deleted.
    pub gone: bool,
    /// It is hidden.
    pub hidden: bool,
    /// A later event took its place.
    pub replaced: bool,
    /// The thread that it is in.
    pub thread: Option<ThreadState>,
}

impl SourceFacts {
    /// Nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Of an event that is seen for the first time; `now` is GitHub's present moment.
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

    /// Of a row that was written before facts were kept: what its end tells, and its text, where that is kept.
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

    /// The thread was resolved or opened again at this moment; of two words the later counts, of one moment the one that is
    /// heard last.
    pub fn hear_thread(&mut self, word: ThreadState) {
        if self.thread.is_none_or(|known| known.at <= word.at) {
            self.thread = Some(word);
        }
    }

    /// Why the event asks for nothing any more; `None` while it waits.
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

    /// A push came at or after it.
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

/// FNV-1a: equal texts have equal digests, and that is all that is asked of it.
pub(crate) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Whether an edit asks for more than the text before it did. A corrected word and a removed sentence do not; a sentence
/// more, or another text, does.
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
    fn an_edit_adds_text_or_only_mends_it() {
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
    fn the_later_word_on_a_thread_counts() {
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
                facts.hear_thread(word);
            }
            assert_eq!(facts.thread, Some(word(false, 2)));
        }
    }
}
