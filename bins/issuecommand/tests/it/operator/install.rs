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
    for name in [
        "GITHUB_TOKEN",
        "API_KEY",
        "ISSUECOMMAND_AGENT_ID",
        "ISSUECOMMAND_SESSION_ID",
        "HTTPS_PROXY",
        "NO_PROXY",
        "GH_CONFIG_DIR",
        "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR",
    ] {
        assert!(text.contains(&format!("\"{name}\"")), "{name}: {text}");
    }
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
        said.contains("warning: the entry does not work yet"),
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
        (
            &["install", "zed", "--remote", "https://x/m cp"],
            "without blanks and quotes",
        ),
        (
            &["install", "zed", "--remote", "https://x/mcp\n"],
            "without blanks and quotes",
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

#[test]
fn entries_with_different_databases_are_warned_of_with_the_command_that_makes_them_the_same() {
    let site = site();
    let (one, other) = (
        site.folder().join("one.db"),
        site.folder().join("o ther.db"),
    );
    let install = |args: &[&str], database: &std::path::Path| {
        let database = database.to_str().unwrap();
        stderr(&run(
            &site,
            &[&["install"], args].concat(),
            &[("SQLITE_PATH", Some(database))],
        ))
    };
    let said = install(&["cursor"], &other);
    let works = format!("The entry works with the database {}.", other.display());
    assert!(said.contains(&works) && !said.contains("warning"), "{said}");
    let said = install(&["codex"], &one);
    let command = format!("install codex --set \"SQLITE_PATH={}\"", other.display());
    assert!(
        said.contains("warning: Cursor works with the database") && said.contains(&command),
        "{said}"
    );
    let set = format!("SQLITE_PATH={}", other.display());
    let said = install(&["codex", "--set", &set], &one);
    assert!(said.contains(&works) && !said.contains("warning"), "{said}");
    let said = install(&["gemini", "--remote", "http://127.0.0.1:9/mcp"], &one);
    assert_eq!(
        said.matches("an issue can be given out by both").count(),
        2,
        "{said}"
    );

    // Without a setting it is the one of the working folder.
    let said = stderr(&run(
        &site,
        &["install", "opencode"],
        &[("SQLITE_PATH", None), ("DATABASE_URL", None)],
    ));
    assert!(
        said.contains("in this folder, because no setting names another"),
        "{said}"
    );
    assert!(
        said.contains(
            "`issuecommand install opencode --remote http://127.0.0.1:9/mcp` makes them the same"
        ),
        "{said}"
    );
}

#[test]
fn a_secret_that_is_not_set_yet_is_entered_by_its_name() {
    let site = site();
    let none: &[(&str, Option<&str>)] = &[("GITHUB_TOKEN", None), ("API_KEY", None)];
    for (client, file, words) in [
        ("cursor", ".cursor/mcp.json", "\"${env:API_KEY}\""),
        ("gemini", ".gemini/settings.json", "\"$GITHUB_TOKEN\""),
        ("copilot", ".copilot/mcp-config.json", "\"${API_KEY:-}\""),
        ("codex", ".codex/config.toml", "\"GITHUB_TOKEN\""),
        ("zed", ".config/zed/settings.json", "SQLITE_PATH"),
    ] {
        let said = stderr(&run(&site, &["install", client], none));
        let text = fs::read_to_string(at_home(&site, file)).unwrap();
        assert!(text.contains(words), "{client}: {text}");
        for name in ["GITHUB_TOKEN", "API_KEY"] {
            assert!(
                said.contains(&format!("{name} is not set here. Set it")),
                "{said}"
            );
        }
    }
}

#[test]
fn where_the_plugin_is_on_nothing_is_written() {
    let site = site();
    let folder = at_home(&site, "elsewhere");
    fs::create_dir_all(&folder).unwrap();
    let settings = folder.join("settings.json");
    fs::write(
        &settings,
        "{\"enabledPlugins\": {\"issuecommand@issuecommand\": true}}",
    )
    .unwrap();
    let moved = [("CLAUDE_CONFIG_DIR", folder.to_str())];
    let said = run(&site, &["install", "claude-code"], &moved);
    assert!(
        said.status.success() && stdout(&said).starts_with("Nothing was written: the plugin"),
        "{said:?}"
    );
    assert!(!folder.join(".claude.json").exists());
    // Where Claude Code keeps its files, and nowhere else.
    fs::write(&settings, "{}").unwrap();
    let said = run(&site, &["install", "claude-code"], &moved);
    assert!(
        stderr(&said).contains("The entry starts and has "),
        "{said:?}"
    );
    assert!(folder.join(".claude.json").exists() && !at_home(&site, ".claude.json").exists());
    assert!(
        fs::read_to_string(&settings)
            .unwrap()
            .contains("claude-code session-start")
    );
    let listed = stdout(&run(&site, &["install", "--detect"], &moved));
    assert!(listed.contains("claude-code     installed"), "{listed}");
}

#[test]
fn without_a_client_those_of_this_machine_are_listed() {
    let site = site();
    fs::create_dir_all(at_home(&site, ".cursor")).unwrap();
    fs::create_dir_all(at_home(&site, ".gemini/settings.json")).unwrap();
    let said = run(&site, &["install"], &[]);
    assert!(said.status.success(), "{said:?}");
    assert!(
        stdout(&said).contains("cursor          not installed  Cursor"),
        "{said:?}"
    );
    assert!(
        stdout(&said).contains("gemini          not readable   Gemini CLI"),
        "{said:?}"
    );
    let told = stderr(&said);
    assert!(
        told.contains("settings.json cannot be read")
            && told.contains("`issuecommand install CLIENT`"),
        "{told}"
    );
}

#[test]
fn what_is_printed_can_be_pasted() {
    let site = site();
    let printed = run(&site, &["install", "cursor", "--print", "--no-hooks"], &[]);
    let entry: Value = serde_json::from_str(&stdout(&printed)).unwrap();
    assert!(entry["mcpServers"]["issuecommand"]["command"].is_string());
    assert!(stderr(&printed).contains(".cursor/mcp.json"), "{printed:?}");
}

/// The hooks stand in a file of their own.
#[test]
fn a_second_file_that_cannot_be_written_leaves_the_first_alone() {
    let site = site();
    let settings = at_home(&site, ".claude/settings.json");
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    fs::write(&settings, "{}").unwrap();
    let mut permissions = fs::metadata(&settings).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&settings, permissions).unwrap();
    let refused = run(&site, &["install", "claude-code"], &[]);
    assert!(!refused.status.success(), "{refused:?}");
    let said = stderr(&refused);
    assert!(
        said.contains("it is read-only") && said.contains("Nothing was changed"),
        "{said}"
    );
    assert!(!at_home(&site, ".claude.json").exists());
}

