//! Says why an agent gets no issue: how many there are, and what stands against them.

use super::{Service, ServiceError, ServiceResult, together};
use crate::domain::access::{Caller, Scope};
use crate::domain::explain::{ExplainQuery, Explained};
use crate::domain::failure::StoreError;
use crate::domain::id::{AgentId, IssueKey, IssueNumber};
use crate::domain::issue::IssueFilter;
use crate::domain::readiness::{NotReady, ReasonCode};
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::engine::command::{Action, Answer, Command, Outcome};

/// How many issues an agent could get, and why not the others. Each issue counts once, by its first reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Open issues that are for the agent.
    pub considered: u64,
    /// Those that are handed out.
    pub ready: u64,
    /// What stands against the others, in order of the reasons.
    pub reasons: Vec<WhyNot>,
    /// Issues that are handed out to other agents alone.
    pub elsewhere: u64,
    /// There are more issues with these labels than were counted.
    pub approximate: bool,
}

/// A reason, and the issues of which it is the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyNot {
    /// The reason.
    pub reason: ReasonCode,
    /// How many issues.
    pub count: u64,
    /// The oldest of them; `None` if it changed in this moment.
    pub example: Option<Example>,
}

/// One issue that is not handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its repository.
    pub repo: RepoName,
    /// Its number.
    pub number: IssueNumber,
    /// The reason in words.
    pub message: String,
}

impl Service {
    /// Says why an agent gets no issue that fits, or what there is to get. Without an agent all issues count.
    pub async fn explain(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        filter: IssueFilter,
    ) -> ServiceResult<Explanation> {
        let caller = self.scoped(caller);
        if let Some(agent) = &agent {
            caller.may_be(agent)?;
        }
        if let Some(repo) = &filter.repo {
            Self::permit(&caller, repo)?;
            self.learn_for(&caller, repo).await?;
        }
        let agent = agent.or_else(|| caller.agent.clone());
        Ok(self.why(&caller.scope, agent, filter).await?)
    }

    /// A refusal to give an agent any issue, with what stands against those that there are.
    pub(super) async fn no_work(
        &self,
        caller: &Caller,
        agent: &AgentId,
        filter: &IssueFilter,
        refusal: Refusal,
    ) -> ServiceError {
        let why = self.why(&caller.scope, Some(agent.clone()), filter.clone());
        let refusal = Box::new(refusal);
        match why.await {
            Ok(why) => ServiceError::NoWork {
                refusal,
                why: Box::new(why),
            },
            // The refusal is right without it.
            Err(_) => ServiceError::Refused(refusal),
        }
    }

    async fn why(
        &self,
        scope: &Scope,
        agent: Option<AgentId>,
        filter: IssueFilter,
    ) -> Result<Explanation, StoreError> {
        let query = ExplainQuery::new(filter, scope.clone(), agent);
        let explained = self.store.explain(&query).await?;
        let counts = explained.reasons();
        let examples = counts.keys().map(|code| self.example(&explained, *code));
        let examples = together::all(examples).await;
        let reasons = counts.iter().zip(examples);
        let reasons = reasons.map(|((reason, count), example)| {
            Ok(WhyNot {
                reason: *reason,
                count: *count,
                example: example?,
            })
        });
        Ok(Explanation {
            considered: explained.considered(),
            ready: explained.ready(),
            reasons: reasons.collect::<Result<_, StoreError>>()?,
            elsewhere: explained.elsewhere(),
            approximate: explained.approximate,
        })
    }

    /// The oldest issue of a reason, in the words in which its own readiness tells it.
    async fn example(
        &self,
        explained: &Explained,
        code: ReasonCode,
    ) -> Result<Option<Example>, StoreError> {
        let Some((repo, number)) = example_of(explained, code) else {
            return Ok(None);
        };
        let action = Action::AskReadiness {
            repo: repo.clone(),
            number,
        };
        let outcome = self.store.transact(Command::system(action)).await?;
        let Outcome::Done(Answer::Readiness { reasons, .. }) = outcome else {
            return Ok(None);
        };
        let why = reasons.iter().find(|reason| reason.code() == code);
        Ok(why.map(|why: &NotReady| Example {
            repo,
            number,
            message: why.words(),
        }))
    }
}

fn example_of(explained: &Explained, code: ReasonCode) -> Option<(RepoName, IssueNumber)> {
    let (repo, number): IssueKey = *explained.oldest.get(&code)?;
    let row = explained.repos.iter().find(|row| row.repo.id == repo)?;
    Some((row.repo.facts.name.clone(), number))
}
