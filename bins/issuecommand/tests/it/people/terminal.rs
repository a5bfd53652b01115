//! On a real terminal: as wide as it is, and never a question to nobody.

use std::process::{Command, Stdio};

use super::{REPO, claim, command, serve};
use crate::harness::{Site, world_with_issues};

/// What a command prints on a terminal of so many columns; `None` if there is no program that gives one.
fn on_terminal(site: &Site, columns: u32, words: &str, answer: &str) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_issuecommand");
    let inner = format!("stty cols {columns} rows 40; exec {program} {words}");
    let start = command(site, &[]);
    let mut script = Command::new("script");
    script
        .args(["-qec", &inner, "/dev/null"])
        .env_clear()
        .envs(start.environment());
    script
        .current_dir(site.folder())
        .env("TERM", "xterm")
        .env("TZ", "UTC");
    let spawned = script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = spawned else {
        println!("SKIPPED: there is no script program, which gives a terminal");
        return None;
    };
    // The answer waits in the terminal until it is read.
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, answer.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    Some(String::from_utf8(output.stdout).unwrap().replace('\r', ""))
}

#[test]
fn tables_are_as_wide_as_the_terminal() {
    let mut world = world_with_issues(REPO, 1);
    let long = "A title \u{1b}[31m with \u{202e}everything that a stranger may write ".repeat(3);
    world.open_issue(REPO, long.as_str());
    let site = Site::new(world);
    let (_service, http, _) = serve(&site);
    claim(&http, "codex-1", 1);
    claim(&http, "an-agent-with-a-name-of-some-length", 2);
    for columns in [80, 120] {
        let Some(text) = on_terminal(&site, columns, "list", "") else {
            return;
        };
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        let bare = |line: &str| {
            ["\u{1b}[1m", "\u{1b}[33m", "\u{1b}[0m"]
                .iter()
                .fold(line.to_owned(), |line, code| line.replace(code, ""))
        };
        assert!(
            lines
                .iter()
                .all(|line| bare(line).chars().count() <= columns as usize),
            "{text}"
        );
        assert!(lines[0].starts_with("\u{1b}[1mISSUE"), "{text}");
        assert!(
            text.contains("\\u{1b}[31m") && !text.contains("\u{1b}[31m"),
            "{text}"
        );
    }
    let plain = on_terminal(&site, 80, "list --no-color", "").unwrap();
    assert!(
        plain.starts_with("ISSUE") && !plain.contains('\u{1b}'),
        "{plain}"
    );
}

#[test]
fn a_person_is_asked_before_an_agent_loses_its_issue() {
    let site = Site::with_issues(REPO, 1);
    let (_service, http, _) = serve(&site);
    claim(&http, "codex-1", 1);
    let held = || {
        http.get("/api/claims").body["claims"]
            .as_array()
            .unwrap()
            .len()
    };
    let Some(text) = on_terminal(&site, 80, "release harbour#1", "n\n") else {
        return;
    };
    assert!(
        text.contains("release acme/harbour#1, held by codex-1 for"),
        "{text}"
    );
    assert!(
        text.contains("[y/N]") && text.contains("nothing was done"),
        "{text}"
    );
    assert_eq!(held(), 1);
    let text = on_terminal(&site, 80, "release harbour#1", "y\n").unwrap();
    assert!(text.contains("is released"), "{text}");
    assert_eq!(held(), 0);
}

#[test]
fn the_live_table_obeys_keys_and_leaves_the_terminal_as_it_was() {
    let site = Site::with_issues(REPO, 2);
    let (_service, http, _) = serve(&site);
    claim(&http, "codex-1", 1);
    claim(&http, "codex-2", 2);
    // Down to the second row, release it, yes, quit.
    let Some(text) = on_terminal(&site, 80, "watch", "jryq") else {
        return;
    };
    assert!(
        text.contains("acme/harbour#1") && text.contains("2 held, by the database"),
        "{text}"
    );
    assert!(
        text.contains("release acme/harbour#2, held by codex-2"),
        "{text}"
    );
    assert!(text.trim_end().ends_with("\u{1b}[?1049l"), "{text:?}");
    let claims = http.get("/api/claims").body;
    let holders: Vec<_> = claims["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|claim| &claim["agent_id"])
        .collect();
    assert_eq!(holders, ["codex-1"]);
    let piped = super::run(&site, &["watch"]);
    assert_eq!(piped.status.code(), Some(2), "{piped:?}");
}
