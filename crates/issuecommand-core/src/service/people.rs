//! Use cases of people: they give work to another agent, park issues and offer them again.

use super::claims::unexpected;
use super::{Claimed, MovedFollowup, Readiness, Service, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::followup::WorkItemId;
use crate::domain::id::{AgentId, ClaimId, IssueNumber};
use crate::domain::repo_name::RepoName;
use crate::engine::command::{Action, Answer, Command, Missing, Outcome};

impl Service {
    /// Gives a claim to another agent. Needs a key that is bound to no agent.
    pub async fn give_claim(
        &self,
        caller: &Caller,
        claim: ClaimId,
        to: AgentId,
        note: Option<String>,
    ) -> ServiceResult<Claimed> {
        let action = Action::GiveClaim { claim, to, note };
        let (claim, idempotent, _) = self.moved(caller, action).await?;
        Ok(Claimed {
            claim,
            idempotent,
            untried: false,
            warnings: Vec::new(),
        })
    }

    /// Gives a follow-up to an agent. Needs a key that is bound to no agent.
    pub async fn give_followup(
        &self,
        caller: &Caller,
        item: WorkItemId,
        to: AgentId,
        note: Option<String>,
    ) -> ServiceResult<MovedFollowup> {
        let action = Action::GiveFollowup { item, to, note };
        self.moved_followup(caller, action).await
    }

    /// Ends a follow-up without an answer; `note` says why. Needs a key that is bound to no agent.
    pub async fn dismiss_followup(
        &self,
        caller: &Caller,
        item: WorkItemId,
        note: String,
    ) -> ServiceResult<MovedFollowup> {
        let action = Action::DismissFollowup(item, note);
        self.moved_followup(caller, action).await
    }

    async fn moved_followup(
        &self,
        caller: &Caller,
        action: Action,
    ) -> ServiceResult<MovedFollowup> {
        let command = Command::new(&self.scoped(caller), action);
        match self.store.transact(command).await? {
            Outcome::Done(Answer::Followup { item, idempotent }) => Ok(MovedFollowup {
                item: *item,
                idempotent,
            }),
            Outcome::Refused(refusal) => Err(refusal.into()),
            other => Err(unexpected(&other)),
        }
    }

    /// Parks an issue (`note` says why) or offers it again. Returns what stands against it afterwards. Needs a key that is bound to
    /// no agent.
    pub async fn park_or_offer(
        &self,
        caller: &Caller,
        repo: &RepoName,
        number: IssueNumber,
        what: ParkOrOffer,
    ) -> ServiceResult<Readiness> {
        let caller = self.scoped(caller);
        Self::permit(&caller, repo)?;
        for _ in 0..3 {
            let (repo, what) = (repo.clone(), what.clone());
            let action = match what {
                ParkOrOffer::Park(note) => Action::ParkIssue { repo, number, note },
                ParkOrOffer::Offer(note) => Action::OfferIssue { repo, number, note },
            };
            match self.store.transact(Command::new(&caller, action)).await? {
                Outcome::Done(Answer::Noted) => break,
                Outcome::Refused(refusal) => return Err(refusal.into()),
                Outcome::Missing(Missing::Repo(repo)) => self.learn_repo(&repo).await?,
                Outcome::Missing(Missing::Issue { repo, key, etag }) => {
                    let seen = self.look(&repo, key.1, etag.as_deref()).await?;
                    self.see(&repo, key.1, seen).await?;
                }
                other => return Err(unexpected(&other)),
            }
        }
        self.readiness(&caller, repo, number, None).await
    }
}

/// What a person does with an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParkOrOffer {
    /// It is not offered; the text says why.
    Park(String),
    /// It is offered again; the text says why.
    Offer(Option<String>),
}
