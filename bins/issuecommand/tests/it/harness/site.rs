//! A test site: an emulated GitHub, a folder with a database, and programs with only its settings.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use issuecommand_github_emulator::{GithubEmulator, World};
use issuecommand_testkit::postgres::Server;
use tempfile::TempDir;

use super::database::{Database, Store};
use super::{Mcp, Process, block_on};

/// The bearer token of every HTTP server here.
pub(crate) const API_KEY: &str = "key-of-the-tests";

/// The webhook secret.
pub(crate) const SECRET: &str = "secret-of-the-tests";

/// The binary that a test starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Combined,
    Mcp,
    Http,
}

/// The path of a program. Cargo builds only this package's programs for its tests; the others are beside it once their own
/// tests, or the workspace, were built.
pub(crate) fn path_of(program: Program) -> PathBuf {
    match program {
        Program::Combined => path_beside("issuecommand"),
        Program::Mcp => path_beside("issuecommand-mcp"),
        Program::Http => path_beside("issuecommand-http"),
    }
}

/// Where the workspace's program of this name is.
pub(crate) fn path_beside(name: &str) -> PathBuf {
    let ours = Path::new(env!("CARGO_BIN_EXE_issuecommand"));
    let path = ours.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "{} is not built: run `cargo test --workspace`, or `cargo build --workspace` first",
        path.display()
    );
    path
}

/// A program without the tester's own environment, whose home is this folder.
pub(crate) fn bare(program: Program, home: &Path) -> Command {
    let mut command = Command::new(path_of(program));
    command
        .current_dir(home)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        // The registry of running processes is the test's own too.
        .env("XDG_RUNTIME_DIR", home);
    command
}

/// A GitHub with one repository of so many issues, numbered from 1.
pub(crate) fn world_with_issues(repo: &str, issues: u32) -> World {
    let mut world = World::new();
    world.add_repo(repo);
    for n in 1..=issues {
        world.open_issue(repo, format!("Issue {n}").as_str());
    }
    world
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) github: GithubEmulator,
    folder: TempDir,
    database: Database,
    started: AtomicUsize,
}

impl Site {
    /// A site whose GitHub has this world, with a rate limit that no test reaches.
    pub(crate) fn new(world: World) -> Self {
        Self::on(Store::Sqlite, world)
    }

    /// The same with a database of this kind.
    pub(crate) fn on(store: Store, world: World) -> Self {
        Self::with(world, |folder| Database::new(store, folder))
    }

    /// The same with a database on a server of the test's own.
    pub(crate) fn at(server: &Server, world: World) -> Self {
        Self::with(world, |_| Database::at(server))
    }

    fn with(mut world: World, database: impl FnOnce(&Path) -> Database) -> Self {
        world.set_rate_limit(1_000_000);
        let folder = TempDir::new().unwrap();
        Self {
            github: block_on(GithubEmulator::start(world)),
            database: database(folder.path()),
            folder,
            started: AtomicUsize::new(0),
        }
    }

    /// A site whose GitHub has one repository of so many issues, numbered from 1.
    pub(crate) fn with_issues(repo: &str, issues: u32) -> Self {
        Self::with_issues_on(Store::Sqlite, repo, issues)
    }

    /// The same with a database of this kind.
    pub(crate) fn with_issues_on(store: Store, repo: &str, issues: u32) -> Self {
        Self::on(store, world_with_issues(repo, issues))
    }

    /// The folder that its programs work in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether a program has created the database yet.
    pub(crate) fn has_database(&self) -> bool {
        self.database.exists()
    }

    /// Asserts that the database is intact, and that nothing ever had two holders at a time.
    pub(crate) fn assert_sound(&self) {
        self.database.assert_sound();
    }

    /// The one column of text that the database answers.
    pub(crate) fn ask_database(&self, sql: &str) -> Vec<String> {
        self.database.texts(sql)
    }

    /// How many rows each table of the database has.
    pub(crate) fn rows(&self) -> BTreeMap<String, u64> {
        self.database.rows()
    }

