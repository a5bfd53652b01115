//! How long a client waits for its hook after a tool call, with a service on the database.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::Connection;
use crate::data::{Place, fill};
use crate::github;
use crate::process::Program;
use crate::times::report;

const CALLS: usize = 100;
const SESSION: &str = "bench-session";

pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("issuecommand.db"));
    fill(&place, 10_000, 0).await;
    let program = Program::start(&place, &github::without_comments()).await;
    let mut connection = Connection::open(program.port).await.unwrap();
    let asks = format!("{{\"agent_id\":\"bench\",\"session_id\":\"{SESSION}\"}}");
    let (status, answer) = connection.post("/api/next", &asks).await.unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));

    let (mut signs, mut rests, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..CALLS {
        starts.push(call(&place, folder.path(), &["--version"], ""));
        minute_passes(folder.path());
        signs.push(hook(&place, folder.path()));
        rests.push(hook(&place, folder.path()));
    }
    assert!(last_seen(folder.path()), "the hook gave no sign of life");
    let of = format!("{CALLS} calls");
    let start = report("the program starts and ends", starts, &of, None);
    report(
        "a hook after a tool, once a minute",
        signs,
        &of,
        Some(&start),
    );
    report("the same within the minute", rests, &of, Some(&start));
    println!();
}

fn hook(place: &Place, folder: &Path) -> Duration {
    let input = format!(
        "{{\"session_id\":\"{SESSION}\",\"hook_event_name\":\"PostToolUse\",\"cwd\":\"/tmp\",\"tool_name\":\"Bash\",\
         \"tool_input\":{{\"command\":\"ls\"}},\"tool_response\":{{\"stdout\":\"{}\"}}}}",
        "a line of what a tool says ".repeat(100)
    );
    call(
        place,
        folder,
        &["hook", "claude-code", "PostToolUse"],
        &input,
    )
}

/// Runs the program to its end, as a client does.
fn call(place: &Place, folder: &Path, words: &[&str], input: &str) -> Duration {
    let (name, value) = place.setting();
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_issuecommand"))
        .args(words)
        .env_clear()
        .env(name, value)
        .env("HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that needs no input may have ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let took = begun.elapsed();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    took
}

/// The marks of hooks, by which the next one is due.
fn marks(folder: &Path) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(folder.join("issuecommand"))
        .into_iter()
        .flatten();
    let paths = files.flatten().map(|file| file.path());
    let is_sign = |path: &std::path::PathBuf| path.to_string_lossy().ends_with("-sign");
    paths.filter(is_sign).collect()
}

fn minute_passes(folder: &Path) {
    for mark in marks(folder) {
        fs::remove_file(mark).unwrap();
    }
}

fn last_seen(folder: &Path) -> bool {
    marks(folder).len() == 1
}
