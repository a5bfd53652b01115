//! What a backend gives to [`SqlStore`](crate::SqlStore).

use std::fmt::Debug;

use async_trait::async_trait;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_store::{StatsRow, Writer};

use crate::Statements;
use crate::plain::{
    AgentRow, AttemptRow, HaltRow, KeyRow, KnownPolicyRow, NoticeRow, OutboxRow, SessionRow,
    WebSessionRow,
};
use crate::rows::{
    AllowedRepoRow, ClaimRow, EventRow, FollowupWithOwnerRow, HealthRow, IssueRow, LinkedPullRow,
    OpenIssueOfTagRow, OpenIssueRow, RepoCountRow, RepoRow, StoredDeliveryRow, SyncFailureRow,
    UnreadyIssueRow, WithheldIssueRow,
};

/// The arguments of a statement, added in the order of their numbers.
pub trait Args: Default + Send + Sized {
    /// Adds a number or NULL.
    ///
    /// # Errors
    /// Whatever the driver says.
    fn number(self, number: impl Into<Option<i64>>) -> Result<Self, StoreError>;

    /// Adds a text or NULL.
    ///
    /// # Errors
    /// Whatever the driver says.
    fn text(self, text: Option<&str>) -> Result<Self, StoreError>;

    /// Adds a list of texts.
    ///
    /// # Errors
    /// Whatever the driver says.
    fn texts<'t>(self, texts: impl IntoIterator<Item = &'t str>) -> Result<Self, StoreError>;

    /// Adds a list of numbers.
    ///
    /// # Errors
    /// Whatever the driver says.
    fn numbers(self, numbers: impl IntoIterator<Item = i64>) -> Result<Self, StoreError>;

    /// Adds the name keys of a scope as a list of texts; NULL for no limit.
    ///
    /// # Errors
    /// Whatever the driver says.
    fn scope(self, scope: &Scope) -> Result<Self, StoreError>;
}

/// Where statements are asked.
pub trait Connection: Send + Sync {
    /// Their arguments.
    type Args: Args;
}

/// A connection whose driver can read rows of this type.
#[async_trait]
pub trait Ask<R>: Connection {
    /// Asks one statement that only reads.
    async fn ask(&self, sql: &'static str, args: Self::Args) -> Result<Vec<R>, StoreError>;
}

/// An open database. A driver must be able to read every type of row that [`SqlStore`](crate::SqlStore) asks for; they are listed
/// here once, so that no other function repeats them as bounds.
#[async_trait]
pub trait Database:
    Debug
    + Ask<AgentRow>
    + Ask<NoticeRow>
    + Ask<SessionRow>
    + Ask<WebSessionRow>
    + Ask<AllowedRepoRow>
    + Ask<ClaimRow>
    + Ask<StatsRow>
    + Ask<StoredDeliveryRow>
    + Ask<EventRow>
    + Ask<FollowupWithOwnerRow>
    + Ask<HealthRow>
    + Ask<IssueRow>
    + Ask<AttemptRow>
    + Ask<HaltRow>
    + Ask<KnownPolicyRow>
    + Ask<KeyRow>
    + Ask<LinkedPullRow>
    + Ask<OpenIssueOfTagRow>
    + Ask<OpenIssueRow>
    + Ask<OutboxRow>
    + Ask<RepoCountRow>
    + Ask<RepoRow>
    + Ask<SyncFailureRow>
    + Ask<UnreadyIssueRow>
    + Ask<WithheldIssueRow>
    + Ask<(i64,)>
    + Ask<(String,)>
    + Ask<(String, i64)>
    + Ask<(String, String)>
    + Ask<(String, i64, String, i64)>
    + Ask<(i64, Option<String>)>
    + Ask<(i64, String, i64)>
    + Ask<(i64, i64, i64, i64)>
    + Ask<(String, i64, i64, i64)>
    + Ask<(String, Option<String>)>
{
    /// The texts of the questions.
    const STATEMENTS: &'static Statements;

    /// Whether it is still the database that was opened, as far as a look without waiting can tell.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] once it is not.
    fn check(&self) -> Result<(), StoreError>;

    /// The issues that are open and that nobody holds, in serving order, all of one moment.
    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<IssueRow>, StoreError>;

    /// Returns when something may have been written, by this process or another, or after a while.
    async fn changed(&self, writer: &Writer);

    /// Closes all connections but the writer's.
    async fn close(&self);
}
