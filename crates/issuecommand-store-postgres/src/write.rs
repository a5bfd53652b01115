//! Writing what a batch changed. Lists that are empty cost nothing.

pub(crate) mod followups;
pub(crate) mod keys;
pub(crate) mod mirror;
pub(crate) mod sql;
pub(crate) mod sync;
pub(crate) mod trim;

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Event, EventKind};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueKey, IssueNumber, Principal, RepoId};
use issuecommand_core::domain::outbox::{OutboxEntry, OutboxId};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::change::{ClaimWrite, Fence, IdempotencyRecord, WriteBatch};
use serde::Serialize;

use crate::bulk::{Args, Db};
use crate::error::unreadable;
use crate::rows::{EventBody, Versioned};

/// Writes all of it, within the caller's transaction. Claims are moved before others are made: one that ends frees its issue
/// first.
pub(crate) async fn all(
    db: &mut Db<'_>,
    writes: WriteBatch,
    now: Timestamp,
) -> Result<(), StoreError> {
    mirror::put(db, &writes).await?;
    keys::put(db, &writes.keys).await?;
    claims(db, &writes).await?;
    put(db, sql::ADD_EVENTS, &rows_of(events(&writes.events))?).await?;
    for (sql, is_ready) in [(sql::LEAVE_QUEUE, false), (sql::JOIN_QUEUE, true)] {
        let of = writes.ready.iter().filter(|(_, ready)| *ready == is_ready);
        let keys: Vec<&IssueKey> = of.map(|(key, _)| key).collect();
        if !keys.is_empty() {
            db.change(sql, Args::default().keys(keys)?).await?;
        }
    }
    let meta = Args::default()
        .with(now.0)?
        .with(writes.last_sync.map(|at| at.0))?
        .text(writes.priority_source.as_ref())?
        .with(count(writes.events.len()))?;
    db.change(sql::SET_META, meta).await?;
    side(db, &writes).await?;
    followups::all(db, &writes).await?;
    sync::all(db, &writes).await?;
    mirror::requeue(db, &writes).await?;
    if let Some(trim) = writes.trim {
        trim::trim(db, trim).await?;
    }
    Ok(())
}

async fn claims(db: &mut Db<'_>, writes: &WriteBatch) -> Result<(), StoreError> {
    let rows = |made: bool| -> Result<Vec<ClaimOut<'_>>, StoreError> {
        let of = writes
            .claims
            .iter()
            .filter(|write| write.before.is_none() == made);
        of.map(|write| claim_row(&write.row, write.before))
            .collect()
    };
    let moved = rows(false)?;
    let changed = put(db, sql::MOVE_CLAIMS, &moved).await?;
    expect("claims", changed, moved.len())?;
    put(db, sql::MAKE_CLAIMS, &rows(true)?).await?;
    let history: Vec<_> = writes.claims.iter().flat_map(history_rows).collect();
    let added = put(db, sql::ADD_HISTORY, &history).await?;
    expect("claims of a history", added, history.len())
}

/// Runs a statement on these rows, if there are any: how many it changed.
async fn put<T: Serialize>(
    db: &mut Db<'_>,
    sql: &'static str,
    rows: &[T],
) -> Result<u64, StoreError> {
    if rows.is_empty() {
        return Ok(0);
    }
    db.change(sql, Args::default().rows(rows)?).await
}

/// The lock was held since the rows were loaded, so that only a fault in IssueCommand can make a difference.
fn expect(what: &str, changed: u64, wanted: usize) -> Result<(), StoreError> {
    if usize::try_from(changed) == Ok(wanted) {
        return Ok(());
    }
    Err(unreadable(format!(
        "{changed} of {wanted} {what} were what the engine believed"
    )))
}

#[derive(Serialize)]
struct ClaimOut<'a> {
    was: Option<ClaimStatus>,
    seen: Option<Timestamp>,
    claim_id: ClaimId,
    repo_id: RepoId,
    number: IssueNumber,
    agent_id: &'a AgentId,
    principal: &'a Principal,
    title: &'a str,
    labels: &'a [String],
    assignees: &'a [String],
    status: ClaimStatus,
    before_stale: Option<ClaimStatus>,
    claimed_at: Timestamp,
    last_updated: Timestamp,
    pr_url: Option<&'a str>,
    pull_repo_id: Option<RepoId>,
    pull_number: Option<IssueNumber>,
    notice: Option<&'a str>,
    pull_notice: Option<&'a str>,
    github_closed_at: Option<Timestamp>,
    link: Option<String>,
}

