//! Credentials authorise each request for the owner of the repository that it is about.
//!
//! Limits and validators belong to a credential, not to the secret that stands for it at the moment: they are keyed by
//! [`CredentialId`].

use std::fmt;

use async_trait::async_trait;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::settings::InvalidSettings;
use super::transport::TransportError;

/// The stable name of a credential. It is stored with validators, so it must not be secret and must not contain a colon.
///
/// Two credentials that may see different things must have different names, because GitHub computes an ETag for what one of them
/// sees. A credential whose secret is renewed keeps its name, and with it its validators and its budget.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CredentialId(String);

impl CredentialId {
    pub(super) fn new(name: String) -> Self {
        debug_assert!(!name.contains(':'), "a colon ends the name");
        Self(name)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What authorises the requests of one or more routes.
#[async_trait]
pub(super) trait Credentials: fmt::Debug + Send + Sync {
    /// The token for a request about a repository of `owner`, or about no repository. `None` leaves the login to the transport.
    ///
    /// # Errors
    /// There is no token for this owner at the moment.
    async fn authorize(&self, owner: Option<&str>) -> Result<Option<SecretString>, TransportError>;

    /// The name of the credential that authorises such a request. Owners compare without case.
    fn id(&self, owner: Option<&str>) -> CredentialId;

    /// Replaces the secrets in a text. A server may repeat the one that it was sent.
    fn redact(&self, text: String) -> String;
}

/// One token for all owners.
#[derive(Debug)]
pub(super) struct FixedToken {
    id: CredentialId,
    token: SecretString,
}

impl FixedToken {
    /// # Errors
    /// [`InvalidSettings::Token`] if no header can hold the token.
    pub(super) fn new(token: &SecretString) -> Result<Self, InvalidSettings> {
        bearer(token)?;
        Ok(Self {
            id: fingerprint(token),
            token: token.clone(),
        })
    }
}

#[async_trait]
impl Credentials for FixedToken {
    async fn authorize(&self, _: Option<&str>) -> Result<Option<SecretString>, TransportError> {
        Ok(Some(self.token.clone()))
    }

    fn id(&self, _: Option<&str>) -> CredentialId {
        self.id.clone()
    }

    fn redact(&self, text: String) -> String {
        let token = self.token.expose_secret();
        // A very short token occurs in ordinary words, and removing it would make the text unreadable.
        if token.chars().count() < SHORTEST_REDACTED {
            return text;
        }
        text.replace(token, "[token]")
    }
}

/// The login of `gh` itself, whose token is not known here.
#[derive(Debug)]
pub(super) struct GhLogin;

#[async_trait]
impl Credentials for GhLogin {
    async fn authorize(&self, _: Option<&str>) -> Result<Option<SecretString>, TransportError> {
        Ok(None)
    }

    fn id(&self, _: Option<&str>) -> CredentialId {
        CredentialId::new("gh".to_owned())
    }

    fn redact(&self, text: String) -> String {
        text
    }
}

/// Tokens with fewer characters are not removed from texts.
const SHORTEST_REDACTED: usize = 8;

/// The name of a fixed token: a part of its SHA-256. Nothing else is known of it without a request, and tokens of one account may
/// differ in what they may see. So another token is another credential, whose validators are not those of the one before.
fn fingerprint(token: &SecretString) -> CredentialId {
    let digest: [u8; 32] = Sha256::digest(token.expose_secret().as_bytes()).into();
    let first = digest.first_chunk().expect("32 bytes have a first 8");
    CredentialId::new(format!("{:016x}", u64::from_be_bytes(*first)))
}

/// The `Authorization` header for a token.
pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue, InvalidSettings> {
    let token = token.expose_secret();
    if token.trim().is_empty() {
        return Err(InvalidSettings::Token);
    }
    let mut value =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| InvalidSettings::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_token_is_named_by_a_part_of_its_sha256() {
        // SHA-256 of "abc", from FIPS 180-2. Validators in databases begin with this name.
        let token = FixedToken::new(&"abc".into()).unwrap();
        assert_eq!(token.id(None).as_str(), "ba7816bf8f01cfea");
        assert_eq!(token.id(Some("acme")), token.id(None));
    }

    #[test]
    fn a_token_that_no_header_can_hold_is_refused() {
        for bad in ["", "  ", "a\nb", "a\u{0}b"] {
            let refused = FixedToken::new(&bad.into()).err();
            assert_eq!(refused, Some(InvalidSettings::Token), "{bad:?}");
        }
    }
}
