//! Hooks of others, and hooks that were written by hand.

use issuecommand_clients::{Client, Format, Os, Scope, Server, apply, revert};

use crate::support::{environment, files, launch, removal_of};

/// The file of the hooks after an installation, and after its removal.
fn played(client: Client, before: &str) -> (String, Option<String>) {
    let env = environment(Os::Linux);
    let added = files(client, Scope::User, &env, Server::Stdio(launch(Os::Linux)));
    let file = added.last().unwrap();
    let after = apply(file.format, Some(before), &file.edits).unwrap();
    assert_eq!(
        apply(file.format, Some(&after), &file.edits).unwrap(),
        after,
        "twice is once"
    );
    let out = removal_of(client, Scope::User, &env);
    let out = out.iter().find(|out| out.path == file.path).unwrap();
    let back = revert(file.format, Some(&after), &out.edits).unwrap();
    let untouched = revert(file.format, Some(before), &out.edits).unwrap();
    if !before.contains("issuecommand") {
        assert_eq!(
            untouched.as_deref(),
            Some(before),
            "there is nothing of ours"
        );
        assert_eq!(back.as_deref(), Some(before), "{after}");
    }
    (after, back)
}

/// How often a command runs us for an event.
fn count(text: &str, words: &str) -> usize {
    let lower = text
        .to_lowercase()
        .replace("sessionstart\"", "session-start\"");
    lower.matches(words).count()
}

#[test]
fn hooks_of_other_tools_with_the_same_words_stay() {
    let foreign = r#"{
  "hooks": {
    "SessionStart": [{"hooks": [{"type": "command", "command": "/opt/deja/bin/deja hook claude-code session-start"}]}],
    "PostToolUse": [
      {"matcher": "Write", "hooks": [{"type": "command", "command": "agent-tracker hook claude-code post-tool-use --json"}]}
    ],
    "Stop": [{"hooks": [
      {"type": "command", "command": "deja hook claude-code stop"},
      {"type": "command", "command": "beep issuecommand hook claude-code stop"},
      {"type": "command", "command": "notify \"issuecommand wait --hook claude-code\""}
    ]}]
  }
}
"#;
    let env = environment(Os::Linux);
    let out = removal_of(Client::ClaudeCode, Scope::User, &env);
    let out = &out.last().unwrap().edits;
    assert_eq!(
        revert(Format::Json, Some(foreign), out).unwrap().as_deref(),
        Some(foreign)
    );
    let (after, back) = played(Client::ClaudeCode, foreign);
    assert_eq!(back.as_deref(), Some(foreign), "{after}");
    assert_eq!(
        after.matches("/usr/local/bin/issuecommand").count(),
        5,
        "{after}"
    );

    let cursor = r#"{"version": 1, "hooks": {"stop": [{"command": "deja hook cursor stop", "loop_limit": 2}]}}"#;
    played(Client::Cursor, cursor);
    let gemini = r#"{"hooks": {"AfterAgent": [{"hooks": [{"type": "command", "command": "/x/tracker hook gemini stop"}]}]}}"#;
    played(Client::Gemini, gemini);
    let codex = "[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = \"command\"\ncommand = \"deja hook codex stop\"\n";
    played(Client::Codex, codex);
    let inline = "[hooks]\nStart = [{ hooks = [{ type = \"command\", command = \"deja hook codex session-start\" }] }]\n";
    played(Client::Codex, inline);
}

/// `docs/hooks.md` shows them. The words of an event are those that the program reads.
#[test]
fn hooks_that_were_written_by_hand_are_brought_up_to_date() {
    let by_hand = r#"{ "hooks": {
  "SessionStart": [{ "hooks": [{ "type": "command", "command": "issuecommand hook claude-code SessionStart" }] }],
  "PostToolUse": [{ "matcher": "Write", "hooks": [{ "type": "command", "command": "ISSUECOMMAND_AGENT_ID=a issuecommand hook claude-code PostToolUse || true" }] }],
  "Stop": [{ "hooks": [
    { "type": "command", "command": "beep" },
    { "type": "command", "command": "/old/issuecommand --set A=b hook claude-code Stop", "statusMessage": "mine" },
    { "type": "command", "command": "issuecommand wait --hook claude-code", "asyncRewake": true, "timeout": 86400 }] }],
  "SessionEnd": [{ "hooks": [{ "type": "command", "command": "issuecommand", "args": ["hook", "claude-code", "SessionEnd"] }] }] } }
