//! Other applications in the same database: their tables, their migrations, a search path to other schemas. Nothing of theirs
//! is changed, and a refusal names the remedy.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::ports::store::Store;
use issuecommand_store_postgres::{PostgresOptions, PostgresStore, dump};
use issuecommand_testkit::builders::{facts, record_repos};

use crate::common::TestDatabase;

/// Every table outside the server's own schemas, with its rows as text.
async fn everything(place: &TestDatabase) -> Vec<(String, String)> {
    let mut conn = place.connect().await;
    let sql = "SELECT schemaname || '.' || tablename, (xpath('/row/c/text()', query_to_xml(format(
            'SELECT coalesce(string_agg(t::text, ''|'' ORDER BY t::text), ''none'') AS c FROM %I.%I AS t',
            schemaname, tablename), false, true, '')))[1]::text
        FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1";
    let rows = sqlx::query_as(sql).fetch_all(&mut conn).await;
    rows.unwrap()
}

async fn open(options: PostgresOptions) -> Result<PostgresStore, StoreError> {
    options.open(Policy::default()).await
}

fn within(place: &TestDatabase, schema: &str) -> PostgresOptions {
    let mut options = place.options();
    options.schema = Some(schema.to_owned());
    options
}

/// It is refused with the remedy, also for read-only use, and nothing changes.
async fn is_refused(place: &TestDatabase, named: &str) {
    let before = everything(place).await;
    let opened = open(place.options()).await.map(drop);
    let inspected = dump::check(&place.options()).await.map(drop);
    let read = dump::export(&place.options(), &mut |_| Ok(())).await;
    for refused in [opened, inspected, read] {
        let error = refused.unwrap_err();
        let StoreError::Unavailable(why) = &error else {
            panic!("{error:?}")
        };
        for word in [
            named,
            "another application",
            "DATABASE_SCHEMA=issuecommand",
            "of its own",
        ] {
            assert!(why.contains(word), "{word}: {why}");
        }
    }
    assert_eq!(everything(place).await, before);
}

/// In a schema of its own it works, and other schemas stay unchanged.
async fn lives_beside(place: &TestDatabase) {
    let theirs = everything(place).await;
    for name in ["acme/api", "acme/web"] {
        let store = open(within(place, "issuecommand")).await.unwrap();
        store.transact(record_repos(&[facts(name)])).await.unwrap();
        store.close().await;
    }
    let store = open(within(place, "issuecommand")).await.unwrap();
    assert_eq!(store.repos().await.unwrap().len(), 2);
    store.close().await;
    let now = everything(place).await;
    let (ours, others): (Vec<_>, Vec<_>) = now
        .into_iter()
        .partition(|(name, _)| name.starts_with("issuecommand."));
    assert_eq!(others, theirs);
    assert!(ours.len() > 20, "{ours:?}");
    let found = dump::check(&within(place, "issuecommand")).await.unwrap();
    assert_eq!(
        (found.schema, found.broken),
        (found.known_schema, Vec::new())
    );
}

#[tokio::test]
async fn tables_of_another_application() {
    for sql in [
        "CREATE TABLE users (name text); INSERT INTO users VALUES ('ann')",
        "CREATE TABLE claim (policy text); CREATE TABLE lease (tenant text)",
        "CREATE TABLE meta (id int PRIMARY KEY, last_now bigint); INSERT INTO meta VALUES (1, 7)",
        "CREATE VIEW issue AS SELECT 1 AS number",
    ] {
        let Some(place) = TestDatabase::new() else {
            return;
        };
        place.meddle(sql).await;
        is_refused(&place, "the schema public").await;
        lives_beside(&place).await;
    }
}

#[tokio::test]
async fn a_list_of_migrations_of_another_application() {
    const LIST: &str = "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL,
        installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL,
        execution_time bigint NOT NULL);";
    for (version, other) in [
        (1, ""),
        (13, "CREATE TABLE account (id int)"),
        (20_260_101_000_000_i64, "CREATE TABLE meta (id int)"),
    ] {
        let Some(place) = TestDatabase::new() else {
            return;
        };
        let row = format!(
            "{LIST} INSERT INTO _sqlx_migrations VALUES ({version}, 'theirs', now(), true, '\\x00', 1); {other}"
        );
        place.meddle(&row).await;
        is_refused(&place, "_sqlx_migrations").await;
        lives_beside(&place).await;
    }
}

#[tokio::test]
async fn foreign_tables_earlier_in_the_search_path_are_not_used() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let store = open(place.options()).await.unwrap();
    store
        .transact(record_repos(&[facts("acme/api")]))
        .await
        .unwrap();
    // Somebody puts tables and functions with our names first in the path, for running and new processes.
    place
        .meddle(&format!(
            "CREATE SCHEMA evil;
             CREATE TABLE evil.repo (id int); CREATE TABLE evil.claim (id int); CREATE TABLE evil.meta (id int);
             CREATE FUNCTION evil.floor(numeric) RETURNS numeric LANGUAGE sql AS 'SELECT 0::numeric';
             ALTER DATABASE {} SET search_path = evil, pg_catalog, public",
            place.database().name()
        ))
        .await;
    let before = everything(&place).await;
    let evil = |rows: &[(String, String)]| {
        let evil = rows.iter().filter(|(name, _)| name.starts_with("evil."));
        evil.cloned().collect::<Vec<_>>()
    };
    let second = open(place.options()).await.unwrap();
    for store in [&store, &second] {
        store
            .transact(record_repos(&[facts("acme/web")]))
            .await
            .unwrap();
        assert!(!store.repos().await.unwrap().is_empty());
    }
    assert_eq!(second.database().identity(), store.database().identity());
    assert_eq!(second.repos().await.unwrap().len(), 2);
    second.close().await;
    store.close().await;
    assert_eq!(evil(&everything(&place).await), evil(&before));
}

#[tokio::test]
async fn a_search_path_without_existing_schema() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let nowhere = format!(
        "ALTER DATABASE {} SET search_path = nowhere",
        place.database().name()
    );
    place.meddle(&nowhere).await;
    let error = open(place.options()).await.unwrap_err();
    assert!(
        error.to_string().contains("DATABASE_SCHEMA=issuecommand"),
        "{error}"
    );
    lives_beside(&place).await;
}

#[tokio::test]
async fn tables_of_extensions_are_ignored() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    place
        .meddle(
            "CREATE TABLE known (id int);
             INSERT INTO pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
             SELECT 'pg_class'::regclass, 'known'::regclass, 0, 'pg_extension'::regclass, oid, 0, 'e'
             FROM pg_extension WHERE extname = 'plpgsql'",
        )
        .await;
    open(place.options()).await.unwrap().close().await;
}

#[tokio::test]
async fn names_that_need_quotes_are_names() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    for schema in ["Issue Command", "a\"b", "it's"] {
        let store = open(within(&place, schema)).await.unwrap();
        store
            .transact(record_repos(&[facts("acme/api")]))
            .await
            .unwrap();
        assert_eq!(store.repos().await.unwrap().len(), 1, "{schema}");
        store.close().await;
    }
}
