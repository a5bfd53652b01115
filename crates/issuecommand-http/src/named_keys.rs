//! Named keys: the form of their secrets, and the callers that they stand for.

use issuecommand_core::domain::access_key::{KeyState, SecretHash};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::service::Service;
use sha2::{Digest, Sha256};

use crate::api_key::Authenticated;
use crate::rejection_log::{Kind, RejectionLog};

/// The beginning of every named key's secret, so that scanners for leaked secrets can find it. Random text follows.
pub const SECRET_PREFIX: &str = "ick_";

/// The digest under which the store knows a secret. The secret has 256 random bits: a slow hash would add nothing.
pub fn secret_hash(secret: &[u8]) -> SecretHash {
    SecretHash(Sha256::digest(secret).into())
}

/// The caller whose named key this is; `None` for a secret that is no key or no longer a good one. The reason stands in the log,
/// and is not for the client.
pub(crate) async fn authenticate(
    service: &Service,
    rejections: &RejectionLog,
    secret: &[u8],
) -> Result<Option<Authenticated>, StoreError> {
    if !secret.starts_with(SECRET_PREFIX.as_bytes()) {
        rejections.log_unauthorized("unknown");
        return Ok(None);
    }
    let hash = secret_hash(secret);
    let Some(key) = service.store().key_by_hash(&hash).await? else {
        rejections.log_unauthorized("unknown");
        return Ok(None);
    };
    let why = match key.state(service.clock().now()) {
        KeyState::Good => {
            return Ok(Some(Authenticated {
                caller: key.caller(),
                key: Some(hash),
            }));
        }
        KeyState::Expired => "expired",
        KeyState::Revoked => "revoked",
    };
    if rejections.admit(Kind::Key) {
        tracing::info!(name: "http.key_refused", key = key.id, key_name = key.name.as_str(), why, "a key lets nobody in any more");
    }
    Ok(None)
}

/// Whether the key with this digest is no longer good. A store that does not answer is no proof of that.
pub(crate) async fn has_ended(service: &Service, hash: &SecretHash) -> bool {
    match service.store().key_by_hash(hash).await {
        Ok(Some(key)) => key.state(service.clock().now()) != KeyState::Good,
        Ok(None) => true,
        Err(error) => {
            tracing::warn!(name: "http.key_unknown", %error, "it cannot be seen whether a key is still good");
            false
        }
    }
}
