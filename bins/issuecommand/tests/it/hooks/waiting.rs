//! `issuecommand wait`.

use std::io::{Read as _, Write as _};
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{AGENT, Channel, Fixture, SESSION};
use crate::followups::talk::REPO;
use crate::harness::{PATIENCE, Program, Store, wait_for};

on_each_store!(
    a_script_waits_for_feedback_or_issues,
    a_background_hook_wakes_its_session_once,
    a_blocking_hook_waits_for_a_while,
    a_script_waits_on_while_the_service_is_started_again,
);

/// A process that waits.
struct Waiter(Child);

impl Waiter {
    fn start(fixture: &Fixture, channel: Channel, words: &[&str], input: &Value) -> Self {
        let words = [&["wait"], words].concat();
        let mut child = fixture.command(channel, &words).start_piped();
        let mut stdin = child.stdin.take().unwrap();
        // One that needs no input may have ended.
        let _ = stdin.write_all(input.to_string().as_bytes());
        Self(child)
    }

    fn hooked(fixture: &Fixture, channel: Channel) -> Self {
        let input = json!({ "session_id": SESSION, "hook_event_name": "Stop" });
        Self::start(fixture, channel, &["--hook", "claude-code"], &input)
    }

    fn runs(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// The code that it ends with, and what it says on standard output and error.
    fn end(&mut self) -> (Option<i32>, String, String) {
        let status = wait_for("the end of a waiter", PATIENCE, || {
            self.0.try_wait().unwrap()
        });
        let (mut out, mut err) = (String::new(), String::new());
        self.0
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        self.0
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        (status.code(), out, err)
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn a_script_waits_for_feedback_or_issues(store: Store) {
    let mut fixture = Fixture::new(store);
    let claim = fixture.begins(2);
    fixture.submits(&claim);
    for channel in [Channel::Database, Channel::Http] {
        let nothing = json!({});
        let feedback = ["--agent", AGENT, "--for", "feedback", "--timeout"];
        let short = [&feedback[..], &["1s"]].concat();
        let begin = Instant::now();
        let (code, out, err) = Waiter::start(&fixture, channel, &short, &nothing).end();
        assert_eq!((code, out.as_str()), (Some(3), ""), "{channel:?} {err}");
        assert!(begin.elapsed() >= Duration::from_secs(1));

        // An issue is in sight, and stays where it is.
        let (code, out, err) =
            Waiter::start(&fixture, channel, &["--agent", "bob"], &nothing).end();
        assert_eq!(code, Some(0), "{channel:?} {out} {err}");
        let found: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(found["ready_issues"], 1, "{channel:?} {found}");

        let mut waiter = Waiter::start(
            &fixture,
            channel,
            &[&feedback[..], &["1m"]].concat(),
            &nothing,
        );
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(waiter.runs());
        fixture.review(0);
        let (code, out, err) = waiter.end();
        assert_eq!(code, Some(0), "{channel:?} {err}");
        let found: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(found["feedback"][0]["pr_number"], 3, "{found}");
        assert_eq!(found["feedback"][0]["waiting"], 1, "{found}");
        // It was not taken; now the session takes and answers it.
        let given = fixture.mcp.call("next_work", &json!({}));
        assert_eq!(
            given["work_item"]["work_item_id"],
            found["feedback"][0]["work_item_id"]
        );
        let item = &given["work_item"]["work_item_id"];
        let done = json!({ "work_item_id": item, "status": "done" });
        assert_eq!(
            fixture.mcp.call("update_followup_status", &done)["ok"],
            true
        );
    }
    let (code, out, err) = Waiter::start(
        &fixture,
        Channel::Database,
        &["--agent", AGENT, "--for", "what"],
        &json!({}),
    )
    .end();
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    let nowhere = fixture
        .site
        .program(Program::Combined)
        .env("SQLITE_PATH", "nowhere.db")
        .without("DATABASE_URL");
    let (output, _) = nowhere.args(&["wait", "--agent", "a"]).answer_to("");
    assert_eq!(output.status.code(), Some(1));
}

fn a_background_hook_wakes_its_session_once(store: Store) {
    let mut fixture = Fixture::new(store);
    assert_eq!(
        Waiter::hooked(&fixture, Channel::Database).end(),
        (Some(0), String::new(), String::new())
    );
    let claim = fixture.begins(2);
    assert_eq!(
        Waiter::hooked(&fixture, Channel::Database).end().0,
        Some(0),
        "no pull request"
    );
    fixture.submits(&claim);
    for (n, channel) in [Channel::Database, Channel::Http].into_iter().enumerate() {
        let mut waiter = Waiter::hooked(&fixture, channel);
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(waiter.runs(), "{channel:?} {:?}", waiter.end());
        let mut second = Waiter::hooked(&fixture, channel);
        assert_eq!(
            second.end(),
            (Some(0), String::new(), String::new()),
            "another one waits"
        );
        fixture.review(n);
        let (code, out, words) = waiter.end();
        assert_eq!((code, out.as_str()), (Some(2), ""), "{channel:?} {words}");
        let s = n + 1;
        assert!(
            words.contains(&format!("your pull request {REPO}#3: {s} review")),
            "{words}"
        );
        // The session was told: it is not woken again for the same.
        let mut third = Waiter::hooked(&fixture, channel);
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(third.runs(), "{channel:?} {:?}", third.end());
    }
    // It ends with the time that it has.
    let input = json!({ "session_id": SESSION });
    let words = ["--hook", "claude-code", "--timeout", "1s"];
    let ended = Waiter::start(&fixture, Channel::Database, &words, &input).end();
    assert_eq!(ended, (Some(0), String::new(), String::new()));
}

fn a_blocking_hook_waits_for_a_while(store: Store) {
    let mut fixture = Fixture::new(store);
    let claim = fixture.begins(2);
    fixture.submits(&claim);
    let stop = |wait: &str| {
        let mut child = fixture
            .command(
                Channel::Database,
                &["hook", "codex", "Stop", "--wait", wait],
            )
            .start_piped();
        let input = json!({ "session_id": SESSION, "stop_hook_active": false });
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.to_string().as_bytes())
            .unwrap();
        Waiter(child)
    };
    let begin = Instant::now();
    assert_eq!(stop("1s").end(), (Some(0), String::new(), String::new()));
    assert!(begin.elapsed() >= Duration::from_secs(1));
    let mut waiter = stop("50s");
    std::thread::sleep(Duration::from_millis(1_200));
    assert!(waiter.runs());
    fixture.review(0);
    let (code, out, err) = waiter.end();
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["decision"], "block");
    assert!(
        answer["reason"]
            .as_str()
            .unwrap()
            .contains("review feedback came"),
        "{answer}"
    );
}

/// The service is started again at its address while a script waits.
fn a_script_waits_on_while_the_service_is_started_again(store: Store) {
    let mut fixture = Fixture::new(store);
    let claim = fixture.begins(2);
    fixture.submits(&claim);
    let waits = ["--agent", AGENT, "--for", "feedback", "--timeout", "2m"];
    let mut waiter = Waiter::start(&fixture, Channel::Http, &waits, &json!({}));
    std::thread::sleep(Duration::from_millis(1_500));
    fixture.service.kill_9();
    // One that begins now asks until the service is there.
    let mut late = Waiter::start(&fixture, Channel::Http, &waits, &json!({}));
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(waiter.runs(), "{:?}", waiter.end());
    assert!(late.runs(), "{:?}", late.end());
    let (_, port) = fixture.address.rsplit_once(':').unwrap();
    let again = fixture.site.program(Program::Http).env("HTTP_PORT", port);
    fixture.service = again.env("MCP_ALLOWED_HOSTS", "test").start();
    assert_eq!(fixture.service.address(), fixture.address);
    fixture.review(0);
    for mut waiter in [waiter, late] {
        let (code, out, err) = waiter.end();
        assert_eq!(code, Some(0), "{err}");
        let found: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(found["feedback"][0]["pr_number"], 3, "{found}");
    }
    // Where nobody was there in all the time, it is said why.
    fixture.service.kill_9();
    let short = ["--agent", AGENT, "--timeout", "1s"];
    let (code, out, err) = Waiter::start(&fixture, Channel::Http, &short, &json!({})).end();
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    assert!(err.contains("cannot be asked"), "{err}");
}

/// A waiter ends with the client that started it, although a shell stands between them.
#[test]
#[cfg(target_os = "linux")]
fn a_waiter_ends_with_its_client() {
    let mut fixture = Fixture::new(Store::Sqlite);
    let claim = fixture.begins(2);
    fixture.submits(&claim);
    let input = fixture.site.folder().join("input.json");
    std::fs::write(&input, json!({ "session_id": SESSION }).to_string()).unwrap();
    // `timeout` plays the client, and a shell that waits is between it and the waiter.
    let script = "timeout -s KILL 3 sh -c '\"$0\" wait --hook claude-code <\"$1\"; true' \"$0\" \"$1\"; exit 0";
    let program = crate::harness::path_of(Program::Combined);
    let start = fixture.site.program(Program::Combined);
    let mut shell = start.shell(script, &[&program, &input]);
    let begin = Instant::now();
    let mut shell = shell.spawn().unwrap();
    let waits = || {
        let ps = std::process::Command::new("sh")
            .args(["-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"])
            .output()
            .unwrap();
        String::from_utf8_lossy(&ps.stdout).contains(&format!("{} wait --hook", program.display()))
    };
    wait_for("a waiter", PATIENCE, || waits().then_some(()));
    shell.wait().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(30));
    wait_for("the end of the waiter", PATIENCE, || {
        (!waits()).then_some(())
    });
}
