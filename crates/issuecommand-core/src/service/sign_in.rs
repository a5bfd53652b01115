//! Use cases of the dashboard's sign-in.

use super::claims::unexpected;
use super::{Service, ServiceError, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::access_key::{KeyName, KeyOutcome, NewKey, SecretHash};
use crate::domain::failure::StoreError;
use crate::domain::id::Principal;
use crate::domain::time::Timestamp;
use crate::domain::web_session::{SignIn, SignInCode, WebSession};
use crate::engine::command::{Action, Answer, Command, Outcome};

/// The person behind a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// What the session may see and do.
    pub caller: Caller,
    /// The name of its key, if it was begun by a named one.
    pub key_name: Option<KeyName>,
    /// The session.
    pub session: WebSession,
}

impl Service {
    /// Makes a one-time code with this digest, which signs a browser in with what the caller may do. Returns when it expires.
    pub async fn make_sign_in_code(
        &self,
        caller: &Caller,
        code: SecretHash,
    ) -> ServiceResult<Timestamp> {
        let principal = caller.principal.clone();
        self.sign_in(SignIn::MakeCode { code, principal }).await?;
        Ok(self.clock.now().plus(SignInCode::LENGTH))
    }

    /// Begins a session with this digest by a code, which is used up. `None` for a code that is unknown, used or expired, or whose
    /// key has ended.
    pub async fn redeem_sign_in_code(
        &self,
        code: SecretHash,
        session: SecretHash,
    ) -> ServiceResult<Option<SignedIn>> {
        match self.sign_in(SignIn::Redeem { code, session }).await? {
            Some(session) => Ok(self.with_caller(session).await?),
            None => Ok(None),
        }
    }

    /// Begins a session with this digest. The surface has found the principal's key to be good.
    pub async fn begin_web_session(
        &self,
        principal: Principal,
        session: SecretHash,
    ) -> ServiceResult<Option<SignedIn>> {
        match self.sign_in(SignIn::Begin { session, principal }).await? {
            Some(session) => Ok(self.with_caller(session).await?),
            None => Ok(None),
        }
    }

    /// The person behind a session; `None` for one that is unknown or has ended. `uses`: the request is a use of it by its person.
    pub async fn signed_in(
        &self,
        session: &SecretHash,
        uses: bool,
    ) -> ServiceResult<Option<SignedIn>> {
        let Some(known) = self.store.web_session(session).await? else {
            return Ok(None);
        };
        let found = self.with_caller(known).await?;
        let due = |found: &SignedIn| {
            self.clock.now() >= found.session.used_at.plus(WebSession::USED_EACH)
        };
        if uses && found.as_ref().is_some_and(due) {
            // A database that cannot be written to still shows what is in it.
            match self.sign_in(SignIn::Use(*session)).await {
                Ok(None) => return Ok(None),
                Ok(Some(_)) | Err(_) => {}
            }
        }
        Ok(found)
    }

    /// Makes a key. The surface has found that its caller may.
    pub async fn create_key(&self, new: NewKey) -> ServiceResult<KeyOutcome> {
        self.change_key(Action::CreateKey(Box::new(new))).await
    }

    /// Revokes a key, by id or name. The surface has found that its caller may.
    pub async fn revoke_key(&self, which: String) -> ServiceResult<KeyOutcome> {
        self.change_key(Action::RevokeKey(which)).await
    }

    async fn change_key(&self, action: Action) -> ServiceResult<KeyOutcome> {
        match self.store.transact(Command::system(action)).await? {
            Outcome::Done(Answer::Key(outcome)) => Ok(*outcome),
            Outcome::Refused(refusal) => Err(refusal.into()),
            other => Err(unexpected(&other)),
        }
    }

    /// Ends a session.
    pub async fn end_web_session(&self, session: SecretHash) -> ServiceResult<()> {
        self.sign_in(SignIn::End(session)).await.map(drop)
    }

    async fn with_caller(&self, session: WebSession) -> Result<Option<SignedIn>, StoreError> {
        let keys = match &session.principal {
            Principal::Key(_) => self.store.keys().await?,
            _ => Vec::new(),
        };
        let caller = session.caller(&keys, self.clock.now());
        Ok(caller.map(|caller| SignedIn {
            key_name: match &session.principal {
                Principal::Key(id) => keys
                    .iter()
                    .find(|key| key.id == *id)
                    .map(|key| key.name.clone()),
                _ => None,
            },
            caller,
            session,
        }))
    }

    /// Signing in is IssueCommand's own act: a key that may only read signs in as well.
    async fn sign_in(&self, what: SignIn) -> ServiceResult<Option<WebSession>> {
        let command = Command::system(Action::SignIn(what));
        match self.store.transact(command).await? {
            Outcome::Done(Answer::SignedIn(session)) => Ok(session.map(|session| *session)),
            Outcome::Refused(refusal) => Err(ServiceError::from(refusal)),
            other => Err(unexpected(&other)),
        }
    }
}
