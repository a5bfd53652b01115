//! Validators bound to one credential. GitHub computes ETags per credential, so another credential's ETag is useless.

use reqwest::header::{ETAG, HeaderMap};

use super::credentials::CredentialId;

/// The validator of an answer, if any, in the form that core stores: the credential's name, a colon, the ETag.
pub(super) fn bound(credential: &CredentialId, headers: &HeaderMap) -> Option<String> {
    let etag = headers.get(ETAG)?.to_str().ok()?;
    Some(format!("{}:{etag}", credential.as_str()))
}

/// The ETag as GitHub sent it, weak ones with `W/`; `None` if it belongs to another credential.
pub(super) fn unbind<'a>(credential: &CredentialId, bound: &'a str) -> Option<&'a str> {
    let (name, etag) = bound.split_once(':')?;
    (name == credential.as_str()).then_some(etag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::credentials::{Credentials, FixedToken, GhLogin};

    #[test]
    fn a_validator_is_good_for_the_credential_that_it_was_given_to() {
        let of = |token: &str| FixedToken::new(&token.into()).unwrap().id(None);
        let (ours, theirs) = (of("ghp_ours"), of("ghp_theirs"));
        let headers = HeaderMap::from_iter([(ETAG, "W/\"a:b\"".parse().unwrap())]);
        let bound = bound(&ours, &headers).unwrap();
        assert_eq!(unbind(&ours, &bound), Some("W/\"a:b\""));
        assert_eq!(unbind(&theirs, &bound), None);
        assert_eq!(unbind(&GhLogin.id(None), &bound), None);
        assert_eq!(unbind(&ours, "W/\"unbound\""), None);
    }

    #[test]
    fn a_stored_validator_begins_with_the_name_of_its_credential() {
        let id = FixedToken::new(&"abc".into()).unwrap().id(None);
        let headers = HeaderMap::from_iter([(ETAG, "x".parse().unwrap())]);
        assert_eq!(bound(&id, &headers).unwrap(), "ba7816bf8f01cfea:x");
    }
}
