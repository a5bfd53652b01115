//! Parses JSON of other programs that may contain lone surrogates; see [`issuecommand_core::domain::surrogates`].

use std::borrow::Cow;

pub use issuecommand_core::domain::surrogates::mend_surrogates;
use serde::de::DeserializeOwned;

/// Parses JSON; a lone surrogate in it becomes U+FFFD.
///
/// # Errors
/// For any other invalid JSON, or if it does not have the form of `T`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(bytes).or_else(|error| match mend_surrogates(bytes) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(mended) => serde_json::from_slice(&mended),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn half_a_pair_is_a_replacement_character() {
        for (text, read) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\uDE00""#, "\u{fffd}"),
            (r#""a\ud83d\ude00b""#, "a\u{1f600}b"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\\ud83d""#, r"\ud83d"),
            (r#""\\\ud83d""#, "\\\u{fffd}"),
            (r#""\ud83dx\u00e4""#, "\u{fffd}x\u{e4}"),
        ] {
            assert_eq!(
                parse::<Value>(text.as_bytes()).unwrap(),
                json!(read),
                "{text}"
            );
        }
        let key: Value = parse(br#"{"a\ud800": 1}"#).unwrap();
        assert_eq!(key, json!({ "a\u{fffd}": 1 }));
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in [
            r#""\ud83d"#,
            r#""\ud8"#,
            r#""\u"#,
            r#""\"#,
            r"\",
            r#""\ud83d\"#,
            r#""\ud83d\u"#,
            r#""\uzzzz""#,
            "",
            "{",
        ] {
            parse::<Value>(text.as_bytes()).unwrap_err();
        }
        let plain = br#"{"a": "\ud83d\ude00 \u00e4 \\"}"#;
        assert!(matches!(mend_surrogates(plain), Cow::Borrowed(_)));
    }
}
