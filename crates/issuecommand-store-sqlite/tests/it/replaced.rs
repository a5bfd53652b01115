//! A store whose files are removed, replaced or overwritten while they are open gives up for good, and acknowledges only what
//! was written to the file at its path.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::ports::store::Store;
use issuecommand_store_sqlite::{JournalMode, SqliteOptions, SqliteStore, dump};
use issuecommand_testkit::builders::{facts, record_repos};
use issuecommand_testkit::clock::TestClock;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};
use std::sync::Arc;

use crate::common::Folder;

const MODES: [JournalMode; 4] = [
    JournalMode::Wal,
    JournalMode::Delete,
    JournalMode::Truncate,
    JournalMode::Persist,
];

async fn opened(options: &SqliteOptions) -> (SqliteStore, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let policy = issuecommand_core::domain::policy::Policy::default();
    let store = options.clone().open(policy, clock.clone());
    (store.await.unwrap(), clock)
}

async fn write(store: &SqliteStore, name: &str) -> Result<(), StoreError> {
    store.transact(record_repos(&[facts(name)])).await.map(drop)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Every call fails, whatever is done to the files.
async fn assert_given_up(store: &SqliteStore, what: &str) {
    let fenced = |result: Result<(), StoreError>| {
        assert!(
            matches!(result, Err(StoreError::Fenced(_))),
            "{what}: {result:?}"
        );
    };
    fenced(write(store, "acme/after").await);
    fenced(store.repos().await.map(drop));
    fenced(store.last_event().await.map(drop));
    fenced(store.health(&Scope::All).await.map(drop));
    let told = tokio::time::timeout(Duration::from_secs(5), store.database().fenced()).await;
    assert!(told.unwrap().contains("get_my_work"), "{what}");
    assert!(store.database().fence().refused() >= 4, "{what}");
}

#[tokio::test]
async fn a_removed_or_replaced_file_ends_the_process() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 4] = [
        ("unlinked", |path| fs::remove_file(path).unwrap()),
        ("moved", |path| {
            fs::rename(path, beside(path, ".moved")).unwrap();
        }),
        ("replaced by a copy", |path| {
            fs::copy(path, beside(path, ".copy")).unwrap();
            fs::rename(beside(path, ".copy"), path).unwrap();
        }),
        ("its folder moved, and another in its place", |path| {
            let folder = path.parent().unwrap();
            fs::rename(folder, beside(folder, "-moved")).unwrap();
            fs::create_dir(folder).unwrap();
        }),
    ];
    for mode in MODES {
        for (what, change) in changes {
            let what = format!("{mode:?}: {what}");
            let folder = Folder::new();
            let inner = folder.file().with_file_name("data");
            fs::create_dir(&inner).unwrap();
            let mut options = SqliteOptions::new(inner.join("issues.db"));
            options.journal_mode = mode;
            let (store, _) = opened(&options).await;
            write(&store, "acme/before").await.unwrap();
            assert!(!store.database().fence().is_closed(), "{what}");
            change(&options.path);
            assert_given_up(&store, &what).await;
            store.close().await;
        }
    }
}

#[tokio::test]
async fn a_removed_wal_or_shm_file_ends_the_process() {
    for suffix in ["-wal", "-shm"] {
        for replaced in [false, true] {
            let folder = Folder::new();
            let (store, _) = opened(&folder.options()).await;
            write(&store, "acme/before").await.unwrap();
            let file = beside(&folder.file(), suffix);
            fs::rename(&file, beside(&file, ".gone")).unwrap();
            if replaced {
                fs::copy(beside(&file, ".gone"), &file).unwrap();
            }
            assert_given_up(&store, suffix).await;
            store.close().await;
        }
    }
}

