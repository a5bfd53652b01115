//! What a session is told at its moments.

use serde_json::{Value, json};

use super::{AGENT, Channel, Fixture, SESSION, client, context, silent_or_json};
use crate::followups::talk::REPO;
use crate::harness::{Program, Store};

on_each_store!(
    a_session_hears_what_it_holds_and_is_asked_once,
    a_loss_and_feedback_are_told_after_a_tool_once_a_minute,
    the_end_of_a_session_is_marked_and_a_resumed_one_goes_on,
    over_http_it_is_the_same,
    a_client_of_mcp_over_http_is_told_its_name,
    each_client_hears_it_in_its_own_form,
);

fn a_session_hears_what_it_holds_and_is_asked_once(store: Store) {
    let mut fixture = Fixture::new(store);
    let channel = Channel::Database;
    for event in ["SessionStart", "PostToolUse", "Stop", "SessionEnd"] {
        assert_eq!(
            fixture.hook(channel, event, json!({})),
            None,
            "{event}: nothing is held"
        );
    }
    let claim = fixture.begins(1);
    let start =
        |source: &str| context(fixture.hook(channel, "SessionStart", json!({ "source": source })));
    let held = format!(
        "IssueCommand: you are {AGENT}. You hold {REPO}#1 (in_progress; last note: plan for 1). Begin with get_my_work."
    );
    for source in ["startup", "resume", "compact"] {
        assert_eq!(start(source), held, "{source}");
    }
    #[cfg(target_os = "linux")]
    assert_eq!(another_clients_hook(&fixture), "");

    let stop = |fixture: &Fixture, active: bool| {
        fixture.hook(channel, "Stop", json!({ "stop_hook_active": active }))
    };
    assert_eq!(stop(&fixture, true), None, "it is asked by a hook already");
    let asked = stop(&fixture, false).expect("a question");
    assert_eq!(asked["decision"], "block");
    let reason = asked["reason"].as_str().unwrap();
    assert!(
        reason.contains(&format!("you still hold {REPO}#1, in_progress")),
        "{reason}"
    );
    assert_eq!(stop(&fixture, false), None, "once");
    let second = fixture.begins(2);
    assert!(stop(&fixture, false).is_some());
    fixture.submits(&second);
    fixture.submits_nothing(&claim);
    assert_eq!(stop(&fixture, false), None);
}

impl Fixture {
    fn submits_nothing(&mut self, claim: &str) {
        let input = json!({ "agent_id": AGENT, "claim_id": claim, "reason": "cannot be done" });
        assert_eq!(self.mcp.call("release_issue", &input)["ok"], true);
    }

    fn last_seen(&self) -> i64 {
        let sql = "SELECT CAST(last_seen AS TEXT) FROM session WHERE session_id = '7f3e9a-session'";
        self.site.ask_database(sql)[0].parse().unwrap()
    }

    fn ends(&self) -> Vec<String> {
        let sql =
            "SELECT coalesce(ended_how, 'no') FROM session WHERE session_id = '7f3e9a-session'";
        self.site.ask_database(sql)
    }
}

fn assert_tells_of_loss_and_feedback(words: &str) {
    let lost = format!("You lost {REPO}#1 to bob");
    assert!(words.contains(&lost), "{words}");
    let feedback = format!("feedback on your pull request {REPO}#3");
    assert!(words.contains(&feedback), "{words}");
}

