//! The settings that say which agents some issues are for.

use serde::{Deserialize, Serialize};

use crate::domain::id::AgentId;
use crate::domain::issue::MirroredIssue;
use crate::domain::repo_name::RepoName;

/// One `[[route]]`: issues that meet its conditions are for its agents alone. An issue that meets several routes is for the agents of
/// all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    labels: Vec<String>,
    types: Vec<String>,
    repos: Vec<RepoName>,
    agents: Vec<String>,
}

/// Why a route cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRoute {
    /// It has no condition, and would take all issues from all other agents.
    #[error("a route needs labels, types or repos that say which issues it is for")]
    NoCondition,
    /// It names no agent, so that nobody would get its issues.
    #[error("a route needs agents: names, or patterns with * and ?")]
    NoAgents,
    /// No agent can have such a name.
    #[error("{0} is no name or pattern of an agent: 1 to 200 bytes, no comma or semicolon")]
    BadAgent(String),
}

impl Route {
    /// A route for issues that have one of the labels, one of the types, and are in one of the repositories; an empty list is no
    /// condition. Labels and types are compared without case.
    ///
    /// # Errors
    /// [`BadRoute`].
    pub fn new(
        labels: Vec<String>,
        types: Vec<String>,
        repos: Vec<RepoName>,
        agents: Vec<String>,
    ) -> Result<Self, BadRoute> {
        let lower = |list: Vec<String>| -> Vec<String> {
            let list = list.iter().map(|text| text.trim().to_lowercase());
            list.filter(|text| !text.is_empty()).collect()
        };
        let (labels, types) = (lower(labels), lower(types));
        if labels.is_empty() && types.is_empty() && repos.is_empty() {
            return Err(BadRoute::NoCondition);
        }
        if agents.is_empty() {
            return Err(BadRoute::NoAgents);
        }
        let mut patterns = Vec::new();
        for agent in agents {
            let pattern = agent.trim();
            if pattern.contains([',', ';']) || AgentId::parse(pattern).is_err() {
                return Err(BadRoute::BadAgent(agent));
            }
            patterns.push(pattern.to_owned());
        }
        Ok(Self {
            labels,
            types,
            repos,
            agents: patterns,
        })
    }

    /// Whether an issue is for its agents.
    pub fn takes(&self, issue: &MirroredIssue) -> bool {
        let facts = &issue.facts;
        let has = |label: &String| facts.labels.iter().any(|own| own.to_lowercase() == *label);
        let kind = facts.more.kind.value().map(|kind| kind.to_lowercase());
        (self.labels.is_empty() || self.labels.iter().any(has))
            && (self.types.is_empty() || kind.is_some_and(|kind| self.types.contains(&kind)))
            && (self.repos.is_empty() || self.repos.contains(&issue.repo_name))
    }

    /// The agents of all routes that take an issue, in order, each once; none if it is for anybody.
    pub(crate) fn agents_for<'r>(routes: &'r [Self], issue: &MirroredIssue) -> Vec<&'r str> {
        let taking = routes.iter().filter(|route| route.takes(issue));
        let mut agents: Vec<&str> = taking
            .flat_map(|route| route.agents.iter().map(String::as_str))
            .collect();
        agents.sort_unstable();
        agents.dedup();
        agents
    }
}
