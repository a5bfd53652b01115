//! Use cases about agents and their sessions: who was heard, what they are told, and who is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::holdings::ShownHolding;
use super::near_names::is_near;
use super::{Service, ServiceResult, ShownHalt};
use crate::domain::access::{Caller, Scope};
use crate::domain::claim::{Claim, staleness};
use crate::domain::failure::StoreError;
use crate::domain::followup::Followup;
use crate::domain::halt::{Halt, HaltOf};
use crate::domain::id::AgentId;
use crate::domain::notice::{Notice, NoticeOf};
use crate::domain::policy::SessionPolicy;
use crate::domain::session::{KnownAgent, Session, SessionId};
use crate::domain::time::Timestamp;
use crate::engine::command::{Action, Answer, Command, Outcome};
use crate::ports::processes::Processes;
use crate::ports::store::{ClaimFilter, FollowupFilter};

/// The most pairs of agent and session that are remembered.
const REMEMBERED: usize = 10_000;
/// The most new names that are compared with those of agents that hold claims.
const COMPARED: usize = 1_000;

/// Who called this process last, and when it was recorded.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<BTreeMap<(AgentId, Option<SessionId>), Timestamp>>);

impl Heard {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(AgentId, Option<SessionId>), Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, agent: &AgentId, session: Option<&SessionId>, now: Timestamp) {
        let mut heard = self.lock();
        if heard.len() >= REMEMBERED {
            heard.clear();
        }
        heard.insert((agent.clone(), session.cloned()), now);
    }

    fn was_just_heard(&self, agent: &AgentId, session: Option<&SessionId>, now: Timestamp) -> bool {
        let last = self.lock().get(&(agent.clone(), session.cloned())).copied();
        last.is_some_and(|last| last <= now && now < last.plus(SessionPolicy::SIGN_EACH))
    }

    /// The agents that called from this session.
    pub(super) fn agents_of(&self, session: &SessionId) -> Vec<AgentId> {
        let heard = self.lock();
        let of_it = heard.keys().filter(|(_, id)| id.as_ref() == Some(session));
        of_it.map(|(agent, _)| agent.clone()).collect()
    }
}

/// What a call is heard for.
#[derive(Clone, Copy, Debug, Default)]
struct Hearing {
    /// It changes something.
    changes: bool,
    /// Its answer tells notices.
    tells: bool,
    /// Its answer says what the agent holds.
    holds: bool,
}

/// A notice with who has what it is about at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldNotice {
    /// The notice.
    pub notice: Notice,
    /// The agent that has it now.
    pub now: Option<AgentId>,
}

/// What a caller is told beside the answer to its call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerNews {
    /// What became of its work by another's hand, oldest first.
    pub notices: Vec<ToldNotice>,
    /// Warnings, in sentences for the agent.
    pub warnings: Vec<String>,
    /// What the agent holds, if that was asked for, at most [`MOST`](crate::domain::holding::Holding::MOST) claims and
    /// as many follow-ups.
    pub held: Vec<ShownHolding>,
}

/// The answer to a sign of life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The claims that the sign is for.
    pub claims: Vec<Claim>,
    /// Feedback that waits for the agent.
    pub feedback: Vec<Followup>,
    /// What of the agent's work is halted.
    pub halts: Vec<ShownHalt>,
    /// What the caller is told beside it.
    pub told: CallerNews,
}

/// An agent with its sessions and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentState {
    /// The agent.
    pub agent: KnownAgent,
    /// Its sessions, by id, each with whether it counts as alive.
    pub sessions: Vec<(Session, bool)>,
    /// Its active claims.
    pub claims: Vec<Claim>,
    /// The follow-ups that it has in hand.
    pub followups: Vec<Followup>,
    /// The halt of its own work.
    pub halt: Option<Halt>,
    /// How many claims it may have; `None` for any number.
    pub limit: Option<u32>,
}

impl Service {
    /// Sets the port to the processes of this machine.
    #[must_use]
    pub fn with_processes(mut self, processes: Arc<dyn Processes>) -> Self {
        self.processes = processes;
        self
    }

