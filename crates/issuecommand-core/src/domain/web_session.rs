//! Sessions of the dashboard, and the one-time codes that begin them.

use serde::{Deserialize, Serialize};

use crate::domain::access::Caller;
use crate::domain::access_key::{AccessKey, KeyState, SecretHash};
use crate::domain::id::Principal;
use crate::domain::time::{Millis, Timestamp};

/// A browser that is signed in to the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebSession {
    /// The digest of its token, which itself is not kept.
    pub hash: SecretHash,
    /// On whose authority it was begun. A session of a named key ends with the key.
    pub principal: Principal,
    /// When it was begun.
    pub made_at: Timestamp,
    /// When it was last used, to within [`WebSession::USED_EACH`].
    pub used_at: Timestamp,
}

impl WebSession {
    /// How long a session lasts without a request.
    pub const IDLE: Millis = Millis::minutes(12 * 60);
    /// How long a session lasts.
    pub const LENGTH: Millis = Millis::minutes(7 * 24 * 60);
    /// A use is written down when the last one is so old.
    pub const USED_EACH: Millis = Millis::minutes(1);
    /// The most sessions; a new one ends the one that was used the longest ago.
    pub const MOST: usize = 1000;

    /// Whether it has not ended by its age. Its key may have ended.
    pub fn lasts(&self, now: Timestamp) -> bool {
        now < self.used_at.plus(Self::IDLE) && now < self.made_at.plus(Self::LENGTH)
    }

    /// The caller of its requests; `None` if it has ended, or its key. `keys` are all keys.
    pub fn caller(&self, keys: &[AccessKey], now: Timestamp) -> Option<Caller> {
        if !self.lasts(now) {
            return None;
        }
        let Principal::Key(id) = &self.principal else {
            return Some(Caller::full(self.principal.clone()));
        };
        let key = keys.iter().find(|key| key.id == *id)?;
        (key.state(now) == KeyState::Good).then(|| key.caller())
    }
}

/// A code that signs a browser in, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInCode {
    /// The digest of the code, which itself is not kept.
    pub hash: SecretHash,
    /// On whose authority it was made, which the session gets.
    pub principal: Principal,
    /// When it was made.
    pub made_at: Timestamp,
}

impl SignInCode {
    /// How long a code is good.
    pub const LENGTH: Millis = Millis::seconds(60);
    /// The most codes; a new one replaces the oldest.
    pub const MOST: usize = 100;

    /// Whether it has not expired.
    pub fn lasts(&self, now: Timestamp) -> bool {
        now < self.made_at.plus(Self::LENGTH)
    }
}

/// What happens to sessions of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// A caller asks for a one-time code.
    MakeCode {
        /// The digest of the code.
        code: SecretHash,
        /// On whose authority.
        principal: Principal,
    },
    /// A browser shows a code. The code is used up.
    Redeem {
        /// The digest of the code.
        code: SecretHash,
        /// The digest of the new session's token.
        session: SecretHash,
    },
    /// A browser shows a key, which was found good.
    Begin {
        /// The digest of the new session's token.
        session: SecretHash,
        /// The key's principal.
        principal: Principal,
    },
    /// A session was used.
    Use(SecretHash),
    /// A session is ended by its person.
    End(SecretHash),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Scope;
    use crate::domain::access_key::KeyName;

    fn session(principal: Principal) -> WebSession {
        WebSession {
            hash: SecretHash([1; 32]),
            principal,
            made_at: Timestamp(0),
            used_at: Timestamp(0),
        }
    }

    #[test]
    fn a_session_ends_when_idle_and_by_its_age() {
        let mut session = session(Principal::ApiKey);
        let idle = Timestamp(0).plus(WebSession::IDLE);
        assert!(session.lasts(idle.minus(Millis(1))) && !session.lasts(idle));
        let end = Timestamp(0).plus(WebSession::LENGTH);
        session.used_at = end.minus(Millis(1));
        assert!(session.lasts(end.minus(Millis(1))) && !session.lasts(end));
    }

    #[test]
    fn a_session_ends_with_its_key() {
        let now = Timestamp(5);
        let full = session(Principal::ApiKey).caller(&[], now);
        assert_eq!(full, Some(Caller::full(Principal::ApiKey)));
        let key = AccessKey {
            id: "key_1".to_owned(),
            name: KeyName::parse("ann").unwrap(),
            hash: SecretHash([2; 32]),
            agent: None,
            read_only: true,
            scope: Scope::All,
            created_at: Timestamp(0),
            expires_at: Some(Timestamp(6)),
            revoked_at: None,
        };
        let session = session(Principal::Key("key_1".to_owned()));
        assert_eq!(session.caller(&[], now), None);
        let keys = [key.clone()];
        assert_eq!(session.caller(&keys, now), Some(key.caller()));
        assert_eq!(session.caller(&keys, Timestamp(6)), None);
        let revoked = AccessKey {
            revoked_at: Some(Timestamp(1)),
            ..key
        };
        assert_eq!(session.caller(&[revoked], now), None);
    }
}
