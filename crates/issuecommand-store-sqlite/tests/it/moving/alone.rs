//! Import while other processes want the same file, or while the process is killed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::ports::store::Store;
use issuecommand_testkit::prove::rounds;

use super::old::{OldDb, claim, followup};
use super::{bytes, copies, found, opened};
use crate::common::Folder;

/// The variable with the path of the database for the child of [`prove_a_kill_at_any_moment_leaves_one_whole_database`].
const PATH: &str = "ISSUECOMMAND_TEST_MOVING";

/// A database whose import takes a while.
async fn large(path: &Path) {
    let mut old = OldDb::new(path).await;
    old.run("BEGIN").await;
    old.total(5000).await;
    for n in 1..=300 {
        old.claim("claim_history", &claim(n, n, "ann", "closed", 10))
            .await;
    }
    for n in 301..=350 {
        old.claim("claim_active", &claim(n, n, "ann", "claimed", 10))
            .await;
    }
    for n in 1..=300 {
        let item = followup(n, n, Some("ann"), "done", 10);
        old.followup("followup_history", &item).await;
        old.delivery(&format!("d{n}")).await;
    }
    old.run("COMMIT").await;
    old.stop().await;
}

/// Each with its own runtime, connections and locks, like a process.
#[test]
fn eight_take_over_one_database_at_once() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let folder = Folder::new();
    runtime().block_on(large(&folder.file()));
    let line = std::sync::Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (path, line) = (folder.file(), &line);
            scope.spawn(move || {
                line.wait();
                runtime().block_on(async {
                    let store = opened(&path).await.unwrap();
                    assert_eq!(store.health(&Scope::All).await.unwrap().total_claims, 5000);
                    store.close().await;
                });
            });
        }
    });
    assert_eq!(copies(&folder.file()).len(), 1);
}

#[tokio::test]
async fn a_running_legacy_service_keeps_its_database() {
    let folder = Folder::new();
    let mut old = OldDb::new(&folder.file()).await;
    old.claim("claim_active", &claim(1, 1, "ann", "claimed", 10))
        .await;
    let options = issuecommand_store_sqlite::SqliteOptions {
        busy_timeout: Duration::from_millis(200),
        ..folder.options()
    };
    let clock = std::sync::Arc::new(issuecommand_testkit::clock::TestClock::default());
    let policy = issuecommand_core::domain::policy::Policy::default();
    let error = options.open(policy, clock).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Busy(text) if text.contains("stop the earlier service")),
        "{error:?}"
    );
    // It continues as before, and its data is imported when it has ended.
    old.claim("claim_active", &claim(2, 2, "bob", "claimed", 20))
        .await;
    old.stop().await;
    let store = opened(&folder.file()).await.unwrap();
    assert_eq!(store.health(&Scope::All).await.unwrap().active_claims, 2);
    store.close().await;
}

/// The child process of the test below; does nothing in other runs.
#[tokio::test]
async fn takes_over() {
    let Some(path) = std::env::var_os(PATH) else {
        return;
    };
    opened(Path::new(&path)).await.unwrap().close().await;
}

#[tokio::test]
async fn prove_a_kill_at_any_moment_leaves_one_whole_database() {
    let model = Folder::new();
    large(&model.file()).await;
    let child = |path: &Path| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "moving::alone::takes_over", "--quiet"])
            .env(PATH, path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let whole = Folder::new();
    std::fs::copy(model.file(), whole.file()).unwrap();
    let begun = Instant::now();
    assert!(child(&whole.file()).wait().unwrap().success());
    let length = begun.elapsed();

    let (rounds, mut old, mut new) = (rounds(12, 120), 0, 0);
    for round in 0..rounds {
        let folder = Folder::new();
        std::fs::copy(model.file(), folder.file()).unwrap();
        let mut child = child(&folder.file());
        // The kills are distributed evenly over the whole import, and a little beyond.
        let step = length.mul_f64(1.3 * f64::from(round) / f64::from(rounds));
        std::thread::sleep(step);
        // It may have ended before.
        let _ = child.kill();
        child.wait().unwrap();

        let tables: Vec<(String,)> = found(
            &folder.file(),
            "SELECT name FROM sqlite_schema WHERE name IN ('claim_active', 'pr_hold') AND type = 'table'
             UNION ALL SELECT quick_check FROM pragma_quick_check",
        )
        .await;
        let tables: Vec<&str> = tables.iter().map(|(name,)| name.as_str()).collect();
        match tables[..] {
            ["claim_active", "ok"] => {
                old += 1;
                let rows: Vec<(i64,)> = found(
                    &folder.file(),
                    "SELECT (SELECT count(*) FROM claim_active) + (SELECT count(*) FROM claim_history)
                         + (SELECT count(*) FROM followup_history) + (SELECT count(*) FROM webhook_deliveries)",
                )
                .await;
                assert_eq!(rows, [(950,)]);
            }
            ["pr_hold", "ok"] => {
                new += 1;
                assert!(!copies(&folder.file()).is_empty(), "there is no copy");
            }
            _ => panic!("round {round}: neither the one nor the other: {tables:?}"),
        }
        let store = opened(&folder.file()).await.unwrap();
        let health = store.health(&Scope::All).await.unwrap();
        assert_eq!((health.total_claims, health.active_claims), (5000, 50));
        store.close().await;
        let rows: Vec<(i64, i64, i64)> = found(
            &folder.file(),
            "SELECT (SELECT count(*) FROM claim), (SELECT count(*) FROM followup), (SELECT count(*) FROM delivery)",
        )
        .await;
        assert_eq!(rows, [(350, 300, 300)]);
        let left: Vec<_> = bytes(&folder.file()).into_keys().collect();
        let left = left.iter().filter(|file| {
            let name = file.to_str().unwrap();
            name.contains(".moving") || name.contains(".copying")
        });
        assert_eq!(left.count(), 0, "something half done was left behind");
    }
    eprintln!("{rounds} kills over {length:?}: {old} left the earlier database, {new} the new one");
}
