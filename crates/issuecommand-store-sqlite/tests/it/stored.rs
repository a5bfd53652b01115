//! A database of an earlier version can be used.

use std::sync::Arc;

use issuecommand_conformance::stored_database::{WRITTEN, check};
use issuecommand_core::domain::policy::Policy;
use issuecommand_store_sqlite::dump::{self, FileState};
use issuecommand_testkit::clock::TestClock;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};

use crate::common::Folder;

const SCHEMA_0013: &str = include_str!("stored/schema_0013.sql");

#[tokio::test]
async fn a_database_of_schema_13_can_be_used() {
    let folder = Folder::new();
    let options = SqliteConnectOptions::new()
        .filename(folder.file())
        .create_if_missing(true)
        .foreign_keys(false);
    let mut conn = options.connect().await.unwrap();
    conn.execute(SCHEMA_0013).await.unwrap();
    conn.execute("PRAGMA application_id = 1230193485")
        .await
        .unwrap();
    conn.close().await.unwrap();
    let clock = Arc::new(TestClock::at(WRITTEN));
    let store = folder.open_with(Policy::default(), clock).await;
    check(&store).await;
    store.close().await;
    let found = dump::check(&folder.options()).await.unwrap();
    assert!(matches!(found, FileState::Current(_)), "{found:?}");
}