/// SQLite maps it into memory, so an access to a missing page would end the process by a signal.
#[tokio::test]
async fn a_truncated_shm_file_ends_the_process_without_a_signal() {
    for length in [0, 3, 4096, 32_767] {
        let folder = Folder::new();
        let (store, _) = opened(&folder.options()).await;
        write(&store, "acme/before").await.unwrap();
        store.repos().await.unwrap();
        let index = beside(&folder.file(), "-shm");
        let file = fs::OpenOptions::new().write(true).open(&index).unwrap();
        file.set_len(length).unwrap();
        assert_given_up(&store, &format!("{length}")).await;
        // Closing the last connection would checkpoint the log by using the index.
        store.close().await;
        drop(store);
        // Committed data is in the log, and the next process finds it.
        let (store, _) = opened(&folder.options()).await;
        assert_eq!(store.repos().await.unwrap().len(), 1, "{length}");
        write(&store, "acme/after").await.unwrap();
        store.close().await;
    }
}

#[tokio::test]
async fn a_lost_file_is_noticed_without_requests() {
    let folder = Folder::new();
    let (store, _) = opened(&folder.options()).await;
    fs::remove_file(folder.file()).unwrap();
    let told = tokio::time::timeout(Duration::from_secs(5), store.database().fenced()).await;
    assert!(told.unwrap().contains("replaced"));
    store.close().await;
}

#[tokio::test]
async fn a_retargeted_symlink_ends_the_process() {
    let folder = Folder::new();
    let here = |name: &str| folder.file().with_file_name(name);
    std::os::unix::fs::symlink(here("one.db"), folder.file()).unwrap();
    let (store, _) = opened(&folder.options()).await;
    write(&store, "acme/before").await.unwrap();
    assert!(here("one.db").exists(), "the link is followed");
    fs::remove_file(folder.file()).unwrap();
    std::os::unix::fs::symlink(here("two.db"), folder.file()).unwrap();
    assert_given_up(&store, "a link that leads to nothing").await;
    store.close().await;
}

/// `cp backup issues.db` keeps the inode.
#[tokio::test]
async fn a_backup_copied_over_the_file_ends_the_process() {
    for mode in [JournalMode::Delete, JournalMode::Wal] {
        let folder = Folder::new();
        let mut options = folder.options();
        options.journal_mode = mode;
        let (store, clock) = opened(&options).await;
        write(&store, "acme/one").await.unwrap();
        let backup = beside(&folder.file(), ".backup");
        dump::backup(&options, &backup).await.unwrap();
        clock.advance(Millis(1));
        write(&store, "acme/two").await.unwrap();
        // With a WAL the file has the state of the last checkpoint, which is everything here.
        let bytes = fs::read(&backup).unwrap();
        if mode == JournalMode::Wal {
            let options = SqliteConnectOptions::new().filename(folder.file());
            let mut conn = options.connect().await.unwrap();
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                .await
                .unwrap();
            conn.close().await.unwrap();
        }
        fs::write(folder.file(), bytes).unwrap();
        let late = write(&store, "acme/three").await;
        assert!(
            matches!(late, Err(StoreError::Fenced(_))),
            "{mode:?}: {late:?}"
        );
        store.close().await;
    }
}

#[tokio::test]
async fn ordinary_operations_do_not_end_the_process() {
    for mode in MODES {
        let folder = Folder::new();
        let mut options = folder.options();
        options.journal_mode = mode;
        let (first, _) = opened(&options).await;
        for round in 0..3 {
            // Other processes open and close it, the WAL is truncated, a backup is made.
            let (second, _) = opened(&options).await;
            write(&second, &format!("acme/second-{round}"))
                .await
                .unwrap();
            write(&first, &format!("acme/first-{round}")).await.unwrap();
            let mut shell = SqliteConnectOptions::new()
                .filename(folder.file())
                .connect()
                .await
                .unwrap();
            shell
                .execute("PRAGMA wal_checkpoint(TRUNCATE)")
                .await
                .unwrap();
            shell.close().await.unwrap();
            let backup = beside(&folder.file(), &format!(".backup-{round}"));
            dump::backup(&options, &backup).await.unwrap();
            second.close().await;
            write(&first, &format!("acme/again-{round}")).await.unwrap();
        }
        assert_eq!(first.repos().await.unwrap().len(), 9);
        first.close().await;
        // The last connection removes its WAL; the next one creates another.
        let (again, _) = opened(&options).await;
        write(&again, "acme/later").await.unwrap();
        assert!(!again.database().fence().is_closed());
        again.close().await;
    }
}

