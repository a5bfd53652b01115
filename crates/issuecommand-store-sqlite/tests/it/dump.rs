//! Export, import, backup and check of whole databases.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::{FollowupFilter, Store};
use issuecommand_store::dump::{Counts, DumpRow, TABLES};
use issuecommand_store_sqlite::dump::{FileState, backup, check, export, import, schema};
use issuecommand_store_sqlite::{SqliteOptions, SqliteStore};
use issuecommand_testkit::builders::{
    acquire_lease, claim, deliver, facts, follow, issue, next, pull, record_issues, record_repos,
    release, review, sweep,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::common::Folder;

/// One row of everything.
async fn populate(store: &SqliteStore) {
    let commands = [
        record_repos(&[facts("acme/api"), facts("acme/web")]),
        record_issues(
            "acme/api",
            (1..=20).map(|n| issue(n).labels(&["p1", "bug"])),
        ),
        record_issues("acme/web", (1..=5).map(issue)),
        claim("ann", "acme/api", 1),
        claim("bob", "acme/api", 2),
        next("cleo"),
        deliver("d1", pull("acme/api", 90).said(review(1))),
        deliver("d2", pull("acme/api", 91).said(review(2))),
        acquire_lease(
            "background",
            "somebody",
            issuecommand_core::domain::time::Millis::seconds(30),
        ),
        sweep(),
    ];
    for command in commands {
        store.transact(command).await.unwrap();
    }
    let items = store.followups(&FollowupFilter::default()).await.unwrap();
    let take = follow("ann", items[0].id, FollowupStatus::Claimed);
    store.transact(take).await.unwrap();
    let claims = store
        .claims(&issuecommand_core::ports::store::ClaimFilter::default())
        .await
        .unwrap();
    let anns = claims.iter().find(|claim| claim.agent.as_str() == "ann");
    store.transact(release(anns.unwrap())).await.unwrap();
}

async fn out(options: &SqliteOptions) -> Result<Vec<DumpRow>, StoreError> {
    let mut rows = Vec::new();
    export(options, &mut |row| {
        rows.push(row);
        Ok(())
    })
    .await?;
    Ok(rows)
}

async fn filled(
    options: &SqliteOptions,
    schema: i64,
    rows: &[DumpRow],
) -> Result<Counts, StoreError> {
    let mut rows = rows.iter().cloned();
    import(options, Timestamp(5), schema, &mut || Ok(rows.next())).await
}

async fn run(path: &Path, sql: String) {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(false);
    let mut conn = options.connect().await.unwrap();
    conn.execute(AssertSqlSafe(sql)).await.unwrap();
    conn.close().await.unwrap();
}

#[tokio::test]
async fn an_export_fills_another_database_with_the_same() {
    let (from, to) = (Folder::new(), Folder::new());
    let store = from.open().await;
    populate(&store).await;
    let rows = out(&from.options()).await.unwrap();
    let last = store.last_event().await.unwrap();
    store.close().await;

    let counts = filled(&to.options(), schema(), &rows).await.unwrap();
    assert_eq!(counts.values().sum::<u64>(), rows.len() as u64);
    assert!(counts["claim"] == 3 && counts["pr_hold"] == 1, "{counts:?}");
    // No process uses the new one, so its leases are free.
    let freed = rows.iter().cloned().map(|mut row| {
        if row.table == "lease" {
            row.json = row.json.replace("1772352030000", "0");
        }
        row
    });
    assert_eq!(out(&to.options()).await.unwrap(), freed.collect::<Vec<_>>());
    // It can be used: events continue after the last one, and nothing is handed out twice.
    let store = to.open().await;
    assert_eq!(store.last_event().await.unwrap(), last);
    store.transact(next("dan")).await.unwrap();
    assert!(store.last_event().await.unwrap() > last);
    store.close().await;

    // Only once, because it is no longer empty.
    let again = filled(&to.options(), schema(), &rows).await.unwrap_err();
    assert!(matches!(&again, StoreError::Unavailable(text) if text.contains("holds something")));
}

#[tokio::test]
async fn every_table_is_exported() {
    let folder = Folder::new();
    folder.open().await.close().await;
    let options = SqliteConnectOptions::new().filename(folder.file());
    let mut conn = options.connect().await.unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '~_%' ESCAPE '~'";
    let mut there: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    // What FTS5 keeps of the titles is made of the issues again.
    there.retain(|name| !name.starts_with("issue_words"));
    there.sort();
    let mut known: Vec<String> = TABLES.map(str::to_owned).into();
    known.sort();
    assert_eq!(there, known);
}

#[tokio::test]
async fn an_import_refuses_rows_that_break_invariants() {
    let from = Folder::new();
    let store = from.open().await;
    populate(&store).await;
    store.close().await;
    let rows = out(&from.options()).await.unwrap();
    let is = |row: &DumpRow, table: &str| row.table == table;
    let without = |table: &str| -> Vec<DumpRow> {
        let mut once = false;
        let mut rows = rows.clone();
        rows.retain(|row| !is(row, table) || std::mem::replace(&mut once, true));
        rows
    };
    for (table, why) in [
        ("pr_hold", "every holder"),
        ("queue", "the queue holds"),
        ("repo", "FOREIGN KEY"),
        ("meta", "table meta"),
    ] {
        let to = Folder::new();
        let error = filled(&to.options(), schema(), &without(table)).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains(why), "{table}: {error}");
        // A failed import leaves nothing, and a complete one can follow.
        let counts = filled(&to.options(), schema(), &rows).await.unwrap();
        assert_eq!(counts.values().sum::<u64>(), rows.len() as u64);
    }
    let newer = filled(&Folder::new().options(), schema() + 1, &rows).await;
    assert!(matches!(newer, Err(StoreError::NewerSchema { .. })));
}

