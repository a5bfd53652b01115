//! Whom this process heard lately.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::access::Caller;
use crate::domain::id::{AgentId, Principal};
use crate::domain::policy::SessionPolicy;
use crate::domain::session::SessionId;
use crate::domain::time::Timestamp;

/// The most pairs of agent and session that are remembered.
const REMEMBERED: usize = 10_000;

/// Who called this process, when that was recorded, and by what credential.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<Recorded>);

type Recorded = BTreeMap<(AgentId, Option<SessionId>), (Timestamp, Principal)>;

impl Heard {
    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, agent: &AgentId, caller: &Caller, now: Timestamp) {
        let mut heard = self.lock();
        if heard.len() >= REMEMBERED {
            heard.clear();
        }
        let key = (agent.clone(), caller.session_id().cloned());
        heard.insert(key, (now, caller.principal.clone()));
    }

    /// Whether the agent is on record within the last minute, as the caller's agent.
    pub(super) fn was_just_heard(&self, agent: &AgentId, caller: &Caller, now: Timestamp) -> bool {
        let key = (agent.clone(), caller.session_id().cloned());
        let known = self.lock();
        known.get(&key).is_some_and(|(last, principal)| {
            let until = last.plus(SessionPolicy::SIGN_EACH);
            *last <= now && now < until && *principal == caller.principal
        })
    }

    /// The agents that called from this session.
    pub(super) fn agents_of(&self, session: &SessionId) -> Vec<AgentId> {
        let heard = self.lock();
        let of_it = heard.keys().filter(|(_, id)| id.as_ref() == Some(session));
        of_it.map(|(agent, _)| agent.clone()).collect()
    }
}
