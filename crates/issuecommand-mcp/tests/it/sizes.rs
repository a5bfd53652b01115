//! How long answers are: a model reads every byte of them.

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::id::{AgentId, ClaimId, Principal};
use issuecommand_core::domain::issue::{Issue, IssueState, Milestone};
use issuecommand_core::domain::policy::{AttemptPolicy, Policy};
use issuecommand_core::domain::time::Millis;
use rmcp::ServiceExt;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::github::{comment, issue};
use crate::world::{Client, World, call, text};

/// Titles and labels as real repositories have them.
const ISSUES: [(&str, &[&str]); 20] = [
    (
        "Retry uploads that fail with 503 instead of giving up",
        &["bug", "area/upload"],
    ),
    (
        "Panic when the configuration file is a directory",
        &["bug", "P1"],
    ),
    (
        "Document how to rotate the signing key",
        &["documentation", "good first issue"],
    ),
    (
        "Support HTTP/2 for outgoing webhooks",
        &["enhancement", "area/webhooks"],
    ),
    ("`--dry-run` still writes the lock file", &["bug", "cli"]),
    (
        "Memory grows without bound while a large archive is imported",
        &["bug", "performance", "priority: high"],
    ),
    ("Allow more than one reviewer per rule", &["enhancement"]),
    (
        "Time zone is ignored in the weekly report",
        &["bug", "reports"],
    ),
    (
        "Flaky test: reconnects_after_the_server_was_restarted",
        &["tests", "flaky"],
    ),
    (
        "Add a health check endpoint for load balancers",
        &["enhancement", "ops", "help wanted"],
    ),
    (
        "Migration 42 fails on PostgreSQL 17 with a permission error",
        &["bug", "database", "P0"],
    ),
    (
        "Error message of an expired token does not say what to do",
        &["ux", "auth"],
    ),
    (
        "Make the page size of the search API configurable",
        &["enhancement", "api"],
    ),
    (
        "Windows: paths with spaces are quoted twice",
        &["bug", "windows"],
    ),
    (
        "Upgrade the TLS library and drop TLS 1.0 and 1.1",
        &["security", "dependencies"],
    ),
    (
        "Export as CSV leaves out archived projects",
        &["bug", "export"],
    ),
    (
        "Keyboard navigation is lost after the dialog closes",
        &["bug", "a11y", "frontend"],
    ),
    (
        "Cache the list of repositories between two runs",
        &["performance"],
    ),
    (
        "Rate limit is not shared between the workers of one host",
        &["bug", "area/limits", "priority: medium"],
    ),
    (
        "Remove the deprecated v1 routes",
        &["breaking-change", "api"],
    ),
];

fn real_issues(body: &str) -> Vec<Issue> {
    let of = |(n, (title, labels)): (i64, &(&str, &[&str]))| Issue {
        title: (*title).to_owned(),
        body: body.to_owned(),
        assignees: Vec::new(),
        milestone: (n % 3 == 0).then(|| Milestone {
            number: 4,
            title: "2026.12".to_owned(),
        }),
        ..issue(n, IssueState::Open, labels)
    };
    (1..).zip(&ISSUES).map(of).collect()
}

#[tokio::test]
async fn twenty_issues_are_listed_in_4000_bytes() {
    let (world, client) = World::met().await;
    world
        .github
        .have(real_issues(&"Steps to reproduce. ".repeat(200)), Vec::new());
    let told = call(&client, "list_open_issues", &json!({ "repo": "acme/api" })).await;
    let (told, json) = (text(&told), told.structured_content.unwrap());
    assert_eq!(json["issues"].as_array().unwrap().len(), ISSUES.len());
    assert!(told.contains(ISSUES[0].0) && told.contains("2026.12"));
    assert!(told.len() <= 4_000, "{} bytes", told.len());
}

async fn ask(client: &Client, tool: &'static str, arguments: Value) -> Value {
    let told = call(client, tool, &arguments).await.structured_content;
    let told = told.unwrap();
    assert_eq!(told["ok"], true, "{tool} {arguments}: {told}");
    told
}

async fn claim(client: &Client, agent: &str, number: usize) -> String {
    let asks = json!({ "agent_id": agent, "repo": "acme/api", "issue_number": number });
    let told = ask(client, "claim_issue", asks).await;
    told["claim"]["claim_id"].as_str().unwrap().to_owned()
}