#[test]
fn a_key_that_must_stand_in_a_file_is_not_shown_and_its_copies_are_named() {
    let site = site();
    let file = at_home(&site, ".config/zed/settings.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "{}").unwrap();
    let key = [("ISSUECOMMAND_KEY", Some("canary-key"))];
    let url = "http://127.0.0.1:9/mcp";
    let made = run(&site, &["install", "zed", "--remote", url], &key);
    assert!(fs::read_to_string(&file).unwrap().contains("canary-key"));
    let out = run(&site, &["uninstall", "zed"], &[]);
    assert!(
        stderr(&out).contains("warning: the key of IssueCommand still stands in "),
        "{out:?}"
    );
    let project = run(
        &site,
        &["install", "zed", "--remote", url, "--scope", "project"],
        &key,
    );
    assert!(
        stderr(&project).contains("warning: do not commit "),
        "{project:?}"
    );
    for said in [made, out, project] {
        assert!(
            !stdout(&said).contains("canary") && !stderr(&said).contains("canary"),
            "{said:?}"
        );
    }
}

#[test]
fn what_keeps_hooks_from_running_is_said() {
    let site = site();
    let settings = at_home(&site, ".claude/settings.json");
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    fs::write(&settings, "{\"disableAllHooks\": true}").unwrap();
    let said = stderr(&run(&site, &["install", "claude-code"], &[]));
    assert!(
        said.contains("turns all hooks off (disableAllHooks)"),
        "{said}"
    );
}
