//! Says why an agent gets no issue: how many there are, and what stands against them.

use super::{Service, ServiceError, ServiceResult, together};
use crate::domain::access::{Caller, Scope};
use crate::domain::explain::{ExplainQuery, Explained};
use crate::domain::failure::StoreError;
use crate::domain::halt::HaltOf;
use crate::domain::id::{AgentId, IssueKey, IssueNumber, RepoId};
use crate::domain::issue::IssueFilter;
use crate::domain::lane::Lane;
use crate::domain::readiness::{NotReady, ReasonCode};
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::engine::command::{Action, Answer, Command, Hindrances, Outcome};

/// The most issues that an agent gave back of which it is told.
const COOLING: usize = 20;

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
    /// What keeps the agent from issues that are ready, or from all.
    pub agent: Vec<Hindrance>,
    /// When the first of the issues that the agent gave back is offered to it again.
    pub next_free_at: Option<Timestamp>,
    /// There are more issues with these labels than were counted.
    pub approximate: bool,
}

/// What keeps an agent from issues that are handed out to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// It is given no issue at all at present.
    Refused(Refusal),
    /// Work in this repository, which has issues that are ready, is halted.
    Halted(Refusal),
    /// This repository, which has issues that are ready, has as many active claims as it may have.
    RepoFull(RepoName),
    /// The issue is for other agents alone, by a route.
    OtherAgents(Lane),
    /// It gave back issues that are ready.
    Cooldown {
        /// How many.
        count: u64,
        /// The first that is offered to it again.
        repo: RepoName,
        /// Its number.
        number: IssueNumber,
        /// From when on.
        until: Timestamp,
    },
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
        let agent = self.hindrances(&query, &explained).await?;
        let free = agent.iter().find_map(|why| match why {
            Hindrance::Cooldown { until, .. } => Some(*until),
            Hindrance::Refused(_)
            | Hindrance::Halted(_)
            | Hindrance::RepoFull(_)
            | Hindrance::OtherAgents(_) => None,
        });
        let counts = explained.reasons();
        let examples = counts
            .keys()
            .map(|code| self.example(&explained, *code, scope));
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
            agent,
            next_free_at: free,
            approximate: explained.approximate,
        })
    }

    /// What keeps the agent from the issues that are ready.
    async fn hindrances(
        &self,
        query: &ExplainQuery,
        explained: &Explained,
    ) -> Result<Vec<Hindrance>, StoreError> {
        let Some(agent) = &query.agent else {
            return Ok(Vec::new());
        };
        let Hindrances {
            refusal,
            halted,
            full,
            cooling,
        } = self.ask_agent(agent).await?;
        let name = |id: RepoId| {
            let row = explained.repos.iter().find(|row| row.repo.id == id)?;
            let gives = row.closed_by().is_none() && row.counts.contains_key(&None);
            gives.then(|| row.repo.facts.name.clone())
        };
        let mut found: Vec<Hindrance> = refusal.into_iter().map(Hindrance::Refused).collect();
        for halt in halted {
            if let HaltOf::Repo(id) = halt.of
                && let Some(repo) = name(id)
            {
                let (halt, repo) = (Box::new(halt), Some(repo));
                found.push(Hindrance::Halted(Refusal::Paused { halt, repo }));
            }
        }
        found.extend(full.into_iter().filter_map(name).map(Hindrance::RepoFull));
        let named = cooling
            .into_iter()
            .filter_map(|(key, until)| Some((name(key.0)?, key.1, until)));
        found.extend(self.cooldown(query, named.collect()).await?);
        Ok(found)
    }

    /// What keeps an agent from one issue of the mirror, besides the reasons of the issue.
    pub(super) async fn hindrances_of(
        &self,
        agent: &AgentId,
        repo: &RepoName,
        number: IssueNumber,
        lane: &Lane,
    ) -> Result<Vec<Hindrance>, StoreError> {
        let Some(issue) = self.store.issue(repo, number).await? else {
            return Ok(Vec::new());
        };
        let asked = self.ask_agent(agent).await?;
        let elsewhere = (!lane.admits(agent)).then(|| Hindrance::OtherAgents(lane.clone()));
        let full = asked.full.contains(&issue.repo);
        let full = full.then(|| Hindrance::RepoFull(issue.repo_name.clone()));
        let mut cooling = asked.cooling.iter();
        let cooling = cooling.find(|(key, _)| *key == issue.key());
        let cooling = cooling.map(|(_, until)| Hindrance::Cooldown {
            count: 1,
            repo: issue.repo_name.clone(),
            number,
            until: *until,
        });
        let all = asked.refusal.map(Hindrance::Refused).into_iter();
        Ok(all.chain(elsewhere).chain(full).chain(cooling).collect())
    }

    async fn ask_agent(&self, agent: &AgentId) -> Result<Hindrances, StoreError> {
        let asked = Command::system(Action::AskAgent(agent.clone()));
        Ok(match self.store.transact(asked).await? {
            Outcome::Done(Answer::Hindrances(asked)) => *asked,
            Outcome::Done(_) | Outcome::Refused(_) | Outcome::Missing(_) => Hindrances::default(),
        })
    }

    /// The issues among these, which the agent gave back, that are ready for others.
    async fn cooldown(
        &self,
        query: &ExplainQuery,
        mut cooling: Vec<(RepoName, IssueNumber, Timestamp)>,
    ) -> Result<Option<Hindrance>, StoreError> {
        let filter = IssueFilter {
            repo: None,
            ..query.filter.clone()
        };
        cooling.sort_by(|a, b| (a.2, &a.0, a.1).cmp(&(b.2, &b.0, b.1)));
        cooling.truncate(COOLING);
        let mut first = None;
        let mut count = 0;
        for (repo, number, until) in cooling {
            let issue = self.store.issue(&repo, number).await?;
            let fits = issue.is_some_and(|issue| filter.matches(&issue));
            if fits && self.reasons_of(&repo, number).await? == Some(Vec::new()) {
                count += 1;
                first.get_or_insert((repo, number, until));
            }
        }
        Ok(first.map(|(repo, number, until)| Hindrance::Cooldown {
            count,
            repo,
            number,
            until,
        }))
    }

    /// Everything that stands against an issue of the mirror.
    async fn reasons_of(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<Vec<NotReady>>, StoreError> {
        let action = Action::AskReadiness {
            repo: repo.clone(),
            number,
        };
        Ok(match self.store.transact(Command::system(action)).await? {
            Outcome::Done(Answer::Readiness { reasons, .. }) => Some(reasons),
            Outcome::Done(_) | Outcome::Refused(_) | Outcome::Missing(_) => None,
        })
    }

    /// The oldest issue of a reason, in the words in which its own readiness tells it.
    async fn example(
        &self,
        explained: &Explained,
        code: ReasonCode,
        scope: &Scope,
    ) -> Result<Option<Example>, StoreError> {
        let Some((repo, number)) = example_of(explained, code) else {
            return Ok(None);
        };
        let reasons = self.reasons_of(&repo, number).await?.unwrap_or_default();
        let why = reasons.into_iter().find(|reason| reason.code() == code);
        Ok(why.map(|why: NotReady| Example {
            repo,
            number,
            message: why.seen_in(&self.named_in(scope)).words(),
        }))
    }
}

fn example_of(explained: &Explained, code: ReasonCode) -> Option<(RepoName, IssueNumber)> {
    let (repo, number): IssueKey = *explained.oldest.get(&code)?;
    let row = explained.repos.iter().find(|row| row.repo.id == repo)?;
    Some((row.repo.facts.name.clone(), number))
}
