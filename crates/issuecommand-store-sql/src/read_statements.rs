//! The texts of the questions of the read model.

/// One statement a question. The arguments are numbered in the order in which they are named here. Lists of values are JSON texts;
/// keys of issues are numbers: the repository's id times 2^32 plus the issue's number.
#[derive(Clone, Copy, Debug)]
pub struct ReadStatements {
    /// Place, how many.
    pub events_before: &'static str,
    /// Agent, place, how many.
    pub events_of_agent: &'static str,
    /// JSON list of [name key, number], place, how many.
    pub events_of_subjects: &'static str,
    /// Lane, scope, turn, creation, repository and number of the last one, how many.
    pub ready: &'static str,
    /// The same for the repository in place of a scope.
    pub ready_of_repo: &'static str,
    /// List of lanes or NULL, scope, reason, creation, repository and number of the last one, the last reason, how many.
    pub blocked: &'static str,
    /// The same for the repository in place of a scope.
    pub blocked_of_repo: &'static str,
    /// The ids of the repositories of a scope.
    pub repo_ids: &'static str,
    /// List of tags, scope, how many.
    pub of_tags: &'static str,
    /// The same, where the scope is not NULL.
    pub of_tags_in: &'static str,
    /// List of tags, scope, how many, question for words.
    pub of_words: &'static str,
    /// The same, where the scope is not NULL.
    pub of_words_in: &'static str,
    /// List of tags, scope, how many, number.
    pub of_number: &'static str,
    /// Makes the question for words that begin so.
    pub words: fn(&[String]) -> String,
    /// List of keys.
    pub issues: &'static str,
    /// JSON list of objects with the columns of the key.
    pub standings: &'static str,
    /// List of keys. Each row is a JSON list.
    pub line_claims: &'static str,
    /// List of ids. Each row is a JSON list of repository and policy.
    pub policies: &'static str,
    /// Agent, status, scope, moment and id of the last one, how many.
    pub working: &'static str,
    /// The same, where the agent is not NULL.
    pub working_of_agent: &'static str,
    /// List of ids of claims. Each row is a JSON list.
    pub working_extras: &'static str,
    /// Agent, scope. The number of each status, and of `agents` and `feedback`.
    pub working_counts: &'static str,
    /// Scope, how many. Each row is a JSON list, as in the following.
    pub parked: &'static str,
    /// Scope, how many, moment.
    pub unclaimed: &'static str,
    /// Scope, how many.
    pub broken_policies: &'static str,
    /// Scope, how many.
    pub failed_writes: &'static str,
    /// Scope, how many.
    pub waiting_writes: &'static str,
    /// Repository, number. Each row is a JSON list.
    pub pulls_of_issue: &'static str,
    /// First day, last day.
    pub daily: &'static str,
    /// The same, then the scope.
    pub daily_of: &'static str,
    /// The last agent, how many.
    pub agents_page: &'static str,
    /// None.
    pub agents_count: &'static str,
    /// Agent.
    pub agent_totals: &'static str,
    /// From how many failures on a delivery is not tried again, how many. Each row is a JSON list.
    pub waiting_deliveries: &'static str,
}
