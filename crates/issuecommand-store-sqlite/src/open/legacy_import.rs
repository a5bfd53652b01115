//! Import of the earlier service's database. At every moment, also after a crash, the file at the path is either the complete old
//! database or the complete new one.
//!
//! The new database is built beside the old one and replaces it by one rename, while SQLite's lock keeps the earlier service out. A log
//! beside the old file is checkpointed first, because SQLite would take it for the new file's log.

mod claims;
mod feedback;
mod files;
mod read;
mod records;
mod repos;

use std::path::{Path, PathBuf};

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::change::WriteBatch;
use issuecommand_store::dump::must_hold;
use issuecommand_store_sql::Args as _;
use issuecommand_store_sql::dump::broken_invariants;
use issuecommand_store_sql::new_rows::NewRows;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor};
use tracing::{info, warn};

use self::read::LegacyDatabase;
use super::{MIGRATIONS, file_identity};
use crate::dump::Dump;
use crate::error::{db, unreadable};
use crate::file_id::beside;
use crate::options::SqliteOptions;
use crate::statement::{Args, change, rows};
use crate::write;

/// The data of the earlier database as ours.
struct ImportedData {
    writes: WriteBatch,
    /// The number of claims that it counted but has deleted.
    trimmed: u64,
    /// What had to be changed to hold the invariants, a sentence each.
    notes: Vec<String>,
}

/// Imports the file at the path. The caller holds the lock for opening databases.
pub(super) async fn take_over(options: &SqliteOptions, now: Timestamp) -> Result<(), StoreError> {
    // Behind a symbolic link the file itself is replaced, not the link.
    let path = std::fs::canonicalize(&options.path)
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", options.path.display())))?;
    // Checked before anything is changed, so that a damaged file stays unchanged.
    check(&path, options, now).await?;
    let mut old = alone_on(&path, options).await?;
    let done = replace(&path, &mut old, now).await;
    // This releases the lock. Nothing was written through this connection, so that an error of closing loses nothing.
    let _ = old.close().await;
    let (moved, copy) = done?;
    tell(&path, &copy, &moved);
    Ok(())
}

async fn check(path: &Path, options: &SqliteOptions, now: Timestamp) -> Result<(), StoreError> {
    let looking = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(file_identity::settled(path))
        .busy_timeout(options.busy_timeout)
        .disable_statement_logging();
    let mut conn = looking.connect().await.map_err(db)?;
    let found = understood(path, &mut conn, now).await;
    let _ = conn.close().await;
    found.map(drop)
}

/// Reads and converts the old database, or refuses it.
async fn understood(
    path: &Path,
    conn: &mut SqliteConnection,
    now: Timestamp,
) -> Result<ImportedData, StoreError> {
    let broken = |what: String| {
        unreadable(format!(
            "{} is the database of the earlier IssueCommand service, but {what}; it was left as it is: repair it with the \
             sqlite3 shell, or set SQLITE_PATH to another file and begin anew",
            path.display()
        ))
    };
    let old = match LegacyDatabase::read(conn).await {
        Err(StoreError::Corrupt(what)) => return Err(broken(format!("it cannot be read: {what}"))),
        read => read?,
    };
    imported(&old, now).map_err(broken)
}

fn imported(old: &LegacyDatabase, now: Timestamp) -> Result<ImportedData, String> {
    let mut notes = Vec::new();
    let mut repos = repos::Repos::new(now);
    let kept = u64::try_from(old.active_claims.len() + old.ended_claims.len()).unwrap_or(u64::MAX);
    let claims = claims::of(
        &old.active_claims,
        &old.ended_claims,
        &mut repos,
        now,
        &mut notes,
    )?;
    let feedback = feedback::of(old, &mut repos, now, &mut notes)?;
    let claims = claims
        .into_iter()
        .map(|claim| repos.linked(claim))
        .collect();
    let (repos, names) = repos.rows();
    let mut writes = WriteBatch {
        repos,
        names,
        claims,
        followups: feedback.items,
        sources: feedback.sources,
        holds: feedback.holds,
        last_sync: old.last_sync,
        ..WriteBatch::default()
    };
    writes.tables.deliveries.put = feedback.deliveries;
    let trimmed = old.total_claims.saturating_sub(kept);
    Ok(ImportedData {
        writes,
        trimmed,
        notes,
    })
}

/// Opens the old database exclusively and checkpoints its log. The lock lasts as long as the connection.
async fn alone_on(path: &Path, options: &SqliteOptions) -> Result<SqliteConnection, StoreError> {
    const ALONE: &str = "-- alone
         BEGIN EXCLUSIVE;
         COMMIT";
    let taking = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(options.busy_timeout)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let busy = |error: sqlx::Error| match db(error) {
        StoreError::Busy(text) => StoreError::Busy(format!(
            "{} is still in use ({text}): stop the earlier service, then start this one again",
            path.display()
        )),
        other => other,
    };
    let mut conn = taking.connect().await.map_err(busy)?;
    for sql in [
        // Checkpoints and removes the log; fails while another process has the file open.
        "PRAGMA journal_mode = DELETE",
        "PRAGMA locking_mode = EXCLUSIVE",
        ALONE,
    ] {
        if let Err(error) = conn.execute(sql).await {
            let _ = conn.close().await;
            return Err(busy(error));
        }
    }
    Ok(conn)
}

