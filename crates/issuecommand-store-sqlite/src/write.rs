//! Writing what a batch changed: claims, events and the queue in one call, the rest only where there is any.

pub(crate) mod followups;
pub(crate) mod mirror;
pub(crate) mod sync;
pub(crate) mod trim;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store_sql::Args as _;
use issuecommand_store_sql::new_rows::{NewRows, expect_changed};
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, change, run};

/// Lists of: claims that move; new claims; entries of their histories; events; [repository, number] that leave the queue; the same
/// that join it. Then now, last_sync, priority_source.
///
/// `jsonb_each` parses the text once; taking members of objects by name is then as fast as taking elements of arrays by place.
/// `MATERIALIZED`: the row would be written out anew for each member that is taken from it.
pub(crate) const BATCH: &str = "-- move_claims
     WITH moved AS MATERIALIZED (
         SELECT c.n, j.value AS v FROM jsonb_each(?) j
         CROSS JOIN claim c ON c.claim_id = j.value->>'claim_id' AND c.status = j.value->>'was'
           AND c.last_updated = j.value->>'seen'
     )
     UPDATE claim SET title = v->>'title', labels = v->>'labels', assignees = v->>'assignees', status = v->>'status',
         before_stale = v->>'before_stale', last_updated = v->>'last_updated', pr_url = v->>'pr_url',
         pull_repo_id = v->>'pull_repo_id', pull_number = v->>'pull_number', notice = v->>'notice',
         pull_notice = v->>'pull_notice', repo_id = v->>'repo_id', number = v->>'number',
         github_closed_at = v->>'github_closed_at', link = v->>'link'
     FROM moved WHERE claim.n = moved.n;
     -- make_claims
     WITH made AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO claim (claim_id, repo_id, number, agent_id, principal, title, labels, assignees, status, before_stale,
         claimed_at, last_updated, pr_url, pull_repo_id, pull_number, notice, pull_notice, github_closed_at, link)
     SELECT v->>'claim_id', v->>'repo_id', v->>'number', v->>'agent_id', v->>'principal', v->>'title', v->>'labels',
         v->>'assignees', v->>'status', v->>'before_stale', v->>'claimed_at', v->>'last_updated', v->>'pr_url',
         v->>'pull_repo_id', v->>'pull_number', v->>'notice', v->>'pull_notice', v->>'github_closed_at', v->>'link'
     FROM made;
     -- add_history
     WITH added AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO claim_status (claim_n, n, status, timestamp, note)
     SELECT (SELECT n FROM claim WHERE claim_id = v->>'claim_id'), v->>'n', v->>'status', v->>'timestamp', v->>'note'
     FROM added;
     -- add_events
     WITH added AS MATERIALIZED (SELECT value AS v FROM jsonb_each(?))
     INSERT INTO event (kind, at, principal, body) SELECT v->>'kind', v->>'at', v->>'principal', v->>'body' FROM added;
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

/// Lists of: outbox entries; ids of those that are done; leases; remembered answers.
pub(crate) const AUXILIARY: &str = "-- put_outbox
     INSERT OR REPLACE INTO outbox (id, write, claim_id, attempts, due, error)
     SELECT value->>'id', value->>'write', value->>'claim_id', value->>'attempts', value->>'due', value->>'error'
     FROM jsonb_each(?);
     -- done_outbox
     DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?));
     -- put_leases
     INSERT OR REPLACE INTO lease (name, holder, epoch, until)
     SELECT value->>'name', value->>'holder', value->>'epoch', value->>'until' FROM jsonb_each(?);
     -- remember
     INSERT OR REPLACE INTO idempotency (principal, key, request, answer, at)
     SELECT value->>'principal', value->>'key', value->>'request', value->>'answer', value->>'at' FROM jsonb_each(?)";

/// A list of keys. Of an existing key only the revocation changes.
pub(crate) const PUT_KEYS: &str = "-- put_keys
     INSERT INTO access_key (id, name, hash, agent_id, read_only, repos, created_at, expires_at, revoked_at)
     SELECT value->>'id', value->>'name', value->>'hash', value->>'agent_id', value->>'read_only', value->>'repos',
         value->>'created_at', value->>'expires_at', value->>'revoked_at'
     FROM jsonb_each(?) WHERE true
     ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at";

/// Writes all of it, within the caller's transaction.
pub(crate) async fn all(
    conn: &mut SqliteConnection,
    rows: &NewRows<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    mirror::put(conn, rows).await?;
    if !rows.keys.is_empty() {
        change(conn, PUT_KEYS, Args::default().list(&rows.keys)?).await?;
    }
    batch(conn, rows, now).await?;
    auxiliary(conn, rows).await?;
    followups::put(conn, rows).await?;
    sync::put(conn, rows).await?;
    mirror::requeue(conn, rows).await?;
    if let Some(trim) = rows.trim {
        trim::trim(conn, trim).await?;
    }
    Ok(())
}

async fn batch(
    conn: &mut SqliteConnection,
    rows: &NewRows<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let claims = &rows.claims;
    let args = Args::default()
        .list(&claims.moved)?
        .list(&claims.made)?
        .list(&claims.history)?
        .list(&rows.events)?
        .list(&rows.leave_queue)?
        .list(&rows.join_queue)?
        .number(now.0)?
        .number(rows.last_sync.map(|at| at.0))?
        .text(rows.priority_source)?;
    let [(_, moved), _, _, _, _, _, _] = run(conn, BATCH, args).await?;
    expect_changed("claims", moved, claims.moved.len())
}

async fn auxiliary(conn: &mut SqliteConnection, rows: &NewRows<'_>) -> Result<(), StoreError> {
    let nothing = rows.outbox.is_empty()
        && rows.outbox_done.is_empty()
        && rows.leases.is_empty()
        && rows.idempotency.is_empty();
    if nothing {
        return Ok(());
    }
    let args = Args::default()
        .list(&rows.outbox)?
        .list(&rows.outbox_done)?
        .list(&rows.leases)?
        .list(&rows.idempotency)?;
    let _: [_; 4] = run(conn, AUXILIARY, args).await?;
    Ok(())
}
