//! Lists of candidates that a command may be given work from, loaded as far as a batch may take from them.

use crate::domain::access::Scope;
use crate::domain::id::AgentId;
use crate::domain::issue::IssueFilter;

/// A list of candidates: issues that are ready, match the filter and are within the scope, in serving order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowNeed {
    /// What they must be.
    pub filter: IssueFilter,
    /// Where they may be.
    pub scope: Scope,
}

/// A list of follow-ups that this agent may be offered, in serving order: they wait, nobody else holds their pull request, and
/// it is in reach (see [`crate::domain::followup::Followup::in_reach_of`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FollowupWindowNeed {
    /// Who asks.
    pub agent: AgentId,
    /// Of this repository's name key alone.
    pub repo: Option<String>,
    /// Where they may be.
    pub scope: Scope,
}