/// A world in which all that an answer of `next_work` may have is there for `ann`: five attempts of others with notes, three comments,
/// two claims of her own, and two that she lost.
async fn busy_world(body: &str, note: &str, said: &str) -> (World, Client) {
    let policy = Policy {
        attempts: AttemptPolicy {
            after: Millis(0),
            ..AttemptPolicy::ignored()
        },
        ..Policy::default()
    };
    let (world, stream) = World::of(policy, Scope::All);
    let client: Client = ().serve(stream).await.unwrap();
    let comments = ["mona", "hubot", "octocat"].map(|author| comment(Some(author), said));
    world.github.have(real_issues(body), comments.to_vec());
    for agent in [
        "claude-code-7f3e",
        "codex-19ab",
        "gemini-cli-22c0",
        "cursor-8d41",
        "opencode-5b7e",
    ] {
        let id = claim(&client, agent, 1).await;
        let moved = json!({ "agent_id": agent, "claim_id": id, "status": "in_progress" });
        ask(&client, "update_claim_status", moved).await;
        let url = "https://github.com/acme/api/pull/1204";
        let moved =
            json!({ "agent_id": agent, "claim_id": id, "status": "pr_submitted", "pr_url": url });
        ask(&client, "update_claim_status", moved).await;
        let given = json!({ "agent_id": agent, "claim_id": id, "reason": note });
        ask(&client, "release_issue", given).await;
    }
    let mut held = Vec::new();
    for number in 2..=5 {
        held.push(claim(&client, "ann", number).await);
    }
    for id in &held[..2] {
        let (person, bob) = (
            Caller::full(Principal::Local),
            AgentId::parse("codex-19ab").unwrap(),
        );
        let why = Some("It is about the importer, which codex-19ab is changing now.".to_owned());
        let id = ClaimId(Uuid::parse_str(id).unwrap());
        world
            .service
            .give_claim(&person, id, bob, why)
            .await
            .unwrap();
    }
    (world, client)
}

/// The answer of `next_work` for the first issue, and how many bytes it has beside the issue's body.
async fn given(client: &Client) -> (Value, usize) {
    let asks = json!({ "agent_id": "ann", "label": "area/upload" });
    let told = call(client, "next_work", &asks).await;
    let (told, json) = (text(&told), told.structured_content.unwrap());
    let count = |list: &Value| list.as_array().map_or(0, Vec::len);
    assert_eq!(json["issue"]["number"], 1, "{json}");
    let counts = [
        &json["previous_attempts"],
        &json["issue"]["comments"],
        &json["also_yours"],
        &json["notices"],
    ];
    assert_eq!(counts.map(count), [5, 3, 2, 2], "{json}");
    assert!(json["chosen_because"].is_object(), "{json}");
    let body = json["issue"]["body"].to_string();
    (json, told.len() - body.len())
}

const BODY: &str = "Uploads above 5 MB fail.\n\n```\nHTTP 503\n```\n";

#[tokio::test]
async fn next_work_answers_in_6_kilobytes_beside_the_body() {
    let note = "The client gives up because `Uploader::send` maps every status above 499 to a fatal error. I made it retry, but \
        the integration test then hangs: the fake server keeps the connection open. Whoever goes on should start there. Branch \
        retry-uploads has what I did, without the test.";
    let said = "I see the same with 2.4.1 behind nginx. It began when we raised `client_max_body_size`; with the old limit the \
        upload fails at once, now it fails after thirty seconds with a 503 from the upstream. A retry by hand works nearly always.";
    for (note, said) in [
        (note.to_owned(), said.to_owned()),
        (note.repeat(9), said.repeat(30)),
        ("é\"\n".repeat(900), "\u{1}ä".repeat(900)),
    ] {
        let (_world, client) = busy_world(&BODY.repeat(80), &note, &said).await;
        let (json, bytes) = given(&client).await;
        // No more is taken away than is needed.
        let well = (4 * 1024..=6 * 1024).contains(&bytes);
        assert!(well, "{bytes} bytes: {json}");
        assert_eq!(json["issue"]["body"], BODY.repeat(80), "the body is whole");
        for attempt in json["previous_attempts"].as_array().unwrap() {
            let told = attempt["note"].as_str().unwrap();
            assert!(
                note.starts_with(told.trim_end_matches(" … (shortened)")),
                "{told}"
            );
        }
        for comment in json["issue"]["comments"].as_array().unwrap() {
            let told = comment["body"].as_str().unwrap();
            let begins = told.trim_end_matches(" … (shortened: get_issue_details has all of it)");
            assert!(said.starts_with(begins) && begins.len() >= 140, "{told}");
        }
    }
}

/// What fits is not touched.
#[tokio::test]
async fn short_texts_are_whole() {
    let (note, said) = ("Blocked: the staging key has expired.", "Same here.");
    let (_world, client) = busy_world(BODY, note, said).await;
    let (json, bytes) = given(&client).await;
    assert!(bytes <= 6 * 1024, "{bytes} bytes");
    assert_eq!(json["previous_attempts"][4]["note"], note);
    assert_eq!(json["issue"]["comments"][2]["body"], said);
}
