//! The cost of untrusted texts: all parsers, at 64 KB and at a megabyte. Sixteen times the text may take sixteen times as long,
//! or less if a bound applies.

use std::sync::Arc;
use std::time::{Duration, Instant};

use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::webhook::{AuthMethod, Delivery, MARKER};
use issuecommand_core::engine::command::{Command, Outcome};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::deliveries::DeliveryDecoder;
use issuecommand_github::Webhooks;
use issuecommand_testkit::builders::{
    comment, deliver, facts, follow, hear, pull, record_repos, work,
};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;
use serde_json::{Value, json};

const SIZES: [usize; 2] = [64 << 10, 1 << 20];

/// Prints a table.
pub(crate) fn run() {
    println!("## Texts of strangers\n\n| what | 64 KB | 1 MB | times |\n|---|---|---|---|");
    for (what, unit) in [
        ("closing words", "closes #1 "),
        ("closing words alone", "closes:"),
        ("brackets", "["),
        ("links that do not end", "[a]("),
        ("code", "`"),
        ("emphasis", "*a_ "),
        ("quotations", "> "),
        ("lists", "- "),
        ("tags", "<a "),
        ("comments that do not end", "<!--"),
    ] {
        row(what, |size| {
            decoded(
                "pull_request",
                &pull_payload(&unit.repeat(size / unit.len())),
            )
        });
    }
    row("different references", |size| {
        let words = (1..).map(|n| format!("closes #{n} "));
        let mut text = String::new();
        for word in words {
            if text.len() >= size {
                break;
            }
            text.push_str(&word);
        }
        decoded("pull_request", &pull_payload(&text))
    });
    for (what, unit) in [
        ("a marker among tags", "<"),
        ("a marker among slashes", "</"),
    ] {
        row(what, |size| {
            let text = format!("<div>{}\n{MARKER}", unit.repeat(size / unit.len()));
            decoded("issue_comment", &comment_payload(&text))
        });
    }
    row("labels of an issue", |size| {
        let labels: Vec<Value> = (0..size / 20)
            .map(|n| json!({ "name": format!("l{n}") }))
            .collect();
        decoded("issues", &issue_payload(&labels))
    });
    row("comments of a thread", |size| {
        let comments: Vec<Value> = (0..size / 20).map(|n| json!({ "id": n })).collect();
        decoded("pull_request_review_thread", &thread_payload(&comments))
    });
    row("halves of characters", |size| {
        let body = format!("{{\"note\":\"{}\"}}", r"\ud83d".repeat(size / 6));
        timed(|| drop(issuecommand_wire::json::parse::<Value>(body.as_bytes()).unwrap()))
    });
    row("an edited comment", edited);
    row("events of one pull request, judged at once", closed);
    println!();
}

fn row(what: &str, cost: impl Fn(usize) -> Duration) {
    let [small, large] = SIZES.map(|size| (0..3).map(|_| cost(size)).min().unwrap_or_default());
    let times = large.as_secs_f64() / small.as_secs_f64().max(1e-9);
    println!("| {what} | {small:.1?} | {large:.1?} | {times:.1} |");
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn decoded(event: &str, payload: &Value) -> Duration {
    let delivery = Delivery {
        id: Some("x".to_owned()),
        event: event.to_owned(),
        auth: AuthMethod::Signature,
    };
    let body = payload.to_string();
    timed(|| drop(Webhooks.decode(&delivery, body.as_bytes()).unwrap()))
}

fn repository() -> Value {
    json!({
        "id": 1, "full_name": "acme/api", "html_url": "https://github.com/acme/api", "private": false,
        "open_issues_count": 1, "default_branch": "main", "description": null,
    })
}

fn pull_payload(body: &str) -> Value {
    let end = json!({ "ref": "main", "sha": "c0ffee", "repo": repository() });
    json!({
        "action": "opened", "number": 7, "repository": repository(),
        "pull_request": {
            "number": 7, "title": "A change", "body": body, "state": "open", "merged": false,
            "html_url": "https://github.com/acme/api/pull/7", "user": { "login": "ada" },
            "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z",
            "head": end, "base": end, "author_association": "OWNER",
        },
    })
}

fn issue(labels: &[Value]) -> Value {
    json!({
        "number": 7, "title": "It breaks", "body": "Again.", "state": "open", "labels": labels, "assignees": [],
        "html_url": "https://github.com/acme/api/issues/7", "user": { "login": "ada" },
        "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z",
    })
}

fn issue_payload(labels: &[Value]) -> Value {
    json!({ "action": "labeled", "repository": repository(), "issue": issue(labels) })
}

fn comment_payload(body: &str) -> Value {
    let mut issue = issue(&[]);
    issue["pull_request"] = json!({ "merged_at": null });
    json!({
        "action": "created", "repository": repository(), "issue": issue,
        "comment": {
            "id": 5, "body": body, "user": { "login": "eve" }, "html_url": "https://github.com/acme/api/pull/7",
            "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z",
        },
    })
}

fn thread_payload(comments: &[Value]) -> Value {
    let mut payload = pull_payload("");
    payload["action"] = json!("resolved");
    payload["thread"] = json!({ "comments": comments });
    payload
}

fn store() -> MemoryStore {
    let store = MemoryStore::new(
        Policy::default(),
        Arc::new(TestClock::default()),
        Box::new(TestIds::default()),
    );
    done(&store, record_repos(&[facts("acme/api")]));
    store
}

fn done(store: &MemoryStore, command: Command) -> Outcome {
    let outcome = store.run(command).unwrap();
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    outcome
}

/// An answered comment is edited to another text of many words.
fn edited(size: usize) -> Duration {
    let store = store();
    let words = |from: usize| {
        let words = (from..from + size / 8).map(|n| format!("w{n}"));
        words.collect::<Vec<_>>().join(" ")
    };
    let (before, after) = (words(0), words(size / 16));
    let said = |source| pull("acme/api", 7).said(source);
    done(&store, deliver("one", said(comment(1).body(&before))));
    let given = done(&store, work("ann"));
    let Outcome::Done(issuecommand_core::engine::command::Answer::Followup { item, .. }) = given
    else {
        panic!("{given:?}")
    };
    done(
        &store,
        follow(
            "ann",
            item.id,
            issuecommand_core::domain::followup::FollowupStatus::Done,
        ),
    );
    timed(|| {
        drop(done(
            &store,
            deliver("two", said(comment(1).edited(&after, 5))),
        ));
    })
}

/// A pull request with a comment for each 256 bytes is closed.
fn closed(size: usize) -> Duration {
    let store = store();
    for n in 1..=i64::try_from(size / 256).unwrap() {
        done(&store, hear(pull("acme/api", 7).said(comment(n))));
    }
    let closing = deliver("end", pull("acme/api", 7).at(5).ended_unmerged());
    timed(|| drop(done(&store, closing)))
}
