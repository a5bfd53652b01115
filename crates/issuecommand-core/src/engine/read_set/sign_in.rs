//! The rows behind the dashboard's sign-in. Sessions and codes are few: what begins or is made sees all of its kind, so that those
//! that have ended leave.

use super::ReadSet;
use crate::domain::web_session::SignIn;

impl ReadSet {
    pub(super) fn sign_in(&mut self, what: &SignIn) {
        let (codes, sessions) = (&mut self.tables.codes, &mut self.tables.web_sessions);
        match what {
            SignIn::MakeCode { .. } => codes.all = true,
            SignIn::Redeem { code, .. } => {
                codes.keys.insert(*code);
                sessions.all = true;
            }
            SignIn::Begin { .. } => sessions.all = true,
            SignIn::Use(session) | SignIn::End(session) => {
                sessions.keys.insert(*session);
            }
        }
    }
}
