//! The rows that a batch writes, in the form in which both databases take them: JSON objects with a member for each column.

mod claims;
mod daily;
mod followups;
mod mirror;
mod operations;
mod pulls;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{PullKey, RepoId};
use issuecommand_core::domain::standing::QueuePlace;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::change::{Trim, WriteBatch};

pub use self::claims::{ClaimRows, NewClaimRow, NewClaimStatusRow, NewEventRow, NewSignRow};
pub use self::daily::{NewAgentTotalRow, NewDailyRow};
pub use self::followups::{
    FollowupRows, NewDeliveryRow, NewFeedbackEventRow, NewFollowupRow, NewFollowupStatusRow,
    NewHoldRow,
};
pub(crate) use self::mirror::label_tag;
pub use self::mirror::{
    IssueRows, NewCountRow, NewIssueRow, NewIssueTagRow, NewRepoRow, OptionalTags, wanted_tags,
};
pub use self::operations::NewSyncFailureRow;
pub use self::pulls::{NewPullClosesRow, NewPullRow, PullRows};
use crate::error::unreadable;
use crate::plain::{self, PlainChange};

/// Everything that a batch writes, a list for each statement. The fields are in the order in which they must be written: claims are
/// moved before others are made, because one that ends frees its issue first.
#[derive(Debug)]
pub struct NewRows<'a> {
    /// Repositories, to insert or replace.
    pub repos: Vec<NewRepoRow<'a>>,
    /// Name keys and which repository each leads to from now on; the last of a name counts.
    pub names: &'a [(String, RepoId)],
    /// Name keys of `ALLOWED_REPOS` and which repository each means; the first of a name counts, and one that is bound stays so.
    pub bound: &'a [(String, RepoId)],
    /// Issues.
    pub issues: IssueRows<'a>,
    /// Signs of life, of which each has another agent and session.
    pub signs: Vec<NewSignRow<'a>>,
    /// Claims.
    pub claims: ClaimRows<'a>,
    /// Events, in their order.
    pub events: Vec<NewEventRow<'a>>,
    /// Places in the queue that are left.
    pub leave_queue: &'a [QueuePlace],
    /// Places in the queue that are taken after that.
    pub join_queue: &'a [QueuePlace],
    /// Changes of the numbers of open issues.
    pub counts: Vec<NewCountRow<'a>>,
    /// What is added to the numbers of days.
    pub daily: Vec<NewDailyRow>,
    /// What is added to the numbers of agents.
    pub agent_totals: Vec<NewAgentTotalRow<'a>>,
    /// The day and hour for which the queue and the agents at work are measured.
    pub measured: Option<(i64, i64)>,
    /// When a run of the sync ended, where one did.
    pub last_sync: Option<Timestamp>,
    /// The priority table that all ranks were computed with, where it changed.
    pub priority_source: Option<&'a str>,
    /// Rows of the plain tables.
    pub plain: Vec<PlainChange>,
    /// Pull requests.
    pub pulls: PullRows<'a>,
    /// Follow-ups.
    pub followups: FollowupRows<'a>,
    /// Pull requests that are open now.
    pub open_pulls: Vec<PullKey>,
    /// Pull requests that are open no longer.
    pub closed_pulls: Vec<PullKey>,
    /// All that the sync could not read, instead of what is there; `None` where that stays.
    pub sync_failures: Option<Vec<NewSyncFailureRow<'a>>>,
    /// Repositories whose part of the queue is built anew.
    pub requeue: &'a [RepoId],
    /// What is deleted because of its age or number.
    pub trim: Option<Trim>,
}

impl<'a> NewRows<'a> {
    /// The rows of a batch.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a value that has no JSON, which is a fault of ours.
    pub fn of(batch: &'a WriteBatch) -> Result<Self, StoreError> {
        let listed = |is_open| {
            let of = batch.listed_pulls.iter();
            let of = of.filter(|(_, open)| *open == is_open);
            of.map(|(key, _)| *key).collect()
        };
        Ok(Self {
            repos: batch.repos.iter().map(NewRepoRow::of).collect(),
            names: &batch.names,
            bound: &batch.bound,
            issues: IssueRows::of(&batch.issues)?,
            signs: batch.signs.iter().map(NewSignRow::of).collect(),
            claims: ClaimRows::of(&batch.claims)?,
            events: (1..)
                .zip(&batch.events)
                .map(NewEventRow::of)
                .collect::<Result<_, _>>()?,
            leave_queue: &batch.leave_queue,
            join_queue: &batch.join_queue,
            counts: batch.counts.iter().map(NewCountRow::of).collect(),
            daily: batch.counted.days.iter().map(NewDailyRow::of).collect(),
            agent_totals: (batch.counted.agents.iter())
                .map(NewAgentTotalRow::of)
                .collect(),
            measured: batch.measured.map(|(day, hour)| (day.0, hour)),
            last_sync: batch.last_sync,
            priority_source: batch.priority_source.as_deref(),
            plain: plain::changes(&batch.tables)?,
            pulls: PullRows::of(&batch.pulls)?,
            followups: FollowupRows::of(batch)?,
            open_pulls: listed(true),
            closed_pulls: listed(false),
            sync_failures: batch
                .sync_failures
                .as_ref()
                .map(|failures| failures.iter().map(NewSyncFailureRow::of).collect()),
            requeue: &batch.requeue,
            trim: batch.trim,
        })
    }
}

fn rows<'a, T, R>(
    values: &'a [T],
    row: impl Fn(&'a T) -> Result<R, StoreError>,
) -> Result<Vec<R>, StoreError> {
    values.iter().map(row).collect()
}

/// Checks that as many rows changed as should have. The write lock is held from the loading of the rows on, so that only a fault of
/// ours can make a difference.
///
/// # Errors
/// [`StoreError::Corrupt`], which names what was written.
pub fn expect_changed(what: &str, changed: u64, wanted: usize) -> Result<(), StoreError> {
    if usize::try_from(changed) == Ok(wanted) {
        return Ok(());
    }
    Err(unreadable(format!(
        "{changed} of {wanted} {what} were what the engine believed"
    )))
}
