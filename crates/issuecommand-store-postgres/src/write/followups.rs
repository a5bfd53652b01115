//! Writing what belongs to pull requests.

use std::collections::BTreeMap;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{
    FeedbackEvent, Followup, FollowupStatus, KnownSource, SourceId, WorkItemId,
};
use issuecommand_core::domain::id::{AgentId, IssueNumber, PullKey, RepoId};
use issuecommand_core::domain::pull_request::Pull;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::engine::change::{FollowupWrite, WriteBatch};
use serde::Serialize;

use super::{expect, put, rows_of, versioned};
use crate::bulk::{Args, Db};
use crate::rows::followups::kind_rank;
use crate::rows::word_of;

/// $1 pull requests as objects.
pub(crate) const PUT_PULLS: &str = "-- put_pulls
     INSERT INTO pull_request (repo_id, number, pushed_at, cut_at, validators, facts, activity, closing)
     SELECT repo_id, number, pushed_at, cut_at, validators, facts, activity, closing
     FROM jsonb_populate_recordset(NULL::pull_request, $1::jsonb)
     ON CONFLICT (repo_id, number) DO UPDATE SET pushed_at = excluded.pushed_at, cut_at = excluded.cut_at,
         validators = excluded.validators, facts = excluded.facts, activity = excluded.activity, closing = excluded.closing";

/// $1 and $2 repositories and numbers of pull requests.
pub(crate) const DROP_CLOSES: &str = "-- drop_closes
     DELETE FROM pull_closes k USING unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     WHERE k.repo_id = j.repo_id AND k.number = j.number";

/// $1 what pull requests close, as objects.
pub(crate) const PUT_CLOSES: &str = "-- put_closes
     INSERT INTO pull_closes (repo_id, number, issue, candidate)
     SELECT repo_id, number, issue, candidate FROM jsonb_populate_recordset(NULL::pull_closes, $1::jsonb)";

/// $1 follow-ups as objects, with the status and the time that they must still have.
pub(crate) const MOVE_FOLLOWUPS: &str = "-- move_followups
     UPDATE followup f SET kind = v.kind, status = v.status, last_updated = v.last_updated, owner = v.owner,
         claimed_at = v.claimed_at, done_at = v.done_at, dismiss_reason = v.dismiss_reason, window_from = v.window_from,
         pr_url = v.pr_url, pr_title = v.pr_title, concerns = v.concerns
     FROM jsonb_to_recordset($1::jsonb) AS v (was text, seen bigint, work_item_id text, kind bigint, status text,
         last_updated bigint, owner text, claimed_at bigint, done_at bigint, dismiss_reason text, window_from bigint,
         pr_url text, pr_title text, concerns text)
     WHERE f.work_item_id = v.work_item_id AND f.status = v.was AND f.last_updated = v.seen";

/// $1 follow-ups as objects.
pub(crate) const MAKE_FOLLOWUPS: &str = "-- make_followups
     INSERT INTO followup (work_item_id, repo_id, number, pr_url, pr_title, kind, status, created_at, last_updated, owner,
         claimed_at, done_at, dismiss_reason, window_from, concerns)
     SELECT work_item_id, repo_id, number, pr_url, pr_title, kind, status, created_at, last_updated, owner, claimed_at,
         done_at, dismiss_reason, window_from, concerns
     FROM jsonb_populate_recordset(NULL::followup, $1::jsonb)";

/// $1 entries as objects.
pub(crate) const ADD_HISTORY: &str = "-- add_followup_history
     INSERT INTO followup_status (work_item_id, n, status, timestamp, note)
     SELECT work_item_id, n, status, timestamp, note FROM jsonb_populate_recordset(NULL::followup_status, $1::jsonb)";

/// $1 events as objects.
pub(crate) const PUT_SOURCES: &str = "-- put_sources
     INSERT INTO followup_source AS s (source_event_id, repo_id, number, work_item_id, n, ended, data, facts)
     SELECT source_event_id, repo_id, number, work_item_id, n, ended, data, facts
     FROM jsonb_populate_recordset(NULL::followup_source, $1::jsonb)
     ON CONFLICT (source_event_id) DO UPDATE SET repo_id = excluded.repo_id, number = excluded.number,
         work_item_id = excluded.work_item_id, n = coalesce(excluded.n, s.n), ended = excluded.ended,
         data = coalesce(excluded.data, s.data), facts = excluded.facts";

/// $1 and $2 repositories and numbers of the pull requests that nobody holds any more.
pub(crate) const DROP_HOLDS: &str = "-- drop_holds
     DELETE FROM pr_hold h USING unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     WHERE h.repo_id = j.repo_id AND h.number = j.number";

