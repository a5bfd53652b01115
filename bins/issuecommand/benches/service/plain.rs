//! The upper bound for a service without batches on this disk: one transaction per claim, in a plain loop, without HTTP and
//! with nothing but the claim in it.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor};

/// The time for so many claims, and the part of the commits in it.
pub(crate) async fn claims(path: &Path, claims: i64) -> (Duration, Duration) {
    let mut conn = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
        .connect()
        .await
        .unwrap();
    conn.execute(
        "CREATE TABLE issue (number INTEGER PRIMARY KEY, title TEXT, state TEXT);
         CREATE TABLE claim (id TEXT PRIMARY KEY, number INTEGER, agent TEXT, status TEXT, at INTEGER);
         CREATE UNIQUE INDEX active ON claim (number) WHERE status NOT IN ('closed', 'released');
         CREATE TABLE event (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, at INTEGER, body TEXT);",
    )
    .await
    .unwrap();
    sqlx::query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO issue SELECT i, 'Issue', 'open' FROM n",
    )
    .bind(claims)
    .execute(&mut conn)
    .await
    .unwrap();
    let (begun, mut commits) = (Instant::now(), Duration::ZERO);
    for n in 1..=claims {
        commits += claim(&mut conn, n).await.unwrap();
    }
    (begun.elapsed(), commits)
}

/// Selects, claims, logs, commits. Returns the time of the commit.
async fn claim(conn: &mut SqliteConnection, n: i64) -> Result<Duration, sqlx::Error> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let (_title,): (String,) =
        sqlx::query_as("SELECT title FROM issue WHERE number = ? AND state = 'open'")
            .bind(n)
            .fetch_one(&mut *tx)
            .await?;
    let id = format!("00000000-0000-4000-8000-{n:012}");
    sqlx::query("INSERT INTO claim VALUES (?, ?, 'agent', 'claimed', 1)")
        .bind(&id)
        .bind(n)
        .execute(&mut *tx)
        .await?;
    sqlx::query("INSERT INTO event (kind, at, body) VALUES ('claim.created', 1, ?)")
        .bind(format!("{{\"claim\":\"{id}\",\"number\":{n}}}"))
        .execute(&mut *tx)
        .await?;
    let begun = Instant::now();
    tx.commit().await?;
    Ok(begun.elapsed())
}
