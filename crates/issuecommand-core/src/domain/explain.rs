//! How many open issues are handed out, and for which reasons the others are not. An issue counts once, by its first reason.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::Scope;
use crate::domain::id::{AgentId, IssueKey, RepoId};
use crate::domain::issue::IssueFilter;
use crate::domain::lane::Lane;
use crate::domain::readiness::{NotReady, ReasonCode};
use crate::domain::repo::Repo;
use crate::domain::time::Timestamp;

/// Which issues are counted, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainQuery {
    /// Conditions on the issues.
    pub filter: IssueFilter,
    /// Repositories that the caller may see.
    pub scope: Scope,
    /// The agent that asks for work. Without one all issues count, whatever agents they are for.
    pub agent: Option<AgentId>,
    /// The most issues to count where the filter names labels or a milestone: those with the lowest keys.
    pub most: usize,
}

impl ExplainQuery {
    /// The most issues that are counted with labels or a milestone.
    pub const MOST: usize = 10_000;

    /// A question with the default limit.
    pub fn new(filter: IssueFilter, scope: Scope, agent: Option<AgentId>) -> Self {
        Self {
            filter,
            scope,
            agent,
            most: Self::MOST,
        }
    }

    /// Whether issues with this lane are for the agent that asks.
    pub fn admits(&self, lane: &Lane) -> bool {
        self.agent.as_ref().is_none_or(|agent| lane.admits(agent))
    }
}

/// An open issue of the mirror that the question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIssue {
    /// The repository's id and the issue's number.
    pub key: IssueKey,
    /// When it was opened, by GitHub's clock.
    pub created_at: Timestamp,
    /// The agents that it is for.
    pub lane: Lane,
    /// [`ReasonCode::Held`] if an agent has an active claim on it, else the first reason of its own; `None` if it has none.
    pub first: Option<ReasonCode>,
}

/// The issues of one repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedRepo {
    /// The repository.
    pub repo: Repo,
    /// The issues that are for the agent, by their first reason; under `None` those without one.
    pub counts: BTreeMap<Option<ReasonCode>, u64>,
    /// The issues without a reason that are for other agents.
    pub elsewhere: u64,
}

impl CountedRepo {
    /// A repository of which nothing is counted yet.
    pub fn new(repo: Repo) -> Self {
        Self {
            repo,
            counts: BTreeMap::new(),
            elsewhere: 0,
        }
    }

    /// The reason that holds for all issues of the repository, if there is one. It comes before all others.
    pub fn closed_by(&self) -> Option<ReasonCode> {
        NotReady::of_repo(&self.repo).next().map(|why| why.code())
    }
}

/// The answer to a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explained {
    /// The repositories with any issue that counts, by id.
    pub repos: Vec<CountedRepo>,
    /// The oldest issue of each reason, by when it was opened. For `held` and for reasons of repositories only the issue with the
    /// lowest number of each repository is compared, because an index gives that one.
    pub oldest: BTreeMap<ReasonCode, IssueKey>,
    /// There are more issues than were counted.
    pub approximate: bool,
}

impl Explained {
    /// Counts issues one by one. They come in order of key; those of repositories that are not given are left out.
    pub fn of(
        query: &ExplainQuery,
        repos: impl IntoIterator<Item = Repo>,
        issues: impl IntoIterator<Item = OpenIssue>,
    ) -> Self {
        let mut counted: BTreeMap<RepoId, CountedRepo> = repos
            .into_iter()
            .map(|repo| (repo.id, CountedRepo::new(repo)))
            .collect();
        let mut oldest = Oldest::default();
        let mut lowest: BTreeSet<(RepoId, ReasonCode)> = BTreeSet::new();
        for issue in issues {
            let Some(row) = counted.get_mut(&issue.key.0) else {
                continue;
            };
            if !query.admits(&issue.lane) {
                row.elsewhere += u64::from(issue.first.is_none());
                continue;
            }
            *row.counts.entry(issue.first).or_default() += 1;
            let Some(code) = row.closed_by().or(issue.first) else {
                continue;
            };
            if code.is_own() || lowest.insert((issue.key.0, code)) {
                oldest.see(code, issue.created_at, issue.key);
            }
        }
        let mut repos: Vec<CountedRepo> = counted.into_values().collect();
        repos.retain(|row| row.elsewhere > 0 || !row.counts.is_empty());
        Self {
            repos,
            oldest: oldest.into_keys(),
            approximate: false,
        }
    }

    /// The issues that are for the agent.
    pub fn considered(&self) -> u64 {
        self.repos.iter().flat_map(|row| row.counts.values()).sum()
    }

    /// Those of them that are handed out.
    pub fn ready(&self) -> u64 {
        let open = self.repos.iter().filter(|row| row.closed_by().is_none());
        open.filter_map(|row| row.counts.get(&None)).sum()
    }

    /// How many issues are handed out to other agents alone.
    pub fn elsewhere(&self) -> u64 {
        let open = self.repos.iter().filter(|row| row.closed_by().is_none());
        open.map(|row| row.elsewhere).sum()
    }

    /// How many issues have each reason as their first, in order of the reasons.
    pub fn reasons(&self) -> BTreeMap<ReasonCode, u64> {
        let mut reasons = BTreeMap::new();
        for row in &self.repos {
            let closed = row.closed_by();
            for (first, n) in &row.counts {
                if let Some(code) = closed.or(*first) {
                    *reasons.entry(code).or_default() += n;
                }
            }
        }
        reasons
    }
}

/// The oldest issue of each reason so far.
#[derive(Clone, Debug, Default)]
pub struct Oldest(BTreeMap<ReasonCode, (Timestamp, IssueKey)>);

impl Oldest {
    /// Compares an issue of this reason.
    pub fn see(&mut self, code: ReasonCode, created_at: Timestamp, key: IssueKey) {
        let seen = (created_at, key);
        let oldest = self.0.entry(code).or_insert(seen);
        *oldest = seen.min(*oldest);
    }

    /// Their keys.
    pub fn into_keys(self) -> BTreeMap<ReasonCode, IssueKey> {
        let keys = self.0.into_iter();
        keys.map(|(code, (_, key))| (code, key)).collect()
    }
}
