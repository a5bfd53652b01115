//! A database file that is replaced, removed or moved under running processes, and a server that is restored: afterwards no
//! issue is acknowledged to two agents, nothing more is written, and the processes end with an error.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use issuecommand_core::domain::time::Timestamp;
use issuecommand_testkit::postgres::{Durability, Server};
use issuecommand_testkit::prove::rounds;
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, query_scalar};

use crate::harness::{
    Http, Mcp, PATIENCE, Process, Program, SetOnDrop, Site, Store, block_on, wait_for,
    world_with_issues,
};

const REPO: &str = "acme/harbour";
const ISSUES: u32 = 500;

/// The time limit for the end of a process after the loss of its database: it answers for a while, plus time for a busy
/// machine.
const ENDING: Duration = Duration::from_secs(30);

/// The change of the files.
#[derive(Clone, Copy, Debug)]
enum Change {
    Replaced,
    Unlinked,
    WalUnlinked,
    ShmUnlinked,
    FolderMoved,
}

const CHANGES: [Change; 5] = [
    Change::Replaced,
    Change::Unlinked,
    Change::WalUnlinked,
    Change::ShmUnlinked,
    Change::FolderMoved,
];

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Change {
    /// `copy` is an earlier backup.
    fn make(self, path: &Path, copy: &Path) {
        match self {
            Self::Replaced => fs::rename(copy, path).unwrap(),
            Self::Unlinked => fs::remove_file(path).unwrap(),
            Self::WalUnlinked => fs::remove_file(beside(path, "-wal")).unwrap(),
            Self::ShmUnlinked => fs::remove_file(beside(path, "-shm")).unwrap(),
            Self::FolderMoved => {
                let folder = path.parent().unwrap();
                fs::rename(folder, beside(folder, "-moved")).unwrap();
                fs::create_dir(folder).unwrap();
            }
        }
    }
}

/// The time of the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChangeTiming {
    /// While the processes wait to write and every response has arrived, so that later responses are from after the change.
    BetweenBatches,
    /// At any point of a batch. Responses from before the change may still be on their way.
    Any,
}

/// An acknowledged claim: its issue and agent, its time by the process, and the times of request and response.
#[derive(Clone, Debug)]
struct AckedClaim {
    issue: u64,
    agent: String,
    since: String,
    asked: Instant,
    answered: Instant,
}

/// Claims issues until the end or until the server is gone. Every other response must be a 503 with a message.
fn take(
    http: &Http,
    agent: &str,
    over: &AtomicBool,
    count: &AtomicUsize,
) -> (Vec<AckedClaim>, usize) {
    let (mut given, mut refused) = (Vec::new(), 0);
    while !over.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let Ok(reply) = http.ask("POST", "/api/next", Some(&json!({ "agent_id": agent }))) else {
            break;
        };
        match reply.status {
            200 => {
                given.push(AckedClaim {
                    issue: reply.body["issue"]["number"].as_u64().unwrap(),
                    agent: agent.to_owned(),
                    since: reply.body["claim"]["claimed_at"].as_str().unwrap().into(),
                    asked,
                    answered: Instant::now(),
                });
                count.fetch_add(1, Ordering::SeqCst);
            }
            503 => {
                refused += 1;
                let message = reply.body["message"].as_str().unwrap();
                let ended = message.contains("To call this process again does not help");
                assert_eq!(reply.retry_after.is_none(), ended, "{message}");
                assert!(
                    !message.contains('/'),
                    "the message has a path: {}",
                    reply.body
                );
                thread::sleep(Duration::from_millis(5));
            }
            status => panic!("{status}: {}", reply.body),
        }
    }
    (given, refused)
}

/// A site whose database is in a folder that can be moved.
struct Fixture {
    site: Site,
    path: PathBuf,
}

impl Fixture {
    fn new() -> Self {
        let site = Site::with_issues(REPO, ISSUES);
        let folder = site.folder().join("data");
        fs::create_dir(&folder).unwrap();
        let path = folder.join("issuecommand.db");
        Self { site, path }
    }

    fn start(&self) -> Process {
        let path = self.path.display().to_string();
        let program = self.site.program(Program::Http);
        program.env("SQLITE_PATH", &path).start()
    }

    /// Waits for the server and its issues.
    fn ready(server: &mut Process) -> Http {
        let http = Http::at(server.address());
        wait_for("the first sync", PATIENCE, || {
            let reply = http.get(&format!("/api/repos/{REPO}/issues"));
            (reply.status == 200).then_some(())
        });
        http
    }

