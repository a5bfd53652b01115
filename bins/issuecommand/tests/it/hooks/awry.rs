//! A hook ends well, soon and silently whatever is wrong.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::{Channel, Fixture, SESSION, silent_or_json};
use crate::harness::{Program, Site, Start, Store, block_on};

/// A second, and what a busy machine needs to start a process.
const SOON: Duration = Duration::from_millis(2_500);

const EVENTS: [&str; 4] = ["SessionStart", "PostToolUse", "Stop", "SessionEnd"];

fn hook(start: Start, event: &str, input: &str) {
    let (output, took) = start.args(&["hook", "claude-code", event]).answer_to(input);
    assert!(took < SOON, "{took:?}");
    assert_eq!(silent_or_json((output, took)), None, "{event}");
}

fn input(session: &str) -> String {
    json!({ "session_id": session }).to_string()
}

#[test]
fn without_a_database_it_is_silent_and_makes_none() {
    let site = Site::with_issues("acme/harbour", 1);
    for event in EVENTS {
        hook(site.program(Program::Combined), event, &input(SESSION));
    }
    assert!(!site.has_database());
    std::fs::write(site.folder().join("issuecommand.db"), "no database").unwrap();
    for event in EVENTS {
        hook(site.program(Program::Combined), event, &input("second"));
    }
    // A setting that is wrong.
    let wrong = site.program(Program::Combined).env("HTTP_PORT", "many");
    hook(wrong, "SessionStart", &input(SESSION));
}

#[test]
fn what_is_no_call_of_a_hook_is_silent() {
    let site = Site::with_issues("acme/harbour", 1);
    let start = || site.program(Program::Combined);
    for broken in [
        "",
        "{",
        "[]",
        "7",
        "null",
        r#"{"session_id":7}"#,
        "\u{0}\u{1}",
        "{\"session_id\":\"\\ud800\"}",
    ] {
        for event in EVENTS {
            hook(start(), event, broken);
        }
    }
    hook(start(), "PreToolUse", &input(SESSION));
    let unknown = start()
        .args(&["hook", "zed", "Stop"])
        .answer_to(&input(SESSION));
    assert_eq!(silent_or_json(unknown), None);
    // A code of 2 would be an order to the client.
    for words in [
        &["hook"][..],
        &["hook", "codex"],
        &["hook", "codex", "Stop", "--wait", "soon"],
        &["hook", "codex", "Stop", "--what"],
    ] {
        let (output, _) = start().args(words).answer_to("");
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(0), 0),
            "{words:?}"
        );
    }
    let (output, _) = start().args(&["wait"]).answer_to("");
    assert_eq!(output.status.code(), Some(1));
    // Who looks for the reason is told.
    let told = start()
        .env("RUST_LOG", "debug")
        .args(&["hook", "codex", "PreToolUse"]);
    let (output, _) = told.answer_to("{}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        told,
        "issuecommand hook: nothing is done for the event PreToolUse\n"
    );
}

#[test]
fn a_database_that_hangs_costs_a_second() {
    let mut fixture = Fixture::new(Store::Sqlite);
    fixture.begins(1);
    let path = fixture.site.folder().join("issuecommand.db");
    block_on(async {
        let options = SqliteConnectOptions::new().filename(path);
        let mut other = options.connect().await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE")
            .execute(&mut other)
            .await
            .unwrap();
        for event in ["PostToolUse", "SessionEnd"] {
            hook(
                fixture.site.program(Program::Combined),
                event,
                &input(SESSION),
            );
        }
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    });
    fixture.minute_passes();
    assert_eq!(
        fixture.hook(Channel::Database, "PostToolUse", json!({})),
        None
    );
    fixture.site.assert_sound();
}

#[test]
fn a_service_that_is_away_or_hangs_costs_a_second() {
    let site = Site::with_issues("acme/harbour", 1);
    // It takes connections and never answers.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let hanging = hanging.local_addr().unwrap();
    let away = {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap()
    };
    for (n, address) in [hanging, away].into_iter().enumerate() {
        for (event, known) in EVENTS.into_iter().flat_map(|it| [(it, true), (it, false)]) {
            let mut start = site.program(Program::Combined).env("ISSUECOMMAND_KEY", "k");
            if known {
                start = start.env("ISSUECOMMAND_AGENT_ID", "ann");
            }
            let url = format!("http://{address}/mcp");
            let start = start.args(&["hook", "codex", event, "--remote", &url]);
            let (output, took) = start.answer_to(&input(&format!("s{n}{known}")));
            assert!(took < SOON, "{event} {took:?}");
            assert_eq!(silent_or_json((output, took)), None);
        }
        let url = format!("postgres://u:p@{address}/d");
        let start = site.program(Program::Combined).without("SQLITE_PATH");
        hook(
            start.env("DATABASE_URL", &url),
            "SessionStart",
            &input(SESSION),
        );
        // The hook that waits for feedback waits for no database.
        let start = site.program(Program::Combined).without("SQLITE_PATH");
        let start = start.env("DATABASE_URL", &url);
        let (output, took) = start
            .args(&["hook", "codex", "Stop"])
            .answer_to(&input("s"));
        assert!(took < SOON, "{took:?}");
        assert_eq!(silent_or_json((output, took)), None);
    }
    // Without a key, or with an address that is none.
    for url in ["http://127.0.0.1:1", "nonsense"] {
        let start = site.program(Program::Combined);
        let start = start.args(&["hook", "codex", "Stop", "--remote", url]);
        assert_eq!(silent_or_json(start.answer_to(&input(SESSION))), None);
    }
}

#[test]
fn an_input_that_never_ends_costs_a_second() {
    let site = Site::with_issues("acme/harbour", 1);
    // Also where the hook may wait for long when it knows for what.
    for words in [
        &["hook", "claude-code", "Stop"][..],
        &["hook", "codex", "Stop"],
        &["hook", "codex", "Stop", "--wait", "8h"],
    ] {
        let begin = std::time::Instant::now();
        let mut child = site.program(Program::Combined).args(words).start_piped();
        // Its standard input stays open.
        let input = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
        assert!(begin.elapsed() < SOON, "{words:?} {:?}", begin.elapsed());
        drop(input);
    }
}

/// What a service answers to requests that are counted, one a connection.
fn counting(answer: &'static str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (asked, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 16 * 1024];
            let read = stream.read(&mut head).unwrap();
            let line = String::from_utf8_lossy(&head[..read]);
            let line = line.lines().next().unwrap_or_default().to_owned();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
            let length = answer.len();
            // The hook may have ended.
            let _ = write!(stream, "{head}Content-Length: {length}\r\n\r\n{answer}");
            if asked.send(line).is_err() {
                return;
            }
        }
    });
    (address, requests)
}

#[test]
fn a_hook_asks_a_service_elsewhere_once() {
    let site = Site::with_issues("acme/harbour", 1);
    let (address, requests) = counting(r#"{"ok":true,"agents":[]}"#);
    let url = format!("http://{address}/mcp");
    for event in EVENTS {
        let start = site.program(Program::Combined).env("ISSUECOMMAND_KEY", "k");
        let start = start.args(&["hook", "claude-code", event, "--remote", &url]);
        let answer = start.answer_to(&input(SESSION));
        assert_eq!(silent_or_json(answer), None, "{event}");
        let asked: Vec<String> = requests.try_iter().collect();
        assert_eq!(asked, ["POST /api/client-session HTTP/1.1"], "{event}");
    }
}
