//! Parses GitHub's JSON. GitHub passes on what users' programs wrote, and some of those cut texts within a character. Half a
//! surrogate pair in one title must not make a whole list unreadable.

use std::borrow::Cow;

use issuecommand_core::domain::surrogates::mend_surrogates;
use serde::de::DeserializeOwned;

/// Parses JSON; half a surrogate pair becomes U+FFFD.
///
/// # Errors
/// If the text is not JSON, or does not have the form of `T`.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(body).or_else(|error| match mend_surrogates(body) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(mended) => serde_json::from_slice(&mended),
    })
}
