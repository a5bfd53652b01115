//! Payloads beyond GitHub's own limits are truncated.

use issuecommand_core::domain::bounds::TITLE_MAX;
use issuecommand_core::domain::closing_keywords::MOST;
use issuecommand_core::domain::webhook::{AuthMethod, Delivery, GithubEvent};
use issuecommand_core::ports::deliveries::DeliveryDecoder;
use issuecommand_github::Webhooks;
use serde_json::{Value, json};

fn decoded(event: &str, payload: &Value) -> GithubEvent {
    let delivery = Delivery {
        id: Some("x".to_owned()),
        event: event.to_owned(),
        auth: AuthMethod::Signature,
    };
    Webhooks
        .decode(&delivery, payload.to_string().as_bytes())
        .unwrap()
}

fn repository() -> Value {
    json!({
        "id": 1, "full_name": "acme/api", "html_url": "https://github.com/acme/api", "private": false,
        "open_issues_count": 1, "default_branch": "main", "description": "d".repeat(100_000),
    })
}

fn pull(body: &str) -> Value {
    let end = json!({ "ref": "main", "sha": "c0ffee", "repo": repository() });
    json!({
        "action": "opened", "number": 7, "repository": repository(),
        "pull_request": {
            "number": 7, "title": "é".repeat(100_000), "body": body, "state": "open", "merged": false,
            "html_url": format!("https://github.com/acme/api/pull/7{}", "7".repeat(100_000)),
            "user": { "login": "ada" }, "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z",
            "head": { "ref": "b".repeat(100_000), "sha": "c0ffee", "repo": repository() }, "base": end,
            "author_association": "OWNER",
        },
    })
}

#[test]
fn a_pull_request_closes_a_hundred_issues_first_come() {
    let body: Vec<String> = (1..=90_000).map(|n| format!("closes #{n}")).collect();
    let GithubEvent::Pull { pull, repo, .. } = decoded("pull_request", &pull(&body.join(" ")))
    else {
        panic!("it is news of a pull request")
    };
    let closes: Vec<i64> = pull.closes.iter().map(|(_, number)| number.get()).collect();
    assert_eq!(closes, (1..=100).collect::<Vec<_>>());
    assert_eq!(closes.len(), MOST);
    let branch = pull.branch.as_ref().map_or(0, String::len);
    let description = repo.facts.and_then(|facts| facts.description);
    let description = description.map_or(0, |text| text.len());
    for length in [pull.title.len(), pull.url.len(), branch, description] {
        assert!(length > 100 && length <= TITLE_MAX, "{length}");
    }
}

#[test]
fn a_description_is_read_up_to_its_bound() {
    for (words, wanted) in [(10_000, 1), (300_000, 0)] {
        let body = format!("{} closes #1", "word ".repeat(words / 5));
        let GithubEvent::Pull { pull, .. } = decoded("pull_request", &pull(&body)) else {
            panic!("it is news of a pull request")
        };
        assert_eq!(pull.closes.len(), wanted, "behind {words} bytes");
    }
}

#[test]
fn an_issue_has_a_bounded_title_body_labels_and_assignees() {
    let labels: Vec<Value> = (0..5_000)
        .map(|n| json!({ "name": format!("{n}{}", "l".repeat(1_000)) }))
        .collect();
    let assignees: Vec<Value> = (0..5_000)
        .map(|n| json!({ "login": format!("u{n}") }))
        .collect();
    let issue = json!({
        "number": 7, "title": "t".repeat(100_000), "body": "b".repeat(1_000_000), "state": "open", "labels": labels,
        "assignees": assignees, "milestone": { "number": 1, "title": "m".repeat(100_000) }, "user": { "login": "ada" },
        "html_url": "https://github.com/acme/api/issues/7",
        "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z",
    });
    let payload = json!({ "action": "labeled", "repository": repository(), "issue": issue });
    let GithubEvent::Issue { issue, .. } = decoded("issues", &payload) else {
        panic!("it is news of an issue")
    };
    assert_eq!(
        (issue.title.len(), issue.body.len()),
        (TITLE_MAX, 256 << 10)
    );
    assert_eq!((issue.labels.len(), issue.assignees.len()), (100, 100));
    assert!(issue.labels.iter().all(|label| label.len() == 200));
    assert!(issue.labels[0].starts_with("0l") && issue.labels[99].starts_with("99l"));
    assert_eq!(issue.milestone.unwrap().title.len(), TITLE_MAX);
}

#[test]
fn a_thread_has_a_bounded_number_of_comments() {
    let comments: Vec<Value> = (0..5_000).map(|n| json!({ "id": n })).collect();
    let mut payload = pull("");
    payload["action"] = json!("resolved");
    payload["thread"] = json!({ "comments": comments });
    let GithubEvent::Withdrawn { sources, .. } = decoded("pull_request_review_thread", &payload)
    else {
        panic!("a thread was resolved")
    };
    assert_eq!(sources.len(), 1_000);
    assert_eq!(sources[0].0, "review_comment:0");
}

#[test]
fn a_name_that_is_repeated_is_bounded() {
    let long = "x".repeat(100_000);
    let mut payload = pull("");
    payload["action"] = json!(long);
    for (event, payload) in [
        ("pull_request", &payload),
        (&*long, &payload),
        (
            "repository",
            &json!({ "action": long, "repository": repository() }),
        ),
    ] {
        let GithubEvent::Ignored(why) = decoded(event, payload) else {
            panic!("nothing is done with it")
        };
        assert!(why.to_string().len() < 300, "{:.400}", why.to_string());
    }
}
