//! Tests of the connection that writes: replaced and unwritable files.

use issuecommand_core::domain::failure::Unwritable;
use issuecommand_testkit::clock::TestClock;

use super::*;
use crate::SqliteOptions;
use crate::open;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Begin,
    Load,
    Write,
    /// While SQLite commits, before it writes. The check before the commit cannot see it.
    CommitBegan,
}

#[tokio::test]
async fn a_file_that_is_replaced_in_the_midst_of_a_batch_is_not_acknowledged() {
    for when in [After::Begin, After::Load, After::Write, After::CommitBegan] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issues.db");
        let options = SqliteOptions::new(path.clone());
        let (conn, opened) = open::open(&options, Timestamp(0)).await.unwrap();
        let guard = Guard::new(opened);
        let clock = Arc::new(TestClock::default());
        let backend = SqliteBackend::new(&options, conn, clock, guard.clone()).await;
        let mut backend = backend.unwrap();
        let moved = path.with_file_name("moved.db");
        let replace = move || std::fs::rename(&path, &moved).unwrap();

        backend.begin().await.unwrap();
        if when == After::Begin {
            replace();
        }
        let _ = backend.load(&ReadSet::default()).await;
        if when == After::Load {
            replace();
        }
        let writes = WriteBatch {
            last_sync: Some(Timestamp(1)),
            ..WriteBatch::default()
        };
        let _ = backend.write(writes).await;
        if when == After::Write {
            replace();
        }
        if when == After::CommitBegan {
            let conn = backend.conn.as_mut().unwrap();
            conn.lock_handle().await.unwrap().set_commit_hook(move || {
                replace();
                true
            });
        }
        let committed = backend.commit().await;
        assert!(
            matches!(committed, Err(StoreError::Fenced(_))),
            "{when:?}: {committed:?}"
        );
        assert!(guard.fence.is_closed(), "{when:?}");
        backend.rollback().await;
        backend.close().await;
    }
}

async fn pragma(backend: &mut SqliteBackend, pragma: &str) {
    let conn = backend.conn().await.unwrap();
    conn.execute(AssertSqlSafe(format!("PRAGMA {pragma}")))
        .await
        .unwrap();
}

async fn write_much(backend: &mut SqliteBackend) -> Result<(), StoreError> {
    backend.begin().await?;
    let remembered = issuecommand_core::engine::command::IdempotencyRecord {
        principal: issuecommand_core::domain::id::Principal::Local,
        key: "key".to_owned(),
        request: "x".repeat(100_000),
        answer: issuecommand_core::engine::command::Answer::Noted,
        at: Timestamp(1),
    };
    let mut writes = WriteBatch::default();
    writes.tables.idempotency.put.push(remembered);
    let written = match backend.write(writes).await {
        Ok(()) => backend.commit().await,
        Err(error) => Err(error),
    };
    if written.is_err() {
        backend.rollback().await;
    }
    written
}

#[tokio::test]
async fn a_file_that_cannot_grow_or_be_written_says_which_and_heals() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(folder.path().join("issues.db"));
    let (conn, opened) = open::open(&options, Timestamp(0)).await.unwrap();
    // The last connection to close would remove the log.
    let mut reader = options.reader().connect().await.unwrap();
    let look = "SELECT * FROM meta";
    reader.execute(look).await.unwrap();
    let clock = Arc::new(TestClock::default());
    let guard = Guard::new(opened);
    let backend = SqliteBackend::new(&options, conn, clock, guard).await;
    let mut backend = backend.unwrap();
    for (bad, good, expected) in [
        (
            "max_page_count = 1",
            "max_page_count = 1073741823",
            Unwritable::DiskFull,
        ),
        ("query_only = ON", "query_only = OFF", Unwritable::ReadOnly),
    ] {
        pragma(&mut backend, bad).await;
        let refused = write_much(&mut backend).await;
        assert!(
            matches!(&refused, Err(StoreError::Unwritable { why, .. }) if *why == expected),
            "{bad}: {refused:?}"
        );
        assert!(backend.conn.is_some(), "{bad}: the connection was given up");
        pragma(&mut backend, good).await;
        write_much(&mut backend).await.unwrap();
    }
    backend.close().await;
}
