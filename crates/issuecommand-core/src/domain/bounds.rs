//! Bounds on what callers and strangers make grow: texts, lists and histories.

/// The longest note or reason that a caller may give, in bytes.
pub const NOTE_MAX: usize = 8 << 10;
/// The longest address of a pull request that a caller may give, in bytes.
pub const ADDRESS_MAX: usize = 2 << 10;
/// The longest title of an issue or a pull request that is kept, in bytes. GitHub allows 256 characters.
pub const TITLE_MAX: usize = 2 << 10;
/// The entries of a history that are loaded and shown: the last ones.
pub const HISTORY_MAX: usize = 50;

/// The first bytes of a text, `most` at most, in whole characters.
pub fn beginning(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most.min(text.len()))]
}

/// The same of a text that is owned already.
#[must_use]
pub fn cut(mut text: String, most: usize) -> String {
    text.truncate(beginning(&text, most).len());
    text
}

/// Leaves the last [`HISTORY_MAX`] entries of a history and adds those that go to `earlier`.
pub fn keep_last<E>(history: &mut Vec<E>, earlier: &mut usize) {
    let gone = history.len().saturating_sub(HISTORY_MAX);
    history.drain(..gone);
    *earlier += gone;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_with_a_whole_character() {
        assert_eq!(beginning("añb", 1), "a");
        assert_eq!(beginning("añb", 2), "a");
        assert_eq!(beginning("añb", 3), "añ");
        assert_eq!(cut("añb".to_owned(), 9), "añb");
        assert_eq!(cut("añb".to_owned(), 0), "");
    }

    #[test]
    fn the_last_entries_stay_and_the_others_are_counted() {
        let (mut history, mut earlier) = ((0..120).collect::<Vec<_>>(), 7);
        keep_last(&mut history, &mut earlier);
        assert_eq!((history.len(), history[0], earlier), (50, 70, 77));
        keep_last(&mut history, &mut earlier);
        assert_eq!((history.len(), earlier), (50, 77));
    }
}
