//! The same for the commands that show how things stand.

use serde_json::{Value, json};

use super::golden::{HOSTILE, forms, items};
use super::reference::Place;
use super::{agents, list, show, status};
use issuecommand_core::domain::repo_name::RepoName;

fn working(agent: &str, number: i64, status: &str) -> Value {
    json!({ "claim_id": "c", "agent_id": agent, "client": "Claude Code 2.1.328", "repo": "acme/web", "issue_number": number,
        "title": "Price shown with wrong currency", "status": status, "since": "2026-11-30T12:26:00.000Z",
        "status_since": "2026-11-30T12:30:00.000Z", "last_sign_of_life": "2026-11-30T14:56:40.000Z",
        "stale_at": "2026-11-30T16:56:40.000Z", "pr_number": 640, "feedback": 0 })
}

fn line(number: i64, state: &str, title: &str) -> Value {
    json!({ "repo": "acme/web", "issue_number": number, "title": title, "url": format!("https://github.com/acme/web/issues/{number}"),
        "labels": ["bug", HOSTILE], "state": state, "position": if state == "ready" { json!(2) } else { Value::Null },
        "priority": "high", "priority_why": "label urgent", "created_at": "2026-11-01T10:00:00.000Z",
        "waits_since": "2026-11-27T10:00:00.000Z" })
}

fn event(kind: &str, agent: Option<&str>, details: &Value) -> Value {
    json!({ "event_id": "9", "type": kind, "timestamp": "2026-11-30T12:26:04.000Z", "repo": "acme/web", "issue_number": 127,
        "agent_id": agent, "details": details })
}

fn events() -> Vec<Value> {
    vec![
        event(
            "claim.updated",
            Some("claude-a"),
            &json!({ "source": "agent", "status": "in_progress" }),
        ),
        event(
            "claim.created",
            Some("claude-a"),
            &json!({ "idempotent": false }),
        ),
        event(
            "claim.released",
            Some("codex-1"),
            &json!({ "source": "agent", "status": "released", "note": HOSTILE }),
        ),
        event(
            "issue.unblocked",
            None,
            &json!({ "dependents": 3, "ready": 2 }),
        ),
    ]
}

#[test]
fn status_prints() {
    let mut blocked = line(95, "blocked", HOSTILE);
    blocked["position"] = Value::Null;
    let overview = json!({ "at": "2026-11-30T14:57:00.000Z",
        "counts": { "needs_person": 3, "working": 12, "in_review": 5, "stale": 1, "feedback_waiting": 2, "ready": 64, "merged_today": 4, "agents": 9 },
        "needs_person": { "total": 3, "items": [
            { "kind": "claim_stale", "repo": "acme/api", "issue_number": 812, "agent_id": "codex-2",
                "message": "codex-2 gave no sign of life", "command": "issuecommand release acme/api#812" },
            { "kind": "feedback_unclaimed", "repo": "acme/web", "pr_number": 301, "message": HOSTILE, "command": "issuecommand give acme/web!301 AGENT" },
            { "kind": "deliveries_dead", "count": 2, "message": "2 deliveries could not be processed" } ] },
        "work": { "total": 18, "agents": 9, "claims": [ working("claude-a", 127, "in_progress"), working("codex-2", 812, "stale") ] },
        "next": [ line(7, "ready", "Retry uploads"), line(8, "ready", HOSTILE) ],
        "events": events(), "last_event_id": "9", "github": { "remaining": 4812, "limit": 5000 }, "last_github_sync_at": "2026-11-30T14:56:20.000Z" });
    insta::assert_snapshot!(forms(|output| status::shown(
        &overview,
        "the service at https://ic.example.com/",
        output
    )));
}

#[test]
fn list_of_issues_prints() {
    let mut held = line(9, "held", "Held by somebody");
    held["agent_id"] = json!("claude-a");
    let mut blocked = line(10, "blocked", HOSTILE);
    blocked["not_ready"] = json!([{ "reason": "blocked_by", "words": "blocked by acme/web#7" }]);
    let issues = [line(7, "ready", "Retry uploads"), held, blocked];
    insta::assert_snapshot!(forms(
        |output| list::queue::table(&issues, output).render(output.screen)
    ));
}

#[test]
fn show_prints() {
    let place = Place {
        repo: RepoName::parse("acme/web").unwrap(),
        number: 127,
        is_pull: false,
    };
    let answer = json!({ "issue": line(127, "held", "Price shown with wrong currency"), "working": working("claude-a", 127, "in_progress"),
        "attempts": [ { "agent_id": "codex-1", "from": "2026-11-30T10:00:00.000Z", "to": "2026-11-30T11:02:33.000Z", "how": "released",
            "outcome": "blocked", "note": HOSTILE } ],
        "followups": items(), "pulls": [ { "repo": "acme/web", "pr_number": 640, "url": "https://x/pull/640", "title": "Fix", "state": "open" } ],
        "events": events(), "next_before": "3" });
    let unknown = json!({ "attempts": [], "followups": [], "pulls": [], "events": [] });
    insta::assert_snapshot!(forms(
        |output| show::shown(&answer, &place, output) + &show::shown(&unknown, &place, output)
    ));
}

#[test]
fn history_prints() {
    insta::assert_snapshot!(forms(
        |output| show::table(&events(), output).render(output.screen)
    ));
}

#[test]
fn one_agent_prints() {
    let answer = json!({ "agent": { "agent_id": "claude-a", "client": "claude-code", "client_version": "2.1.328", "last_seen": "2026-11-30T14:56:00.000Z",
            "sessions": [ { "session_id": "7f3e", "alive": true, "client": "claude-code", "transport": "stdio", "last_seen": "2026-11-30T14:56:00.000Z" } ],
            "holds": [], "halted": { "state": "paused", "by": "key_1", "since": "2026-11-30T14:00:00.000Z", "note": HOSTILE } },
        "counts": { "claimed": 12, "merged": 9, "released": 2, "stale": 1 }, "working": [ working("claude-a", 127, "pr_submitted") ], "events": events() });
    insta::assert_snapshot!(forms(|output| agents::one::shown(&answer, output)));
}
