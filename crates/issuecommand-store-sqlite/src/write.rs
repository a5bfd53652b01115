//! Writes the changes of a batch: claims, events and the queue in one call, other rows only if there are any.

pub(crate) mod daily;
pub(crate) mod followups;
pub(crate) mod mirror;
pub(crate) mod sql;
pub(crate) mod sync;
pub(crate) mod trim;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store_sql::Args as _;
use issuecommand_store_sql::new_rows::{NewRows, expect_changed};
use issuecommand_store_sql::plain::PlainChange;
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, joined, run, run_all};

/// Writes all rows, within the caller's transaction.
pub(crate) async fn all(
    conn: &mut SqliteConnection,
    rows: &NewRows<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    mirror::put(conn, rows).await?;
    if !rows.signs.is_empty() {
        let args = Args::default().list(&rows.signs)?.list(&rows.signs)?;
        let _: [_; 2] = run(conn, sql::SIGN, args).await?;
    }
    put_claims_and_events(conn, rows, now).await?;
    put_plain(conn, rows).await?;
    followups::put(conn, rows).await?;
    sync::put(conn, rows).await?;
    mirror::requeue(conn, rows).await?;
    daily::measure(conn, rows.measured).await?;
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
        .list(rows.leave_queue)?
        .list(rows.join_queue)?
        .list(&rows.counts)?
        .number(now.0)?
        .number(rows.last_sync.map(|at| at.0))?
        .text(rows.priority_source)?;
    let [(_, moved), _, _, _, _, _, _, _] = run(conn, sql::PUT_CLAIMS_AND_EVENTS, args).await?;
    expect_changed("claims", moved, claims.moved.len())
}

/// Writes rows of the plain tables, and adds to the numbers of days and agents.
async fn put_plain(conn: &mut SqliteConnection, rows: &NewRows<'_>) -> Result<(), StoreError> {
    let mut texts = Vec::new();
    let mut args = Args::default();
    for PlainChange {
        table,
        put,
        removed,
    } in &rows.plain
    {
        let sql = &table.sqlite;
        let puts = sql.before_put.into_iter().chain([sql.put]);
        let puts = puts.map(|text| (text, put));
        for (text, rows) in puts.chain([(sql.remove, removed)]) {
            if !rows.is_empty() {
                texts.push(text);
                args = args.list(rows)?;
            }
        }
    }
    if !rows.daily.is_empty() {
        texts.push(daily::ADD);
        args = args.list(&rows.daily)?;
    }
    if !rows.agent_totals.is_empty() {
        texts.push(daily::ADD_OF_AGENTS);
        args = args.list(&rows.agent_totals)?;
    }
    if !texts.is_empty() {
        run_all(conn, joined(&texts), args).await?;
    }
    Ok(())
}
