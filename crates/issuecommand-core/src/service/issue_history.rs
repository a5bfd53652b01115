//! The history of one issue, and of one agent.

use std::collections::{BTreeMap, BTreeSet};

use super::latest_events::{LatestEvents, LatestEventsQuery};
use super::{AgentState, ListedIssue, Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::attempt::Attempt;
use crate::domain::daily::Measure;
use crate::domain::event::{EventFilter, Seq};
use crate::domain::failure::{Failure, StoreError};
use crate::domain::followup::{Followup, FollowupStatus};
use crate::domain::halt::HaltOf;
use crate::domain::id::{AgentId, IssueKey, IssueNumber};
use crate::domain::repo_name::RepoName;
use crate::ports::read_model::{EventPlace, PullOfIssue, WorkingClaim, WorkingQuery};
use crate::ports::store::FollowupFilter;

/// How many attempts are told.
const ATTEMPTS: u32 = 50;
/// Of how many pull requests feedback is told.
const PULLS: usize = 10;
/// How many claims of an agent are told.
const CLAIMS: u32 = 200;

/// A page of events before one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// Before this event; `None`: from the newest on.
    pub before: Option<Seq>,
    /// How many at most; 1 or more.
    pub limit: usize,
}

/// The history of one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueHistory {
    /// The issue; `None` if the mirror does not have it.
    pub issue: Option<ListedIssue>,
    /// The claim on it now.
    pub working: Option<WorkingClaim>,
    /// Work on it that ended without a merge, newest first.
    pub attempts: Vec<Attempt>,
    /// Its pull requests.
    pub pulls: Vec<PullOfIssue>,
    /// Feedback on them, open first.
    pub followups: Vec<Followup>,
    /// What happened to it and to its pull requests.
    pub events: LatestEvents,
}

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPage {
    /// The agent, with its sessions and what it holds. Sessions are told to callers who may act as it alone.
    pub state: AgentState,
    /// Its claims, the oldest first.
    pub working: Vec<WorkingClaim>,
    /// What it did since that is counted.
    pub totals: BTreeMap<Measure, u64>,
    /// What happened to it.
    pub events: LatestEvents,
}

impl HistoryPage {
    fn query(self) -> LatestEventsQuery {
        LatestEventsQuery {
            before: self.before,
            limit: self.limit,
            filter: EventFilter::default(),
        }
    }
}

impl Service {
    /// The history of one issue.
    pub async fn issue_history(
        &self,
        caller: &Caller,
        repo: &RepoName,
        number: IssueNumber,
        page: HistoryPage,
    ) -> ServiceResult<IssueHistory> {
        let caller = self.scoped(caller);
        Self::permit(&caller, repo)?;
        self.learn_for(&caller, repo).await?;
        let Some(known) = self.store.repo(repo).await? else {
            return Err(Failure::RepoNotFound { repo: repo.clone() }.into());
        };
        Self::permit(&caller, &known.facts.name)?;
        let key: IssueKey = (known.id, number);
        let mut pulls = self.store.pulls_of_issue(key).await?;
        pulls.retain(|pull| caller.scope.has(&pull.repo));
        let mut subjects = self.names_of(&known.facts.name, number).await?;
        for pull in &pulls {
            subjects.extend(self.names_of(&pull.repo, pull.number).await?);
        }
        let place = EventPlace::Subjects(subjects);
        let page = page.query();
        let events = self.events_of(&place, &caller.scope, &page).await?;
        let issue = self.listed(&[key]).await?.pop();
        let holder = issue.as_ref().and_then(|issue| issue.line.claim.as_ref());
        let working = match holder {
            Some(claim) => self.working_on(key, &claim.agent).await?,
            None => None,
        };
        Ok(IssueHistory {
            attempts: self.store.attempts(key, ATTEMPTS).await?,
            followups: self.feedback_on(&pulls).await?,
            issue,
            working,
            pulls,
            events,
        })
    }

