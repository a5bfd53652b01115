//! Which events a reader wants.

use super::{Event, EventKind};
use crate::domain::id::AgentId;
use crate::domain::repo_name::RepoName;

/// A filter of events. All given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Events of this repository, by the name that the event has.
    pub repo: Option<RepoName>,
    /// Events of this agent.
    pub agent: Option<AgentId>,
    /// Events of these kinds.
    pub kinds: Option<Vec<EventKind>>,
}

impl EventFilter {
    /// Whether it lets an event pass.
    pub fn has(&self, event: &Event) -> bool {
        let Self { repo, agent, kinds } = self;
        repo.as_ref()
            .is_none_or(|repo| event.repo.as_ref() == Some(repo))
            && agent
                .as_ref()
                .is_none_or(|agent| event.agent.as_ref() == Some(agent))
            && kinds
                .as_ref()
                .is_none_or(|kinds| kinds.contains(&event.kind))
    }
}
