//! An instance whose database is restored or replaced gives up for good.

use std::time::Duration;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::ports::store::Store;
use issuecommand_store_postgres::{PostgresOptions, PostgresStore, dump};
use issuecommand_testkit::builders::{facts, record_repos};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::postgres::{Durability, Server};
use sqlx::Executor;
use std::sync::Arc;

use crate::common::TestDatabase;

async fn write(store: &PostgresStore, name: &str) -> Result<(), StoreError> {
    store.transact(record_repos(&[facts(name)])).await.map(drop)
}

async fn opened(url: &str) -> PostgresStore {
    let mut options = PostgresOptions::new(url).unwrap();
    options.readers = 2;
    options.open(Policy::default()).await.unwrap()
}

async fn assert_given_up(store: &PostgresStore, what: &str) {
    let fenced = |result: Result<(), StoreError>| {
        assert!(
            matches!(result, Err(StoreError::Fenced(_))),
            "{what}: {result:?}"
        );
    };
    fenced(write(store, "acme/after").await);
    fenced(store.repos().await.map(drop));
    fenced(store.last_event().await.map(drop));
    let told = tokio::time::timeout(Duration::from_secs(5), store.database().fenced()).await;
    assert!(told.unwrap().contains("get_my_work"), "{what}");
}

#[tokio::test]
async fn a_replaced_database_ends_the_process() {
    for (what, sql) in [
        (
            "another database",
            "UPDATE meta SET database_id = md5('another')",
        ),
        (
            "tables made anew by a restore",
            "ALTER TABLE meta RENAME TO former; CREATE TABLE meta (LIKE former INCLUDING ALL);
             INSERT INTO meta SELECT * FROM former; DROP TABLE former",
        ),
        ("an earlier state", "UPDATE meta SET writes = writes - 1"),
        ("tables that are gone", "ALTER TABLE meta RENAME TO former"),
    ] {
        let Some(place) = TestDatabase::new() else {
            return;
        };
        let store = place.open().await;
        write(&store, "acme/before").await.unwrap();
        place.meddle(sql).await;
        assert_given_up(&store, what).await;
        store.close().await;
    }
}

#[tokio::test]
async fn ordinary_operations_do_not_end_the_process() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let clock = Arc::new(TestClock::default());
    let store = place.open_with(Policy::default(), clock.clone()).await;
    write(&store, "acme/one").await.unwrap();
    let other = place.open().await;
    write(&other, "acme/two").await.unwrap();
    clock.advance(Millis(5));
    for sql in [
        "VACUUM FULL meta",
        "ANALYZE",
        "REINDEX TABLE meta",
        "CHECKPOINT",
        "SELECT pg_switch_wal()",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    ] {
        place.meddle(sql).await;
        write(&store, "acme/one").await.unwrap();
    }
    assert!(!store.database().fence().is_closed());
    assert_eq!(store.database().identity(), other.database().identity());
    store.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_restore_ends_the_process_and_a_restart_does_not() {
    let Some(server) = Server::start(Durability::None) else {
        return;
    };
    let place = TestDatabase::of(&server, "");
    let store = opened(place.url()).await;
    write(&store, "acme/one").await.unwrap();
    server.restart();
    write(&store, "acme/two").await.unwrap();
    let before = store.database().identity();
    server.restore();
    assert_given_up(&store, "a new timeline").await;
    store.close().await;
    let store = opened(place.url()).await;
    assert_eq!(store.database().identity().id, before.id);
    assert_ne!(store.database().identity().server, before.server);
    write(&store, "acme/three").await.unwrap();
    store.close().await;
}

/// Another server answers at the same address, with a copy of the same database.
#[tokio::test]
async fn another_server_at_the_address_ends_the_process() {
    let (Some(first), Some(second)) = (
        Server::start(Durability::None),
        Server::start(Durability::None),
    ) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("here");
    let lead = |server: &Server| {
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(server.socket().parent().unwrap(), &link).unwrap();
    };
    let places = [TestDatabase::of(&first, ""), TestDatabase::of(&second, "")];
    let at = |place: &TestDatabase| {
        format!(
            "postgres:///{}?host={}&port=5432&user=postgres",
            place.database().name(),
            link.display()
        )
    };
    lead(&first);
    let store = opened(&at(&places[0])).await;
    write(&store, "acme/one").await.unwrap();
    let known = store.database().identity();

    let copy = opened(places[1].url()).await;
    write(&copy, "acme/one").await.unwrap();
    copy.close().await;
    let name = places[0].database().name();
    places[1]
        .meddle(&format!(
            "UPDATE meta SET database_id = '{}', writes = writes + 1000",
            known.id
        ))
        .await;
    TestDatabase::of(&second, "")
        .meddle(&format!(
            "ALTER DATABASE {} RENAME TO {name}",
            places[1].database().name()
        ))
        .await;
    drop(first);
    lead(&second);
    assert_given_up(&store, "another server").await;
    store.close().await;

    let new = opened(&at(&places[0])).await;
    assert_eq!(new.database().identity().id, known.id);
    write(&new, "acme/two").await.unwrap();
    new.close().await;
}

#[tokio::test]
async fn a_role_without_pg_control_system_works() {
    let Some(server) = Server::start(Durability::None) else {
        return;
    };
    let place = TestDatabase::of(&server, "");
    let mut conn = place.connect().await;
    for sql in [
        "CREATE ROLE app LOGIN",
        "GRANT ALL ON SCHEMA public TO app",
        "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC",
    ] {
        conn.execute(sql).await.unwrap();
    }
    let url = place.url().replace("user=postgres", "user=app");
    let store = opened(&url).await;
    assert!(store.database().identity().server.starts_with('?'));
    write(&store, "acme/one").await.unwrap();
    conn.execute("UPDATE meta SET database_id = md5('another')")
        .await
        .unwrap();
    assert_given_up(&store, "another id").await;
    store.close().await;
}

#[tokio::test]
async fn an_import_makes_another_database() {
    let (Some(from), Some(to)) = (TestDatabase::new(), TestDatabase::new()) else {
        return;
    };
    let store = from.open().await;
    write(&store, "acme/one").await.unwrap();
    let mut rows = Vec::new();
    dump::export(&from.options(), &mut |row| {
        rows.push(row);
        Ok(())
    })
    .await
    .unwrap();
    let mut rows = rows.into_iter();
    dump::import(&to.options(), dump::schema(), &mut || Ok(rows.next()))
        .await
        .unwrap();
    let other = to.open().await;
    assert_eq!(other.repos().await.unwrap().len(), 1);
    assert_eq!(other.database().identity().id.len(), 32);
    assert_ne!(
        other.database().identity().id,
        store.database().identity().id
    );
    store.close().await;
    other.close().await;
}
