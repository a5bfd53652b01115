//! The kinds of what does not go on without a person.

/// What does not go on. In the order in which lines are listed: what stops the most comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttentionKind {
    /// Nothing can be written to the database.
    DatabaseUnwritable,
    /// GitHub refuses the credential.
    CredentialsRefused,
    /// No request to GitHub is left.
    GithubBudgetGone,
    /// The sync cannot read something.
    SyncFailing,
    /// Deliveries of GitHub that could not be applied however often they were tried.
    DeliveriesDead,
    /// A claim whose agent is silent.
    ClaimStale,
    /// An agent that gave back one issue after the other is paused.
    AgentLooping,
    /// So many attempts at an issue ended without a merge that it is parked.
    IssueTried,
    /// An issue is parked by an agent's word or by a person.
    IssueParked,
    /// Feedback that no agent has taken.
    FeedbackUnclaimed,
    /// An issue that GitHub refuses to close.
    CloseFailed,
    /// A write to GitHub that failed for good.
    WriteFailed,
    /// A repository whose own policy cannot be taken.
    PolicyBroken,
    /// Issues that block each other in a circle.
    DependencyCycle,
}

impl AttentionKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::DatabaseUnwritable,
        Self::CredentialsRefused,
        Self::GithubBudgetGone,
        Self::SyncFailing,
        Self::DeliveriesDead,
        Self::ClaimStale,
        Self::AgentLooping,
        Self::IssueTried,
        Self::IssueParked,
        Self::FeedbackUnclaimed,
        Self::CloseFailed,
        Self::WriteFailed,
        Self::PolicyBroken,
        Self::DependencyCycle,
    ];

    /// The kind as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DatabaseUnwritable => "database_unwritable",
            Self::CredentialsRefused => "credentials_refused",
            Self::GithubBudgetGone => "github_budget_gone",
            Self::SyncFailing => "sync_failing",
            Self::DeliveriesDead => "deliveries_dead",
            Self::ClaimStale => "claim_stale",
            Self::AgentLooping => "agent_looping",
            Self::IssueTried => "issue_tried",
            Self::IssueParked => "issue_parked",
            Self::FeedbackUnclaimed => "feedback_unclaimed",
            Self::CloseFailed => "close_failed",
            Self::WriteFailed => "write_failed",
            Self::PolicyBroken => "policy_broken",
            Self::DependencyCycle => "dependency_cycle",
        }
    }
}
