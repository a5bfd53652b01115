//! Export, import and check of whole databases.

use issuecommand_core::domain::failure::{StoreError, Unwritable};
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::ports::store::{FollowupFilter, Store};
use issuecommand_store::dump::{Counts, DumpRow, TABLES};
use issuecommand_store_postgres::dump::{check, export, import, schema};
use issuecommand_store_postgres::{PostgresOptions, PostgresStore};
use issuecommand_testkit::builders::{
    claim, deliver, facts, follow, issue, next, pull, record_issues, record_repos, review,
};

use sqlx::{AssertSqlSafe, Executor};

use crate::common::TestDatabase;

/// One row of everything.
async fn populate(store: &PostgresStore) {
    let odd = issue(1).labels(&["p1", "it's \"odd\"\\u0000", "ü\n"]);
    let commands = [
        record_repos(&[facts("acme/api"), facts("acme/web")]),
        record_issues("acme/api", (2..=20).map(issue)),
        record_issues("acme/api", [odd]),
        claim("ann", "acme/api", 1),
        next("cleo"),
        deliver("d1", pull("acme/api", 90).said(review(1))),
        deliver("d2", pull("acme/api", 91).said(review(2))),
    ];
    for command in commands {
        store.transact(command).await.unwrap();
    }
    let items = store.followups(&FollowupFilter::default()).await.unwrap();
    let take = follow("ann", items[0].id, FollowupStatus::Claimed);
    store.transact(take).await.unwrap();
}

async fn out(options: &PostgresOptions) -> Vec<DumpRow> {
    let mut rows = Vec::new();
    let put = &mut |row| {
        rows.push(row);
        Ok(())
    };
    export(options, put).await.unwrap();
    rows.sort_by(|a: &DumpRow, b| a.json.cmp(&b.json));
    let place = |row: &DumpRow| TABLES.iter().position(|table| *table == row.table);
    rows.sort_by_key(place);
    rows
}

async fn filled(options: &PostgresOptions, rows: &[DumpRow]) -> Result<Counts, StoreError> {
    let mut rows = rows.iter().cloned();
    import(options, schema(), &mut || Ok(rows.next())).await
}

#[tokio::test]
async fn an_export_fills_another_database_with_the_same() {
    let (Some(from), Some(to)) = (TestDatabase::new(), TestDatabase::new()) else {
        return;
    };
    let store = from.open().await;
    populate(&store).await;
    let last = store.last_event().await.unwrap();
    store.close().await;
    let rows = out(&from.options()).await;
    let counts = filled(&to.options(), &rows).await.unwrap();
    assert_eq!(counts.values().sum::<u64>(), rows.len() as u64);
    assert_eq!(out(&to.options()).await, rows);
    let store = to.open().await;
    assert_eq!(store.last_event().await.unwrap(), last);
    store.transact(next("dan")).await.unwrap();
    assert!(store.last_event().await.unwrap() > last);
    store.close().await;
    let again = filled(&to.options(), &rows).await.unwrap_err();
    assert!(matches!(&again, StoreError::Unavailable(text) if text.contains("holds something")));
}

#[tokio::test]
async fn every_table_is_exported() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    place.open().await.close().await;
    let mut conn = place.connect().await;
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE '\\_%'";
    let mut there: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut conn).await.unwrap();
    there.sort();
    let mut known: Vec<String> = TABLES.map(str::to_owned).into();
    known.sort();
    assert_eq!(there, known);
}

#[tokio::test]
async fn an_import_refuses_rows_that_break_invariants() {
    let (Some(from), Some(to)) = (TestDatabase::new(), TestDatabase::new()) else {
        return;
    };
    let store = from.open().await;
    populate(&store).await;
    store.close().await;
    let rows = out(&from.options()).await;
    for (table, why) in [
        ("pr_hold", "every holder"),
        ("queue", "the queue holds"),
        ("repo", "foreign key"),
        ("meta", "table meta"),
    ] {
        let mut without = rows.clone();
        without.retain(|row| row.table != table);
        let error = filled(&to.options(), &without).await.unwrap_err();
        assert!(error.to_string().contains(why), "{table}: {error}");
    }
    // Nothing of it was kept.
    filled(&to.options(), &rows).await.unwrap();
}

#[tokio::test]
async fn a_check_finds_planted_faults() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    assert_eq!(check(&place.options()).await.unwrap().schema, 0);
    let store = place.open().await;
    populate(&store).await;
    let sound = check(&place.options()).await.unwrap();
    assert!(sound.software.starts_with("PostgreSQL ") && sound.bytes > 0);
    assert_eq!((sound.schema, sound.known_schema), (schema(), schema()));
    assert_eq!((sound.faults, sound.broken), (vec![], vec![]));
    store.close().await;
    place.meddle("DELETE FROM pr_hold; DELETE FROM queue").await;
    let broken = check(&place.options()).await.unwrap().broken;
    assert_eq!(broken.len(), 2, "{broken:?}");
}

#[tokio::test]
async fn an_inspection_tries_a_write_and_takes_it_back() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let why = async |place: &TestDatabase| match check(&place.options()).await.unwrap().unwritable {
        Some(StoreError::Unwritable { why, .. }) => Some(why),
        None => None,
        other => panic!("{other:?}"),
    };
    let name = place.database().name().to_owned();
    let read_only =
        |on: &str| format!("ALTER DATABASE {name} SET default_transaction_read_only = {on}");
    // Empty, and with tables.
    for _ in 0..2 {
        assert_eq!(why(&place).await, None);
        place.meddle(&read_only("on")).await;
        assert_eq!(why(&place).await, Some(Unwritable::ReadOnly));
        let mut conn = place.connect().await;
        let writing = "SET default_transaction_read_only = off";
        conn.execute(writing).await.unwrap();
        let off = AssertSqlSafe(read_only("off"));
        conn.execute(off).await.unwrap();
        place.open().await.close().await;
    }
    let inspected = check(&place.options()).await.unwrap();
    assert_eq!(inspected.schema, schema(), "the trial left something");
    let mut conn = place.connect().await;
    let left = "SELECT 1 FROM pg_class WHERE relname = 'issuecommand_doctor'";
    assert!(conn.fetch_optional(left).await.unwrap().is_none());
}

#[tokio::test]
async fn a_role_that_may_make_no_table_in_an_empty_database_is_seen() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let role = format!("{}_looks", place.database().name());
    place
        .meddle(&format!(
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE {role} LOGIN"
        ))
        .await;
    // As that role, on any connection.
    let url = place.url();
    let joint = if url.contains('?') { '&' } else { '?' };
    let options = format!("{url}{joint}options=-c%20role%3D{role}");
    let options = PostgresOptions::new(&options).unwrap();
    let found = check(&options).await.unwrap().unwritable;
    place
        .meddle(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
    assert!(
        matches!(
            &found,
            Some(StoreError::Unwritable {
                why: Unwritable::NotPermitted,
                ..
            })
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_connection_error_names_host_and_reason() {
    let options = PostgresOptions::new("postgres://ann@127.0.0.1:1/nobody").unwrap();
    let told = check(&options).await.unwrap_err().to_string();
    for words in [
        "DATABASE_URL",
        "127.0.0.1:1 nobody",
        "no server listens there",
    ] {
        assert!(told.contains(words), "{told}");
    }
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let name = place.database().name();
    let options = PostgresOptions::new(&place.url().replace(name, "no_such_database")).unwrap();
    let told = check(&options).await.unwrap_err().to_string();
    assert!(
        told.contains("refuses the connection")
            && told.contains("no_such_database")
            && !told.contains("at line"),
        "{told}"
    );
}
