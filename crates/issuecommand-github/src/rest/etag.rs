//! Validators bound to one credential. GitHub computes ETags per credential, so another token's ETag is useless.

use reqwest::header::{ETAG, HeaderMap};
use sha2::{Digest, Sha256};

/// An identifier of a token that does not reveal it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Credential(String);

impl Credential {
    pub(super) fn of(token: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let first = digest.first_chunk().expect("32 bytes have a first 8");
        Self(format!("{:016x}", u64::from_be_bytes(*first)))
    }

    /// The identifier of gh's own login, whose token is not known here.
    pub(super) fn of_gh() -> Self {
        Self("gh".to_owned())
    }

    /// The validator of an answer, if any, in the form that core stores.
    pub(super) fn bound(&self, headers: &HeaderMap) -> Option<String> {
        let etag = headers.get(ETAG)?.to_str().ok()?;
        Some(self.bind(etag))
    }

    fn bind(&self, etag: &str) -> String {
        format!("{}:{etag}", self.0)
    }

    /// The ETag as GitHub sent it, weak ones with `W/`; `None` if it belongs to another credential.
    pub(super) fn unbind<'a>(&self, bound: &'a str) -> Option<&'a str> {
        let (credential, etag) = bound.split_once(':')?;
        (credential == self.0).then_some(etag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validator_is_good_for_the_credential_that_it_was_given_to() {
        let (ours, theirs) = (Credential::of("ghp_ours"), Credential::of("ghp_theirs"));
        let bound = ours.bind("W/\"a:b\"");
        assert_eq!(ours.unbind(&bound), Some("W/\"a:b\""));
        assert_eq!(theirs.unbind(&bound), None);
        assert_eq!(Credential::of_gh().unbind(&bound), None);
        assert_eq!(ours.unbind("W/\"unbound\""), None);
    }

    #[test]
    fn a_credential_is_named_by_a_part_of_its_sha256() {
        // SHA-256 of "abc", from FIPS 180-2.
        assert_eq!(Credential::of("abc").bind("x"), "ba7816bf8f01cfea:x");
    }
}
