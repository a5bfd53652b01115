//! Rows of follow-ups, of the events that they come from, and of deliveries.

use std::collections::BTreeMap;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{
    FeedbackEvent, FollowupStatus, KnownSource, Resolution, SourceId, WorkItemId,
};
use issuecommand_core::domain::id::{AgentId, IssueNumber, PullKey, RepoId};
use issuecommand_core::domain::session::SessionId;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{AuthMethod, StoredDelivery};
use issuecommand_core::engine::change::WriteBatch;
use issuecommand_core::engine::fence::FollowupWrite;
use serde::Serialize;

use crate::json::versioned;
use crate::rows::kind_rank;

/// The follow-ups of a batch, and what belongs to them.
#[derive(Debug)]
pub struct FollowupRows<'a> {
    /// Follow-ups that are there and change.
    pub moved: Vec<NewFollowupRow<'a>>,
    /// New follow-ups.
    pub made: Vec<NewFollowupRow<'a>>,
    /// New entries of their histories.
    pub history: Vec<NewFollowupStatusRow<'a>>,
    /// Feedback events, to insert or replace.
    pub sources: Vec<NewFeedbackEventRow<'a>>,
    /// Pull requests that nobody holds at the end, or that their holder let go of on the way.
    pub free: Vec<PullKey>,
    /// Holds on pull requests. A hold is never taken over: its former holder must have let go of the pull request.
    pub holds: Vec<NewHoldRow<'a>>,
    /// Deliveries, to insert or replace.
    pub deliveries: Vec<NewDeliveryRow<'a>>,
}

impl<'a> FollowupRows<'a> {
    pub(super) fn of(batch: &'a WriteBatch) -> Result<Self, StoreError> {
        let rows = |is_new: bool| {
            let of = batch.followups.iter();
            let of = of.filter(|write| write.before.is_none() == is_new);
            of.map(NewFollowupRow::of).collect()
        };
        let places = places(&batch.followups);
        let source = |(source, event): &'a (KnownSource, Option<FeedbackEvent>)| {
            let place = places.get(&source.id).copied();
            NewFeedbackEventRow::of(source, event.as_ref(), place)
        };
        Ok(Self {
            moved: rows(false),
            made: rows(true),
            history: batch
                .followups
                .iter()
                .flat_map(NewFollowupStatusRow::of)
                .collect(),
            sources: super::rows(&batch.sources, source)?,
            free: free(batch),
            holds: batch.holds.iter().filter_map(NewHoldRow::of).collect(),
            deliveries: (1..)
                .zip(&batch.tables.deliveries.put)
                .map(NewDeliveryRow::of)
                .collect(),
        })
    }
}

/// The place of each event in its follow-up.
fn places(followups: &[FollowupWrite]) -> BTreeMap<&SourceId, usize> {
    let sources = followups.iter().flat_map(|write| {
        let sources = write.row.sources.iter().enumerate();
        sources.filter_map(|(n, source)| Some((&source.id, write.row.place_of(n)?)))
    });
    sources.collect()
}

fn free(batch: &WriteBatch) -> Vec<PullKey> {
    let nobody = batch.holds.iter().filter(|(_, agent)| agent.is_none());
    let let_go = batch.followups.iter().filter(|write| {
        write.before.is_some_and(|before| before.status.is_held())
            && (write.new_entries()).any(|(_, entry)| !entry.status.is_held())
    });
    let nobody = nobody.map(|(key, _)| *key);
    nobody.chain(let_go.map(|write| write.row.pull())).collect()
}

/// A follow-up, with the status and the time that it must still have.
#[derive(Debug, Serialize)]
pub struct NewFollowupRow<'a> {
    was: Option<FollowupStatus>,
    seen: Option<Timestamp>,
    work_item_id: WorkItemId,
    repo_id: RepoId,
    number: IssueNumber,
    pr_url: &'a str,
    pr_title: &'a str,
    kind: i64,
    status: FollowupStatus,
    created_at: Timestamp,
    last_updated: Timestamp,
    owner: Option<&'a AgentId>,
    claimed_at: Option<Timestamp>,
    done_at: Option<Timestamp>,
    dismiss_reason: Option<&'a str>,
    window_from: Timestamp,
    concerns: String,
    session_id: Option<&'a SessionId>,
    signed_at: Timestamp,
}

