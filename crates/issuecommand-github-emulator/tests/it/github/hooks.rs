//! Deliveries and the changes that cause them: reviews and comments over HTTP too.

use std::time::Duration;

use issuecommand_github_emulator::{
    Delivery, GithubEmulator, NewComment, NewPull, ReviewState, World, sign,
};
use serde_json::Value;

use crate::raw::{get, send};

/// A world with a hook, one issue and one pull request of `ada`, and no deliveries yet.
fn hooked() -> World {
    let mut world = super::world_with(1);
    world.accept_token("rita-token", "rita");
    let mut pull = NewPull::from_branch("fix", "Fix it");
    pull = pull.onto("main");
    world.record_deliveries();
    world.open_pull("acme/app", pull);
    let opened = world.deliveries();
    assert_eq!(told(&opened), ["pull_request opened"]);
    world
}

fn told(deliveries: &[Delivery]) -> Vec<String> {
    let line = |delivery: &Delivery| format!("{} {}", delivery.event, delivery.action);
    deliveries.iter().map(line).collect()
}

fn body(delivery: &Delivery) -> Value {
    serde_json::from_str(&delivery.body).unwrap()
}

/// The deliveries of one change.
fn tells(change: impl FnOnce(&mut World)) -> Vec<Delivery> {
    let mut world = hooked();
    world.advance(Duration::from_mins(1));
    change(&mut world);
    world.deliveries()
}

#[test]
fn a_world_without_a_hook_sends_no_deliveries() {
    let mut world = super::world_with(3);
    world.close_issue("acme/app", 1);
    assert_eq!(world.deliveries(), []);
}

#[test]
fn issues() {
    type Change = fn(&mut World);
    let changes: [(&str, Change); 9] = [
        ("issues opened", |w| {
            w.open_issue("acme/app", "New");
        }),
        ("issues edited", |w| w.edit_title("acme/app", 1, "Other")),
        ("issues edited", |w| w.edit_body("acme/app", 1, "Text")),
        ("issues labeled", |w| w.label("acme/app", 1, "bug")),
        ("issues assigned", |w| w.assign("acme/app", 1, "ada")),
        ("issues milestoned", |w| {
            w.set_milestone("acme/app", 1, Some("v1"));
        }),
        ("issues closed", |w| w.close_issue("acme/app", 1)),
        ("issues deleted", |w| w.delete_issue("acme/app", 1)),
        ("issue_comment created", |w| {
            w.comment("acme/app", 1, "Hm.");
        }),
    ];
    for (expected, change) in changes {
        let deliveries = tells(change);
        assert_eq!(told(&deliveries), [expected]);
        let payload = body(&deliveries[0]);
        assert_eq!(payload["repository"]["full_name"], "acme/app");
        assert_eq!(payload["repository"]["permissions"], Value::Null);
        assert_eq!(payload["sender"]["login"], "octo-agent");
        assert_eq!(payload["action"], deliveries[0].action.as_str());
        assert!(payload["issue"]["updated_at"].is_string(), "{payload}");
    }
    let closed = body(&tells(|w| w.close_issue("acme/app", 1))[0]);
    assert_eq!(closed["issue"]["state"], "closed");
    assert_eq!(closed["issue"]["closed_at"], closed["issue"]["updated_at"]);
    let undone = tells(|w| {
        w.label("acme/app", 1, "bug");
        w.unlabel("acme/app", 1, "bug");
        w.close_issue("acme/app", 1);
        w.reopen("acme/app", 1);
    });
    let expected = [
        "issues labeled",
        "issues unlabeled",
        "issues closed",
        "issues reopened",
    ];
    assert_eq!(told(&undone), expected);
    let moved = tells(|w| {
        w.add_repo("acme/web");
        w.transfer_issue("acme/app", 1, "acme/web");
    });
    assert_eq!(told(&moved), ["issues transferred", "issues opened"]);
    assert_eq!(
        (moved[0].repo.as_str(), moved[1].repo.as_str()),
        ("acme/app", "acme/web")
    );
}

