//! Records agents and their sessions, and tells live sessions of one name apart.

use super::Context;
use super::effects::Effects;
use crate::domain::access::Scope;
use crate::domain::bounds::{NOTE_MAX, beginning};
use crate::domain::claim::{Actor, Claim, ClaimStatus};
use crate::domain::event::{Details, EventKind, EventOrigin};
use crate::domain::id::AgentId;
use crate::domain::notice::Notice;
use crate::domain::policy::SessionPolicy;
use crate::domain::refusal::Refusal;
use crate::domain::session::{
    CallerSession, KnownAgent, OtherSession, ProcessRef, Session, SessionEnd, SessionId,
};
use crate::engine::change::{Change, Sign};
use crate::engine::command::{Answer, Outcome};
use crate::engine::view::Rows;

/// How an agent is heard; see [`Action::Heard`](crate::engine::command::Action::Heard).
#[derive(Clone, Copy)]
pub(super) struct Hearing {
    pub(super) beats: bool,
    pub(super) resumes: bool,
    pub(super) holds: bool,
}

impl Context<'_> {
    /// Whether the session that the caller gives is a live one of another key. One that is silent for too long is nobody's, as for
    /// other sessions of its name.
    pub(super) fn names_foreign_session(&self) -> bool {
        let caller = &self.command.caller;
        let agent = self.command.action.agent();
        let session = agent
            .zip(caller.session_id())
            .and_then(|(agent, id)| self.session(agent, id));
        let silent_since = self.time.silent_since(self.policy.sessions.alive);
        session.is_some_and(|it| it.is_alive(silent_since) && !caller.may_speak_in(it))
    }

    /// Records that an agent was heard. What its session holds gets a sign of life, and the session is told what happened.
    pub(super) fn heard(
        &self,
        agent: &AgentId,
        Hearing {
            beats,
            resumes,
            holds,
        }: Hearing,
        recorded: bool,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let caller = &self.command.caller;
        let session = caller.session.as_ref();
        let known = session.and_then(|session| self.session(agent, &session.id));
        if !resumes && known.is_some_and(|known| known.over_at().is_some()) {
            return Outcome::Done(Answer::Heard {
                is_new: false,
                notices: Vec::new(),
                held: Vec::new(),
            });
        }
        let is_new = !recorded && self.record_agent(agent, fx);
        if let Some(session) = session {
            self.record_session(agent, session, fx);
        }
        if session.is_some() || beats {
            fx.put_other(Change::Sign(Sign {
                agent: agent.clone(),
                session: caller.session_id().cloned(),
                at: self.now,
            }));
        }
        let notices = self.take_notices(agent, fx);
        let held = self.view.holdings_of(agent).iter().filter(|_| holds);
        let held = held.filter(|held| caller.scope.has(&held.repo));
        Outcome::Done(Answer::Heard {
            is_new,
            notices,
            held: held.cloned().collect(),
        })
    }

    fn record_agent(&self, agent: &AgentId, fx: &mut Effects<'_>) -> bool {
        let known = self.view.tables.agents.get(agent);
        let session = self.command.caller.session.as_ref();
        let client = session.and_then(|session| session.client.clone());
        let row = KnownAgent {
            id: agent.clone(),
            client: client.or_else(|| known.and_then(|known| known.client.clone())),
            principal: self.command.caller.principal.clone(),
            first_seen: known.map_or(self.now, |known| known.first_seen),
            last_seen: self.now,
        };
        let due = self.now.minus(SessionPolicy::SIGN_EACH);
        let same = known.is_some_and(|known| {
            known.last_seen > due && known.client == row.client && known.principal == row.principal
        });
        if !same {
            fx.put_row(row);
        }
        known.is_none()
    }

    fn record_session(&self, agent: &AgentId, from: &CallerSession, fx: &mut Effects<'_>) {
        let caller = &self.command.caller;
        let known = self.session(agent, &from.id);
        let begun_by = known.filter(|known| caller.may_speak_in(known));
        let begun_by = begun_by.map_or(&caller.principal, |known| &known.principal);
        fx.put_row(Session {
            agent: agent.clone(),
            id: from.id.clone(),
            client: (from.client.clone()).or_else(|| known.and_then(|it| it.client.clone())),
            principal: begun_by.clone(),
            transport: from.transport,
            // A hook over HTTP may speak for a session that a process serves.
            process: (from.process.clone()).or_else(|| known.and_then(|it| it.process.clone())),
            first_seen: known.map_or(self.now, |known| known.first_seen),
            last_seen: self.now,
            ended: None,
            gives_back: Scope::All,
        });
    }

    /// The oldest notices that this session has not heard, which then count as told to it.
    fn take_notices(&self, agent: &AgentId, fx: &mut Effects<'_>) -> Vec<Notice> {
        let caller = &self.command.caller;
        let since = self.now.minus(Notice::KEEP);
        let rows = self.view.tables.notices.rows();
        let mut due: Vec<&Notice> = rows
            .filter(|notice| notice.agent == *agent && notice.is_for(caller, since))
            .collect();
        due.sort_by_key(|notice| notice.order());
        due.truncate(Notice::AT_ONCE);
        for notice in &due {
            fx.put_row((*notice).clone().told_to(caller.session_id()));
        }
        due.into_iter().cloned().collect()
    }

    pub(super) fn end_session(
        &self,
        agent: &AgentId,
        session: &SessionId,
        process: Option<&ProcessRef>,
        end: SessionEnd,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let caller = &self.command.caller;
        let Some(known) = self.session(agent, session) else {
            return Outcome::Done(Answer::Noted);
        };
        if !caller.may_speak_in(known) {
            return Outcome::Refused(Refusal::SessionNotAllowed);
        }
        let gives_back = match known.over_at() {
            Some(_) => known.gives_back.clone().with(&caller.scope),
            None => caller.scope.clone(),
        };
        let ends = match end {
            // The client's word counts more than that its process left, which happens at the same time.
            SessionEnd::Over => known.over_at().is_none() || gives_back != known.gives_back,
            SessionEnd::Left | SessionEnd::Gone => {
                known.ended.is_none() && known.process.as_ref() == process
            }
        };
        if ends {
            fx.put_row(Session {
                ended: Some((self.now, end)),
                gives_back,
                ..known.clone()
            });
        }
        Outcome::Done(Answer::Noted)
    }

    fn session(&self, agent: &AgentId, id: &SessionId) -> Option<&Session> {
        let key = (agent.clone(), id.clone());
        self.view.tables.sessions.get(&key)
    }

    /// Releases the claims without a pull request of sessions that were said to be over, unless they were heard since.
    pub(super) fn release_of_sessions_over(&self, fx: &mut Effects<'_>) {
        for id in self.view.left_behind() {
            let Some(claim) = fx.claim(*id).filter(|claim| has_no_result(claim)) else {
                continue;
            };
            // The store judged what it has. An agent that is heard in this batch is back.
            let mut sessions = self.view.tables.sessions.rows();
            if sessions.any(|row| {
                row.agent == claim.agent && row.ended.is_none() && row.last_seen == self.now
            }) {
                continue;
            }
            let mut notes = claim.history.iter().rev();
            let last = notes.find_map(|entry| entry.note.as_deref());
            let note = match last {
                Some(last) => format!("Its session is over. Last note: {last}"),
                None => "Its session is over".to_owned(),
            };
            let note = beginning(&note, NOTE_MAX).to_owned();
            let to = ClaimStatus::Released;
            let moved = claim
                .clone()
                .advance(to, Actor::System, Some(note.clone()), self.now);
            let Ok(moved) = moved else { continue };
            let details = Details::Moved {
                source: EventOrigin::Sync,
                status: to,
                note: Some(note),
            };
            fx.emit(self.claim_event(EventKind::ClaimAutoReleased, &moved, details));
            fx.put_claim(moved);
        }
    }

    /// The session that holds something of this agent, if it is alive and not the caller's own. Callers without a session, and
    /// what is held in no session, are never told apart.
    pub(super) fn other_session(
        &self,
        agent: &AgentId,
        holder: Option<&SessionId>,
    ) -> Option<OtherSession> {
        let own = self.command.caller.session_id()?;
        let holder = holder.filter(|holder| *holder != own)?;
        let session = self.session(agent, holder)?;
        let silent_since = self.time.silent_since(self.policy.sessions.alive);
        session.is_alive(silent_since).then(|| OtherSession {
            id: session.id.clone(),
            silent: (self.now.0 - session.last_seen.0).max(0),
            process: session.process.clone(),
        })
    }
}

/// Whether the claim would be lost work, but for its notes: there is no pull request.
fn has_no_result(claim: &Claim) -> bool {
    let unfinished = match claim.status {
        ClaimStatus::Claimed | ClaimStatus::InProgress | ClaimStatus::Stale => true,
        ClaimStatus::PrSubmitted
        | ClaimStatus::PrMerged
        | ClaimStatus::Closed
        | ClaimStatus::Released => false,
    };
    unfinished && claim.pr_url.is_none()
}