/// What the hook of another client on this machine says, which `timeout` plays.
#[cfg(target_os = "linux")]
fn another_clients_hook(fixture: &Fixture) -> String {
    let script =
        "echo '{\"session_id\":\"another\"}' | timeout 20 \"$0\" hook claude-code SessionStart";
    let program = crate::harness::path_of(Program::Combined);
    let mut shell = fixture
        .site
        .program(Program::Combined)
        .shell(script, &[&program]);
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn a_loss_and_feedback_are_told_after_a_tool_once_a_minute(store: Store) {
    let mut fixture = Fixture::new(store);
    let channel = Channel::Database;
    let lost = fixture.begins(1);
    let claim = fixture.begins(2);
    fixture.submits(&claim);
    let tool =
        |fixture: &Fixture| fixture.hook(channel, "PostToolUse", json!({ "tool_name": "Bash" }));
    let before = fixture.last_seen();
    assert_eq!(tool(&fixture), None, "nothing happened");
    let beaten = fixture.last_seen();
    assert!(beaten > before, "a sign of life");
    fixture.give(&lost, "bob");
    fixture.review(0);
    assert_eq!(tool(&fixture), None, "once a minute");
    assert_eq!(fixture.last_seen(), beaten);
    fixture.minute_passes();
    let words = context(tool(&fixture));
    assert_tells_of_loss_and_feedback(&words);
    fixture.minute_passes();
    assert_eq!(tool(&fixture), None, "each is told once");
    fixture.review(1);
    fixture.minute_passes();
    assert!(
        context(tool(&fixture)).contains("New review feedback"),
        "there is more of it"
    );
    // At the end of a turn it is said once more, and at the beginning of a session always.
    let stop = fixture.hook(channel, "Stop", json!({ "stop_hook_active": true }));
    let reason = stop.expect("a reason")["reason"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(reason.contains("2 reviews or comments wait"), "{reason}");
    assert_eq!(fixture.hook(channel, "Stop", json!({})), None);
    let words = context(fixture.hook(channel, "SessionStart", json!({ "source": "compact" })));
    assert!(
        words.contains(&format!("Review feedback waits for you on {REPO}#3")),
        "{words}"
    );
    // Whoever has taken it is told no more.
    let given = fixture.mcp.call("next_work", &json!({}));
    assert_eq!(given["kind"], "pr_followup", "{given}");
    let words = context(fixture.hook(channel, "SessionStart", json!({})));
    assert!(!words.contains("feedback"), "{words}");
}

fn the_end_of_a_session_is_marked_and_a_resumed_one_goes_on(store: Store) {
    let mut fixture = Fixture::new(store);
    let channel = Channel::Database;
    fixture.begins(1);
    assert_eq!(
        fixture.hook(channel, "SessionEnd", json!({ "reason": "clear" })),
        None
    );
    assert_eq!(fixture.ends(), ["no"], "its process goes on");
    assert_eq!(
        fixture.hook(channel, "SessionEnd", json!({ "reason": "other" })),
        None
    );
    assert_eq!(fixture.ends(), ["over"]);
    // Its process leaves at the same time, which takes nothing back.
    fixture.mcp.leave();
    fixture.mcp.process.wait_for_end(crate::harness::PATIENCE);
    assert_eq!(fixture.ends(), ["over"]);
    let beat = |over: serde_json::Value| {
        let body = json!({ "agent_id": AGENT, "session_id": SESSION, "session_over": over });
        assert_eq!(fixture.http.post("/api/heartbeat", &body).status, 200);
        fixture.ends()
    };
    assert_eq!(beat(json!(false)), ["no"], "a sign of life begins it again");
    assert_eq!(beat(json!(true)), ["over"]);
    let words = context(fixture.hook(channel, "SessionStart", json!({ "source": "resume" })));
    assert!(words.contains(&format!("{REPO}#1 (in_progress")), "{words}");
    assert_eq!(fixture.ends(), ["no"]);
}

fn over_http_it_is_the_same(store: Store) {
    let mut fixture = Fixture::new(store);
    let channel = Channel::Http;
    let lost = fixture.begins(1);
    let claim = fixture.begins(2);
    fixture.submits(&claim);
    let words = context(fixture.hook(channel, "SessionStart", json!({ "source": "startup" })));
    assert_eq!(
        words,
        format!(
            "IssueCommand: you are {AGENT}. You hold {REPO}#1 (in_progress; last note: plan for 1), {REPO}#2 (pr_submitted; last note: \
             plan for 2). Begin with get_my_work."
        )
    );
    fixture.give(&lost, "bob");
    fixture.review(0);
    let words = context(fixture.hook(channel, "PostToolUse", json!({})));
    assert_tells_of_loss_and_feedback(&words);
    fixture.minute_passes();
    assert_eq!(fixture.hook(channel, "PostToolUse", json!({})), None);
    let reason = fixture.hook(channel, "Stop", json!({})).expect("a reason");
    assert!(
        reason["reason"].as_str().unwrap().contains("next_work"),
        "{reason}"
    );
    assert_eq!(fixture.hook(channel, "SessionEnd", json!({})), None);
    assert_eq!(fixture.ends(), ["over"]);
}

/// Its hooks know the client's own session, and its calls come in the session of a connection over HTTP.
fn a_client_of_mcp_over_http_is_told_its_name(store: Store) {
    let fixture = Fixture::new(store);
    let hook = |event: &str| {
        let start = fixture.command(Channel::Http, &["hook", "claude-code", event]);
        silent_or_json(start.answer_to(r#"{"session_id": "019a-another-b2c9"}"#))
    };
    let named = "IssueCommand: you are claude-code-therb2c9. Give agent_id \"claude-code-therb2c9\" in each call of its tools.";
    assert_eq!(context(hook("SessionStart")), named);
    let wanted = json!({ "agent_id": "claude-code-therb2c9", "repo": REPO, "issue_number": 1 });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "claim_issue", "arguments": wanted } });
    let headers = [
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
        ("Mcp-Session-Id", "claude-code.d41d8cd9"),
    ];
    let given = fixture
        .http
        .ask_with("POST", "/mcp", &headers, Some(&message));
    let given = given.expect("an answer").body;
    assert_eq!(given["result"]["structuredContent"]["ok"], true, "{given}");
    let session = |column: &str| {
        let sql = format!(
            "SELECT coalesce(CAST({column} AS TEXT), 'no') FROM session WHERE session_id = 'd41d8cd9'"
        );
        fixture.site.ask_database(&sql).remove(0)
    };
    let before = session("last_seen");
    let words = context(hook("SessionStart"));
    assert_eq!(
        words,
        format!("{named} You hold {REPO}#1 (claimed). Begin with get_my_work.")
    );
    assert_ne!(
        session("last_seen"),
        before,
        "a sign of life for what it holds"
    );
    assert_eq!(hook("SessionEnd"), None);
    assert_eq!(session("ended_how"), "over");
}

fn each_client_hears_it_in_its_own_form(store: Store) {
    let mut fixture = Fixture::new(store);
    fixture.begins(1);
    let channel = Channel::Database;
    let words = format!(
        "IssueCommand: you are {AGENT}. You hold {REPO}#1 (in_progress; last note: plan for 1). Begin with get_my_work."
    );
    let nested = |event: &str| json!({ "hookSpecificOutput": { "hookEventName": event, "additionalContext": words } });
    let starts: [(&str, &str, &str, Value); 5] = [
        (
            "claude-code",
            "SessionStart",
            "session_id",
            nested("SessionStart"),
        ),
        (
            "codex",
            "SessionStart",
            "session_id",
            nested("SessionStart"),
        ),
        (
            "gemini",
            "SessionStart",
            "session_id",
            nested("SessionStart"),
        ),
        (
            "cursor",
            "sessionStart",
            "conversation_id",
            json!({ "additional_context": words }),
        ),
        (
            "copilot",
            "sessionStart",
            "sessionId",
            json!({ "additionalContext": words }),
        ),
    ];
    for (client, event, id, wanted) in starts {
        let said = fixture.hook_of(channel, client, event, id, json!({}));
        assert_eq!(said, Some(wanted), "{client}");
    }
    let stops = [
        ("claude-code", "Stop", "session_id", "decision", "block"),
        ("codex", "Stop", "session_id", "decision", "block"),
        ("gemini", "AfterAgent", "session_id", "decision", "deny"),
        ("copilot", "agentStop", "sessionId", "decision", "block"),
    ];
    for (client, event, id, key, value) in stops {
        let said = fixture
            .hook_of(channel, client, event, id, json!({}))
            .expect(client);
        assert_eq!(said[key], value, "{client}");
        assert!(
            said["reason"].as_str().unwrap().contains("you still hold"),
            "{client}"
        );
    }
    let aborted = json!({ "status": "aborted", "loop_count": 0 });
    let said = fixture.hook_of(channel, "cursor", "stop", "conversation_id", aborted);
    assert_eq!(said, None, "a person broke it off");
    let said = fixture.hook_of(
        channel,
        "cursor",
        "stop",
        "conversation_id",
        json!({ "loop_count": 0 }),
    );
    assert!(
        said.unwrap()["followup_message"]
            .as_str()
            .unwrap()
            .contains("you still hold")
    );
    for (client, event, id) in [
        ("codex", "PostToolUse", "session_id"),
        ("gemini", "AfterTool", "session_id"),
        ("cursor", "postToolUse", "conversation_id"),
        ("copilot", "postToolUse", "sessionId"),
    ] {
        assert_eq!(
            fixture.hook_of(channel, client, event, id, json!({})),
            None,
            "{client}"
        );
    }
}

/// What a client gives its MCP servers in their environment it does not give to hooks.
#[test]
fn without_a_setting_the_database_of_the_running_service_is_found() {
    let mut fixture = Fixture::new(Store::Sqlite);
    fixture.begins(1);
    let input = json!({ "session_id": SESSION }).to_string();
    let hook = |fixture: &Fixture, event: &str| {
        let start = fixture.site.program(Program::Combined);
        let start = start.without("SQLITE_PATH").in_folder(&fixture.marks());
        silent_or_json(
            start
                .args(&["hook", "claude-code", event])
                .answer_to(&input),
        )
    };
    assert!(context(hook(&fixture, "SessionStart")).contains(REPO));
    // It is remembered for the end, when the services may have gone. None is made elsewhere.
    fixture.mcp.process.kill_9();
    fixture.service.kill_9();
    assert_eq!(hook(&fixture, "SessionEnd"), None);
    assert_eq!(fixture.ends(), ["over"]);
    assert!(!fixture.marks().join("issuecommand.db").exists());
}

/// Codex tells its servers nothing of the session: what its hooks say reaches the session of the server that it started.
#[test]
#[cfg(target_os = "linux")]
fn a_client_that_names_no_session_is_known_by_its_processes() {
    let fixture = Fixture::new(Store::Sqlite);
    // The test is the client: it starts the server, and the hook.
    let mut mcp = client(&fixture.site, "known to the server alone");
    let wanted = json!({ "repo": REPO, "issue_number": 1 });
    assert_eq!(mcp.call("claim_issue", &wanted)["ok"], true);
    let input = json!({ "session_id": "known to the client alone" }).to_string();
    let start = fixture.command(Channel::Database, &["hook", "codex", "SessionStart"]);
    let words = context(silent_or_json(start.answer_to(&input)));
    assert!(words.contains("you are tests-know"), "{words}");
    assert!(words.contains(&format!("{REPO}#1 (claimed)")), "{words}");
}
