//! Named keys: the form of their secrets, and who comes with one.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::access_key::{KeyState, SecretHash};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::service::Service;
use sha2::{Digest, Sha256};

use crate::auth::unauthorized;
use crate::refusals::Kind;
use crate::state::AppState;

/// What the secret of every named key begins with, so that it can be known where it lies about. Random text follows.
pub const SECRET_PREFIX: &str = "ick_";

/// The digest under which the store knows a secret. The secret has 256 random bits: a slow hash would add nothing.
pub fn secret_hash(secret: &[u8]) -> SecretHash {
    SecretHash(Sha256::digest(secret).into())
}

/// Who comes with this secret, if anybody may. What the log says of it is not for whoever asks.
pub(crate) async fn caller(
    state: &AppState,
    secret: &[u8],
) -> Result<Option<(Caller, SecretHash)>, StoreError> {
    let service = &state.service;
    if !secret.starts_with(SECRET_PREFIX.as_bytes()) {
        unauthorized(state, "unknown");
        return Ok(None);
    }
    let hash = secret_hash(secret);
    let Some(key) = service.store().key_by_hash(&hash).await? else {
        unauthorized(state, "unknown");
        return Ok(None);
    };
    let why = match key.state(service.clock().now()) {
        KeyState::Good => return Ok(Some((key.caller(), hash))),
        KeyState::Expired => "expired",
        KeyState::Revoked => "revoked",
    };
    if state.refusals.admit(Kind::Key) {
        tracing::info!(name: "http.key_refused", key = key.id, key_name = key.name.as_str(), why, "a key lets nobody in any more");
    }
    Ok(None)
}

/// Whether the key with this digest lets its bearer in no more. A store that does not answer is no proof of it.
pub(crate) async fn is_over(service: &Service, hash: &SecretHash) -> bool {
    match service.store().key_by_hash(hash).await {
        Ok(Some(key)) => key.state(service.clock().now()) != KeyState::Good,
        Ok(None) => true,
        Err(error) => {
            tracing::warn!(name: "http.key_unknown", %error, "it cannot be seen whether a key is still good");
            false
        }
    }
}
