//! What the hooks of a client say of its session, and are told: who acts in it, what it holds, what waits.

use super::sessions::{CallerNews, ToldNotice};
use super::{Service, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::claim::Claim;
use crate::domain::followup::Followup;
use crate::domain::id::AgentId;
use crate::domain::session::{CallerSession, Session, SessionEnd, SessionId, Transport};

/// What a client says of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionMoment {
    /// It begins, or goes on: a sign of life, also of one that was said to be over.
    Begins,
    /// It is at work: a sign of life, unless it was said to be over.
    Works,
    /// It only asks.
    Asks,
    /// It is over.
    Over,
}

/// An agent that acts in a client's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAgent {
    /// The agent.
    pub agent: AgentId,
    /// Whether its calls come in the client's session, so that they need not name the agent.
    pub in_session: bool,
    /// What it holds, without what its other live sessions hold.
    pub claims: Vec<Claim>,
    /// Feedback on its pull requests that waits for it.
    pub feedback: Vec<Followup>,
    /// What became of its work by another's hand.
    pub notices: Vec<ToldNotice>,
}

/// An agent with those of its sessions that are the client's.
struct Acting {
    agent: AgentId,
    in_session: bool,
    sessions: Vec<SessionId>,
}

/// The name that hooks tell a model to use where its calls come in a session of their own: the client's with the last letters and
/// digits of its session's id, whose beginning may be a time. `None` without such.
pub fn client_agent(client: &str, session: &SessionId) -> Option<AgentId> {
    const LETTERS: usize = 8;
    let of_id = session.as_str().chars().rev();
    let end: Vec<char> = of_id
        .filter(char::is_ascii_alphanumeric)
        .take(LETTERS)
        .collect();
    let end: String = end.into_iter().rev().collect();
    let named = !end.is_empty() && !client.is_empty();
    AgentId::parse(&format!("{client}-{end}"))
        .ok()
        .filter(|_| named)
}

impl Service {
    /// Takes what a client says of its session, which is the caller's, and tells what its agents have: those that were heard in it;
    /// else the agent named, the key's own, or the one that the client's hooks tell its model to be. Nothing is done to sessions of
    /// other clients, also of the same agent: without its session's id a client ends none and keeps none alive.
    ///
    /// # Errors
    /// The refusal if the caller may not change what is the agent's.
    pub async fn client_session(
        &self,
        caller: &Caller,
        client: &str,
        agent: Option<AgentId>,
        moment: SessionMoment,
    ) -> ServiceResult<Vec<ClientAgent>> {
        let mut told = Vec::new();
        for acting in self.acting_in(caller, client, agent, moment).await? {
            if moment == SessionMoment::Asks {
                caller.may_be(&acting.agent)?;
            } else {
                caller.may_change(Some(&acting.agent))?;
            }
            let news = self.note_moment(caller, &acting, moment).await?;
            told.push(self.seen_by(caller, acting, news).await?);
        }
        Ok(told)
    }

    async fn acting_in(
        &self,
        caller: &Caller,
        client: &str,
        agent: Option<AgentId>,
        moment: SessionMoment,
    ) -> ServiceResult<Vec<Acting>> {
        let own = caller.session_id();
        let agent = agent.or_else(|| caller.agent.clone());
        let mut heard = self.store.sessions(agent.as_ref()).await?;
        heard.retain(|row| Some(&row.id) == own && caller.may_speak_in(row));
        if !heard.is_empty() {
            let acting = |row: Session| Acting {
                agent: row.agent,
                in_session: true,
                sessions: vec![row.id],
            };
            return Ok(heard.into_iter().map(acting).collect());
        }
        let default = own.and_then(|id| client_agent(client, id));
        let Some(agent) = agent.or_else(|| default.clone()) else {
            return Ok(Vec::new());
        };
        let mut sessions = Vec::new();
        // Only the client's own model was told this name. What others of a shared name hold is not the client's.
        if default.as_ref() == Some(&agent) {
            // A connection that its client has just closed is over for good.
            let is_open = |row: &Session| match row.ended {
                None => true,
                Some((_, end)) => moment == SessionMoment::Over && end == SessionEnd::Left,
            };
            let rows = self.store.sessions(Some(&agent)).await?.into_iter();
            let rows = rows.filter(|row| is_open(row) && caller.may_speak_in(row));
            sessions = rows.map(|row| row.id).collect();
        }
        Ok(vec![Acting {
            agent,
            in_session: false,
            sessions,
        }])
    }

    async fn note_moment(
        &self,
        caller: &Caller,
        acting: &Acting,
        moment: SessionMoment,
    ) -> ServiceResult<Vec<ToldNotice>> {
        let resumes = match moment {
            SessionMoment::Begins => true,
            SessionMoment::Works => false,
            SessionMoment::Asks => return Ok(Vec::new()),
            SessionMoment::Over => {
                for id in &acting.sessions {
                    let agent = acting.agent.clone();
                    self.end(caller, agent, id, None, SessionEnd::Over).await?;
                }
                return Ok(Vec::new());
            }
        };
        let mut told: Vec<ToldNotice> = Vec::new();
        // What is held in no session has its sign of life without one.
        let alone = (!acting.in_session).then_some(None);
        for id in acting.sessions.iter().map(Some).chain(alone) {
            let caller = speaking_in(caller, id);
            let CallerNews { notices, .. } =
                (self.record_beat(&caller, &acting.agent, resumes)).await?;
            let new = notices.into_iter().filter(|it| !told.contains(it));
            let new: Vec<ToldNotice> = new.collect();
            told.extend(new);
        }
        Ok(told)
    }

    async fn seen_by(
        &self,
        caller: &Caller,
        acting: Acting,
        notices: Vec<ToldNotice>,
    ) -> ServiceResult<ClientAgent> {
        let Acting {
            agent, in_session, ..
        } = acting;
        // An agent that is known by its name alone has what its name has.
        let own = caller.session_id().filter(|_| in_session);
        let caller = speaking_in(caller, own);
        let mut work = self.my_work(&caller, agent.clone()).await?;
        let others = std::mem::take(&mut work.others);
        let elsewhere = |id: &Option<SessionId>| id.as_ref().is_some_and(|id| others.contains(id));
        work.claims.retain(|claim| !elsewhere(&claim.session));
        let feedback = self.feedback_for(&caller, &agent, &work.claims).await?;
        Ok(ClientAgent {
            claims: work.claims,
            agent,
            in_session,
            feedback,
            notices,
        })
    }
}

fn speaking_in(caller: &Caller, session: Option<&SessionId>) -> Caller {
    Caller {
        session: session.map(|id| CallerSession {
            id: id.clone(),
            agent: None,
            client: None,
            transport: Transport::Http,
            process: None,
        }),
        ..caller.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_named_by_the_end_of_its_session() {
        let name = |client, id| {
            let id = SessionId::parse(id).unwrap();
            client_agent(client, &id).map(|agent| agent.to_string())
        };
        let wanted = Some("codex-therb2c9".to_owned());
        assert_eq!(name("codex", "019a-another-b2c9"), wanted);
        assert_eq!(name("codex", "b2"), Some("codex-b2".to_owned()));
        assert_eq!(name("codex", "--"), None);
        assert_eq!(name("", "b2c9"), None);
    }
}