    /// An issue or a pull request under every name that its repository has or had.
    async fn names_of(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<BTreeSet<(String, IssueNumber)>, StoreError> {
        let known = self.store.allowed_repos(&[repo.clone()].into()).await?;
        let names = known.into_iter().flat_map(|known| known.names);
        let names = names.chain([repo.clone()]);
        Ok(names.map(|name| (name.key().to_owned(), number)).collect())
    }

    async fn working_on(
        &self,
        key: IssueKey,
        agent: &AgentId,
    ) -> Result<Option<WorkingClaim>, StoreError> {
        let own = self.working_of(agent, &Scope::All).await?;
        Ok(own.into_iter().find(|working| working.claim.key() == key))
    }

    async fn working_of(
        &self,
        agent: &AgentId,
        scope: &Scope,
    ) -> Result<Vec<WorkingClaim>, StoreError> {
        let query = WorkingQuery {
            agent: Some(agent.clone()),
            status: None,
            scope: scope.clone(),
            after: None,
            limit: CLAIMS,
        };
        Ok(self.shown_working(self.store.working(&query).await?))
    }

    async fn feedback_on(&self, pulls: &[PullOfIssue]) -> Result<Vec<Followup>, StoreError> {
        let mut items = Vec::new();
        for pull in pulls.iter().take(PULLS) {
            for status in [
                None,
                Some(FollowupStatus::Done),
                Some(FollowupStatus::Dismissed),
            ] {
                let filter = FollowupFilter {
                    repo: Some(pull.repo.clone()),
                    number: Some(pull.number),
                    status,
                    ..FollowupFilter::default()
                };
                items.extend(self.store.followups(&filter).await?);
            }
        }
        items.sort_by_key(|item| {
            let ended = item.status.is_terminal();
            (ended, std::cmp::Reverse(item.created_at), item.id)
        });
        Ok(items)
    }

    /// One agent with what it holds and what it did, as far as the caller may see it.
    pub async fn agent_page(
        &self,
        caller: &Caller,
        agent: &AgentId,
        page: HistoryPage,
    ) -> ServiceResult<AgentPage> {
        let scope = self.scoped(caller).scope;
        let sight = self.sight(caller);
        let known = self.store.agents(Some(agent)).await?.pop();
        let working = self.working_of(agent, &scope).await?;
        let held = FollowupFilter {
            owner: Some(agent.clone()),
            scope: scope.clone(),
            ..FollowupFilter::default()
        };
        let mut followups = self.store.followups(&held).await?;
        followups.retain(|item| item.holder() == Some(agent));
        let place = Self::place_of(Some(agent));
        let events = self.events_of(&place, &sight, &page.query()).await?;
        let sees_all = sight == Scope::All;
        let has_any = !working.is_empty() || !followups.is_empty() || !events.events.is_empty();
        let Some(known) = known.filter(|_| sees_all || has_any) else {
            return Err(Failure::NotThere(format!(
                "No agent {:?} was heard lately. GET /api/agents lists those that were.",
                agent.as_str()
            ))
            .into());
        };
        let is_own = caller.agent.as_ref() == Some(agent);
        let sessions = if is_own || (sees_all && caller.agent.is_none()) {
            self.store.sessions(Some(agent)).await?
        } else {
            Vec::new()
        };
        let halt = HaltOf::Agent(agent.clone());
        let halts = self.halts_for(caller).await?.into_iter();
        let mut halts = halts.filter(|shown| shown.halt.of == halt);
        let totals = if sees_all {
            self.store.agent_totals(agent).await?
        } else {
            BTreeMap::new()
        };
        Ok(AgentPage {
            state: AgentState {
                agent: known,
                sessions: (sessions.into_iter())
                    .map(|session| (session.clone(), self.is_alive(&session)))
                    .collect(),
                claims: working
                    .iter()
                    .map(|working| working.claim.clone())
                    .collect(),
                followups,
                halt: halts.next().map(|shown| shown.halt),
                limit: self.policy.capacity.per_agent,
            },
            working,
            totals,
            events,
        })
    }
}