"#;
    let (after, back) = played(Client::ClaudeCode, by_hand);
    for words in [
        "hook claude-code session-start\"",
        "hook claude-code post-tool-use\"",
        "hook claude-code stop\"",
        "wait --hook claude-code\"",
        "hook claude-code session-end\"",
    ] {
        assert_eq!(count(&after, words), 1, "{words}: {after}");
    }
    assert_eq!(after.matches("\"command\": ").count(), 6, "{after}");
    assert!(
        !after.contains("\"args\"") && !after.contains("/old/"),
        "{after}"
    );
    for kept in [
        "\"matcher\": \"Write\"",
        "\"statusMessage\": \"mine\"",
        "\"command\": \"beep\"",
    ] {
        assert!(after.contains(kept), "{kept}: {after}");
    }
    let back = back.unwrap();
    assert!(
        !back.contains("issuecommand") && back.contains("beep"),
        "{back}"
    );

    let by_hand = "[[hooks.SessionStart]]\nhooks = [{ type = \"command\", command = \"issuecommand hook codex SessionStart\" }]\n\
                   [[hooks.Stop]] # mine\nhooks = [{ type = \"command\", command = \"issuecommand hook codex Stop\", timeout = 60 }]\n";
    let (after, back) = played(Client::Codex, by_hand);
    assert_eq!(after.matches("codex session-start\"").count(), 1, "{after}");
    assert_eq!(after.matches("codex stop\"").count(), 1, "{after}");
    assert!(
        !after.contains("codex Stop") && after.contains("# mine"),
        "{after}"
    );
    assert!(!back.unwrap_or_default().contains("issuecommand"));
}

#[test]
fn what_stood_there_twice_stands_there_once() {
    let twice = r#"{"hooks": {"Stop": [
  {"hooks": [{"type": "command", "command": "issuecommand hook claude-code Stop"}]},
  {"hooks": [{"type": "command", "command": "/a/issuecommand hook claude-code stop"}, {"type": "command", "command": "beep"}]}
]}}"#;
    let (after, _) = played(Client::ClaudeCode, twice);
    assert_eq!(count(&after, "hook claude-code stop\""), 1, "{after}");
    assert!(after.contains("beep"), "{after}");
    let twice = "[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = \"command\"\ncommand = \"issuecommand hook codex Stop\"\n\
                 [[hooks.Stop.hooks]]\ntype = \"command\"\ncommand = \"beep\"\n\
                 [[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = \"command\"\ncommand = \"/a/issuecommand hook codex stop\"\n";
    let (after, back) = played(Client::Codex, twice);
    assert_eq!(after.matches("codex stop\"").count(), 1, "{after}");
    assert!(
        after.contains("beep") && back.unwrap().contains("beep"),
        "{after}"
    );
}

#[test]
fn a_hook_that_shares_a_group_with_anothers_goes_alone() {
    let before = "{\n  \"hooks\": {\n    \"Stop\": [\n      {\"hooks\": [{\"type\": \"command\", \"command\": \"beep\"}, \
                  {\"type\": \"command\", \"command\": \"/x/issuecommand hook claude-code stop\"}]}\n    ]\n  }\n}\n";
    let out = removal_of(Client::ClaudeCode, Scope::User, &environment(Os::Linux));
    let after = revert(Format::Json, Some(before), &out.last().unwrap().edits);
    assert_eq!(
        after.unwrap().unwrap(),
        "{\n  \"hooks\": {\n    \"Stop\": [\n      {\"hooks\": [{\"type\": \"command\", \"command\": \"beep\"}]}\n    ]\n  }\n}\n"
    );
    let before = "[[hooks.Stop]]\nhooks = [{ type = \"command\", command = \"beep\" }, { type = \"command\", command = \"issuecommand hook codex stop\" }]\n";
    let out = removal_of(Client::Codex, Scope::User, &environment(Os::Linux));
    let after = revert(Format::Toml, Some(before), &out.last().unwrap().edits);
    let after = after.unwrap().unwrap();
    assert!(
        after.contains("beep") && !after.contains("issuecommand"),
        "{after}"
    );
}

#[test]
fn a_program_of_another_name_is_known_by_its_path() {
    let mut renamed = launch(Os::Linux);
    renamed.program = "/opt/my ic".to_owned();
    let env = environment(Os::Linux);
    let wanted = files(
        Client::ClaudeCode,
        Scope::User,
        &env,
        Server::Stdio(renamed.clone()),
    );
    let wanted = wanted.last().unwrap();
    let once = apply(Format::Json, Some("{}"), &wanted.edits).unwrap();
    assert_eq!(
        apply(Format::Json, Some(&once), &wanted.edits).unwrap(),
        once
    );
    let out = issuecommand_clients::targets_of_removal(
        Client::ClaudeCode,
        Scope::User,
        &env,
        &renamed.program,
    );
    let back = revert(Format::Json, Some(&once), &out.last().unwrap().edits).unwrap();
    assert_eq!(back.as_deref(), Some("{}"));
}
