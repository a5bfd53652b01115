//! Reading JSON that other programs wrote with half a character in it.
//!
//! A program that cuts a text between the two halves of a UTF-16 surrogate pair writes a lone `\ud83d`. The grammar of JSON
//! allows it, but no UTF-8 text can hold it. It is read as U+FFFD, the replacement character.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// Reads JSON; a lone surrogate in it becomes U+FFFD.
///
/// # Errors
/// For anything else that is no JSON, or not of the form of `T`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(bytes).or_else(|error| match mend_surrogates(bytes) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(mended) => serde_json::from_slice(&mended),
    })
}

/// The same JSON with each lone surrogate escape (`\ud800` to `\udfff`) as `\ufffd`, so that the length stays.
///
/// Takes one pass and knows nothing of the rest of the grammar: outside of texts a backslash is an error anyway.
pub fn mend_surrogates(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(bytes);
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(|byte| *byte == b'\\') {
        at += offset;
        at += match unit(&bytes[at..]) {
            None => 2,
            Some(0xd800..=0xdbff) if matches!(unit(&bytes[at + UNIT..]), Some(0xdc00..=0xdfff)) => {
                2 * UNIT
            }
            Some(0xd800..=0xdfff) => {
                mended.to_mut()[at + 2..at + UNIT].copy_from_slice(b"fffd");
                UNIT
            }
            Some(_) => UNIT,
        };
        // A backslash at the very end escapes nothing.
        if at >= bytes.len() {
            break;
        }
    }
    mended
}

/// The length of `\uXXXX`.
const UNIT: usize = 6;

/// The code unit of the `\uXXXX` that the bytes begin with.
fn unit(bytes: &[u8]) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = bytes else {
        return None;
    };
    digits.get(..4)?.iter().try_fold(0_u16, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
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
    fn all_else_stays_as_it_is() {
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
