//! Writing what a batch changed: what every batch of claims has in one call, the rest where there is any.

pub(crate) mod followups;
pub(crate) mod keys;
pub(crate) mod mirror;
pub(crate) mod sync;
pub(crate) mod trim;

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::event::Event;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::IssueKey;
use issuecommand_core::domain::lease::Lease;
use issuecommand_core::domain::outbox::{OutboxEntry, OutboxId};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::change::{ClaimWrite, IdempotencyRecord, WriteBatch};
use sqlx::sqlite::SqliteConnection;

use crate::bulk::{Args, change, run};
use crate::error::unreadable;
use crate::rows::{EventBody, Versioned};

/// Lists of: claims that move [claim_id, status before, last_updated before, title, labels, assignees, status, before_stale,
/// last_updated, pr_url, [pull_repo_id, pull_number], notice, pull_notice, [repo_id, number], github_closed_at,
/// link]; new claims in the order of the columns, those two in one again, and so the last three; [claim_id, n, status, timestamp, note]; [kind, at, principal, body]; [repository, number] that leave the
/// queue; the same that join it. Then now, last_sync, priority_source.
///
/// Claims are moved before others are made: one that ends frees its issue first. `MATERIALIZED`: `json_each` would write out
/// the row anew for each value that is taken from it.
pub(crate) const BATCH: &str = "-- move_claims
     WITH moved AS MATERIALIZED (
         SELECT c.n, j.value AS v FROM json_each(?) j
         CROSS JOIN claim c ON c.claim_id = j.value->>0 AND c.status = j.value->>1 AND c.last_updated = j.value->>2
     )
     UPDATE claim SET title = v->>3, labels = v->>4, assignees = v->>5, status = v->>6, before_stale = v->>7,
         last_updated = v->>8, pr_url = v->>9, pull_repo_id = v->>'$[10][0]', pull_number = v->>'$[10][1]',
         notice = v->>11, pull_notice = v->>12, repo_id = v->>'$[13][0]', number = v->>'$[13][1]', github_closed_at = v->>14,
         link = v->>15
     FROM moved WHERE claim.n = moved.n;
     -- make_claims
     WITH made AS MATERIALIZED (SELECT value AS v FROM json_each(?))
     INSERT INTO claim (claim_id, repo_id, number, agent_id, principal, title, labels, assignees, status, before_stale,
         claimed_at, last_updated, pr_url, pull_repo_id, pull_number, notice, pull_notice, github_closed_at, link)
     SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6, v->>7, v->>8, v->>9, v->>10, v->>11, v->>12, v->>'$[13][0]',
         v->>'$[13][1]', v->>14, v->>'$[15][0]', v->>'$[15][1]', v->>'$[15][2]'
     FROM made;
     -- add_history
     WITH added AS MATERIALIZED (SELECT value AS v FROM json_each(?))
     INSERT INTO claim_status (claim_n, n, status, timestamp, note)
     SELECT (SELECT n FROM claim WHERE claim_id = v->>0), v->>1, v->>2, v->>3, v->>4 FROM added;
     -- add_events
     WITH added AS MATERIALIZED (SELECT value AS v FROM json_each(?))
     INSERT INTO event (kind, at, principal, body) SELECT v->>0, v->>1, v->>2, v->>3 FROM added;
     -- leave_queue
     DELETE FROM queue WHERE (rank, created_at, repo_id, number) IN (
         SELECT i.rank, i.created_at, i.repo_id, i.number FROM json_each(?) j
         CROSS JOIN issue i ON i.repo_id = j.value->>0 AND i.number = j.value->>1);
     -- join_queue
     INSERT OR IGNORE INTO queue (rank, created_at, repo_id, number)
     SELECT i.rank, i.created_at, i.repo_id, i.number FROM json_each(?) j
     CROSS JOIN issue i ON i.repo_id = j.value->>0 AND i.number = j.value->>1;
     -- set_meta
     UPDATE meta SET last_now = ?, last_sync = coalesce(?, last_sync), priority_source = coalesce(?, priority_source),
         writes = writes + 1";

/// Lists of: [id, write, claim_id, attempts, due, error]; ids that are done; [name, holder, epoch, until]; [principal, key,
/// request, answer, at].
pub(crate) const SIDE: &str = "-- put_outbox
     INSERT OR REPLACE INTO outbox (id, write, claim_id, attempts, due, error)
     SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?);
     -- done_outbox
     DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?));
     -- put_leases
     INSERT OR REPLACE INTO lease (name, holder, epoch, until)
     SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(?);
     -- remember
     INSERT OR REPLACE INTO idempotency (principal, key, request, answer, at)
     SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?)";

/// Writes all of it, within the caller's transaction.
pub(crate) async fn all(
    conn: &mut SqliteConnection,
    writes: WriteBatch,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !writes.repos.is_empty() {
        change(conn, mirror::PUT_REPOS, mirror::repos(&writes.repos)?).await?;
    }
    if !writes.names.is_empty() {
        let names = Args::default().list(&writes.names)?;
        change(conn, mirror::PUT_NAMES, names).await?;
    }
    if !writes.bound.is_empty() {
        let bound = Args::default().list(&writes.bound)?;
        change(conn, mirror::BIND_NAMES, bound).await?;
    }
    if !writes.issues.is_empty() {
        let _: [_; 5] = run(conn, mirror::PUT_ISSUES, mirror::issues(&writes.issues)?).await?;
    }
    if !writes.keys.is_empty() {
        change(conn, keys::PUT, keys::keys(&writes.keys)?).await?;
    }
    batch(conn, &writes, now).await?;
    side(conn, &writes).await?;
    followups::all(conn, &writes).await?;
    sync::all(conn, &writes).await?;
    mirror::requeue(conn, &writes).await?;
    if let Some(trim) = writes.trim {
        trim::trim(conn, trim).await?;
    }
    Ok(())
}

