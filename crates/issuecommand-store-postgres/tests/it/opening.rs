//! Which databases can be opened, and that others are left unchanged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::ports::store::Store;
use issuecommand_store_postgres::{PostgresOptions, PostgresStore};
use issuecommand_testkit::builders::{facts, record_repos};
use issuecommand_testkit::postgres::Server;
use sqlx::{Executor, PgConnection};

use crate::common::TestDatabase;

async fn opened(options: PostgresOptions) -> Result<PostgresStore, StoreError> {
    options.open(Policy::default()).await
}

/// The tables, and the number of applied migrations.
async fn inside(place: &TestDatabase) -> (Vec<(String,)>, Option<(i64,)>) {
    let mut conn = place.connect().await;
    let tables = sqlx::query_as(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    let tables = tables.fetch_all(&mut conn).await.unwrap();
    let rows = sqlx::query_as("SELECT count(*) FROM _sqlx_migrations");
    (tables, rows.fetch_one(&mut conn).await.ok())
}

#[tokio::test]
async fn a_newer_schema_is_left_unchanged() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    place.open().await.close().await;
    place
        .meddle(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9001, 'from tomorrow', true, '\\x00', 0);
             DROP TABLE access_key",
        )
        .await;
    let before = inside(&place).await;
    let error = opened(place.options()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::NewerSchema { found: 9001, .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("has schema 9001, newer than"));
    assert_eq!(
        inside(&place).await,
        before,
        "a refused database was changed"
    );
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused() {
    let Some(server) = Server::shared() else {
        return;
    };
    let place = TestDatabase::of(server, "TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
    let error = opened(place.options()).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable(why) if why.contains("LATIN1") && why.contains("UTF8")),
        "{error:?}"
    );
    assert_eq!(inside(&place).await, (vec![], None));
}

#[tokio::test]
async fn a_failed_migration_leaves_no_schema() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    // A foreign table blocks one of ours.
    place.meddle("CREATE TABLE lease (tenant text)").await;
    let before = inside(&place).await;
    let error = opened(place.options()).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable(why) if why.contains("lease")),
        "{error:?}"
    );
    assert_eq!(inside(&place).await, before);
    place.meddle("DROP TABLE lease").await;
    opened(place.options()).await.unwrap().close().await;
}

#[tokio::test]
async fn a_role_without_create_can_use_existing_tables() {
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
        conn.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }
    let url = place
        .url()
        .replace("user=postgres", &format!("user={role}&password=clerk"));
    if url != place.url() {
        let store = opened(PostgresOptions::new(&url).unwrap()).await.unwrap();
        store
            .transact(record_repos(&[facts("acme/api")]))
            .await
            .unwrap();
        store.close().await;
    }
    let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    conn.execute(sqlx::AssertSqlSafe(gone)).await.unwrap();
}

#[tokio::test]
async fn an_unreachable_server_fails_fast_without_the_password() {
    for url in [
        "postgres://ann:hunter2@127.0.0.1:1/issues",
        "postgres://ann:hunter2@host:notaport/issues",
        "postgres://ann:hunter2@host/issues?statement-cache-capacity=hunter2",
    ] {
        let begun = Instant::now();
        let error = match PostgresOptions::new(url) {
            Ok(options) => {
                assert!(!format!("{options:?}").contains("hunter2"));
                opened(options).await.unwrap_err()
            }
            Err(error) => error,
        };
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(4));
    }
}

/// Like many processes: each with its own runtime and connections.
#[test]
fn eight_open_a_new_database_at_once() {
    for _ in 0..4 {
        let Some(place) = TestDatabase::new() else {
            return;
        };
        let line = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for n in 0..8 {
                let (place, line) = (&place, &line);
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build();
                    runtime.unwrap().block_on(async {
                        line.wait();
                        let store = place.open().await;
                        let name = format!("acme/repo-{n}");
                        store.transact(record_repos(&[facts(&name)])).await.unwrap();
                        store.close().await;
                    });
                });
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let repos = runtime.block_on(async { place.open().await.repos().await });
        assert_eq!(repos.unwrap().len(), 8);
    }
}

