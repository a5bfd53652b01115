//! A database of an earlier version can be used.

use std::sync::Arc;

use issuecommand_conformance::stored_database::{WRITTEN, check, check_without_claim};
use issuecommand_core::domain::policy::Policy;
use issuecommand_store_sqlite::dump::{self, FileState};
use issuecommand_testkit::clock::TestClock;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};

use crate::common::Folder;

const SCHEMA_0013: &str = include_str!("stored/schema_0013.sql");

async fn run(folder: &Folder, sql: &'static str) {
    let options = SqliteConnectOptions::new()
        .filename(folder.file())
        .create_if_missing(true)
        .foreign_keys(false);
    let mut conn = options.connect().await.unwrap();
    conn.execute(sql).await.unwrap();
    conn.close().await.unwrap();
}

async fn stored() -> Folder {
    let folder = Folder::new();
    run(&folder, SCHEMA_0013).await;
    run(&folder, "PRAGMA application_id = 1230193485").await;
    folder
}

#[tokio::test]
async fn a_write_needs_no_claim() {
    let folder = stored().await;
    let open = || folder.open_with(Policy::default(), Arc::new(TestClock::at(WRITTEN)));
    open().await.close().await;
    run(&folder, "UPDATE outbox SET claim_id = NULL").await;
    let store = open().await;
    check_without_claim(&store).await;
    store.close().await;
}

#[tokio::test]
async fn a_database_of_schema_13_can_be_used() {
    let folder = stored().await;
    let clock = Arc::new(TestClock::at(WRITTEN));
    let store = folder.open_with(Policy::default(), clock).await;
    check(&store).await;
    store.close().await;
    let found = dump::check(&folder.options()).await.unwrap();
    assert!(matches!(found, FileState::Current(_)), "{found:?}");
}