impl<'a> NewFollowupRow<'a> {
    fn of(write: &'a FollowupWrite) -> Self {
        let item = &write.row;
        Self {
            was: write.before.map(|before| before.status),
            seen: write.before.map(|before| before.last_updated),
            work_item_id: item.id,
            repo_id: item.repo,
            number: item.number,
            pr_url: &item.pr_url,
            pr_title: &item.pr_title,
            kind: kind_rank(item.kind()),
            status: item.status,
            created_at: item.created_at,
            last_updated: item.last_updated,
            owner: item.owner.as_ref(),
            claimed_at: item.claimed_at,
            done_at: item.done_at,
            dismiss_reason: item.dismiss_reason.as_deref(),
            window_from: item.window_from,
            concerns: item.concerns.to_string(),
            session_id: item.session.as_ref(),
            signed_at: item.signed_at,
        }
    }
}

/// An entry of a follow-up's history.
#[derive(Debug, Serialize)]
pub struct NewFollowupStatusRow<'a> {
    work_item_id: WorkItemId,
    n: usize,
    status: FollowupStatus,
    timestamp: Timestamp,
    note: Option<&'a str>,
}

impl<'a> NewFollowupStatusRow<'a> {
    fn of(write: &'a FollowupWrite) -> impl Iterator<Item = Self> {
        write.new_entries().map(|(n, entry)| Self {
            work_item_id: write.row.id,
            n,
            status: entry.status,
            timestamp: entry.timestamp,
            note: entry.note.as_deref(),
        })
    }
}

/// A feedback event, with its text where that may have changed.
#[derive(Debug, Serialize)]
pub struct NewFeedbackEventRow<'a> {
    source_event_id: &'a SourceId,
    repo_id: RepoId,
    number: IssueNumber,
    work_item_id: Option<WorkItemId>,
    n: Option<usize>,
    ended: Option<Resolution>,
    data: Option<String>,
    facts: String,
}

impl<'a> NewFeedbackEventRow<'a> {
    fn of(
        source: &'a KnownSource,
        event: Option<&FeedbackEvent>,
        n: Option<usize>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            source_event_id: &source.id,
            repo_id: source.pull.0,
            number: source.pull.1,
            work_item_id: source.item,
            n,
            ended: source.ended,
            data: event.map(versioned).transpose()?,
            facts: versioned(&source.facts)?,
        })
    }
}

/// Who holds a pull request.
#[derive(Debug, Serialize)]
pub struct NewHoldRow<'a> {
    repo_id: RepoId,
    number: IssueNumber,
    agent_id: &'a AgentId,
}

impl<'a> NewHoldRow<'a> {
    fn of((key, agent): &'a (PullKey, Option<AgentId>)) -> Option<Self> {
        Some(Self {
            repo_id: key.0,
            number: key.1,
            agent_id: agent.as_ref()?,
        })
    }
}

/// A delivery. `n` counts those of a batch from 1.
#[derive(Clone, Debug, Serialize)]
pub struct NewDeliveryRow<'a> {
    n: usize,
    id: &'a str,
    delivery_id: Option<&'a str>,
    event: &'a str,
    auth: AuthMethod,
    received_at: Timestamp,
    processed_at: Option<Timestamp>,
    attempts: u32,
    error: Option<&'a str>,
    /// The body, while it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
}

impl<'a> NewDeliveryRow<'a> {
    fn of((n, row): (usize, &'a StoredDelivery)) -> Self {
        Self {
            n,
            id: &row.id,
            delivery_id: row.delivery.id.as_deref(),
            event: &row.delivery.event,
            auth: row.delivery.auth,
            received_at: row.received_at,
            processed_at: row.processed_at,
            attempts: row.attempts,
            error: row.error.as_deref(),
            body: row.body.as_deref(),
        }
    }

    /// The same for a database that takes the body by itself.
    #[must_use]
    pub fn without_body(&self) -> Self {
        Self {
            body: None,
            ..self.clone()
        }
    }
}