/// $1 holds as objects. A hold is never taken over: who held a pull request before must have let it go.
pub(crate) const PUT_HOLDS: &str = "-- put_holds
     INSERT INTO pr_hold AS h (repo_id, number, agent_id)
     SELECT repo_id, number, agent_id FROM jsonb_populate_recordset(NULL::pr_hold, $1::jsonb)
     ON CONFLICT (repo_id, number) DO UPDATE SET agent_id = excluded.agent_id WHERE h.agent_id = excluded.agent_id";

/// $1 deliveries as objects without their bodies, $2 the bodies, which they count from 1.
pub(crate) const PUT_DELIVERIES: &str = "-- put_deliveries
     INSERT INTO delivery (id, delivery_id, event, auth, received_at, processed_at, attempts, error, body)
     SELECT v.id, v.delivery_id, v.event, v.auth, v.received_at, v.processed_at, v.attempts, v.error, ($2::bytea[])[v.n]
     FROM jsonb_to_recordset($1::jsonb) AS v (n int, id text, delivery_id text, event text, auth text, received_at bigint,
         processed_at bigint, attempts bigint, error text)
     ON CONFLICT (id) DO UPDATE SET delivery_id = excluded.delivery_id, event = excluded.event, auth = excluded.auth,
         received_at = excluded.received_at, processed_at = excluded.processed_at, attempts = excluded.attempts,
         error = excluded.error, body = excluded.body";

pub(super) async fn all(db: &mut Db<'_>, writes: &WriteBatch) -> Result<(), StoreError> {
    pulls(db, &writes.pulls).await?;
    let rows = |made: bool| -> Vec<FollowupOut<'_>> {
        let all = writes.followups.iter();
        all.filter(|write| write.before.is_none() == made)
            .map(followup_row)
            .collect()
    };
    let moved = rows(false);
    let changed = put(db, MOVE_FOLLOWUPS, &moved).await?;
    expect("follow-ups", changed, moved.len())?;
    put(db, MAKE_FOLLOWUPS, &rows(true)).await?;
    let history: Vec<_> = writes.followups.iter().flat_map(history_rows).collect();
    put(db, ADD_HISTORY, &history).await?;
    let places = places(&writes.followups);
    let sources = writes
        .sources
        .iter()
        .map(|(row, whole)| source_row(row, whole.as_ref(), places.get(&row.id).copied()));
    put(db, PUT_SOURCES, &rows_of(sources)?).await?;
    holds(db, writes).await?;
    deliveries(db, &writes.deliveries).await
}

async fn pulls(db: &mut Db<'_>, pulls: &[Pull]) -> Result<(), StoreError> {
    if pulls.is_empty() {
        return Ok(());
    }
    put(db, PUT_PULLS, &rows_of(pulls.iter().map(pull_row))?).await?;
    let keys: Vec<PullKey> = pulls.iter().map(Pull::key).collect();
    db.change(DROP_CLOSES, Args::default().keys(&keys)?).await?;
    let closes: Vec<_> = pulls.iter().flat_map(closes_rows).collect();
    put(db, PUT_CLOSES, &closes).await.map(drop)
}

async fn holds(db: &mut Db<'_>, writes: &WriteBatch) -> Result<(), StoreError> {
    let free = free(writes);
    if !free.is_empty() {
        db.change(DROP_HOLDS, Args::default().keys(&free)?).await?;
    }
    let held: Vec<_> = writes.holds.iter().filter_map(hold_row).collect();
    let holding = put(db, PUT_HOLDS, &held).await?;
    expect("holds on pull requests", holding, held.len())
}

/// The pull requests that nobody holds at the end, or that whoever held them let go of on the way.
fn free(writes: &WriteBatch) -> Vec<PullKey> {
    let nobody = writes.holds.iter().filter(|(_, agent)| agent.is_none());
    let let_go = writes.followups.iter().filter(|write| {
        write.before.is_some_and(|before| before.status.is_held())
            && (write.new_entries()).any(|(_, entry)| !entry.status.is_held())
    });
    nobody
        .map(|(key, _)| *key)
        .chain(let_go.map(|write| write.row.pull()))
        .collect()
}

#[derive(Serialize)]
struct HoldOut<'a> {
    repo_id: RepoId,
    number: IssueNumber,
    agent_id: &'a AgentId,
}

fn hold_row((key, agent): &(PullKey, Option<AgentId>)) -> Option<HoldOut<'_>> {
    Some(HoldOut {
        repo_id: key.0,
        number: key.1,
        agent_id: agent.as_ref()?,
    })
}

