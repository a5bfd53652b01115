//! Keys as every surface that asks for one judges them: everybody's API key, and the named ones.

use std::fmt;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::access_key::{AccessKey, KeyState, SecretHash};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::service::Service;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The beginning of every named key's secret, so that scanners for leaked secrets can find it. Random text follows.
pub const SECRET_PREFIX: &str = "ick_";

/// The digest under which the store knows a secret. The secret has 256 random bits: a slow hash would add nothing.
pub fn secret_hash(secret: &[u8]) -> SecretHash {
    SecretHash(Sha256::digest(secret).into())
}

/// The digest of the API key. Digests are compared, in constant time, so that the time shows neither the key nor its length.
/// A blank key lets nobody in.
#[derive(Clone, Copy)]
pub struct ApiKeyHash(Option<[u8; 32]>);

impl fmt::Debug for ApiKeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeyHash(…)")
    }
}

impl ApiKeyHash {
    /// Of the key of the settings.
    pub fn of(key: &SecretString) -> Self {
        let key = key.expose_secret().trim();
        Self((!key.is_empty()).then(|| Sha256::digest(key.as_bytes()).into()))
    }

    /// Whether this is the key.
    pub fn matches(self, token: &[u8]) -> bool {
        let Some(key) = self.0 else { return false };
        let token: [u8; 32] = Sha256::digest(token).into();
        token.ct_eq(&key).into()
    }
}

/// The caller whose key was accepted.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// What the key may see and do.
    pub caller: Caller,
    /// The digest of a named key, which may be revoked while its bearer still listens.
    pub key: Option<SecretHash>,
}

/// Why a key lets nobody in. It is for the log, and not for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// No key has this secret.
    Unknown,
    /// The key is past its expiry.
    Expired(Box<AccessKey>),
    /// The operator revoked the key.
    Revoked(Box<AccessKey>),
}

/// Judges keys for one surface. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Keys {
    service: Service,
    api: ApiKeyHash,
}

impl Keys {
    /// With this API key, and the named keys of the service.
    pub fn new(service: Service, api: ApiKeyHash) -> Self {
        Self { service, api }
    }

    /// The API key.
    pub fn api(&self) -> ApiKeyHash {
        self.api
    }

    /// The caller whose key this is.
    ///
    /// # Errors
    /// [`StoreError`] if the store does not say.
    pub async fn judge(
        &self,
        secret: &[u8],
    ) -> Result<Result<Authenticated, Rejected>, StoreError> {
        if self.api.matches(secret) {
            return Ok(Ok(Authenticated {
                caller: Caller::full(Principal::ApiKey),
                key: None,
            }));
        }
        if !secret.starts_with(SECRET_PREFIX.as_bytes()) {
            return Ok(Err(Rejected::Unknown));
        }
        let hash = secret_hash(secret);
        let Some(key) = self.service.store().key_by_hash(&hash).await? else {
            return Ok(Err(Rejected::Unknown));
        };
        Ok(match key.state(self.service.clock().now()) {
            KeyState::Good => Ok(Authenticated {
                caller: key.caller(),
                key: Some(hash),
            }),
            KeyState::Expired => Err(Rejected::Expired(Box::new(key))),
            KeyState::Revoked => Err(Rejected::Revoked(Box::new(key))),
        })
    }

    /// The digest under which the store knows the session of a browser with this token. It depends on the API key, so that another
    /// one signs everybody out.
    pub fn session_hash(&self, token: &[u8]) -> SecretHash {
        let digest = Sha256::new()
            .chain_update(b"issuecommand dashboard\n")
            .chain_update(self.api.0.unwrap_or_default())
            .chain_update(token);
        SecretHash(digest.finalize().into())
    }
}

/// Whether the key with this digest is no longer good. A store that does not answer is no proof of that.
pub async fn has_ended(service: &Service, hash: &SecretHash) -> bool {
    match service.store().key_by_hash(hash).await {
        Ok(Some(key)) => key.state(service.clock().now()) != KeyState::Good,
        Ok(None) => true,
        Err(error) => {
            tracing::warn!(name: "http.key_unknown", %error, "it cannot be seen whether a key is still good");
            false
        }
    }
}
