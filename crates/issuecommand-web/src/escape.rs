//! Writes values into HTML so that every text is seen as it is: markup as text, and characters that are invisible or turn the
//! direction of writing as marks. Titles, comments and names come from strangers.

use std::fmt::{self, Write};

use askama::filters::Escaper;

/// The escaper of all templates (`askama.toml`).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, found)) = rest.char_indices().find(|(_, c)| needs_care(*c)) {
            dest.write_str(&rest[..at])?;
            match found {
                '<' => dest.write_str("&lt;")?,
                '>' => dest.write_str("&gt;")?,
                '&' => dest.write_str("&amp;")?,
                '"' => dest.write_str("&quot;")?,
                '\'' => dest.write_str("&#39;")?,
                hidden => write!(dest, "⟨U+{:04X}⟩", u32::from(hidden))?,
            }
            rest = &rest[at + found.len_utf8()..];
        }
        dest.write_str(rest)
    }
}

fn needs_care(c: char) -> bool {
    matches!(c, '<' | '>' | '&' | '"' | '\'') || is_hidden(c)
}

/// Whether a character shows nothing, or changes how others are shown. Joiners within words of some scripts and emoji are among
/// them: who reads a mark loses nothing, who reads a forged name may lose much.
pub(crate) fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // The soft hyphen, and the Arabic letter mark.
        '\u{ad}' | '\u{61c}' => true,
        // Fillers that show nothing.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => true,
        // Inherent vowels and variation separators that show nothing.
        '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => true,
        // Zero-width characters and marks of direction; line and paragraph separators; embeddings and overrides.
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        // Invisible operators, isolates and deprecated format characters.
        '\u{2060}'..='\u{206f}' => true,
        // The byte order mark, interlinear annotations, and tags.
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut html = String::new();
        Visible.write_escaped_str(&mut html, text).unwrap();
        html
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            shown("<script>alert(\"1\" & '2')</script>"),
            "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"
        );
        assert_eq!(
            shown("plain Ünïcode 漢字 עברית 🎉"),
            "plain Ünïcode 漢字 עברית 🎉"
        );
    }

    #[test]
    fn hidden_characters_are_seen() {
        for (hidden, mark) in [
            ('\u{202e}', "⟨U+202E⟩"),
            ('\u{200b}', "⟨U+200B⟩"),
            ('\u{feff}', "⟨U+FEFF⟩"),
            ('\u{e0041}', "⟨U+E0041⟩"),
            ('\u{1b}', "⟨U+001B⟩"),
            ('\r', "⟨U+000D⟩"),
            ('\0', "⟨U+0000⟩"),
        ] {
            assert_eq!(shown(&format!("a{hidden}b")), format!("a{mark}b"));
        }
        assert_eq!(shown("two\nlines\t."), "two\nlines\t.");
    }
}