#[test]
fn pull_requests() {
    let pushed = tells(|w| drop(w.push("acme/app", 2)));
    assert_eq!(told(&pushed), ["pull_request synchronize"]);
    let payload = body(&pushed[0]);
    assert_eq!(payload["after"], payload["pull_request"]["head"]["sha"]);
    assert_ne!(payload["before"], payload["after"]);
    assert_eq!(payload["number"], 2);

    let merged = tells(|w| {
        w.edit_body("acme/app", 2, "Closes #1");
        w.merge_pull("acme/app", 2);
    });
    let expected = [
        "pull_request edited",
        "pull_request closed",
        "issues closed",
    ];
    assert_eq!(told(&merged), expected);
    let payload = body(&merged[1]);
    assert_eq!(payload["pull_request"]["merged"], true);
    assert_eq!(
        payload["pull_request"]["closed_at"],
        payload["pull_request"]["merged_at"]
    );

    let closed = tells(|w| {
        w.close_pull("acme/app", 2);
        w.reopen("acme/app", 2);
    });
    assert_eq!(
        told(&closed),
        ["pull_request closed", "pull_request reopened"]
    );
    assert_eq!(body(&closed[0])["pull_request"]["merged"], false);
}

#[test]
fn reviews_and_comments() {
    let reviewed = tells(|w| {
        let words = NewComment::saying("Not yet.").by("rita");
        let review = w.review("acme/app", 2, ReviewState::ChangesRequested, words);
        w.dismiss_review("acme/app", 2, review);
    });
    let expected = [
        "pull_request_review submitted",
        "pull_request_review dismissed",
    ];
    assert_eq!(told(&reviewed), expected);
    let payload = body(&reviewed[0]);
    // Deliveries use lower case, and contain the pull request without the fields of its own page.
    assert_eq!(payload["review"]["state"], "changes_requested");
    assert_eq!(payload["sender"]["login"], "rita");
    assert_eq!(payload["pull_request"]["merged"], Value::Null);
    assert_eq!(body(&reviewed[1])["review"]["state"], "dismissed");

    let on_a_line = tells(|w| {
        let comment = w.review_comment("acme/app", 2, "Why?");
        w.resolve_thread("acme/app", 2, comment);
    });
    let expected = [
        "pull_request_review submitted",
        "pull_request_review_comment created",
        "pull_request_review_thread resolved",
    ];
    assert_eq!(told(&on_a_line), expected);
    let (comment, thread) = (body(&on_a_line[1]), body(&on_a_line[2]));
    assert_eq!(
        thread["thread"]["comments"][0]["id"],
        comment["comment"]["id"]
    );

    let under = tells(|w| {
        w.comment("acme/app", 2, NewComment::saying("And?").by_ghost());
    });
    assert_eq!(told(&under), ["issue_comment created"]);
    let payload = body(&under[0]);
    assert!(payload["issue"]["pull_request"]["url"].is_string());
    assert_eq!(payload["comment"]["user"], Value::Null);

    let draft = tells(|w| {
        w.review("acme/app", 2, ReviewState::Pending, "Later.");
    });
    assert_eq!(draft, [], "a draft is its author's own");
}

#[test]
fn repositories() {
    let deliveries = tells(|w| {
        w.rename_repo("acme/app", "acme/core");
        w.rename_repo("acme/core", "other/core");
        w.set_archived("other/core", true);
        w.set_archived("other/core", false);
        w.delete_repo("other/core");
    });
    let expected = [
        "repository renamed",
        "repository transferred",
        "repository archived",
        "repository unarchived",
        "repository deleted",
    ];
    assert_eq!(told(&deliveries), expected);
    let renamed = body(&deliveries[0]);
    assert_eq!(renamed["repository"]["full_name"], "acme/core");
    assert_eq!(renamed["changes"]["repository"]["name"]["from"], "app");
    assert_eq!(body(&deliveries[2])["repository"]["archived"], true);
}