fn claim_row(
    claim: &Claim,
    before: Option<Fence<ClaimStatus>>,
) -> Result<ClaimOut<'_>, StoreError> {
    Ok(ClaimOut {
        was: before.map(|before| before.status),
        seen: before.map(|before| before.last_updated),
        claim_id: claim.id,
        repo_id: claim.repo,
        number: claim.number,
        agent_id: &claim.agent,
        principal: &claim.principal,
        title: &claim.title,
        labels: &claim.labels,
        assignees: &claim.assignees,
        status: claim.status,
        before_stale: claim.before_stale,
        claimed_at: claim.claimed_at,
        last_updated: claim.last_updated,
        pr_url: claim.pr_url.as_deref(),
        pull_repo_id: claim.pull.map(|(repo, _)| repo),
        pull_number: claim.pull.map(|(_, number)| number),
        notice: claim.notice.as_deref(),
        pull_notice: claim.pull_notice.as_deref(),
        github_closed_at: claim.github_closed_at,
        link: claim.link.as_ref().map(versioned).transpose()?,
    })
}

#[derive(Serialize)]
struct HistoryOut<'a> {
    claim_id: ClaimId,
    n: usize,
    status: ClaimStatus,
    timestamp: Timestamp,
    note: Option<&'a str>,
}

fn history_rows(write: &ClaimWrite) -> impl Iterator<Item = HistoryOut<'_>> {
    write.new_entries().map(|(n, entry)| HistoryOut {
        claim_id: write.row.id,
        n,
        status: entry.status,
        timestamp: entry.timestamp,
        note: entry.note.as_deref(),
    })
}

#[derive(Serialize)]
struct EventOut<'a> {
    n: i64,
    kind: EventKind,
    at: Timestamp,
    principal: &'a Principal,
    body: String,
}

fn events(events: &[Event]) -> impl Iterator<Item = Result<EventOut<'_>, StoreError>> {
    (1..).zip(events).map(|(n, event)| {
        let body = EventBody {
            v: 1,
            claim: event.claim,
            item: event.item,
            repo: event.repo.clone(),
            number: event.number,
            pull: event.pull,
            agent: event.agent.clone(),
            details: event.details.clone(),
        };
        Ok(EventOut {
            n,
            kind: event.kind,
            at: event.timestamp,
            principal: &event.principal,
            body: json(&body)?,
        })
    })
}

async fn side(db: &mut Db<'_>, writes: &WriteBatch) -> Result<(), StoreError> {
    let outbox = rows_of(writes.outbox.iter().map(outbox_row))?;
    put(db, sql::PUT_OUTBOX, &outbox).await?;
    if !writes.outbox_done.is_empty() {
        let done = writes.outbox_done.iter().map(|id| id.0.to_string());
        db.change(sql::DONE_OUTBOX, Args::default().texts(done)?)
            .await?;
    }
    put(db, sql::PUT_LEASES, &writes.leases).await?;
    let remember = rows_of(writes.remember.iter().map(remember_row))?;
    put(db, sql::REMEMBER, &remember).await?;
    Ok(())
}

#[derive(Serialize)]
struct OutboxOut<'a> {
    id: OutboxId,
    write: String,
    claim_id: ClaimId,
    attempts: u32,
    due: Timestamp,
    error: Option<&'a str>,
}

fn outbox_row(entry: &OutboxEntry) -> Result<OutboxOut<'_>, StoreError> {
    Ok(OutboxOut {
        id: entry.id,
        write: versioned(&entry.write)?,
        claim_id: entry.claim,
        attempts: entry.attempts,
        due: entry.due,
        error: entry.error.as_deref(),
    })
}

#[derive(Serialize)]
struct RememberOut<'a> {
    principal: &'a Principal,
    key: &'a str,
    request: &'a str,
    answer: String,
    at: Timestamp,
}

fn remember_row(row: &IdempotencyRecord) -> Result<RememberOut<'_>, StoreError> {
    Ok(RememberOut {
        principal: &row.principal,
        key: &row.key,
        request: &row.request,
        answer: versioned(&row.answer)?,
        at: row.at,
    })
}

fn rows_of<T>(rows: impl Iterator<Item = Result<T, StoreError>>) -> Result<Vec<T>, StoreError> {
    rows.collect()
}

/// A number of rows as the database counts.
fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn versioned(value: &impl Serialize) -> Result<String, StoreError> {
    json(&Versioned { v: 1, value })
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(unreadable)
}
