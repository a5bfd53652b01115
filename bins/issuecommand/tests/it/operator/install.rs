//! `issuecommand install` and `uninstall`, with the real program as the entry.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{run, stderr, stdout};
use crate::harness::{API_KEY, Program, Site, path_of};

fn site() -> Site {
    Site::with_issues("acme/harbour", 1)
}

fn at_home(site: &Site, path: &str) -> PathBuf {
    site.folder().join("home").join(path)
}

#[test]
fn an_entry_is_written_checked_kept_and_taken_out_again() {
    let site = site();
    let file = at_home(&site, ".claude.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "{\n\t\"numStartups\": 3\n}\n").unwrap();
    let first = run(&site, &["install", "claude-code"], &[]);
    let said = stderr(&first);
    assert!(first.status.success(), "{first:?}");
    let tools: usize = said
        .split_once("The entry starts and has ")
        .and_then(|(_, rest)| rest.split_once(" tools."))
        .unwrap_or_else(|| panic!("{said}"))
        .0
        .parse()
        .unwrap();
    assert!(tools >= 15, "{said}");
    assert!(said.contains(".claude.json.bak-"), "{said}");
    assert!(!said.contains("test-token"), "{said}");

    let text = fs::read_to_string(&file).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(written["numStartups"], 3);
    let entry = &written["mcpServers"]["issuecommand"];
    assert_eq!(entry["command"], json!(path_of(Program::Combined)));
    let database = entry["env"]["SQLITE_PATH"].as_str().unwrap();
    assert!(PathBuf::from(database).is_absolute(), "{entry}");
    assert_eq!(
        entry["env"].as_object().unwrap().len(),
        1,
        "no secret: {entry}"
    );
    let hooks = at_home(&site, ".claude/settings.json");
    let hooks_text = fs::read_to_string(&hooks).unwrap();
    assert!(
        hooks_text.contains("hook claude-code session-start"),
        "{hooks_text}"
    );

    let second = run(&site, &["install", "claude-code"], &[]);
    assert!(
        stdout(&second).starts_with("Claude Code has the entry already."),
        "{second:?}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    let listed = stdout(&run(&site, &["install", "--detect"], &[]));
    assert!(
        listed.contains("claude-code     installed      Claude Code\n"),
        "{listed}"
    );

    let out = run(&site, &["uninstall", "claude-code"], &[]);
    assert!(out.status.success(), "{out:?}");
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "{\n\t\"numStartups\": 3\n}\n"
    );
    assert!(!hooks.exists());
    let again = run(&site, &["uninstall", "claude-code"], &[]);
    assert!(
        stdout(&again).starts_with("There is nothing of IssueCommand"),
        "{again:?}"
    );
}

#[test]
fn codex_hands_on_what_the_entry_names_and_nothing_else() {
    let site = site();
    let made = run(&site, &["install", "codex"], &[]);
    assert!(
        stderr(&made).contains("The entry starts and has "),
        "{made:?}"
    );
    let text = fs::read_to_string(at_home(&site, ".codex/config.toml")).unwrap();
    assert!(text.contains("\"GITHUB_TOKEN\""), "{text}");
    assert!(
        !text.contains("test-token") && !text.contains("key-of-the-tests"),
        "{text}"
    );
}

#[test]
fn an_entry_that_does_not_work_yet_is_a_warning_with_the_reason() {
    let site = site();
    let made = run(&site, &["install", "cursor"], &[("API_KEY", None)]);
    assert!(made.status.success(), "{made:?}");
    let said = stderr(&made);
    assert!(
        said.contains("warning: the entry was written, but it does not work yet"),
        "{said}"
    );
    assert!(said.contains("API_KEY"), "{said}");
}

#[test]
fn a_service_elsewhere_is_asked_with_the_key() {
    let site = site();
    let mut service = site.program(Program::Http).start();
    let url = format!("http://{}/mcp", service.address());
    let page = format!("http://{}/healthz", service.address());
    let cases = [
        (url.as_str(), Some(API_KEY), " answers and has "),
        (
            &url,
            Some("another"),
            "it does not know the key in ISSUECOMMAND_KEY",
        ),
        (&url, None, "was not asked: there is no ISSUECOMMAND_KEY"),
        (
            &page,
            Some(API_KEY),
            "does not work yet: there is nothing at this address",
        ),
        (
            "http://127.0.0.1:9/mcp",
            Some(API_KEY),
            "no connection could be made",
        ),
    ];
    for (url, key, words) in cases {
        let key = [("ISSUECOMMAND_KEY", key)];
        let made = run(&site, &["install", "claude-code", "--remote", url], &key);
        let said = stderr(&made);
        assert!(made.status.success() && said.contains(words), "{said}");
        assert!(!said.contains(API_KEY), "{said}");
    }
}

#[test]
fn what_is_only_shown_changes_nothing() {
    let site = site();
    let shown = run(&site, &["install", "gemini", "--dry-run"], &[]);
    assert!(stdout(&shown).contains("+  \"mcpServers\": {"), "{shown:?}");
    let printed = run(
        &site,
        &[
            "install",
            "vscode",
            "--print",
            "--remote",
            "https://ic.example.com/mcp",
        ],
        &[],
    );
    assert!(
        stdout(&printed).contains("Bearer ${input:issuecommand_key}"),
        "{printed:?}"
    );
    assert!(!at_home(&site, ".gemini").exists());
    assert!(!at_home(&site, ".config").exists());
    let none = stdout(&run(&site, &["install", "--detect"], &[]));
    assert!(none.starts_with("No client was found."), "{none}");
}

#[test]
fn what_cannot_be_done_is_one_sentence() {
    let site = site();
    let file = at_home(&site, ".cursor/mcp.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "{\"mcpServers\": []}").unwrap();
    for (args, words) in [
        (
            &["install", "cursor"][..],
            "`mcpServers` is an array and must be an object",
        ),
        (&["uninstall", "cursor"], ""),
        (
            &["install", "claude-desktop", "--scope", "project"],
            "has no configuration of a project",
        ),
        (
            &[
                "install",
                "claude-desktop",
                "--remote",
                "https://ic.example.com/mcp",
            ],
            "under Connectors",
        ),
        (
            &["install", "zed", "--remote", "https://ic.example.com/mcp"],
            "set ISSUECOMMAND_KEY",
        ),
        (&["install", "emacs"], "the clients are claude-code, "),
        (
            &["install", "zed", "--remote", "ftp://x"],
            "an address such as",
        ),
    ] {
        let refused = run(&site, args, &[]);
        assert_eq!(
            refused.status.success(),
            words.is_empty(),
            "{args:?}: {refused:?}"
        );
        assert!(stderr(&refused).contains(words), "{args:?}: {refused:?}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"mcpServers\": []}");
}
