//! The bound on how much of a history, and of the other texts of a record, one answer has.

use issuecommand_core::domain::bounds::{HISTORY_MAX, NOTE_MAX, beginning};
use schemars::JsonSchema;
use serde::Serialize;

/// How much of a record an answer has.
#[derive(Clone, Copy, Debug)]
pub(super) struct SizeLimits {
    /// The most entries of its history.
    entries: usize,
    /// The most bytes of one note.
    note: usize,
    /// The most bytes of all notes as JSON.
    notes: usize,
}

impl SizeLimits {
    /// Of a claim in an answer.
    pub(super) const CLAIM: Self = Self {
        entries: HISTORY_MAX,
        note: NOTE_MAX,
        notes: 256 << 10,
    };
    /// Of a follow-up, whose sources need room too.
    pub(super) const FOLLOWUP: Self = Self {
        entries: HISTORY_MAX,
        note: NOTE_MAX,
        notes: 20 << 10,
    };
    /// Of a claim in a refusal, which only has to say what stands in the way.
    pub(super) const REFUSAL: Self = Self {
        entries: 5,
        note: 400,
        notes: 4 << 10,
    };
}

/// What an answer leaves out of a claim. The database has all of it; so has an export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TruncatedClaimRecord {
    /// How many entries of the history, the oldest ones, are not shown.
    pub status_history_left_out: usize,
    /// How many of the shown texts (notes, title, pr_url) are shortened.
    pub texts_shortened: usize,
}

/// The bounded texts of a record.
pub(super) struct BoundedTexts {
    limits: SizeLimits,
    shortened: usize,
}

impl BoundedTexts {
    pub(super) fn new(limits: SizeLimits) -> Self {
        Self {
            limits,
            shortened: 0,
        }
    }

    /// A text of so many bytes at most.
    pub(super) fn text(&mut self, text: &str, most: usize) -> String {
        if text.len() <= most {
            return text.to_owned();
        }
        self.shortened += 1;
        format!("{}…", beginning(text, most))
    }

    /// The last entries, as many as there is room for, and how many are left out.
    pub(super) fn history<E, R>(
        &mut self,
        held: &[E],
        earlier: usize,
        note: impl Fn(&E) -> Option<&str>,
        record: impl Fn(&E, Option<String>) -> R,
    ) -> (Vec<R>, usize) {
        let (mut shown, mut used) = (Vec::new(), 0);
        for entry in held.iter().rev().take(self.limits.entries) {
            let before = self.shortened;
            let note = note(entry).map(|note| self.text(note, self.limits.note));
            used += note.as_deref().map_or(0, json_length);
            // The newest entry says where the record stands: it is always there.
            if used > self.limits.notes && !shown.is_empty() {
                self.shortened = before;
                break;
            }
            shown.push(record(entry, note));
        }
        let left_out = earlier + held.len() - shown.len();
        shown.reverse();
        (shown, left_out)
    }

    pub(super) fn shortened(&self) -> usize {
        self.shortened
    }
}

/// Shortens a text to `most` bytes and says so in `words`, unless the words are as long as what they stand for.
pub(super) fn shorten(text: &mut String, most: usize, words: &str) {
    if text.len() > most + words.len() {
        text.truncate(beginning(text, most).len());
        text.push_str(words);
    }
}

/// The bytes of a text as JSON: those that must be escaped have two or six.
pub(crate) fn json_length(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..0x20 => 6,
        _ => 1,
    };
    2 + text.bytes().map(escaped).sum::<usize>()
}

/// The beginning of a text that has so many bytes as JSON at most, with its quotes.
pub(super) fn json_beginning(text: &str, most: usize) -> &str {
    let mut used = 2;
    for (place, character) in text.char_indices() {
        let mut bytes = [0; 4];
        used += json_length(character.encode_utf8(&mut bytes)) - 2;
        if used > most {
            return &text[..place];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(
        notes: &[String],
        earlier: usize,
        limits: SizeLimits,
    ) -> (Vec<Option<String>>, usize, usize) {
        let mut texts = BoundedTexts::new(limits);
        let (shown, left_out) =
            texts.history(notes, earlier, |note| Some(note.as_str()), |_, note| note);
        (shown, left_out, texts.shortened())
    }

    #[test]
    fn the_last_entries_are_shown() {
        let notes: Vec<String> = (0..60).map(|n| n.to_string()).collect();
        let (last, left_out, shortened) = shown(&notes, 3, SizeLimits::CLAIM);
        assert_eq!((last.len(), left_out, shortened), (50, 13, 0));
        assert_eq!(last[0].as_deref(), Some("10"));
        assert_eq!(last[49].as_deref(), Some("59"));
        let (last, left_out, _) = shown(&notes, 0, SizeLimits::REFUSAL);
        assert_eq!((last.len(), left_out), (5, 55));
    }

    #[test]
    fn long_notes_are_shortened_and_many_long_ones_leave_entries_out() {
        for letter in ["x", "é", "\u{1}", "😀"] {
            let notes = vec![letter.repeat(1 << 16); 50];
            for limits in [SizeLimits::CLAIM, SizeLimits::FOLLOWUP, SizeLimits::REFUSAL] {
                let (last, left_out, shortened) = shown(&notes, 0, limits);
                let bytes = serde_json::to_vec(&last).unwrap().len();
                assert!(
                    bytes <= limits.notes.max(6 * limits.note) + 1_000,
                    "{bytes}"
                );
                assert!(!last.is_empty() && shortened == last.len());
                assert_eq!(last.len() + left_out, 50);
            }
        }
    }

    #[test]
    fn a_shortened_text_is_never_longer_and_may_be_shortened_again() {
        let mut text = "ä".repeat(600);
        for most in [1_199, 1_190, 1_001, 600, 300, 3] {
            let before = text.len();
            shorten(&mut text, most, " (shortened)");
            assert!(text.len() <= before.min(most + 12), "{most}: {text}");
            assert_eq!(text.matches("shortened").count(), usize::from(most < 1_180));
        }
        assert_eq!(text, "ä (shortened)");
    }

    #[test]
    fn the_length_is_that_of_the_json() {
        for text in ["", "plain", "\"\\\n\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f}é😀"] {
            assert_eq!(json_length(text), serde_json::to_vec(text).unwrap().len());
            for most in 0..40 {
                let cut = json_beginning(text, most);
                assert!(text.starts_with(cut));
                assert!(cut.is_empty() || json_length(cut) <= most);
            }
            assert_eq!(json_beginning(text, 100), text);
        }
    }
}
