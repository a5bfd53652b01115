//! What clients cost that do nothing: many processes on one file, each started by a client of its own over stdio.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use crate::claims::NO_GITHUB;
use crate::data::{Place, fill};
use crate::process::{KEY, memory_of, time_of};

const PROCESSES: u32 = 50;
/// How long they are left alone before they are measured: longer than anything of their start.
const REST: Duration = Duration::from_secs(10);
const MEASURED: Duration = Duration::from_secs(20);

/// The first messages of a client.
const HELLO: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#,
    "\n",
    r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    "\n",
);

/// A process with a client that says hello and then nothing. It is killed when dropped.
struct Idle {
    child: Child,
    /// Kept open: the process ends with it.
    _stdin: ChildStdin,
}

impl Idle {
    fn start(program: &Path, place: &Place, folder: &Path) -> Self {
        let (name, value) = place.setting();
        let mut child = Command::new(program)
            .env_clear()
            .env(name, value)
            .env("GITHUB_API_URL", NO_GITHUB)
            .env("GITHUB_TOKEN", "test-token")
            .env("API_KEY", KEY)
            .env("HTTP_HOST", "127.0.0.1")
            .env("HTTP_PORT", "0")
            .env("LOG_LEVEL", "warn")
            .env("HOME", folder)
            .env("XDG_RUNTIME_DIR", folder)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(HELLO.as_bytes()).unwrap();
        let mut answer = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut answer).unwrap();
        assert!(answer.contains("serverInfo"), "{answer:?}");
        Self {
            child,
            _stdin: stdin,
        }
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn run() {
    let ours = Path::new(env!("CARGO_BIN_EXE_issuecommand"));
    measure("issuecommand, with HTTP", ours).await;
    let mcp = ours.with_file_name("issuecommand-mcp");
    if mcp.exists() {
        measure("issuecommand-mcp", &mcp).await;
    } else {
        println!(
            "issuecommand-mcp is not beside it: cargo build --release -p issuecommand-mcp-server\n"
        );
    }
}

async fn measure(what: &str, program: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("issuecommand.db"));
    fill(&place, 1_000, 0).await;
    let start = |_| Idle::start(program, &place, folder.path());
    let processes: Vec<Idle> = (0..PROCESSES).map(start).collect();
    tokio::time::sleep(REST).await;
    let worked = || -> Duration {
        let each = processes.iter().map(|idle| time_of(idle.child.id()));
        each.sum()
    };
    let before = worked();
    tokio::time::sleep(MEASURED).await;
    let worked = worked().saturating_sub(before);
    // Pages of a process's own: heap, stacks, and what it has written to of its file. The program's code and the index of the
    // database are mappings of files that all processes share, and that the system takes back when it needs them.
    let own = figures(&processes, "RssAnon");
    let resident = figures(&processes, "VmRSS");
    println!(
        "{PROCESSES} idle processes, {what}: {own} of their own, {resident} resident with what they share; \
         {:.2} % of a processor in all over {MEASURED:?}\n",
        100.0 * worked.as_secs_f64() / MEASURED.as_secs_f64()
    );
}

/// The median and the most.
fn figures(processes: &[Idle], name: &str) -> String {
    let each = processes
        .iter()
        .map(|idle| memory_of(idle.child.id(), name));
    let mut each: Vec<f64> = each.collect();
    each.sort_by(f64::total_cmp);
    let most = each.last().copied().unwrap_or(f64::NAN);
    format!("{:.2} MB (at most {most:.2})", each[each.len() / 2])
}
