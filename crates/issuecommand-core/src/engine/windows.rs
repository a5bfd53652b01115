//! Lists of candidates to hand out, loaded as far as a batch may use them.

use crate::domain::access::Scope;
use crate::domain::id::AgentId;
use crate::domain::issue::IssueFilter;

/// A list of candidates: ready issues that are for the agent and match the filter and the scope, in serving order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowNeed {
    /// The agent that asks.
    pub agent: AgentId,
    /// Conditions on the issues.
    pub filter: IssueFilter,
    /// Repositories that the caller may see.
    pub scope: Scope,
}

/// A list of follow-ups that an agent may be offered, in serving order: they wait, no other agent holds their pull request, and
/// they are in reach (see [`crate::domain::followup::Followup::in_reach_of`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FollowupWindowNeed {
    /// The agent that asks.
    pub agent: AgentId,
    /// Only this repository, by its name key.
    pub repo: Option<String>,
    /// Repositories that the caller may see.
    pub scope: Scope,
}
