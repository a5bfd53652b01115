//! A read-only database: writes are refused with the reason, reads are answered, and it recovers.

use std::time::{Duration, Instant};

use issuecommand_core::domain::failure::{StoreError, Unwritable};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::ports::store::Store;
use issuecommand_store_postgres::{PostgresOptions, PostgresStore};
use issuecommand_testkit::builders::{facts, record_repos};
use sqlx::{AssertSqlSafe, Executor};

use crate::common::TestDatabase;

async fn write(store: &PostgresStore, name: &str) -> Result<(), StoreError> {
    store.transact(record_repos(&[facts(name)])).await.map(drop)
}

async fn unwritable(store: &PostgresStore) -> Option<Unwritable> {
    store.condition().await.unwrap().unwritable
}

async fn is_refused(store: &PostgresStore, why: Unwritable) {
    let refused = write(store, "acme/refused").await;
    assert!(
        matches!(&refused, Err(StoreError::Unwritable { why: told, .. }) if *told == why),
        "{refused:?}"
    );
    assert_eq!(unwritable(store).await, Some(why));
    let repos = store.repos().await.unwrap();
    assert_eq!(repos.len(), 1, "what only reads is answered");
}

async fn heals(store: &PostgresStore) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while let Err(error) = write(store, "acme/healed").await {
        assert!(Instant::now() < deadline, "{error:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(unwritable(store).await, None);
    assert_eq!(store.repos().await.unwrap().len(), 2);
}

/// Ends all other sessions, so that new ones use the database's settings.
const ANEW: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn a_database_that_only_reads() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let store = place.open().await;
    write(&store, "acme/api").await.unwrap();
    let name = place.database().name();
    let set = |to: &str| format!("ALTER DATABASE {name} SET default_transaction_read_only = {to}");
    place.meddle(&set("on")).await;
    place.meddle(ANEW).await;
    is_refused(&store, Unwritable::ReadOnly).await;
    let mut conn = place.connect().await;
    conn.execute("SET default_transaction_read_only = off")
        .await
        .unwrap();
    conn.execute(AssertSqlSafe(set("off"))).await.unwrap();
    conn.execute(ANEW).await.unwrap();
    heals(&store).await;
    store.close().await;
}

#[tokio::test]
async fn a_table_without_rights() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    place.open().await.close().await;
    let role = format!("clerk_{}", uuid::Uuid::new_v4().simple());
    let mut conn = place.connect().await;
    for sql in [
        format!("CREATE ROLE {role} LOGIN PASSWORD 'clerk'"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"),
    ] {
        conn.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    let url = place
        .url()
        .replace("user=postgres", &format!("user={role}&password=clerk"));
    if url != place.url() {
        let options = PostgresOptions::new(&url).unwrap();
        let store = options.open(Policy::default()).await.unwrap();
        write(&store, "acme/api").await.unwrap();
        for table in ["repo", "meta"] {
            let revoke = format!("REVOKE INSERT, UPDATE ON {table} FROM {role}");
            conn.execute(AssertSqlSafe(revoke)).await.unwrap();
            is_refused(&store, Unwritable::NotPermitted).await;
            let grant = format!("GRANT INSERT, UPDATE ON {table} TO {role}");
            conn.execute(AssertSqlSafe(grant)).await.unwrap();
        }
        heals(&store).await;
        store.close().await;
    }
    let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    conn.execute(AssertSqlSafe(gone)).await.unwrap();
}