async fn batch(
    conn: &mut SqliteConnection,
    writes: &WriteBatch,
    now: Timestamp,
) -> Result<(), StoreError> {
    let moved = writes.claims.iter().filter_map(moved_row);
    let moved: Vec<_> = moved.collect::<Result<_, _>>()?;
    let made = writes.claims.iter().filter(|write| write.before.is_none());
    let made: Vec<_> = made
        .map(|write| claim_row(&write.row))
        .collect::<Result<_, _>>()?;
    let history: Vec<_> = writes.claims.iter().flat_map(history_rows).collect();
    let events: Vec<_> = writes
        .events
        .iter()
        .map(event_row)
        .collect::<Result<_, _>>()?;
    let keys = |ready: bool| -> Vec<IssueKey> {
        let of = writes.ready.iter().filter(|(_, is)| *is == ready);
        of.map(|(key, _)| *key).collect()
    };
    let (leave, join) = (keys(false), keys(true));
    let args = Args::default()
        .list(&moved)?
        .list(&made)?
        .list(&history)?
        .list(&events)?
        .list(&leave)?
        .list(&join)?
        .with(now.0)?
        .with(writes.last_sync.map(|at| at.0))?
        .with(writes.priority_source.clone())?;
    let [(_, changed), _, _, _, _, _, _] = run(conn, BATCH, args).await?;
    expect("claims", changed, moved.len())
}

/// The write lock was held since the rows were loaded, so that only a fault in IssueCommand can make a difference.
fn expect(what: &str, changed: u64, wanted: usize) -> Result<(), StoreError> {
    if usize::try_from(changed) == Ok(wanted) {
        return Ok(());
    }
    Err(unreadable(format!(
        "{changed} of {wanted} {what} were what the engine believed"
    )))
}

fn claim_row(claim: &Claim) -> Result<impl serde::Serialize, StoreError> {
    Ok((
        claim.id,
        claim.repo,
        claim.number,
        &claim.agent,
        &claim.principal,
        &claim.title,
        &claim.labels,
        &claim.assignees,
        claim.status,
        claim.before_stale,
        claim.claimed_at,
        claim.last_updated,
        &claim.pr_url,
        claim.pull,
        &claim.notice,
        (&claim.pull_notice, claim.github_closed_at, link(claim)?),
    ))
}

fn moved_row(write: &ClaimWrite) -> Option<Result<impl serde::Serialize, StoreError>> {
    let (claim, before) = (&write.row, write.before?);
    let row = |link| {
        (
            claim.id,
            before.status,
            before.last_updated,
            &claim.title,
            &claim.labels,
            &claim.assignees,
            claim.status,
            claim.before_stale,
            claim.last_updated,
            &claim.pr_url,
            claim.pull,
            &claim.notice,
            &claim.pull_notice,
            (claim.repo, claim.number),
            claim.github_closed_at,
            link,
        )
    };
    Some(link(claim).map(row))
}

fn link(claim: &Claim) -> Result<Option<String>, StoreError> {
    let link = claim.link.as_ref().map(|value| Versioned { v: 1, value });
    link.as_ref().map(text).transpose()
}

fn history_rows(write: &ClaimWrite) -> impl Iterator<Item = impl serde::Serialize> {
    let id = write.row.id;
    let entries = write.new_entries();
    entries.map(move |(n, entry)| (id, n, entry.status, entry.timestamp, &entry.note))
}

fn event_row(event: &Event) -> Result<impl serde::Serialize, StoreError> {
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
    let body = text(&body)?;
    Ok((event.kind, event.timestamp, &event.principal, body))
}

async fn side(conn: &mut SqliteConnection, writes: &WriteBatch) -> Result<(), StoreError> {
    let nothing = writes.outbox.is_empty()
        && writes.outbox_done.is_empty()
        && writes.leases.is_empty()
        && writes.remember.is_empty();
    if nothing {
        return Ok(());
    }
    let outbox: Vec<_> = rows_of(&writes.outbox, outbox_row)?;
    let done: &[OutboxId] = &writes.outbox_done;
    let leases: Vec<_> = writes.leases.iter().map(lease_row).collect();
    let remember: Vec<_> = rows_of(&writes.remember, remember_row)?;
    let args = Args::default()
        .list(&outbox)?
        .list(done)?
        .list(&leases)?
        .list(&remember)?;
    let _: [_; 4] = run(conn, SIDE, args).await?;
    Ok(())
}

fn outbox_row(entry: &OutboxEntry) -> Result<impl serde::Serialize, StoreError> {
    let write = text(&Versioned {
        v: 1,
        value: &entry.write,
    })?;
    Ok((
        entry.id,
        write,
        entry.claim,
        entry.attempts,
        entry.due,
        &entry.error,
    ))
}

fn lease_row(lease: &Lease) -> impl serde::Serialize {
    (&lease.name, &lease.holder, lease.epoch, lease.until)
}

fn remember_row(row: &IdempotencyRecord) -> Result<impl serde::Serialize, StoreError> {
    let answer = text(&Versioned {
        v: 1,
        value: &row.answer,
    })?;
    Ok((&row.principal, &row.key, &row.request, answer, row.at))
}

fn rows_of<'a, T, R>(
    values: &'a [T],
    row: impl Fn(&'a T) -> Result<R, StoreError>,
) -> Result<Vec<R>, StoreError> {
    values.iter().map(row).collect()
}

fn text(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(unreadable)
}
