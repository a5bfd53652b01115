//! What each command prints on terminals of 80 and 120 columns and in a pipe, as files in `snapshots`.

use std::fmt::Write as _;

use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::output::{Output, Screen};
use super::reference::Place;
use super::{agents, explain, followups, list, next};

const NOW: &str = "2026-11-30T14:57:00.000Z";
/// Everything that a stranger may write, in one line.
pub(super) const HOSTILE: &str = "Token \u{1b}[2J\u{202e}does not\u{200b} expire\u{7}, and this title goes on for longer than any terminal is wide";

fn output(columns: Option<usize>) -> Output {
    Output {
        json: false,
        screen: columns.map(|columns| Screen {
            columns,
            colours: false,
        }),
        now: Timestamp::parse(NOW).unwrap(),
        zone: TimeZone::UTC,
    }
}

/// What is printed in each form.
pub(super) fn forms(print: impl Fn(&Output) -> String) -> String {
    let mut all = String::new();
    for (name, columns) in [
        ("80 columns", Some(80)),
        ("120 columns", Some(120)),
        ("a pipe", None),
    ] {
        let text = print(&output(columns));
        for hidden in ['\u{1b}', '\u{202e}', '\u{200b}', '\u{7}'] {
            assert!(!text.contains(hidden), "{name}: {text}");
        }
        let _ = write!(all, "--- {name}\n{text}");
    }
    all
}

fn claim(agent: &str, issue: (&str, i64), status: &str, title: &str) -> Value {
    json!({ "claim_id": "7e57d004-2b97-4e7a-b45f-5387367791cd", "agent_id": agent, "repo": issue.0, "issue_number": issue.1,
        "issue_title": title, "issue_labels": ["bug"], "issue_assignees": [], "status": status,
        "claimed_at": "2026-11-30T12:26:00.000Z", "last_updated": "2026-11-30T14:56:40.000Z", "status_history": [],
        "pr_url": "https://github.com/acme/api/pull/640" })
}

pub(super) fn claims() -> Vec<Value> {
    vec![
        claim(
            "claude-a",
            ("acme/web", 127),
            "in_progress",
            "Price shown with wrong currency",
        ),
        claim(
            "claude-c",
            ("acme/api", 799),
            "pr_submitted",
            "漢字のタイトル: retry uploads that were cut off in the middle of a part",
        ),
        claim(
            "codex-2-with-a-name-of-some-length",
            ("an-organisation/its-repository-of-some-length", 812),
            "stale",
            HOSTILE,
        ),
    ]
}

#[test]
fn list_prints() {
    insta::assert_snapshot!(forms(
        |output| list::table(&claims(), output).render(output.screen)
    ));
}

#[test]
fn explain_of_an_issue_prints() {
    let place = Place {
        repo: RepoName::parse("acme/web").unwrap(),
        number: 95,
        is_pull: false,
    };
    let readiness = json!({ "reasons": [
        { "reason": "needs_human", "message": format!("It was parked: {HOSTILE}"), "hard": false },
        { "reason": "blocked_by", "message": "acme/web#7 blocks it.", "hard": false } ], "rank": "high", "rank_source": "label urgent" });
    let ready =
        json!({ "ready": true, "reasons": [], "rank": "high", "rank_source": "label urgent" });
    insta::assert_snapshot!(forms(|output| {
        let one = explain::of_issue(&readiness, &place, None, output);
        one + &explain::of_issue(&ready, &place, Some("codex-1"), output)
    }));
}

#[test]
fn explain_of_work_prints() {
    let why = json!({ "considered": 212, "ready": 5, "elsewhere": 3, "next_free_at": "2026-11-30T15:40:00.000Z",
        "reasons": [ { "reason": "held", "count": 148 }, { "reason": "has_open_pr", "count": 31 },
            { "reason": "blocked_by", "count": 19, "example": { "repo": "acme/web", "issue_number": 12, "message": "acme/web#7 blocks it." } } ],
        "agent": [ { "reason": "cooldown", "message": "You gave acme/web#3 back a short time ago.", "count": 5, "until": "2026-11-30T15:40:00.000Z" } ] });
    insta::assert_snapshot!(forms(|output| explain::of_work(
        &why,
        Some("codex-1"),
        output
    )));
}

#[test]
fn next_prints() {
    let agent = AgentId::parse("ann@desk").unwrap();
    let answer = json!({ "kind": "issue", "claim": claims()[0], "issue": { "title": HOSTILE, "url": "https://github.com/acme/web/issues/127" },
        "chosen_because": { "words": "high, by label urgent" } });
    insta::assert_snapshot!(forms(|output| next::words(
        &answer,
        &agent,
        output.screen.is_some()
    )));
}

#[test]
fn agents_print() {
    let agents = [
        json!({ "agent_id": "claude-a", "client": "claude-code", "client_version": "2.1.328", "last_seen": "2026-11-30T14:56:00.000Z",
            "sessions": [ { "alive": true } ], "holds": [ { "repo": "acme/web", "issue_number": 127 }, { "repo": "acme/web", "pr_number": 301 } ] }),
        json!({ "agent_id": "codex-2", "last_seen": "2026-11-29T14:56:00.000Z", "sessions": [], "holds": [] }),
        json!({ "agent_id": "looper\u{202e}", "client": HOSTILE, "last_seen": "2026-11-30T14:50:00.000Z", "sessions": [ { "alive": true } ],
            "holds": [], "halted": { "state": "paused", "by": "loop" } }),
    ];
    insta::assert_snapshot!(forms(
        |output| agents::table(&agents, output).render(output.screen)
    ));
}

pub(super) fn items() -> Vec<Value> {
    let item = |number: i64,
                status: &str,
                owner: Option<&str>,
                preferred: Option<&str>,
                summary: &str| {
        json!({ "repo": "acme/web", "pr_number": number, "status": status, "claimed_by_agent_id": owner,
            "preferred_agent_id": preferred, "created_at": "2026-11-30T14:26:00.000Z", "summary": summary })
    };
    vec![
        item(301, "queued", None, None, "Please use a constant here"),
        item(302, "queued", None, Some("claude-b"), HOSTILE),
        item(
            303,
            "in_progress",
            Some("codex-1"),
            Some("codex-1"),
            "2 review comments",
        ),
    ]
}

#[test]
fn followups_print() {
    insta::assert_snapshot!(forms(
        |output| followups::table(&items(), output).render(output.screen)
    ));
}
