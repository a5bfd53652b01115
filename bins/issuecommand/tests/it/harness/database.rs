//! The database shared by the programs of a site, and direct queries of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use issuecommand_testkit::postgres::{self, Server};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, query_scalar};

use super::block_on;

/// Pairs of claims that held one issue at the same time. An ended claim held it until its last update.
const OVERLAPS: &str = "
    WITH held AS (
        SELECT claim_id, repo_id, number, claimed_at,
            CASE WHEN status IN ('closed', 'released') THEN last_updated ELSE 9e18 END AS until
        FROM claim)
    SELECT CAST(count(*) AS TEXT) FROM held a JOIN held b USING (repo_id, number)
    WHERE a.claim_id < b.claim_id AND a.claimed_at < b.until AND b.claimed_at < a.until";

/// Open follow-ups of one pull request that are held by different agents.
const CROWDED: &str = "
    SELECT CAST(count(*) AS TEXT) FROM followup a JOIN followup b USING (repo_id, number)
    WHERE a.work_item_id < b.work_item_id AND a.owner <> b.owner
        AND a.status IN ('claimed', 'in_progress') AND b.status IN ('claimed', 'in_progress')";

/// What kind of database; every proof holds for each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    /// Whether this machine has it. Reports a skipped test if not.
    pub(crate) fn is_here(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Postgres => Server::shared().is_some(),
        }
    }
}

/// One database.
#[derive(Debug)]
pub(super) enum Database {
    Sqlite(PathBuf),
    Postgres(postgres::Database),
}

impl Database {
    /// A new one; a SQLite file is created in this folder.
    pub(super) fn new(store: Store, folder: &Path) -> Self {
        match store {
            Store::Sqlite => Self::Sqlite(folder.join("issuecommand.db")),
            Store::Postgres => Self::Postgres(Server::shared().expect("a server").database()),
        }
    }

    /// A new one on this server.
    pub(super) fn at(server: &Server) -> Self {
        Self::Postgres(server.database())
    }

    /// The setting that names it.
    pub(super) fn setting(&self) -> (&'static str, String) {
        match self {
            Self::Sqlite(path) => ("SQLITE_PATH", path.display().to_string()),
            Self::Postgres(database) => ("DATABASE_URL", database.url().to_owned()),
        }
    }

    /// Whether it exists; a file does not before a program has created it.
    pub(super) fn exists(&self) -> bool {
        match self {
            Self::Sqlite(path) => path.exists(),
            Self::Postgres(_) => true,
        }
    }

    /// Asserts that it is intact, that no issue ever had two holders at a time, and that no pull request has two now.
    pub(super) fn assert_sound(&self) {
        if let Self::Sqlite(_) = self {
            assert_eq!(self.texts("PRAGMA integrity_check"), ["ok"]);
        }
        for (what, sql) in [("claims of one issue", OVERLAPS), ("items", CROWDED)] {
            let pairs = self.texts(sql);
            assert_eq!(
                pairs,
                ["0"],
                "pairs of {what} that two had at the same time"
            );
        }
    }

    /// The number of rows of each table.
    pub(super) fn rows(&self) -> BTreeMap<String, u64> {
        let names = match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table'",
            Self::Postgres(_) => {
                "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()"
            }
        };
        let count = |name: String| {
            let sql = format!("SELECT CAST(count(*) AS TEXT) FROM {name}");
            let rows = self.texts(&sql)[0].parse().unwrap();
            (name, rows)
        };
        self.texts(names).into_iter().map(count).collect()
    }

    /// The single text column of a query's result.
    pub(super) fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        block_on(async {
            match self {
                Self::Sqlite(path) => {
                    let options = SqliteConnectOptions::new().filename(path);
                    let mut database: SqliteConnection = options.connect().await.unwrap();
                    let query = query_scalar(sql);
                    let texts = query.fetch_all(&mut database).await.unwrap();
                    database.close().await.unwrap();
                    texts
                }
                Self::Postgres(at) => {
                    let options: PgConnectOptions = at.url().parse().unwrap();
                    let mut database: PgConnection = options.connect().await.unwrap();
                    let query = query_scalar(sql);
                    let texts = query.fetch_all(&mut database).await.unwrap();
                    database.close().await.unwrap();
                    texts
                }
            }
        })
    }
}