#[tokio::test]
async fn a_held_lock_is_told_within_the_timeout() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let mut options = place.options();
    options.lock_timeout = Duration::from_millis(200);
    let store = opened(options).await.unwrap();
    let mut other = place.connect().await;
    other
        .execute("BEGIN; SELECT 1 FROM meta FOR UPDATE")
        .await
        .unwrap();
    let begun = Instant::now();
    let refused = store.transact(record_repos(&[facts("acme/api")])).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    assert!(begun.elapsed() >= Duration::from_millis(200));
    // Reads continue meanwhile, and writes afterwards.
    assert_eq!(store.repos().await.unwrap().len(), 0);
    other.execute("ROLLBACK").await.unwrap();
    store
        .transact(record_repos(&[facts("acme/api")]))
        .await
        .unwrap();
    assert_eq!(store.repos().await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn time_is_the_databases_and_never_goes_back() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let store = Arc::new(opened(place.options()).await.unwrap());
    let mut conn = place.connect().await;
    let now = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let before: (i64,) = sqlx::query_as(now).fetch_one(&mut conn).await.unwrap();
    let event = async |name: &str| {
        store.transact(record_repos(&[facts(name)])).await.unwrap();
        let mut conn = place.connect().await;
        let last: (i64,) = sqlx::query_as("SELECT last_now FROM meta")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        last.0
    };
    let written = event("acme/api").await;
    let after: (i64,) = sqlx::query_as(now).fetch_one(&mut conn).await.unwrap();
    assert!(
        before.0 <= written && written <= after.0,
        "{before:?} {written} {after:?}"
    );
    // A promoted server may have a clock that is behind: a small step is waited out, a large one is not.
    let ahead = after.0 + 240_000;
    let set = "UPDATE meta SET last_now = $1";
    let set = async |to: i64, conn: &mut PgConnection| {
        sqlx::query(set).bind(to).execute(conn).await.unwrap();
    };
    set(ahead, &mut conn).await;
    assert_eq!(event("acme/web").await, ahead);
    set(ahead + 3_600_000, &mut conn).await;
    let healed = event("acme/docs").await;
    let now: (i64,) = sqlx::query_as(now).fetch_one(&mut conn).await.unwrap();
    assert!(written <= healed && healed <= now.0, "{healed} {now:?}");
    assert_eq!(store.health(&Scope::All).await.unwrap().total_claims, 0);
    store.close().await;
}

/// The time comes from the database's clock, not from this machine's.
#[tokio::test]
async fn the_database_time_is_read_on_open_and_in_each_transaction() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut options = place.options();
    let hears = Arc::clone(&told);
    options.on_time = Some(Arc::new(move |now| hears.lock().unwrap().push(now.0)));
    let mut conn = place.connect().await;
    let now = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let before: (i64,) = sqlx::query_as(now).fetch_one(&mut conn).await.unwrap();
    let store = opened(options).await.unwrap();
    assert_eq!(told.lock().unwrap().len(), 1);
    for name in ["acme/api", "acme/web"] {
        store.transact(record_repos(&[facts(name)])).await.unwrap();
    }
    let after: (i64,) = sqlx::query_as(now).fetch_one(&mut conn).await.unwrap();
    store.close().await;
    let told = told.lock().unwrap().clone();
    assert_eq!(told.len(), 3);
    assert!(told.is_sorted(), "{told:?}");
    assert!(before.0 <= told[0] && told[2] <= after.0, "{told:?}");
}

#[tokio::test]
async fn without_prepared_statements_all_is_as_with_them() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let url = format!("{}&statement-cache-capacity=0", place.url());
    let url = if place.url().contains('?') {
        url
    } else {
        url.replacen('&', "?", 1)
    };
    let store = opened(PostgresOptions::new(&url).unwrap()).await.unwrap();
    for _ in 0..3 {
        store
            .transact(record_repos(&[facts("acme/api")]))
            .await
            .unwrap();
        assert_eq!(store.repos().await.unwrap().len(), 1);
    }
    // Prepared statements are only visible in their own session, so a trigger reads those of the writer's session.
    place
        .meddle(
            "CREATE TABLE seen (name text, statement text);
             CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN INSERT INTO seen SELECT name, statement FROM pg_prepared_statements; RETURN new; END';
             CREATE TRIGGER look AFTER UPDATE ON meta FOR EACH ROW EXECUTE FUNCTION look()",
        )
        .await;
    store
        .transact(record_repos(&[facts("acme/web")]))
        .await
        .unwrap();
    let mut conn = place.connect().await;
    let seen: Vec<(String, String)> = sqlx::query_as("SELECT name, statement FROM seen")
        .fetch_all(&mut conn)
        .await
        .unwrap();
    assert_eq!(seen, []);
    store.close().await;
}
