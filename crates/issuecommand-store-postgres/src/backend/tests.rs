//! Tests of the connection that writes: a writer that is stopped within a transaction.

use std::time::Instant;

use issuecommand_core::domain::lease::Lease;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_testkit::postgres::{Database, Server};

use super::*;

async fn opened(database: &Database, lock_timeout: Duration) -> PostgresBackend {
    let mut options = PostgresOptions::new(database.url()).unwrap();
    options.lock_timeout = lock_timeout;
    let (mut conn, schema) = crate::open::open(&options).await.unwrap();
    let (guard, _) = Guard::on(&mut conn, &schema).await.unwrap();
    options.schema = Some(schema);
    PostgresBackend::new(&options, conn, "test", guard)
}

fn lease(holder: &str) -> WriteBatch {
    let mut writes = WriteBatch::default();
    writes.tables.leases.put.push(Lease {
        name: "background".to_owned(),
        holder: holder.to_owned(),
        epoch: 1,
        until: Timestamp(1),
    });
    writes
}

/// Like a process that is paused within a batch, or a machine that is gone.
#[tokio::test]
async fn a_hanging_writer_is_timed_out() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut stopped = opened(&database, Duration::from_secs(4)).await;
    let mut other = opened(&database, Duration::from_secs(4)).await;
    stopped.begin().await.unwrap();
    stopped.write(lease("stopped")).await.unwrap();
    let begun = Instant::now();
    other.begin().await.unwrap();
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "the lock held nobody up"
    );
    other.write(lease("other")).await.unwrap();
    other.commit().await.unwrap();

    // When it continues, its transaction was rolled back.
    let late = stopped.commit().await;
    assert!(
        matches!(
            late,
            Err(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_))
        ),
        "{late:?}"
    );
    stopped.rollback().await;
    stopped.begin().await.unwrap();
    let command = Command::system(Action::AcquireLease {
        name: "background".to_owned(),
        holder: "anybody".to_owned(),
        length: issuecommand_core::domain::time::Millis::seconds(1),
    });
    let needs = ReadSet::of([&command], &Policy::default(), Timestamp(1));
    let view = stopped.load(&needs).await.unwrap();
    let held = format!("{view:?}");
    assert!(
        held.contains("other") && !held.contains("stopped"),
        "{held}"
    );
    stopped.rollback().await;
    stopped.close().await;
    other.close().await;
}
