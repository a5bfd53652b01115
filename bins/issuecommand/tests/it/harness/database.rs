//! The database that the programs of a place share, and a look into it past every program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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

/// Open items of one pull request that different agents work on.
const CROWDED: &str = "
    SELECT count(*) FROM followup a JOIN followup b USING (repo_id, number)
    WHERE a.work_item_id < b.work_item_id AND a.owner <> b.owner
        AND a.status IN ('claimed', 'in_progress') AND b.status IN ('claimed', 'in_progress')";

/// What kind of database; every proof holds for each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Store {
    Sqlite,
}

/// One database.
#[derive(Debug)]
pub(super) enum Database {
    Sqlite(PathBuf),
}

impl Database {
    /// A new one, whose file, if it has one, is in this folder.
    pub(super) fn new(store: Store, folder: &Path) -> Self {
        match store {
            Store::Sqlite => Self::Sqlite(folder.join("issuecommand.db")),
        }
    }

    /// The setting by which a program finds it.
    pub(super) fn setting(&self) -> (&'static str, String) {
        match self {
            Self::Sqlite(path) => ("SQLITE_PATH", path.display().to_string()),
        }
    }

    /// Whether any program has made it yet.
    pub(super) fn exists(&self) -> bool {
        match self {
            Self::Sqlite(path) => path.exists(),
        }
    }

    /// Asserts that it is whole, and that no issue and no pull request ever had two owners at a time.
    pub(super) fn assert_sound(&self) {
        match self {
            Self::Sqlite(path) => block_on(async {
                let mut database = connect(path).await;
                let integrity: String = query_scalar("PRAGMA integrity_check")
                    .fetch_one(&mut database)
                    .await
                    .unwrap();
                assert_eq!(integrity, "ok");
                for (what, sql) in [("claims of one issue", OVERLAPS), ("items", CROWDED)] {
                    let pairs: i64 = query_scalar(sql).fetch_one(&mut database).await.unwrap();
                    assert_eq!(pairs, 0, "pairs of {what} that two had at the same time");
                }
                database.close().await.unwrap();
            }),
        }
    }

    /// How many rows each table has.
    pub(super) fn rows(&self) -> BTreeMap<String, i64> {
        match self {
            Self::Sqlite(path) => block_on(async {
                let mut database = connect(path).await;
                let names = "SELECT name FROM sqlite_master WHERE type = 'table'";
                let names: Vec<String> =
                    query_scalar(names).fetch_all(&mut database).await.unwrap();
                let mut rows = BTreeMap::new();
                for name in names {
                    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {name}"));
                    let count = query_scalar(sql).fetch_one(&mut database).await.unwrap();
                    rows.insert(name, count);
                }
                database.close().await.unwrap();
                rows
            }),
        }
    }
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    options.connect().await.unwrap()
}
