//! Replaces lone surrogates in JSON of other programs.
//!
//! A program that cuts a text inside a UTF-16 surrogate pair writes a lone `\ud83d`. JSON's grammar allows it, but UTF-8 text
//! cannot hold it. All JSON readers here, for GitHub's answers and agents' calls, read it as U+FFFD, the replacement character.
//! This module handles only that escape.

use std::borrow::Cow;

/// Replaces each lone surrogate escape (`\ud800` to `\udfff`) by `\ufffd`, which has the same length.
///
/// It takes one pass and ignores the rest of the grammar: outside of strings a backslash is an error anyway.
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

/// The length of `\uXXXX` in bytes.
const UNIT: usize = 6;

/// The code unit of a `\uXXXX` at the start of the bytes.
fn unit(bytes: &[u8]) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = bytes else {
        return None;
    };
    digits.get(..4)?.iter().try_fold(0_u16, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}
