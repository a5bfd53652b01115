//! Use cases about the end of sessions.

use super::heartbeats::Beat;
use super::sessions::CallerNews;
use super::{Service, ServiceError, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::failure::StoreError;
use crate::domain::id::AgentId;
use crate::domain::refusal::Refusal;
use crate::domain::session::{ProcessRef, SessionEnd, SessionId};
use crate::engine::command::{Action, Command, Outcome};

impl Service {
    /// Ends the caller's session, whose client has left, for each agent that was heard in it, in whichever process. Without a session
    /// nothing ends.
    ///
    /// # Errors
    /// The refusal if the session is another key's, so that nothing of it ended.
    pub async fn end_session(&self, caller: &Caller) -> ServiceResult<()> {
        let Some(session) = &caller.session else {
            return Ok(());
        };
        let (mut ended, mut refused) = (false, None);
        let rows = self.store.sessions(None).await?.into_iter();
        for row in rows.filter(|row| row.id == session.id && row.ended.is_none()) {
            let process = session.process.clone();
            match self
                .end(caller, row.agent, &row.id, process, SessionEnd::Left)
                .await
            {
                Ok(()) => ended = true,
                Err(ServiceError::Refused(refusal)) => refused = Some(refusal),
                Err(error) => return Err(error),
            }
        }
        match refused.filter(|_| !ended) {
            Some(refusal) => Err(ServiceError::Refused(refusal)),
            None => Ok(()),
        }
    }

    /// The caller's client says that its session is over: what the agent holds in it without a pull request, where the caller may
    /// change things, is given back after `SESSION_GRACE_MINUTES`, unless the agent is heard again. Without a session nothing is
    /// over.
    pub async fn session_is_over(&self, caller: &Caller, agent: AgentId) -> ServiceResult<Beat> {
        caller.may_change(Some(&agent))?;
        if let Some(session) = caller.session_id() {
            let over = SessionEnd::Over;
            self.end(caller, agent.clone(), session, None, over).await?;
        }
        self.beat(caller, &agent, CallerNews::default()).await
    }

    pub(super) async fn end(
        &self,
        caller: &Caller,
        agent: AgentId,
        session: &SessionId,
        process: Option<ProcessRef>,
        end: SessionEnd,
    ) -> ServiceResult<()> {
        let action = Action::EndSession {
            agent,
            session: session.clone(),
            process,
            end,
        };
        // The session that is ended need not be the one that the caller speaks in.
        let caller = Caller {
            session: None,
            ..caller.clone()
        };
        match self.store.transact(Command::new(&caller, action)).await? {
            Outcome::Refused(refusal) => Err(refusal.into()),
            _ => Ok(()),
        }
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
