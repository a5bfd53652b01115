//! Takes, moves and releases claims.

mod held;
mod reported_closed;

use super::Context;
use super::effects::Effects;
use crate::domain::claim::staleness::may_be_taken_over_at;
use crate::domain::claim::{Actor, Claim, ClaimStatus};
use crate::domain::event::{Details, EventKind, EventOrigin};
use crate::domain::halt::HaltOf;
use crate::domain::id::{AgentId, ClaimId, IdGenerator, IssueNumber};
use crate::domain::issue::MirroredIssue;
use crate::domain::outbox::OutboxEntry;
use crate::domain::readiness::{ClaimObstacle, NotReady};
use crate::domain::refusal::{Ended, Refusal};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::standing::Standing;
use crate::domain::time::Millis;
use crate::engine::command::{Answer, Missing, Outcome};
use crate::engine::view::Rows;

/// An answer of GitHub this young always counts as fresh, even if `issue_check_age` is shorter: it was fetched for this claim.
const LOOKED_JUST_NOW: Millis = Millis::seconds(2);

/// How an issue is claimed by number.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClaimTerms {
    /// GitHub did not answer just now, so the mirror counts.
    pub(super) unreachable: bool,
    /// The caller takes it from whoever holds it, where the rules let it.
    pub(super) take_over: bool,
}