    /// Records that an agent was heard and takes what it is to be told. Without an agent: the agents that this process heard from
    /// the caller's session. A call that only reads is recorded at most once a minute. `holds`: also tells what the agent holds, for a call that
    /// changes something. An error of the store is dropped: the call
    /// itself has its own.
    pub async fn hear(
        &self,
        caller: &Caller,
        agent: Option<&AgentId>,
        changes: bool,
        holds: bool,
    ) -> CallerNews {
        // What a person does for an agent is no sign that the agent lives, and the agent's notices are not for the person.
        if caller.principal.is_person() {
            return CallerNews::default();
        }
        let Some(agent) = agent else {
            if let Some(session) = caller.session_id() {
                for agent in self.heard.agents_of(session) {
                    let _ = self.hear_agent(caller, &agent, Hearing::default()).await;
                }
            }
            return CallerNews::default();
        };
        let hearing = Hearing {
            changes,
            tells: true,
            holds,
        };
        let told = self.hear_agent(caller, agent, hearing).await;
        told.unwrap_or_default()
    }

    async fn hear_agent(
        &self,
        caller: &Caller,
        agent: &AgentId,
        Hearing {
            changes,
            tells,
            holds,
        }: Hearing,
    ) -> Result<CallerNews, StoreError> {
        if caller.may_change(Some(agent)).is_err() {
            return Ok(CallerNews::default());
        }
        let (session, now) = (caller.session_id(), self.clock.now());
        if !changes && self.heard.was_just_heard(agent, session, now) {
            let since = now.minus(Notice::KEEP);
            let caller = self.scoped(caller);
            let waits = |notice: &Notice| notice.is_for(&caller, since);
            if !tells || !self.store.notices(agent).await?.iter().any(waits) {
                return Ok(CallerNews::default());
            }
        }
        self.record_heard(caller, agent, false, holds).await
    }

    async fn record_heard(
        &self,
        caller: &Caller,
        agent: &AgentId,
        beats: bool,
        holds: bool,
    ) -> Result<CallerNews, StoreError> {
        let action = Action::Heard {
            agent: agent.clone(),
            beats,
            holds,
        };
        let command = Command::new(&self.scoped(caller), action);
        let outcome = self.store.transact(command).await?;
        let Outcome::Done(Answer::Heard {
            is_new,
            notices,
            held,
        }) = outcome
        else {
            return Ok(CallerNews::default());
        };
        self.heard
            .note(agent, caller.session_id(), self.clock.now());
        let mut told = CallerNews::default();
        for notice in notices {
            let now = self.present_holder(&notice).await?;
            told.notices.push(ToldNotice { notice, now });
        }
        if is_new {
            told.warnings.extend(self.near_name(caller, agent).await?);
        }
        told.held = self.shown_holdings(caller, agent, held).await?;
        Ok(told)
    }

    async fn present_holder(&self, notice: &Notice) -> Result<Option<AgentId>, StoreError> {
        let repo = Some(notice.body.of.repo_name().clone());
        match &notice.body.of {
            NoticeOf::Claim { number, .. } => {
                let filter = ClaimFilter {
                    repo,
                    ..ClaimFilter::default()
                };
                let claims = self.store.claims(&filter).await?;
                let held = claims.into_iter().find(|claim| claim.number == *number);
                Ok(held.map(|claim| claim.agent))
            }
            NoticeOf::Followup { id, number, .. } => {
                let filter = FollowupFilter {
                    repo,
                    number: Some(*number),
                    ..FollowupFilter::default()
                };
                let items = self.store.followups(&filter).await?;
                let item = items.iter().find(|item| item.id == *id);
                Ok(item.and_then(|item| item.holder().cloned()))
            }
        }
    }

    /// The warning to an agent whose name nobody knew, while a name like it holds claims.
    async fn near_name(
        &self,
        caller: &Caller,
        agent: &AgentId,
    ) -> Result<Option<String>, StoreError> {
        let session = caller.session.as_ref();
        // A name that was made from the session is no slip.
        if session.is_some_and(|session| session.agent.as_ref() == Some(agent)) {
            return Ok(None);
        }
        let client = session.and_then(|session| session.client.as_ref());
        let client = client.map(|client| &client.name);
        let known = self.store.agents(None).await?;
        let near = known.iter().take(COMPARED).filter(|known| {
            known.client.as_ref().map(|client| &client.name) == client
                && known.id != *agent
                && is_near(known.id.as_str(), agent.as_str())
        });
        for known in near {
            let filter = ClaimFilter {
                agent: Some(known.id.clone()),
                scope: self.scoped(caller).scope,
                ..ClaimFilter::default()
            };
            let held = self.store.claims(&filter).await?.len();
            if held > 0 {
                let s = if held == 1 { "" } else { "s" };
                return Ok(Some(format!(
                    "{:?} is new here; {:?} holds {held} claim{s}: was that you? Then go on under that name.",
                    agent.as_str(),
                    known.id.as_str(),
                )));
            }
        }
        Ok(None)
    }

