//! Texts of strangers: what cannot be seen is made visible, and lengths are bounded.

/// The text in one line, with characters that hide or turn text made visible as `<U+202E>`.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => {
                if !shown.ends_with(' ') {
                    shown.push(' ');
                }
            }
            // Emoji and several scripts are written with these, where no plain letter stands before them.
            '\u{200c}' | '\u{200d}' if !before.is_ascii() => shown.push(c),
            _ if hides(c) => shown.push_str(&format!("<U+{:04X}>", u32::from(c))),
            _ => shown.push(c),
        }
        before = c;
    }
    shown.trim().to_owned()
}

/// Whether a character is not seen, or changes how others are seen.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
            | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfeff
            | 0xffa0 | 0xfff0..=0xfffb | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// The text, cut to so many UTF-16 units, by which most chat services count. `…` at the end says that it was cut.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let mut kept = String::new();
    for c in text.chars() {
        let Some(rest) = left.checked_sub(c.len_utf16()) else {
            break;
        };
        left = rest;
        kept.push(c);
    }
    kept.push('…');
    kept
}

/// The text with nothing that a chat service takes for a mention: a word joiner stands after each `@`.
pub(crate) fn without_mentions(text: &str) -> String {
    text.replace('@', "@\u{2060}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown_and_lines_joined() {
        assert_eq!(
            visible("a\u{202e}b\u{200b}c\u{7}"),
            "a<U+202E>b<U+200B>c<U+0007>"
        );
        assert_eq!(visible("  one\r\n\ttwo\u{2028}three \n"), "one two three");
        assert_eq!(visible("x\u{1b}[31m"), "x<U+001B>[31m");
        assert_eq!(visible("a\u{200d}b"), "a<U+200D>b");
        let family = "👨\u{200d}👩\u{200d}👧";
        assert_eq!(visible(family), family);
        assert_eq!(visible("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(visible("مرحبا"), "مرحبا");
    }

    #[test]
    fn a_text_is_cut_in_whole_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        // Each takes two units.
        assert_eq!(cut("👨👩👧", 5), "👨👩…");
        assert_eq!(cut(&"x".repeat(65_000), 4096).encode_utf16().count(), 4096);
    }
}