#[test]
fn headers_are_signed_by_the_secret() {
    let delivery = &tells(|w| w.close_issue("acme/app", 1))[0];
    let headers: std::collections::BTreeMap<_, _> = delivery.headers("s3cret").into();
    assert_eq!(headers["x-github-event"], "issues");
    assert_eq!(headers["x-github-delivery"], delivery.id);
    let signature = sign("s3cret", delivery.body.as_bytes());
    assert_eq!(headers["x-hub-signature-256"], signature);
    assert_ne!(sign("other", delivery.body.as_bytes()), signature);
}

async fn emulated() -> GithubEmulator {
    crate::raw::start(hooked()).await
}

const RITA: [(&str, &str); 1] = [("authorization", "Bearer rita-token")];

#[tokio::test]
async fn a_review_is_written_over_http() {
    let github = emulated().await;
    let path = "/repos/acme/app/pulls/2/reviews";
    let text = r#"{"event": "REQUEST_CHANGES", "body": "Please.",
        "comments": [{"path": "src/a.rs", "line": 7, "body": "Here."}]}"#;
    let review = send(github.url(), "POST", path, &RITA, text).await;
    assert_eq!(review.status, 200, "{review:?}");
    let review = review.json();
    assert_eq!(
        (&review["state"], &review["user"]["login"]),
        (&"CHANGES_REQUESTED".into(), &"rita".into())
    );
    let expected = [
        "pull_request_review submitted",
        "pull_request_review_comment created",
    ];
    assert_eq!(told(&github.deliveries()), expected);
    let comments = get(github.url(), "/repos/acme/app/pulls/2/comments")
        .await
        .json();
    assert_eq!(
        (&comments[0]["path"], &comments[0]["line"]),
        (&"src/a.rs".into(), &7.into())
    );
    assert_eq!(comments[0]["pull_request_review_id"], review["id"]);

    let dismissal = format!("{path}/{}/dismissals", review["id"]);
    let done = send(
        github.url(),
        "PUT",
        &dismissal,
        &RITA,
        r#"{"message": "Fine."}"#,
    )
    .await;
    assert_eq!(done.json()["state"], "DISMISSED");
    assert_eq!(
        told(&github.deliveries()),
        ["pull_request_review dismissed"]
    );
}

#[tokio::test]
async fn a_comment_on_a_line_is_written_over_http() {
    let github = emulated().await;
    let path = "/repos/acme/app/pulls/2/comments";
    let text = r#"{"path": "src/a.rs", "line": 3, "body": "Why?"}"#;
    let comment = send(github.url(), "POST", path, &RITA, text).await;
    assert_eq!(comment.status, 201, "{comment:?}");
    let listed = get(github.url(), path).await.json();
    assert_eq!(listed[0]["id"], comment.json()["id"]);
    assert_eq!(listed[0]["body"], "Why?");
}

#[tokio::test]
async fn bad_reviews_change_nothing() {
    let github = emulated().await;
    let reviews = "/repos/acme/app/pulls/2/reviews";
    for (token, path, text, status) in [
        (&RITA[..], reviews, r#"{"event": "REQUEST_CHANGES"}"#, 422),
        (
            &RITA[..],
            reviews,
            r#"{"event": "MAYBE", "body": "x"}"#,
            422,
        ),
        (
            &RITA[..],
            reviews,
            r#"{"event": "COMMENT", "comments": [{"body": "x"}]}"#,
            422,
        ),
        // An author cannot review an own pull request.
        (&[][..], reviews, r#"{"event": "APPROVE"}"#, 422),
        (
            &RITA[..],
            "/repos/acme/app/pulls/1/reviews",
            r#"{"event": "APPROVE"}"#,
            404,
        ),
        (
            &RITA[..],
            "/repos/acme/app/pulls/2/comments",
            r#"{"body": "x"}"#,
            422,
        ),
        (
            &RITA[..],
            "/repos/acme/app/pulls/1/comments",
            r#"{"body": "x", "path": "y"}"#,
            404,
        ),
    ] {
        let answer = send(github.url(), "POST", path, token, text).await;
        assert_eq!(answer.status, status, "{path} {text}: {answer:?}");
    }
    assert_eq!(github.deliveries(), []);
}
