//! Reading GitHub's JSON. GitHub hands on what people wrote, and some of their programs cut texts within a character: half a
//! surrogate pair in one title must not make a whole list unreadable.

use std::borrow::Cow;

use issuecommand_core::domain::surrogates::mend_surrogates;
use serde::de::DeserializeOwned;

/// Reads JSON; half a surrogate pair in it becomes U+FFFD.
///
/// # Errors
/// For anything else that is no JSON, or not of the form of `T`.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(body).or_else(|error| match mend_surrogates(body) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(mended) => serde_json::from_slice(&mended),
    })
}