/// Where each event stands in its item.
fn places(followups: &[FollowupWrite]) -> BTreeMap<&SourceId, usize> {
    let sources = followups.iter().flat_map(|write| {
        let sources = write.row.sources.iter().enumerate();
        sources.filter_map(|(n, source)| Some((&source.id, write.row.place_of(n)?)))
    });
    sources.collect()
}

#[derive(Serialize)]
struct PullOut {
    repo_id: RepoId,
    number: IssueNumber,
    pushed_at: Option<Timestamp>,
    cut_at: Option<Timestamp>,
    validators: String,
    facts: String,
    activity: String,
    closing: String,
}

#[derive(Serialize)]
struct ClosesOut {
    repo_id: RepoId,
    number: IssueNumber,
    issue: IssueNumber,
    candidate: bool,
}

fn closes_rows(pull: &Pull) -> impl Iterator<Item = ClosesOut> {
    pull.closing.issues.iter().map(|issue| ClosesOut {
        repo_id: pull.repo,
        number: pull.facts.number,
        issue: *issue,
        candidate: pull.is_candidate(),
    })
}

fn pull_row(pull: &Pull) -> Result<PullOut, StoreError> {
    Ok(PullOut {
        repo_id: pull.repo,
        number: pull.facts.number,
        pushed_at: pull.pushed_at,
        cut_at: pull.cut_at,
        validators: versioned(&pull.validators)?,
        facts: versioned(&pull.facts)?,
        activity: versioned(&pull.activity)?,
        closing: versioned(&pull.closing)?,
    })
}

#[derive(Serialize)]
struct FollowupOut<'a> {
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
}

fn followup_row(write: &FollowupWrite) -> FollowupOut<'_> {
    let item: &Followup = &write.row;
    FollowupOut {
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
    }
}

#[derive(Serialize)]
struct HistoryOut<'a> {
    work_item_id: WorkItemId,
    n: usize,
    status: FollowupStatus,
    timestamp: Timestamp,
    note: Option<&'a str>,
}

fn history_rows(write: &FollowupWrite) -> impl Iterator<Item = HistoryOut<'_>> {
    write.new_entries().map(|(n, entry)| HistoryOut {
        work_item_id: write.row.id,
        n,
        status: entry.status,
        timestamp: entry.timestamp,
        note: entry.note.as_deref(),
    })
}

#[derive(Serialize)]
struct SourceOut<'a> {
    source_event_id: &'a SourceId,
    repo_id: RepoId,
    number: IssueNumber,
    work_item_id: Option<WorkItemId>,
    n: Option<usize>,
    ended: Option<String>,
    data: Option<String>,
    facts: String,
}

fn source_row<'a>(
    row: &'a KnownSource,
    whole: Option<&FeedbackEvent>,
    n: Option<usize>,
) -> Result<SourceOut<'a>, StoreError> {
    Ok(SourceOut {
        source_event_id: &row.id,
        repo_id: row.pull.0,
        number: row.pull.1,
        work_item_id: row.item,
        n,
        ended: row.ended.as_ref().map(word_of).transpose()?,
        data: whole.map(|whole| versioned(&whole)).transpose()?,
        facts: versioned(&row.facts)?,
    })
}

#[derive(Serialize)]
struct DeliveryOut<'a> {
    n: usize,
    id: &'a str,
    delivery_id: Option<&'a str>,
    event: &'a str,
    auth: String,
    received_at: Timestamp,
    processed_at: Option<Timestamp>,
    attempts: u32,
    error: Option<&'a str>,
}

async fn deliveries(db: &mut Db<'_>, deliveries: &[StoredDelivery]) -> Result<(), StoreError> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let row = |(n, row): (usize, _)| delivery_row(n + 1, row);
    let rows = rows_of(deliveries.iter().enumerate().map(row))?;
    let bodies: Vec<Option<&[u8]>> = deliveries
        .iter()
        .map(|row| row.body.as_deref().map(str::as_bytes))
        .collect();
    let args = Args::default().rows(&rows)?.with(bodies)?;
    db.change(PUT_DELIVERIES, args).await?;
    Ok(())
}

fn delivery_row(n: usize, row: &StoredDelivery) -> Result<DeliveryOut<'_>, StoreError> {
    Ok(DeliveryOut {
        n,
        id: &row.id,
        delivery_id: row.delivery.id.as_deref(),
        event: &row.delivery.event,
        auth: word_of(&row.delivery.auth)?,
        received_at: row.received_at,
        processed_at: row.processed_at,
        attempts: row.attempts,
        error: row.error.as_deref(),
    })
}
