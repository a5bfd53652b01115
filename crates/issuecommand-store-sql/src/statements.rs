//! The texts of the questions that [`SqlStore`](crate::SqlStore) asks.

/// One statement a question. The arguments are numbered in the order in which they are named here.
#[derive(Clone, Copy, Debug)]
pub struct Statements {
    /// Agent, repository's name key, status, scope.
    pub claims: &'static str,
    /// The same, where the agent is not NULL.
    pub claims_of_agent: &'static str,
    /// Agent, repository's name key, scope, moment and id of the last claim of the page before, how many, status.
    pub history: &'static str,
    /// Repository's name key, number.
    pub issue: &'static str,
    /// Repository's name key.
    pub unready_issues: &'static str,
    /// None.
    pub repos: &'static str,
    /// Name key.
    pub repo: &'static str,
    /// List of name keys.
    pub allowed_repos: &'static str,
    /// GitHub's id.
    pub repo_on_github: &'static str,
    /// Name key.
    pub open_rows: &'static str,
    /// Name key.
    pub open_pulls: &'static str,
    /// Name key.
    pub open_count: &'static str,
    /// Owner, repository's name key, status, number, scope.
    pub followups: &'static str,
    /// The same, then how many.
    pub ended_followups: &'static str,
    /// None.
    pub linked_pulls: &'static str,
    /// From how many failures on a delivery is not tried again, how many.
    pub deferred_deliveries: &'static str,
    /// Now, how many.
    pub due_outbox: &'static str,
    /// Place, how many.
    pub events_after: &'static str,
    /// None.
    pub last_event: &'static str,
    /// None.
    pub oldest_event: &'static str,
    /// None.
    pub condition: &'static str,
    /// From how many failures on a delivery is not tried again.
    pub health: &'static str,
    /// Scope, which is not NULL.
    pub health_of: &'static str,
    /// Scope.
    pub sync_failures: &'static str,
    /// Scope, how many.
    pub close_failed: &'static str,
    /// Digest.
    pub key_by_hash: &'static str,
    /// None.
    pub keys: &'static str,
}
