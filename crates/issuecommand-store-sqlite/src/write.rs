//! Writes the changes of a batch: claims, events and the queue in one call, other rows only if there are any.

pub(crate) mod followups;
pub(crate) mod mirror;
pub(crate) mod sql;
pub(crate) mod sync;
pub(crate) mod trim;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store_sql::Args as _;
use issuecommand_store_sql::new_rows::{NewRows, expect_changed};
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, change, run};

/// Writes all rows, within the caller's transaction.
pub(crate) async fn all(
    conn: &mut SqliteConnection,
    rows: &NewRows<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    mirror::put(conn, rows).await?;
    if !rows.keys.is_empty() {
        change(conn, sql::PUT_KEYS, Args::default().list(&rows.keys)?).await?;
    }
    put_claims_and_events(conn, rows, now).await?;
    put_outbox_and_leases(conn, rows).await?;
    followups::put(conn, rows).await?;
    sync::put(conn, rows).await?;
    mirror::requeue(conn, rows).await?;
    if let Some(trim) = rows.trim {
        trim::trim(conn, trim).await?;
    }
    Ok(())
}

async fn put_claims_and_events(
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
    let [(_, moved), _, _, _, _, _, _] = run(conn, sql::PUT_CLAIMS_AND_EVENTS, args).await?;
    expect_changed("claims", moved, claims.moved.len())
}

async fn put_outbox_and_leases(
    conn: &mut SqliteConnection,
    rows: &NewRows<'_>,
) -> Result<(), StoreError> {
    let nothing = rows.outbox.is_empty()
        && rows.outbox_done.is_empty()
        && rows.leases.is_empty()
        && rows.idempotency.is_empty();
    if nothing {
        return Ok(());
    }
    let args = Args::default()
        .list(&rows.outbox_done)?
        .list(&rows.outbox)?
        .list(&rows.outbox)?
        .list(&rows.leases)?
        .list(&rows.idempotency)?;
    let _: [_; 5] = run(conn, sql::PUT_OUTBOX_AND_LEASES, args).await?;
    Ok(())
}
