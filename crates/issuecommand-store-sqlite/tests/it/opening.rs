//! Which files can be opened, and that others are left unchanged.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::ports::store::Store;
use issuecommand_store_sqlite::{JournalMode, SqliteOptions, SqliteStore, Synchronous};
use issuecommand_testkit::builders::{facts, record_repos};
use issuecommand_testkit::clock::TestClock;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection};

use crate::common::Folder;

async fn plain(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    options.connect().await.unwrap()
}

async fn make(path: &Path, sql: &'static str) {
    let mut conn = plain(path).await;
    conn.execute(sql).await.unwrap();
    conn.close().await.unwrap();
}

async fn opened(options: SqliteOptions) -> Result<SqliteStore, StoreError> {
    options
        .open(Policy::default(), Arc::new(TestClock::default()))
        .await
}

/// Every file of the folder with its bytes, except the lock file.
fn bytes(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap();
    files
        .map(|file| file.unwrap())
        .map(|file| {
            (
                file.file_name().into_string().unwrap(),
                std::fs::read(file.path()).unwrap(),
            )
        })
        .filter(|(name, _)| Path::new(name).extension() != Some("lock".as_ref()))
        .collect()
}

async fn refused(folder: &Folder) -> StoreError {
    let before = bytes(&folder.file());
    let error = opened(folder.options()).await.unwrap_err();
    assert_eq!(bytes(&folder.file()), before, "a refused file was touched");
    error
}

fn corrupt(error: StoreError) -> String {
    match error {
        StoreError::Corrupt(text) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_unchanged() {
    let folder = Folder::new();
    for content in [
        &b"SELECT * FROM claims;\n"[..],
        b"x",
        b"SQLite format 2\0rest",
    ] {
        std::fs::write(folder.file(), content).unwrap();
        assert!(corrupt(refused(&folder).await).contains("is no SQLite database"));
    }
}

#[tokio::test]
async fn another_programs_database_is_left_unchanged() {
    let folder = Folder::new();
    make(
        &folder.file(),
        "CREATE TABLE photos (id INTEGER PRIMARY KEY); CREATE TABLE albums (id INTEGER PRIMARY KEY)",
    )
    .await;
    assert!(corrupt(refused(&folder).await).contains("albums, photos"));
}

#[tokio::test]
async fn another_programs_wal_database_is_left_unchanged() {
    let folder = Folder::new();
    make(
        &folder.file(),
        "PRAGMA journal_mode = WAL; PRAGMA application_id = 77; CREATE TABLE photos (id INTEGER PRIMARY KEY)",
    )
    .await;
    assert!(corrupt(refused(&folder).await).contains("application_id 77"));
}

#[tokio::test]
async fn a_newer_schema_is_left_unchanged() {
    let folder = Folder::new();
    folder.open().await.close().await;
    make(
        &folder.file(),
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9001, 'from tomorrow', 1, x'00', 0)",
    )
    .await;
    let error = refused(&folder).await;
    assert!(
        matches!(error, StoreError::NewerSchema { found: 9001, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_empty_file_and_one_that_was_begun_are_finished() {
    let folder = Folder::new();
    std::fs::write(folder.file(), b"").unwrap();
    folder.open().await.close().await;
    for begun in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA application_id = 1230193485",
    ] {
        let folder = Folder::new();
        make(&folder.file(), begun).await;
        let store = folder.open().await;
        assert_eq!(store.health(&Scope::All).await.unwrap().total_claims, 0);
        store.close().await;
    }
}

#[tokio::test]
async fn data_persists_in_every_journal_mode() {
    for journal_mode in [
        JournalMode::Wal,
        JournalMode::Delete,
        JournalMode::Truncate,
        JournalMode::Persist,
    ] {
        let folder = Folder::new();
        let options = SqliteOptions {
            journal_mode,
            synchronous: Synchronous::Normal,
            ..folder.options()
        };
        let store = opened(options.clone()).await.unwrap();
        store
            .transact(record_repos(&[facts("acme/api")]))
            .await
            .unwrap();
        assert_eq!(store.repos().await.unwrap().len(), 1, "{journal_mode:?}");
        store.close().await;
        let again = opened(options).await.unwrap();
        assert_eq!(again.repos().await.unwrap().len(), 1, "{journal_mode:?}");
        again.close().await;
    }
}

#[tokio::test]
async fn a_hot_journal_is_rolled_back() {
    let (made, crashed) = (Folder::new(), Folder::new());
    let options = |folder: &Folder| SqliteOptions {
        journal_mode: JournalMode::Delete,
        ..folder.options()
    };
    let store = opened(options(&made)).await.unwrap();
    store
        .transact(record_repos(&[facts("acme/api")]))
        .await
        .unwrap();
    store.close().await;
    // In the middle of a transaction that has begun to write to the file.
    let mut conn = plain(&made.file()).await;
    let sql = "PRAGMA cache_size = 2; BEGIN IMMEDIATE; UPDATE repo SET name = 'acme/half';
               CREATE TABLE much AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 5000)
               SELECT n, hex(zeroblob(200)) AS text FROM n";
    conn.execute(sql).await.unwrap();
    for suffix in ["", "-journal"] {
        let name = |folder: &Folder| format!("{}{suffix}", folder.file().display());
        std::fs::copy(name(&made), name(&crashed)).unwrap();
    }
    conn.close().await.unwrap();
    assert_ne!(
        std::fs::metadata(made.file()).unwrap().len(),
        std::fs::metadata(crashed.file()).unwrap().len()
    );

    let store = opened(options(&crashed)).await.unwrap();
    let repos = store.repos().await.unwrap();
    assert_eq!(repos[0].repo.facts.name.as_str(), "acme/api");
    store.close().await;
}

#[tokio::test]
async fn a_file_is_ours_also_while_its_first_page_is_still_in_the_log() {
    let folder = Folder::new();
    let first = folder.open().await;
    let second = folder.open().await;
    second
        .transact(record_repos(&[facts("acme/api")]))
        .await
        .unwrap();
    assert_eq!(first.repos().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let folder = Folder::new();
    let path = folder.file().with_file_name("nowhere").join("issues.db");
    let error = opened(SqliteOptions::new(path)).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable(text) if text.contains("nowhere")),
        "{error:?}"
    );
}

/// Like many processes: each with its own runtime, connections and locks.
#[test]
fn eight_open_a_new_file_at_once() {
    let folder = Folder::new();
    let line = std::sync::Barrier::new(8);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (folder, line) = (&folder, &line);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.unwrap().block_on(async {
                    line.wait();
                    let store = folder.open().await;
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
    let repos = runtime.block_on(async { folder.open().await.repos().await });
    assert_eq!(repos.unwrap().len(), 8);
}

#[tokio::test]
async fn a_held_lock_is_told_within_the_timeout() {
    let folder = Folder::new();
    let options = SqliteOptions {
        busy_timeout: Duration::from_millis(200),
        ..folder.options()
    };
    let store = opened(options).await.unwrap();
    let mut other = plain(&folder.file()).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let begun = std::time::Instant::now();
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
}
