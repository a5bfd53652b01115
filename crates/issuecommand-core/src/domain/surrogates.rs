//! Half a character in the JSON of other programs.
//!
//! A program that cuts a text between the two halves of a UTF-16 surrogate pair writes a lone `\ud83d`. The grammar of JSON
//! allows it, but no UTF-8 text can hold it. It is read as U+FFFD, the replacement character, by whoever reads JSON here: GitHub's
//! answers as well as agents' calls. This module knows of that escape and of nothing else of JSON.

use std::borrow::Cow;

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