    /// A sign of life of an agent, for what its session holds, or without a session for what it holds in none.
    pub async fn heartbeat(&self, caller: &Caller, agent: AgentId) -> ServiceResult<Beat> {
        caller.may_change(Some(&agent))?;
        let told = self.record_heard(caller, &agent, true, false).await?;
        self.beat(caller, &agent, told).await
    }

    /// What the caller's session, or the agent in no session, has.
    pub(super) async fn beat(
        &self,
        caller: &Caller,
        agent: &AgentId,
        told: CallerNews,
    ) -> ServiceResult<Beat> {
        let filter = ClaimFilter {
            agent: Some(agent.clone()),
            ..ClaimFilter::default()
        };
        let mut claims = self.claims(caller, filter).await?;
        claims.retain(|claim| {
            claim.session.is_none() || claim.session.as_ref() == caller.session_id()
        });
        let feedback = self.feedback_for(caller, agent, &claims).await?;
        let halts = self.halts_of(agent, &claims).await?;
        Ok(Beat {
            claims,
            feedback,
            halts,
            told,
        })
    }

    /// Feedback on the pull requests of these claims that waits for the agent.
    pub async fn feedback_for(
        &self,
        caller: &Caller,
        agent: &AgentId,
        claims: &[Claim],
    ) -> Result<Vec<Followup>, StoreError> {
        let pulls: BTreeSet<_> = claims.iter().filter_map(|claim| claim.pull).collect();
        let mut waiting = Vec::new();
        for (repo, number) in pulls {
            let claim = claims.iter().find(|claim| claim.repo == repo);
            let Some(claim) = claim else { continue };
            let filter = FollowupFilter {
                repo: Some(claim.repo_name.clone()),
                number: Some(number),
                scope: self.scoped(caller).scope,
                ..FollowupFilter::default()
            };
            let items = self.store.followups(&filter).await?.into_iter();
            waiting.extend(items.filter(|item| {
                let preferred = item.author.as_ref().and_then(|it| it.preferred.as_ref());
                item.waits() && item.repo_offered && preferred == Some(agent)
            }));
        }
        Ok(waiting)
    }

    /// The live sessions of an agent, apart from the caller's own. None for a caller without a session.
    pub(super) async fn other_sessions(
        &self,
        caller: &Caller,
        agent: &AgentId,
    ) -> Result<BTreeSet<SessionId>, StoreError> {
        let Some(own) = caller.session_id() else {
            return Ok(BTreeSet::new());
        };
        let sessions = self.store.sessions(Some(agent)).await?.into_iter();
        let others = sessions.filter(|session| session.id != *own && self.is_alive(session));
        Ok(others.map(|session| session.id).collect())
    }

    pub(super) fn is_alive(&self, session: &Session) -> bool {
        let since = self.clock.now().minus(self.policy.sessions.alive);
        let gone = |process| self.processes.is_gone(process);
        session.is_alive(since) && !session.process.as_ref().is_some_and(gone)
    }

    /// All agents that were heard lately, with their sessions and what they hold. A caller who sees some repositories only gets the
    /// agents that hold something there.
    pub async fn agents(&self, caller: &Caller) -> ServiceResult<Vec<AgentState>> {
        caller.may_change(None)?;
        let sees_all = caller.scope == Scope::All;
        let halts = self.store.halts().await?;
        let mut sessions = self.store.sessions(None).await?;
        let mut claims = self.claims(caller, ClaimFilter::default()).await?;
        let mut items = self.followups(caller, FollowupFilter::default()).await?;
        let agents = self.store.agents(None).await?.into_iter();
        let state = |agent: KnownAgent| {
            let own = sessions.extract_if(.., |session| session.agent == agent.id);
            let own_halt = HaltOf::Agent(agent.id.clone());
            AgentState {
                sessions: own.map(|it| (it.clone(), self.is_alive(&it))).collect(),
                claims: claims
                    .extract_if(.., |claim| claim.agent == agent.id)
                    .collect(),
                followups: items
                    .extract_if(.., |item| item.holder() == Some(&agent.id))
                    .collect(),
                halt: halts.iter().find(|it| it.of == own_halt).cloned(),
                limit: self.policy.capacity.per_agent,
                agent,
            }
        };
        let mut states: Vec<AgentState> = agents.map(state).collect();
        states.retain(|it| sees_all || !it.claims.is_empty() || !it.followups.is_empty());
        Ok(states)
    }

    /// The claim as it is shown: with the time at which it goes stale.
    pub(super) fn shown(&self, claim: Claim) -> Claim {
        Claim {
            stale_at: staleness::stale_at(&claim, &self.policy),
            ..claim
        }
    }
}
