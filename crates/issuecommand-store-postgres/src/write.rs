//! Writing what a batch changed. A statement whose list is empty is not run.

pub(crate) mod daily;
pub(crate) mod followups;
pub(crate) mod mirror;
pub(crate) mod sql;
pub(crate) mod sync;
pub(crate) mod trim;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::IssueKey;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store_sql::Args as _;
use issuecommand_store_sql::new_rows::{NewRows, expect_changed};
use issuecommand_store_sql::plain::PlainChange;
use serde::Serialize;

use crate::statement::{Args, Db};

/// Writes all of it, within the caller's transaction.
pub(crate) async fn all(
    db: &mut Db<'_>,
    rows: &NewRows<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    mirror::put(db, rows).await?;
    put(db, sql::SIGN_CLAIMS, &rows.signs).await?;
    put(db, sql::SIGN_FOLLOWUPS, &rows.signs).await?;
    let claims = &rows.claims;
    let moved = put(db, sql::MOVE_CLAIMS, &claims.moved).await?;
    expect_changed("claims", moved, claims.moved.len())?;
    put(db, sql::MAKE_CLAIMS, &claims.made).await?;
    let added = put(db, sql::ADD_HISTORY, &claims.history).await?;
    expect_changed("claims of a history", added, claims.history.len())?;
    put(db, sql::ADD_EVENTS, &rows.events).await?;
    put(db, sql::LEAVE_QUEUE, rows.leave_queue).await?;
    put(db, sql::JOIN_QUEUE, rows.join_queue).await?;
    put(db, sql::COUNT_ISSUES, &rows.counts).await?;
    let meta = Args::default()
        .number(now.0)?
        .number(rows.last_sync.map(|at| at.0))?
        .text(rows.priority_source)?
        .number(i64::try_from(rows.events.len()).unwrap_or(i64::MAX))?;
    db.change(sql::SET_META, meta).await?;
    for PlainChange {
        table,
        put: rows,
        removed,
    } in &rows.plain
    {
        if let Some(sql) = table.postgres.before_put {
            put(db, sql, rows).await?;
        }
        put(db, table.postgres.put, rows).await?;
        put(db, table.postgres.remove, removed).await?;
    }
    if !rows.daily.is_empty() {
        let args = Args::default()
            .rows(&rows.daily)?
            .rows(&rows.agent_totals)?;
        db.change(daily::ADD, args).await?;
    }
    followups::put_all(db, rows).await?;
    sync::put_all(db, rows).await?;
    mirror::requeue(db, rows).await?;
    if let Some((day, hour)) = rows.measured {
        db.change(daily::MEASURE, Args::default().number(day)?.number(hour)?)
            .await?;
    }
    if let Some(trim) = rows.trim {
        trim::trim(db, trim).await?;
    }
    Ok(())
}

/// Runs a statement on these rows, if there are any. Returns how many rows it changed.
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

/// Runs a statement on these keys of issues or pull requests, if there are any.
async fn change_keys(
    db: &mut Db<'_>,
    sql: &'static str,
    keys: &[IssueKey],
) -> Result<(), StoreError> {
    if !keys.is_empty() {
        db.change(sql, Args::default().keys(keys)?).await?;
    }
    Ok(())
}