    /// Makes the change while nothing can be written and no response is on its way.
    fn change_between_batches(
        &self,
        change: Change,
        copy: &Path,
        given: &AtomicUsize,
    ) -> ChangeTime {
        block_on(async {
            let options = SqliteConnectOptions::new()
                .filename(&self.path)
                .busy_timeout(PATIENCE);
            let mut conn = options.connect().await.unwrap();
            conn.execute("BEGIN IMMEDIATE").await.unwrap();
            let begin = Instant::now();
            loop {
                let made = query_scalar::<_, i64>("SELECT count(*) FROM claim");
                let made: i64 = made.fetch_one(&mut conn).await.unwrap();
                if given.load(Ordering::SeqCst) == usize::try_from(made).unwrap() {
                    break;
                }
                assert!(begin.elapsed() < PATIENCE, "{made} claims, {given:?} given");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            change.make(&self.path, copy);
            let changed = ChangeTime::now();
            conn.execute("ROLLBACK").await.unwrap();
            conn.close().await.unwrap();
            changed
        })
    }

    fn backup(&self, to: &Path) {
        let path = self.path.display().to_string();
        let program = self.site.program(Program::Combined);
        let done = program
            .env("SQLITE_PATH", &path)
            .args(&["backup", to.to_str().unwrap()])
            .output();
        assert!(done.status.success(), "{done:?}");
    }
}

/// The time of the change by both clocks.
#[derive(Clone, Debug)]
struct ChangeTime {
    at: Instant,
    wall: String,
}

impl ChangeTime {
    fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let wall = Timestamp(i64::try_from(since.as_millis()).unwrap()).to_string();
        Self {
            at: Instant::now(),
            wall,
        }
    }
}

const AGENTS: usize = 3;