#[tokio::test]
async fn the_log_of_a_replaced_file_is_set_aside_and_kept() {
    let folder = Folder::new();
    let (store, _) = opened(&folder.options()).await;
    write(&store, "acme/one").await.unwrap();
    let backup = beside(&folder.file(), ".backup");
    dump::backup(&folder.options(), &backup).await.unwrap();
    write(&store, "acme/two").await.unwrap();
    fs::rename(&backup, folder.file()).unwrap();
    assert_given_up(&store, "replaced").await;
    let left: Vec<String> = fs::read_dir(folder.file().parent().unwrap())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        left.iter().any(|name| name.contains("-wal.replaced-")),
        "{left:?}"
    );
    // While the former process still runs; it shares no file with the new one.
    let (new, _) = opened(&folder.options()).await;
    assert_eq!(new.repos().await.unwrap().len(), 1);
    write(&new, "acme/three").await.unwrap();
    store.close().await;
    write(&new, "acme/four").await.unwrap();
    assert_eq!(new.repos().await.unwrap().len(), 3);
    new.close().await;
}

#[tokio::test]
async fn each_database_has_an_id_of_its_own_which_a_backup_keeps_and_an_import_does_not_take() {
    let folder = Folder::new();
    let (store, _) = opened(&folder.options()).await;
    write(&store, "acme/one").await.unwrap();
    let id = store.database().identity().id;
    assert_eq!(id.len(), 32, "{id}");
    assert_eq!(store.database().identity().files.len(), 3);
    let backup = beside(&folder.file(), ".backup");
    dump::backup(&folder.options(), &backup).await.unwrap();
    let mut rows = Vec::new();
    dump::export(&folder.options(), &mut |row| {
        rows.push(row);
        Ok(())
    })
    .await
    .unwrap();
    store.close().await;

    let (same, _) = opened(&SqliteOptions::new(&backup)).await;
    assert_eq!(
        same.database().identity().id,
        id,
        "a backup is the same database"
    );
    assert_ne!(
        same.database().identity().files[0].1,
        store.database().identity().files[0].1
    );
    same.close().await;

    let new = SqliteOptions::new(beside(&folder.file(), ".new"));
    let mut rows = rows.into_iter();
    let now = issuecommand_core::domain::time::Timestamp(0);
    dump::import(&new, now, dump::schema(), &mut || Ok(rows.next()))
        .await
        .unwrap();
    let (other, _) = opened(&new).await;
    assert_ne!(
        other.database().identity().id,
        id,
        "an import makes another database"
    );
    assert_eq!(other.database().identity().id.len(), 32);
    assert_eq!(other.repos().await.unwrap().len(), 1);
    other.close().await;
}

/// Its `-wal` and `-shm` files are still in use: a process that opens the path now would share them with the process of the
/// removed file.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_until_a_removed_file_is_closed() {
    for suffix in ["", "-wal", "-shm"] {
        let folder = Folder::new();
        let (store, _) = opened(&folder.options()).await;
        write(&store, "acme/before").await.unwrap();
        fs::remove_file(beside(&folder.file(), suffix)).unwrap();
        let options = folder.options();
        let starting = tokio::spawn(async move { opened(&options).await.0 });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!starting.is_finished(), "{suffix}");
        // It is not read either, because a reader would also create a new WAL.
        let looked = dump::check(&folder.options()).await;
        assert!(
            matches!(looked, Err(StoreError::Busy(_))),
            "{suffix}: {looked:?}"
        );
        store.close().await;
        let new = starting.await.unwrap();
        write(&new, "acme/after").await.unwrap();
        let repos = new.repos().await.unwrap().len();
        // Earlier writes went into the file, unless that file was removed.
        assert_eq!(repos, if suffix.is_empty() { 1 } else { 2 }, "{suffix}");
        new.close().await;
    }
}
