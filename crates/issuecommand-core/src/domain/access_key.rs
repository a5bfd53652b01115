//! Named keys for remote callers, beside the one API key: permissions and expiry.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::access::{Caller, Scope};
use crate::domain::id::{AgentId, Principal};
use crate::domain::time::Timestamp;

/// The operator's name for a key: 1–100 bytes, trimmed, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyName(String);

/// The error for a text that is not a [`KeyName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the name of a key must be 1 to 100 bytes long, not blank, without control characters, and not begin with \"key_\" as ids do"
)]
pub struct BadKeyName;

impl KeyName {
    /// Parses a name and trims white space.
    ///
    /// # Errors
    /// [`BadKeyName`] if the name is blank, longer than 100 bytes, has a control character, or looks like an id.
    pub fn parse(text: &str) -> Result<Self, BadKeyName> {
        let name = text.trim();
        let bad = name.is_empty()
            || name.len() > 100
            || name.chars().any(char::is_control)
            || name.starts_with(AccessKey::ID_PREFIX);
        if bad {
            return Err(BadKeyName);
        }
        Ok(Self(name.to_owned()))
    }

    /// The trimmed name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 of a key's secret, which itself is not kept. Written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretHash(pub [u8; 32]);

/// The error for a text that is not a [`SecretHash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hex digits")]
pub struct BadHash;

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Hides the digest, which does not belong in logs either.
impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

impl From<SecretHash> for String {
    fn from(hash: SecretHash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for SecretHash {
    type Error = BadHash;

    fn try_from(text: String) -> Result<Self, BadHash> {
        let digit = |byte: u8| {
            let value = char::from(byte).to_digit(16).ok_or(BadHash)?;
            u8::try_from(value).map_err(|_| BadHash)
        };
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(BadHash);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? * 16 + digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

/// A key to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// The operator's name for it. Keys that are not revoked have distinct names.
    pub name: KeyName,
    /// The digest of its secret. It is unique.
    pub hash: SecretHash,
    /// The only agent that it may act as; `None` for any agent.
    pub agent: Option<AgentId>,
    /// Whether it may read but change nothing.
    pub read_only: bool,
    /// The repositories that it may see, among the allowed ones.
    pub scope: Scope,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// A stored key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// The permanent id, which is the text of its [`Principal`]. Not secret.
    pub id: String,
    /// See [`NewKey::name`].
    pub name: KeyName,
    /// See [`NewKey::hash`].
    pub hash: SecretHash,
    /// See [`NewKey::agent`].
    pub agent: Option<AgentId>,
    /// See [`NewKey::read_only`].
    pub read_only: bool,
    /// See [`NewKey::scope`].
    pub scope: Scope,
    /// When it was created.
    pub created_at: Timestamp,
    /// See [`NewKey::expires_at`].
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Whether a key is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// The key is valid.
    Good,
    /// The key is past its expiry.
    Expired,
    /// The operator revoked the key.
    Revoked,
}

impl AccessKey {
    /// The prefix of every id.
    pub const ID_PREFIX: &'static str = "key_";

    /// An id from the random end of a UUID. It is short enough to read aloud, and security does not depend on it.
    pub(crate) fn id_of(uuid: Uuid) -> String {
        format!(
            "{}{:012x}",
            Self::ID_PREFIX,
            uuid.as_u128() & 0xffff_ffff_ffff
        )
    }

    /// Whether it is valid at this time.
    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            KeyState::Expired
        } else {
            KeyState::Good
        }
    }

    /// The caller that a valid key authenticates.
    pub fn caller(&self) -> Caller {
        Caller {
            scope: self.scope.clone(),
            agent: self.agent.clone(),
            read_only: self.read_only,
            ..Caller::full(Principal::Key(self.id.clone()))
        }
    }
}

/// The result of a command about keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyOutcome {
    /// The key was created.
    Made(AccessKey),
    /// No key was created, because this one has the name.
    NameTaken(AccessKey),
    /// The key is revoked.
    Revoked {
        /// The revoked key.
        key: AccessKey,
        /// Whether it was already revoked.
        idempotent: bool,
    },
    /// No key has that id or name.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_ids() {
        assert_eq!(KeyName::parse(" ci ").unwrap().as_str(), "ci");
        for bad in ["", " ", "a\nb", "key_0123456789ab", &"x".repeat(101)] {
            assert_eq!(KeyName::parse(bad), Err(BadKeyName), "{bad:?}");
        }
        assert!(AccessKey::id_of(Uuid::from_u128(7)).starts_with(AccessKey::ID_PREFIX));
    }

    #[test]
    fn a_hash_is_written_and_read() {
        let hash = SecretHash(std::array::from_fn(|n| u8::try_from(n * 8).unwrap()));
        let text = hash.to_string();
        assert_eq!((text.len(), &text[..6]), (64, "000810"));
        assert_eq!(SecretHash::try_from(text.clone()), Ok(hash));
        for bad in [
            "",
            &text[1..],
            &text.replace("00", "0g"),
            &text.replace("00", "+1"),
        ] {
            assert_eq!(SecretHash::try_from(bad.to_owned()), Err(BadHash), "{bad}");
        }
        assert!(!format!("{hash:?}").contains("08"));
    }
}
