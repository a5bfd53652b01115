//! GitHub's answer about what an issue waits for.

use crate::domain::issue::{RelatedIssue, RelationCount};

/// What GitHub shows of all that one issue waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenEdges {
    /// Its blockers, open and closed; `None` if GitHub cannot list them.
    pub blockers: Option<Vec<RelatedIssue>>,
    /// Its sub-issues, in the same way.
    pub children: Option<Vec<RelatedIssue>>,
    /// How many blockers the issue itself says that it has.
    pub blocker_count: Option<RelationCount>,
    /// How many sub-issues the issue itself says that it has.
    pub child_count: Option<RelationCount>,
}