impl Context<'_> {
    pub(super) fn claim_issue(
        &self,
        agent: &AgentId,
        name: &RepoName,
        number: IssueNumber,
        how: ClaimTerms,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Outcome {
        let Some(repo) = self.view.repo_named(name) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        let key = (repo.id, number);
        let held = self.view.active_on(key);
        if let Some(claim) = held {
            if claim.agent == *agent {
                return self.claim_again(claim, how.take_over, fx);
            }
            if !(how.take_over && self.may_be_taken_over(claim)) {
                return Outcome::Refused(Refusal::AlreadyClaimed {
                    may_take_over_at: may_be_taken_over_at(claim, self.policy),
                    claim: Box::new(claim.clone()),
                    session: None,
                });
            }
        }
        let Some(issue) = self.view.issue(key) else {
            return Outcome::Missing(Missing::Issue {
                key,
                repo: repo.facts.name.clone(),
                etag: None,
            });
        };
        let fresh = self.is_fresh(repo, issue);
        match ClaimObstacle::of(issue, fresh, how.unreachable) {
            None => {
                let gone = !repo.offered && !repo.unseen;
                let halt = self.view.tables.halts.get(&HaltOf::Repo(repo.id));
                let outside = gone.then_some(NotReady::RepoNotOffered).into_iter();
                let outside = outside.chain(halt.cloned().map(NotReady::RepoPaused));
                let reasons = outside.chain(self.own_reasons(issue));
                let (hard, soft): (Vec<_>, Vec<_>) =
                    reasons.partition(|reason| reason.code().is_hard());
                if hard.is_empty() {
                    if let Some(claim) = held {
                        self.release_stale(claim, agent, fx);
                    }
                    return self.take(agent, issue, false, soft, fx, ids);
                }
                Outcome::Refused(Refusal::NotReady {
                    repo: repo.facts.name.clone(),
                    number,
                    reasons: hard,
                })
            }
            Some(ClaimObstacle::Unconfirmed) => Outcome::Missing(Missing::of(issue)),
            Some(ClaimObstacle::Final(why)) => Outcome::Refused(Refusal::InvalidIssue {
                repo: repo.facts.name.clone(),
                number,
                why,
            }),
        }
    }

    /// Whether GitHub said anything about this row recently. A list of changes omits deleted and transferred issues, so only a
    /// full read of the open issues confirms rows that it left unchanged.
    pub(super) fn is_fresh(&self, repo: &Repo, issue: &MirroredIssue) -> bool {
        let checked = repo
            .full_at
            .map_or(issue.checked_at, |full| full.max(issue.checked_at));
        let age = self.policy.issue_check_age.max(LOOKED_JUST_NOW);
        self.now <= checked.plus(age)
    }

    /// Creates a claim on a free issue. `not_ready`: what the caller is warned of.
    pub(super) fn take(
        &self,
        agent: &AgentId,
        issue: &MirroredIssue,
        with_issue: bool,
        not_ready: Vec<NotReady>,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Outcome {
        let claim = Claim {
            title: issue.facts.title.clone(),
            labels: issue.facts.labels.clone(),
            assignees: issue.facts.assignees.clone(),
            session: self.command.caller.session_id().cloned(),
            ..Claim::begin(
                ClaimId(ids.uuid()),
                agent.clone(),
                self.command.caller.principal.clone(),
                (issue.repo, issue.repo_name.clone()),
                issue.facts.number,
                self.now,
            )
        };
        fx.emit(self.claim_event(
            EventKind::ClaimCreated,
            &claim,
            Details::Created { idempotent: false },
        ));
        fx.put_claim(claim.clone());
        Outcome::Done(Answer::Claim {
            claim: Box::new(claim),
            issue: with_issue.then(|| Box::new(issue.clone())),
            idempotent: false,
            outbox: None,
            not_ready,
            chosen: with_issue.then(|| self.chosen(issue)),
            untried: fx.standing(issue.key()).is_some_and(Standing::is_untried),
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the action's fields, as they come"
    )]
    pub(super) fn update_claim(
        &self,
        id: ClaimId,
        agent: &AgentId,
        to: ClaimStatus,
        note: Option<&str>,
        pr_url: Option<&str>,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Outcome {
        let known = match self.own(id, agent) {
            Ok(claim) => claim,
            Err(refusal) => return Outcome::Refused(refusal),
        };
        let mut claim = self.in_this_session(known.clone());
        let linked = self
            .link_by_address(&mut claim, pr_url, fx)
            .then_some(known);
        if claim.status == to {
            return self.heartbeat(claim, linked, fx);
        }
        let before = claim.clone();
        let moved = match claim.advance(to, Actor::Agent, note.map(str::to_owned), self.now) {
            Ok(moved) => moved,
            Err(no) => {
                let allowed = before.allowed(no.actor);
                return Outcome::Refused(Refusal::InvalidTransition {
                    claim: Box::new(known.clone()),
                    to,
                    allowed,
                });
            }
        };
        if to == ClaimStatus::PrSubmitted && moved.pr_url.is_none() {
            return Outcome::Refused(Refusal::PrUrlRequired {
                claim: Box::new(before),
            });
        }
        let outbox = if to == ClaimStatus::Closed {
            self.call_closed(&moved, fx, ids)
        } else {
            None
        };
        let moved = match linked {
            Some(before) => self.share_pull(before, moved, fx),
            None => moved,
        };
        self.moved(moved, note, outbox, fx)
    }

    pub(super) fn release_claim(
        &self,
        id: ClaimId,
        agent: &AgentId,
        reason: Option<&str>,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let claim = match self.own(id, agent) {
            Ok(claim) => self.in_this_session(claim.clone()),
            Err(refusal) => return Outcome::Refused(refusal),
        };
        match claim.clone().advance(
            ClaimStatus::Released,
            Actor::Agent,
            reason.map(str::to_owned),
            self.now,
        ) {
            Ok(moved) => self.moved(moved, reason, None, fx),
            Err(no) => {
                let allowed = claim.allowed(no.actor);
                Outcome::Refused(Refusal::InvalidTransition {
                    claim: Box::new(claim),
                    to: no.to,
                    allowed,
                })
            }
        }
    }

    /// The active claim with that id, if this agent holds it.
    fn own(&self, id: ClaimId, agent: &AgentId) -> Result<&Claim, Refusal> {
        let claim = self
            .view
            .claim(id)
            .filter(|claim| self.command.caller.scope.has(&claim.repo_name));
        let Some(claim) = claim else {
            return Err(Refusal::ClaimNotFound { id, ended: None });
        };
        if !claim.is_active() {
            let ended = Ended {
                status: claim.status,
                at: claim.last_updated,
                note: claim.history.last().and_then(|entry| entry.note.clone()),
                repo: claim.repo_name.clone(),
                number: claim.number,
                holder: self
                    .view
                    .active_on(claim.key())
                    .map(|holder| holder.agent.clone()),
            };
            return Err(Refusal::ClaimNotFound {
                id,
                ended: Some(Box::new(ended)),
            });
        }
        if claim.agent != *agent {
            return Err(Refusal::AgentMismatch {
                claim: Box::new(claim.clone()),
                session: None,
            });
        }
        if let Some(other) = self.other_session(agent, claim.session.as_ref()) {
            return Err(Refusal::AgentMismatch {
                claim: Box::new(claim.clone()),
                session: Some(Box::new(other)),
            });
        }
        Ok(claim)
    }

    /// Records a heartbeat. A newly named pull request is a change and emits an event. `linked` is the claim before the agent
    /// named another pull request.
    fn heartbeat(&self, claim: Claim, linked: Option<&Claim>, fx: &mut Effects<'_>) -> Outcome {
        let mut claim = claim.heartbeat(self.now);
        if let Some(before) = linked {
            claim = self.share_pull(before, claim, fx);
            let details = Details::Moved {
                source: EventOrigin::Agent,
                status: claim.status,
                note: Some("pull request set".to_owned()),
            };
            fx.emit(self.claim_event(EventKind::ClaimUpdated, &claim, details));
        }
        fx.put_claim(claim.clone());
        Outcome::Done(Answer::Claim {
            claim: Box::new(claim),
            issue: None,
            idempotent: true,
            outbox: None,
            not_ready: Vec::new(),
            chosen: None,
            untried: false,
        })
    }

    fn moved(
        &self,
        claim: Claim,
        note: Option<&str>,
        outbox: Option<OutboxEntry>,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let kind = match claim.status {
            ClaimStatus::Released => EventKind::ClaimReleased,
            ClaimStatus::Stale => EventKind::ClaimStale,
            ClaimStatus::Claimed
            | ClaimStatus::InProgress
            | ClaimStatus::PrSubmitted
            | ClaimStatus::PrMerged
            | ClaimStatus::Closed => EventKind::ClaimUpdated,
        };
        let details = Details::Moved {
            source: EventOrigin::Agent,
            status: claim.status,
            note: note.map(str::to_owned),
        };
        fx.emit(self.claim_event(kind, &claim, details));
        fx.put_claim(claim.clone());
        Outcome::Done(Answer::Claim {
            claim: Box::new(claim),
            issue: None,
            idempotent: false,
            outbox,
            not_ready: Vec::new(),
            chosen: None,
            untried: false,
        })
    }
}