/// One round: two processes under load, the change, the end of both, and a new process on the new files.
fn round(scene: &Fixture, n: u32, change: Change, moment: ChangeTiming) {
    let copy = scene.site.folder().join(format!("copy-{n}.db"));
    let mut servers = [scene.start(), scene.start()];
    let https = servers.each_mut().map(Fixture::ready);
    if let Change::Replaced = change {
        scene.backup(&copy);
    }
    let (over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (before, after, changed, told) = thread::scope(|scope| {
        let end = SetOnDrop(&over);
        let (over, count) = (&over, &count);
        let working: Vec<_> = https
            .iter()
            .enumerate()
            .flat_map(|(at, http)| (0..AGENTS).map(move |agent| (at, agent, http)))
            .map(|(at, agent, http)| {
                let name = format!("old-{n}-{at}-{agent}");
                scope.spawn(move || take(http, &name, over, count))
            })
            .collect();
        thread::sleep(Duration::from_millis(60 + u64::from(n) * 7 % 90));
        let changed = match moment {
            ChangeTiming::BetweenBatches => scene.change_between_batches(change, &copy, count),
            ChangeTiming::Any => {
                change.make(&scene.path, &copy);
                ChangeTime::now()
            }
        };
        // As a supervisor would, at once and not only when the others have ended.
        let mut new = scene.start();
        for server in &mut servers {
            let status = server.wait_for_end(ENDING);
            assert_eq!(status.code(), Some(1), "{change:?}: {}", server.stderr());
            let log = server.stderr();
            assert!(
                log.contains("\"store.fenced\"") && log.contains("the database was given up"),
                "{change:?}: {log}"
            );
        }
        let told: Vec<_> = working
            .into_iter()
            .map(|work| work.join().unwrap())
            .collect();
        drop(end);
        let http = Fixture::ready(&mut new);
        let (over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
        let after: Vec<AckedClaim> = thread::scope(|scope| {
            let working: Vec<_> = (0..2)
                .map(|agent| {
                    let (http, over, count) = (&http, &over, &count);
                    scope.spawn(move || take(http, &format!("new-{n}-{agent}"), over, count))
                })
                .collect();
            thread::sleep(Duration::from_millis(150));
            over.store(true, Ordering::Relaxed);
            working
                .into_iter()
                .flat_map(|work| work.join().unwrap().0)
                .collect()
        });
        new.signal("TERM");
        assert!(new.wait_for_end(PATIENCE).success(), "{}", new.stderr());
        let refused: usize = told.iter().map(|(_, refused)| refused).sum();
        let before: Vec<AckedClaim> = told.into_iter().flat_map(|(given, _)| given).collect();
        (before, after, changed, refused)
    });
    assert!(
        !after.is_empty(),
        "{change:?}: the new process gave nothing"
    );
    let late: Vec<&AckedClaim> = before
        .iter()
        .filter(|given| given.answered > changed.at)
        .collect();
    match moment {
        ChangeTiming::BetweenBatches => assert!(late.is_empty(), "{change:?}: {late:?}"),
        // No claim requested after the change, at most one for each agent, and none of a batch that began after it.
        ChangeTiming::Any => assert!(
            late.len() <= 2 * AGENTS
                && late
                    .iter()
                    .all(|given| given.asked < changed.at && given.since <= changed.wall),
            "{change:?} at {changed:?}: {late:?}"
        ),
    }
    // Each issue has one holder among the claims acknowledged after the change. Responses on their way concern the database
    // before it.
    let mut owners: BTreeMap<u64, &str> = BTreeMap::new();
    for given in &after {
        let other = owners.insert(given.issue, &given.agent);
        assert_eq!(other, None, "{change:?}: {given:?}");
    }
    eprintln!(
        "{change:?}, {moment:?}: {} given before, {} of them on their way, {told} refused, {} given by the new one",
        before.len(),
        late.len(),
        after.len()
    );
}

#[test]
fn prove_replaced_files_end_their_processes_without_duplicates() {
    for n in 0..rounds(10, 100) {
        let change = CHANGES[n as usize % CHANGES.len()];
        let moment = match n % 2 {
            0 => ChangeTiming::BetweenBatches,
            _ => ChangeTiming::Any,
        };
        round(&Fixture::new(), n, change, moment);
    }
}

#[test]
fn after_a_replacement_every_call_and_readyz_report_it() {
    let scene = Fixture::new();
    let mut server = scene.start();
    let http = Fixture::ready(&mut server);
    assert_eq!(http.get("/readyz").status, 200);
    fs::remove_file(&scene.path).unwrap();
    let ready = http.get("/readyz");
    assert_eq!(
        (ready.status, &ready.body),
        (503, &json!({ "service": "issuecommand", "ok": false }))
    );
    for (method, path) in [
        ("GET", "/api/claims"),
        ("GET", "/api/health"),
        ("POST", "/api/next-work"),
        ("POST", "/api/next"),
    ] {
        let body = json!({ "agent_id": "a" });
        let reply = http.ask(method, path, Some(&body)).unwrap();
        assert_eq!(reply.status, 503, "{path}: {}", reply.body);
        assert_eq!(reply.body["error"], "store_unavailable");
        let message = reply.body["message"].as_str().unwrap();
        assert!(message.contains("replaced, removed or moved"), "{message}");
    }
    assert_eq!(server.wait_for_end(ENDING).code(), Some(1));
}

#[test]
fn an_mcp_client_gets_the_reason_before_the_process_ends() {
    let scene = Fixture::new();
    let path = scene.path.display().to_string();
    let start = |program| {
        let mut mcp = scene
            .site
            .program(program)
            .env("SQLITE_PATH", &path)
            .start_mcp();
        mcp.greet();
        mcp
    };
    for program in [Program::Mcp, Program::Combined] {
        let mut mcp: Mcp = start(program);
        mcp.call("get_my_work", &json!({ "agent_id": "a" }));
        let before = scene.site.folder().join(format!("gone-{program:?}.db"));
        fs::rename(&scene.path, &before).unwrap();
        // It notices by itself before any call.
        mcp.process
            .wait_until_logged("is no longer the one", PATIENCE);
        let told = mcp.fail("next_work", &json!({ "agent_id": "a" }));
        assert!(
            told.contains("replaced, removed or moved") && told.contains("store_unavailable"),
            "{told}"
        );
        assert_eq!(mcp.process.wait_for_end(ENDING).code(), Some(1));
    }
}

/// A relative path is resolved at the start, so a moved working directory does not change it.
#[test]
fn a_moved_working_directory_is_detected() {
    let site = Site::with_issues(REPO, 3);
    let folder = site.folder().join("work");
    fs::create_dir(&folder).unwrap();
    let start = || {
        let program = site.program(Program::Http);
        program
            .env("SQLITE_PATH", "issuecommand.db")
            .in_folder(&folder)
            .start()
    };
    let mut server = start();
    Fixture::ready(&mut server);
    fs::rename(&folder, site.folder().join("elsewhere")).unwrap();
    assert_eq!(server.wait_for_end(ENDING).code(), Some(1));
    fs::create_dir(&folder).unwrap();
    let mut again = start();
    Fixture::ready(&mut again);
    assert!(again.is_running());
}

#[test]
fn a_restored_server_ends_its_instances() {
    if !Store::Postgres.is_here() {
        return;
    }
    let server = Server::start(Durability::Full).unwrap();
    let site = Site::at(&server, world_with_issues(REPO, 20));
    let mut instances = [
        site.program(Program::Http).start(),
        site.program(Program::Http).start(),
    ];
    let https = instances.each_mut().map(Fixture::ready);
    let take = |http: &Http| http.post("/api/next", &json!({ "agent_id": "a" })).status;
    assert_eq!(https.each_ref().map(take), [200, 200]);
    server.restart();
    wait_for("the restarted server", PATIENCE, || {
        (take(&https[0]) == 200).then_some(())
    });
    server.restore();
    // The process with the lease and one that only polls it; there are no other calls.
    for instance in &mut instances {
        assert_eq!(instance.wait_for_end(ENDING).code(), Some(1));
        assert!(instance.stderr().contains("\"store.fenced\""));
    }
    let mut again = site.program(Program::Http).start();
    assert_eq!(take(&Fixture::ready(&mut again)), 200);
}