    /// A program ready to be started, on any free port.
    pub(crate) fn program(&self, program: Program) -> Start {
        let n = self.started.fetch_add(1, Ordering::Relaxed);
        let name = format!("{program:?}-{n}");
        let home = self.folder.path().join("home");
        std::fs::create_dir_all(&home).unwrap();
        let mut command = bare(program, &home);
        let (database, value) = self.database.setting();
        command
            .current_dir(self.folder.path())
            .env("GITHUB_TOKEN", "test-token")
            .env("GITHUB_API_URL", self.github.url())
            .env(database, value)
            .env("GITHUB_WEBHOOK_SECRET", SECRET)
            // On a busy machine it is better to wait than to get a retry error.
            .env("SQLITE_BUSY_TIMEOUT_MS", "20000")
            .env("API_KEY", API_KEY)
            .env("HTTP_HOST", "127.0.0.1")
            .env("HTTP_PORT", "0")
            .env("RATE_LIMIT_ENABLED", "false")
            // The agents here give issues back as often as they like.
            .env("COOLDOWN_MINUTES", "0")
            .env("MAX_ATTEMPTS", "0")
            .env("PAUSE_AFTER_QUICK_RELEASES", "0")
            .env("LOG_LEVEL", "info")
            .env("LOG_FORMAT", "json");
        Start {
            command,
            log: self.folder.path().join(format!("{name}.log")),
            name,
        }
    }
}

/// A program that is about to be started.
#[derive(Debug)]
pub(crate) struct Start {
    command: Command,
    name: String,
    log: PathBuf,
}

impl Start {
    /// With this setting in its environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// In this folder.
    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Without that setting.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// With these words on its command line.
    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    /// The variables that it is started with, and no others: the tester's own are not handed on.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
        let all = self.command.get_envs();
        all.map(|(name, value)| (text(name), text(value.unwrap_or_default())))
            .collect()
    }

    /// A shell with the program's environment instead: `$0`, `$1` … are the words.
    #[cfg(unix)]
    pub(crate) fn shell(self, script: &str, words: &[&Path]) -> Command {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).args(words).env_clear();
        for (name, value) in self.command.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.stderr(File::create(&self.log).unwrap());
        command
    }

    /// Runs it to its end.
    pub(crate) fn output(mut self) -> Output {
        self.command.stdin(Stdio::null()).output().unwrap()
    }

    /// Runs it to its end with this input, and says how long it took.
    pub(crate) fn answer_to(mut self, input: &str) -> (Output, Duration) {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let begin = Instant::now();
        let mut child = self.command.spawn().unwrap();
        // A program that does not read it has gone.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        (output, begin.elapsed())
    }

    /// Starts it with standard streams of the test's own.
    pub(crate) fn start_piped(mut self) -> Child {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        self.command.spawn().unwrap()
    }

    /// With this HTTP port.
    pub(crate) fn port(self, port: u16) -> Self {
        self.env("HTTP_PORT", &port.to_string())
    }

    /// Starts it as a service: without input, and without a reader of its output.
    pub(crate) fn start(mut self) -> Process {
        self.command.stdin(Stdio::null()).stdout(Stdio::null());
        self.spawn()
    }

    /// Starts it without input, with its output to be read.
    pub(crate) fn start_read(mut self) -> (Process, ChildStdout) {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped());
        self.command.stderr(File::create(&self.log).unwrap());
        let mut child = self.command.spawn().unwrap();
        let output = child.stdout.take().unwrap();
        (Process::new(self.name, child, self.log), output)
    }

    /// Starts it as an MCP client does, without a handshake yet.
    pub(crate) fn start_mcp(mut self) -> Mcp {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped());
        Mcp::new(self.spawn())
    }

    fn spawn(mut self) -> Process {
        self.command.stderr(File::create(&self.log).unwrap());
        let child = self.command.spawn().unwrap();
        Process::new(self.name, child, self.log)
    }
}

/// A port that is free and stays so: below the system's ephemeral ports, and different for each test.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() % 400).unwrap() * 25;
    loop {
        let port = 20_000 + (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
