//! The API key, and the caller of a request whose key was accepted.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::access_key::SecretHash;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The caller of a request, and the key that it came with.
#[derive(Clone, Debug)]
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    /// The digest of a named key, which may be revoked while its bearer still listens.
    pub(crate) key: Option<SecretHash>,
}

/// The digest of the API key. Digests are compared, in constant time, so that the time shows neither the key nor its length.
/// `None` for a blank key, which lets nobody in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyHash(Option<[u8; 32]>);

impl KeyHash {
    pub(crate) fn of(key: &SecretString) -> Self {
        let key = key.expose_secret().trim();
        Self((!key.is_empty()).then(|| Sha256::digest(key.as_bytes()).into()))
    }

    /// Whether a request comes with the key.
    pub(crate) fn opens_to(self, headers: &HeaderMap) -> bool {
        bearer_token(headers).is_some_and(|token| self.matches(token))
    }

    pub(crate) fn matches(self, token: &[u8]) -> bool {
        let Some(key) = self.0 else { return false };
        let token: [u8; 32] = Sha256::digest(token).into();
        token.ct_eq(&key).into()
    }
}

/// The token of `Authorization: Bearer …`; the scheme's case does not matter.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes().trim_ascii();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme
        .eq_ignore_ascii_case(b"bearer ")
        .then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn opens(key: &str, header: &'static [u8]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_bytes(header).unwrap());
        KeyHash::of(&key.into()).opens_to(&headers)
    }

    #[test]
    fn only_the_right_key_opens() {
        assert!(opens("secret", b"Bearer secret"));
        assert!(opens(" secret\n", b"bearer  secret "));
        for no in [
            "",
            "secret",
            "Bearer",
            "Bearer ",
            "Bearer secre",
            "Bearer secrets",
            "Bearer SECRET",
            "Basic secret",
        ] {
            assert!(!opens("secret", no.as_bytes()), "{no}");
        }
        assert!(!opens("secret", b"Bearer \xff\xfe"));
        assert!(!opens("", b"Bearer "), "a blank key lets nobody in");
        assert!(!KeyHash::of(&"secret".into()).opens_to(&HeaderMap::new()));
    }
}