async fn replace(
    path: &Path,
    old: &mut SqliteConnection,
    now: Timestamp,
) -> Result<(ImportedData, PathBuf), StoreError> {
    // Read again, because the earlier service may have written until the lock was taken.
    let moved = understood(path, old, now).await?;
    let new = beside(path, ".moving");
    files::remove(&new)?;
    if let Err(error) = build(&new, &moved, now).await {
        // The next attempt removes leftovers.
        let _ = files::remove(&new);
        return Err(error);
    }
    files::as_accessible(&new, path);
    files::settle(&new)?;
    let copy = files::keep_copy(path, old).await?;
    if !file_identity::settled(path) {
        return Err(StoreError::Busy(format!(
            "a log or journal appeared beside {}: stop the earlier service, then start this one again",
            path.display()
        )));
    }
    files::rename(&new, path)?;
    Ok((moved, copy))
}

/// Builds the new database as one file and checks it.
async fn build(new: &Path, moved: &ImportedData, now: Timestamp) -> Result<(), StoreError> {
    let making = SqliteConnectOptions::new()
        .filename(new)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Delete)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .disable_statement_logging();
    let mut conn = making.connect().await.map_err(db)?;
    let filled = fill(&mut conn, moved, now).await;
    let closed = conn.close().await.map_err(db);
    filled.and(closed)
}

async fn fill(
    conn: &mut SqliteConnection,
    moved: &ImportedData,
    now: Timestamp,
) -> Result<(), StoreError> {
    /// The counts to compare, in the order of [`expected`].
    const COUNTS: &str = "-- counts
         SELECT (SELECT count(*) FROM claim), (SELECT count(*) FROM followup), (SELECT count(*) FROM followup_source),
             (SELECT count(*) FROM pr_hold), (SELECT count(*) FROM delivery), (SELECT quick_check FROM pragma_quick_check)";
    conn.execute(file_identity::MARK).await.map_err(db)?;
    MIGRATIONS
        .run_direct(None, &mut *conn, false)
        .await
        .map_err(|error| unreadable(format!("migrating failed: {error}")))?;
    conn.execute("BEGIN IMMEDIATE").await.map_err(db)?;
    write::all(conn, &NewRows::of(&moved.writes)?, now).await?;
    let trimmed = i64::try_from(moved.trimmed).unwrap_or(i64::MAX);
    change(conn, write::trim::COUNT, Args::default().number(trimmed)?).await?;
    conn.execute("COMMIT").await.map_err(db)?;
    let found: Vec<(i64, i64, i64, i64, i64, String)> = rows(conn, COUNTS, Args::default()).await?;
    let (claims, items, sources, holds, deliveries, check) = found
        .into_iter()
        .next()
        .ok_or_else(|| unreadable("counting came to nothing"))?;
    let found = [claims, items, sources, holds, deliveries];
    if found == expected(&moved.writes) && check == "ok" {
        return must_hold(&broken_invariants(&mut Dump(conn)).await?);
    }
    Err(unreadable(format!(
        "the new database did not come out as it should: {found:?} instead of {:?} rows, {check}",
        expected(&moved.writes)
    )))
}

fn expected(writes: &WriteBatch) -> [i64; 5] {
    let lengths = [
        writes.claims.len(),
        writes.followups.len(),
        writes.sources.len(),
        writes.holds.len(),
        writes.tables.deliveries.put.len(),
    ];
    lengths.map(|length| i64::try_from(length).unwrap_or(i64::MAX))
}

fn tell(path: &Path, copy: &Path, moved: &ImportedData) {
    let writes = &moved.writes;
    let active = writes.claims.iter().filter(|write| write.row.is_active());
    let (claims, active) = (writes.claims.len(), active.count());
    let open = writes
        .followups
        .iter()
        .filter(|write| !write.row.status.is_terminal());
    info!(
        name: "database.moved_over",
        database = %path.display(),
        copy = %copy.display(),
        claims,
        active_claims = active,
        followups = writes.followups.len(),
        open_followups = open.count(),
        feedback_events = writes.sources.len(),
        deliveries = writes.tables.deliveries.put.len(),
        repositories = writes.repos.len(),
        "the database of the earlier service was moved over; the file as it was is kept as the copy"
    );
    for note in &moved.notes {
        warn!(name: "database.moved_over.changed", note, "changed while moving over");
    }
}
