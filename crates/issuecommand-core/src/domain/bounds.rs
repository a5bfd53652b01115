//! Bounds on texts, lists and histories that callers or GitHub users can make grow.

/// The most bytes of a note or reason.
pub const NOTE_MAX: usize = 8 << 10;
/// The most bytes of a pull request's address from a caller.
pub const ADDRESS_MAX: usize = 2 << 10;
/// The most bytes that are kept of an issue's or pull request's title. GitHub allows 256 characters.
pub const TITLE_MAX: usize = 2 << 10;
/// How many entries of a history are loaded and shown: the last ones.
pub const HISTORY_MAX: usize = 50;

/// The first `most` bytes of a text at most, in whole characters.
pub fn beginning(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most.min(text.len()))]
}

/// Truncates an owned text like [`beginning`].
#[must_use]
pub fn cut(mut text: String, most: usize) -> String {
    text.truncate(beginning(&text, most).len());
    text
}

/// Keeps the last [`HISTORY_MAX`] entries of a history, and adds the number of removed ones to `earlier`.
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