#[tokio::test]
async fn a_backup_under_load_is_a_whole_database() {
    let folder = Folder::new();
    let store = Arc::new(folder.open().await);
    populate(&store).await;
    store
        .transact(record_issues("acme/web", (100..=2000).map(issue)))
        .await
        .unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let agents: Vec<_> = (0..8)
        .map(|n| {
            let (store, over) = (store.clone(), over.clone());
            tokio::spawn(async move {
                let mut taken = 0;
                while !over.load(Ordering::Relaxed) && taken < 200 {
                    store.transact(next(&format!("agent-{n}"))).await.unwrap();
                    taken += 1;
                }
            })
        })
        .collect();
    for n in 0..5 {
        let copy = folder.file().with_file_name(format!("backup-{n}.db"));
        let bytes = backup(&folder.options(), &copy).await.unwrap();
        assert_eq!(bytes, std::fs::metadata(&copy).unwrap().len());
        let FileState::Current(found) = check(&SqliteOptions::new(copy.clone())).await.unwrap()
        else {
            panic!("the backup is not ours")
        };
        assert_eq!((&found.faults, &found.broken), (&vec![], &vec![]));
        let opened = backup(&folder.options(), &copy).await.unwrap_err();
        assert!(opened.to_string().contains("overwrites nothing"));
    }
    over.store(true, Ordering::Relaxed);
    for agent in agents {
        agent.await.unwrap();
    }
    let copy = SqliteOptions::new(folder.file().with_file_name("backup-4.db"));
    let clock = Arc::new(issuecommand_testkit::clock::TestClock::default());
    let reopened = copy
        .open(issuecommand_core::domain::policy::Policy::default(), clock)
        .await
        .unwrap();
    reopened.transact(next("late")).await.unwrap();
    reopened.close().await;
    store.close().await;
}

/// The result of a check of a database after this statement.
async fn after(sql: &str) -> issuecommand_store::dump::Inspection {
    let folder = Folder::new();
    let store = folder.open().await;
    populate(&store).await;
    store.close().await;
    run(&folder.file(), sql.to_owned()).await;
    match check(&folder.options()).await.unwrap() {
        FileState::Current(found) => found,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_planted_fault_is_found() {
    let sound = after("SELECT 1").await;
    assert!(sound.software.starts_with("SQLite 3."));
    assert_eq!((sound.schema, sound.bytes > 0), (sound.known_schema, true));
    assert_eq!((sound.faults, sound.broken), (vec![], vec![]));

    for (sql, what) in [
        (
            "DROP INDEX claim_active; UPDATE claim SET number = 2 WHERE agent_id = 'cleo';
             UPDATE queue SET number = number",
            "one active claim an issue",
        ),
        (
            "UPDATE followup SET number = 90; UPDATE followup SET status = 'claimed', owner = 'zoe' WHERE owner IS NULL",
            "one holder a pull request",
        ),
        ("DELETE FROM pr_hold", "every holder of a pull request"),
        ("DELETE FROM queue WHERE number = 7", "the queue holds"),
        (
            "UPDATE claim SET status = 'closed' WHERE agent_id = 'bob'",
            "the history of every claim",
        ),
        (
            "DELETE FROM followup_source WHERE source_event_id = 'review:2'",
            "the history of every follow-up",
        ),
    ] {
        let found = after(sql).await;
        let broken: Vec<_> = found.broken.iter().map(|(what, _)| *what).collect();
        assert!(
            broken.iter().any(|broken| broken.starts_with(what)),
            "{sql}: {found:?}"
        );
    }

    let lost = after("DELETE FROM repo WHERE name = 'acme/web'").await;
    assert!(
        lost.faults[0].contains("refer to what is not there"),
        "{lost:?}"
    );
    let early = after("DELETE FROM _sqlx_migrations WHERE version > 1").await;
    assert_eq!((early.schema, early.broken), (1, vec![]));
}

#[tokio::test]
async fn damaged_pages_are_found() {
    let folder = Folder::new();
    let store = folder.open().await;
    populate(&store).await;
    store.close().await;
    let mut content = std::fs::read(folder.file()).unwrap();
    for page in content.chunks_mut(4096).skip(3).step_by(4) {
        page.fill(0x5a);
    }
    std::fs::write(folder.file(), content).unwrap();
    match check(&folder.options()).await {
        Ok(FileState::Current(found)) => assert!(!found.faults.is_empty(), "{found:?}"),
        Err(StoreError::Corrupt(_)) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_missing_file_is_not_created() {
    let folder = Folder::new();
    assert_eq!(check(&folder.options()).await.unwrap(), FileState::Empty);
    assert!(out(&folder.options()).await.is_err());
    let to = folder.file().with_file_name("copy.db");
    assert!(backup(&folder.options(), &to).await.is_err());
    assert!(!folder.file().exists() && !to.exists());
}
