//! A look into the database file itself, past every program.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, query_scalar};

use super::block_on;

/// Pairs of claims that held one issue at the same time. An ended claim held it until its last update.
const OVERLAPS: &str = "
    WITH held AS (
        SELECT claim_id, repo_id, number, claimed_at,
            CASE WHEN status IN ('closed', 'released') THEN last_updated ELSE 9e18 END AS until
        FROM claim)
    SELECT count(*) FROM held a JOIN held b USING (repo_id, number)
    WHERE a.claim_id < b.claim_id AND a.claimed_at < b.until AND b.claimed_at < a.until";

/// Asserts that the file is sound, and that no issue ever had two owners at a time.
pub(crate) fn assert_sound(path: &Path) {
    let (integrity, overlaps) = block_on(async {
        let options = SqliteConnectOptions::new().filename(path);
        let mut database: SqliteConnection = options.connect().await.unwrap();
        let integrity: String = query_scalar("PRAGMA integrity_check")
            .fetch_one(&mut database)
            .await
            .unwrap();
        let overlaps: i64 = query_scalar(OVERLAPS)
            .fetch_one(&mut database)
            .await
            .unwrap();
        database.close().await.unwrap();
        (integrity, overlaps)
    });
    assert_eq!(integrity, "ok");
    assert_eq!(
        overlaps, 0,
        "pairs of claims that held one issue at the same time"
    );
}
