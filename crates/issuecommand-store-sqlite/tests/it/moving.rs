//! Import of legacy databases: everything is imported, and a broken database is left unchanged.

mod alone;
mod old;
mod real;
mod unclear;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_store_sqlite::{SqliteOptions, SqliteStore};
use issuecommand_testkit::clock::TestClock;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, FromRow};

/// Opens the database as a program does.
async fn opened(path: &Path) -> Result<SqliteStore, StoreError> {
    let clock: Arc<dyn Clock> = Arc::new(TestClock::default());
    let options = SqliteOptions::new(path.to_owned());
    options.open(Policy::default(), clock).await
}

/// The result of a query through another connection.
async fn found<T>(path: &Path, sql: &'static str) -> Vec<T>
where
    T: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    let mut conn = SqliteConnectOptions::new()
        .filename(path)
        .connect()
        .await
        .unwrap();
    let rows = sqlx::query_as(sql).fetch_all(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    rows
}

/// The database and its log or journal with their bytes. (The shm file and the lock contain no data.)
fn bytes(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap();
    files
        .map(|file| file.unwrap().path())
        .filter(|file| {
            let ends_in = |end: &str| file.to_str().unwrap().ends_with(end);
            !ends_in("-shm") && !ends_in(".lock")
        })
        .map(|file| (file.clone(), std::fs::read(file).unwrap()))
        .collect()
}

/// The reason why the database is refused; asserts that nothing was changed.
async fn refused(path: &Path) -> String {
    let before = bytes(path);
    let error = opened(path).await.unwrap_err();
    assert_eq!(bytes(path), before, "a refused database was changed");
    match error {
        StoreError::Corrupt(text) => text,
        other => panic!("{other:?}"),
    }
}

/// The copies of the legacy database beside it.
fn copies(path: &Path) -> Vec<PathBuf> {
    let mut copies: Vec<_> = bytes(path).into_keys().collect();
    copies.retain(|file| file.to_str().unwrap().contains(".old-service"));
    copies
}
