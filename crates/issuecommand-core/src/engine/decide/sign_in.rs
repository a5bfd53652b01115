//! Begins and ends sessions of the dashboard, and makes the codes that begin them.

use super::Context;
use super::effects::Effects;
use crate::domain::access_key::SecretHash;
use crate::domain::id::Principal;
use crate::domain::web_session::{SignIn, SignInCode, WebSession};
use crate::engine::change::Change;
use crate::engine::command::{Answer, Outcome};
use crate::engine::tables::PlainKey;

impl Context<'_> {
    pub(super) fn sign_in(&self, what: &SignIn, fx: &mut Effects<'_>) -> Outcome {
        let session = match what {
            SignIn::MakeCode { code, principal } => {
                self.make_code(*code, principal, fx);
                None
            }
            SignIn::Redeem { code, session } => self.redeem(code, *session, fx),
            SignIn::Begin { session, principal } => {
                Some(self.begin_session(*session, principal.clone(), fx))
            }
            SignIn::Use(session) => self.use_session(session, fx),
            SignIn::End(session) => {
                let known = self.view.tables.web_sessions.get(session).cloned();
                if known.is_some() {
                    fx.put_other(Change::NoRow(PlainKey::WebSession(*session)));
                }
                known
            }
        };
        Outcome::Done(Answer::SignedIn(session.map(Box::new)))
    }

    /// Expired codes leave when a new one is made, so that their number is bounded.
    fn make_code(&self, code: SecretHash, principal: &Principal, fx: &mut Effects<'_>) {
        let codes = self.view.tables.codes.rows();
        let (lasting, expired): (Vec<_>, Vec<_>) = codes.partition(|code| code.lasts(self.now));
        let mut gone: Vec<SecretHash> = expired.iter().map(|code| code.hash).collect();
        let surplus = (lasting.len() + 1).saturating_sub(SignInCode::MOST);
        let mut oldest = lasting;
        oldest.sort_by_key(|code| (code.made_at, code.hash));
        gone.extend(oldest.iter().take(surplus).map(|code| code.hash));
        for hash in gone.into_iter().filter(|hash| *hash != code) {
            fx.put_other(Change::NoRow(PlainKey::SignInCode(hash)));
        }
        fx.put_row(SignInCode {
            hash: code,
            principal: principal.clone(),
            made_at: self.now,
        });
    }

    fn redeem(
        &self,
        code: &SecretHash,
        session: SecretHash,
        fx: &mut Effects<'_>,
    ) -> Option<WebSession> {
        let code = self.view.tables.codes.get(code)?;
        fx.put_other(Change::NoRow(PlainKey::SignInCode(code.hash)));
        let principal = code.principal.clone();
        (code.lasts(self.now)).then(|| self.begin_session(session, principal, fx))
    }

    /// Ended sessions leave when a new one begins, so that their number is bounded.
    fn begin_session(
        &self,
        hash: SecretHash,
        principal: Principal,
        fx: &mut Effects<'_>,
    ) -> WebSession {
        let sessions = self.view.tables.web_sessions.rows();
        let (lasting, ended): (Vec<_>, Vec<_>) = sessions.partition(|row| row.lasts(self.now));
        let mut gone: Vec<SecretHash> = ended.iter().map(|row| row.hash).collect();
        let surplus = (lasting.len() + 1).saturating_sub(WebSession::MOST);
        let mut oldest = lasting;
        oldest.sort_by_key(|row| (row.used_at, row.hash));
        gone.extend(oldest.iter().take(surplus).map(|row| row.hash));
        for old in gone.into_iter().filter(|old| *old != hash) {
            fx.put_other(Change::NoRow(PlainKey::WebSession(old)));
        }
        let session = WebSession {
            hash,
            principal,
            made_at: self.now,
            used_at: self.now,
        };
        fx.put_row(session.clone());
        session
    }

    fn use_session(&self, hash: &SecretHash, fx: &mut Effects<'_>) -> Option<WebSession> {
        let session = self.view.tables.web_sessions.get(hash)?;
        if !session.lasts(self.now) {
            return None;
        }
        let used = WebSession {
            used_at: self.now.max(session.used_at),
            ..session.clone()
        };
        if used.used_at >= session.used_at.plus(WebSession::USED_EACH) {
            fx.put_row(used.clone());
        }
        Some(used)
    }
}
