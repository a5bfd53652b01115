//! A database of an earlier version can be used.

use std::sync::Arc;

use issuecommand_conformance::stored_database::{WRITTEN, check, check_without_claim};
use issuecommand_core::domain::policy::Policy;
use issuecommand_testkit::clock::TestClock;

use crate::common::TestDatabase;

const SCHEMA_0013: &str = include_str!("stored/schema_0013.sql");

#[tokio::test]
async fn a_write_needs_no_claim() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    place.meddle(SCHEMA_0013).await;
    let open = || place.open_with(Policy::default(), Arc::new(TestClock::at(WRITTEN)));
    open().await.close().await;
    place.meddle("UPDATE outbox SET claim_id = NULL").await;
    let store = open().await;
    check_without_claim(&store).await;
    store.close().await;
}

#[tokio::test]
async fn a_database_of_schema_13_can_be_used() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    place.meddle(SCHEMA_0013).await;
    let clock = Arc::new(TestClock::at(WRITTEN));
    let store = place.open_with(Policy::default(), clock).await;
    check(&store).await;
    store.close().await;
}
