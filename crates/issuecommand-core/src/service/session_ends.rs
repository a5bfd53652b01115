//! Use cases about the end of sessions.

use super::sessions::{Beat, CallerNews};
use super::{Service, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::failure::StoreError;
use crate::domain::id::AgentId;
use crate::domain::refusal::Refusal;
use crate::domain::session::SessionEnd;
use crate::engine::command::{Action, Command};

impl Service {
    /// Ends the sessions of a client that has left. An error is logged nowhere: the sessions end by silence then.
    pub async fn end_session(&self, caller: &Caller) {
        let Some(session) = &caller.session else {
            return;
        };
        for agent in self.heard.agents_of(&session.id) {
            let action = Action::EndSession {
                agent,
                session: session.id.clone(),
                process: session.process.clone(),
                end: SessionEnd::Left,
            };
            let _ = self.store.transact(Command::system(action)).await;
        }
    }

    /// The caller's client says that its session is over: what the agent holds in it without a pull request is given back after
    /// `SESSION_GRACE_MINUTES`, unless the agent is heard again.
    pub async fn session_is_over(&self, caller: &Caller, agent: AgentId) -> ServiceResult<Beat> {
        caller.may_change(Some(&agent))?;
        if let Some(session) = caller.session_id() {
            let action = Action::EndSession {
                agent: agent.clone(),
                session: session.clone(),
                process: None,
                end: SessionEnd::Over,
            };
            self.store.transact(Command::system(action)).await?;
        }
        self.beat(caller, &agent, CallerNews::default()).await
    }

    /// Ends the session that stands in the way of a call if its process is gone. Returns whether to ask again.
    pub(super) async fn clears_the_way(
        &self,
        agent: &AgentId,
        refusal: &Refusal,
    ) -> Result<bool, StoreError> {
        let other = refusal.other_session();
        let Some((other, process)) = other.and_then(|it| Some((it, it.process.as_ref()?))) else {
            return Ok(false);
        };
        if !self.processes.is_gone(process) {
            return Ok(false);
        }
        let action = Action::EndSession {
            agent: agent.clone(),
            session: other.id.clone(),
            process: Some(process.clone()),
            end: SessionEnd::Gone,
        };
        self.store.transact(Command::system(action)).await?;
        Ok(true)
    }
}
