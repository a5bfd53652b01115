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
use issuecommand_store_sql::plain::PlainChange;
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, Script, run};

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
    put_claims_events_and_plain(conn, rows, now).await?;
    followups::put(conn, rows).await?;
    sync::put(conn, rows).await?;
    mirror::requeue(conn, rows).await?;
    if let Some(trim) = rows.trim {
        trim::trim(conn, trim).await?;
    }
    Ok(())
}

async fn put_claims_events_and_plain(
    conn: &mut SqliteConnection,
    rows: &NewRows<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let claims = &rows.claims;
    let mut script = Script::default()
        .on(sql::MOVE_CLAIMS, &claims.moved)?
        .on(sql::MAKE_CLAIMS, &claims.made)?
        .on(sql::ADD_HISTORY, &claims.history)?
        .on(sql::ADD_EVENTS, &rows.events)?
        .on(sql::LEAVE_QUEUE, rows.leave_queue)?
        .on(sql::JOIN_QUEUE, rows.join_queue)?
        .on(sql::COUNT_ISSUES, &rows.counts)?;
    for PlainChange {
        table,
        put,
        removed,
    } in &rows.plain
    {
        if let Some(text) = table.sqlite.before_put {
            script = script.on(text, put)?;
        }
        script = script
            .on(table.sqlite.put, put)?
            .on(table.sqlite.remove, removed)?;
    }
    let script = script.with(sql::SET_META, |args| {
        args.number(now.0)?
            .number(rows.last_sync.map(|at| at.0))?
            .text(rows.priority_source)
    })?;
    let changed = script.run(conn).await?;
    let moved = changed.first().filter(|_| !claims.moved.is_empty());
    expect_changed(
        "claims",
        moved.copied().unwrap_or_default(),
        claims.moved.len(),
    )
}
