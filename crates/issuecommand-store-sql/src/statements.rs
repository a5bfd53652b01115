//! The texts of the questions that [`SqlStore`](crate::SqlStore) asks.

use crate::ReadStatements;

/// The statements that count open issues by their first reason.
#[derive(Clone, Copy, Debug)]
pub struct ExplainStatements {
    /// None. Answers with all lanes.
    pub lanes: &'static str,
    /// List of lanes that are for the agent, list of other lanes, repository's name key, scope. Answers with (repository, first
    /// reason or `elsewhere`, how many).
    pub sums: &'static str,
    /// List of ids.
    pub repos: &'static str,
    /// List of reasons, list of lanes, list of repositories. Answers with (reason, JSON of repository and number).
    pub oldest_unready: &'static str,
    /// List of repositories, list of lanes. Answers with (repository, JSON of creation and number).
    pub lowest_held: &'static str,
    /// The same.
    pub lowest_open: &'static str,
    /// List of tags, repository's name key, scope, how many, list of tags of which an issue has one, list of those of which it has
    /// none, list of types of which it is one.
    pub of_tags: &'static str,
    /// The same, where the first list is empty.
    pub fitting: &'static str,
}

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
    /// Those that count open issues.
    pub explain: ExplainStatements,
    /// Those of the read model.
    pub reads: ReadStatements,
    /// Repository, number, how many.
    pub attempts: &'static str,
    /// None.
    pub halts: &'static str,
    /// Now, how many.
    pub edges_due: &'static str,
    /// None.
    pub open_dependencies: &'static str,
    /// None.
    pub dependency_cycles: &'static str,
    /// Repository.
    pub repo_policy: &'static str,
    /// Moment, 1 for private repositories too, how many.
    pub authors_due: &'static str,
    /// Repository's name key or NULL, how many. Each row is the name of the repository and the feedback as a JSON object.
    pub held_feedback: &'static str,
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
    /// Digest.
    pub web_session: &'static str,
    /// None.
    pub keys: &'static str,
    /// Agent, or NULL for all.
    pub agents: &'static str,
    /// Agent, or NULL for all.
    pub sessions: &'static str,
    /// Agent.
    pub notices: &'static str,
}
