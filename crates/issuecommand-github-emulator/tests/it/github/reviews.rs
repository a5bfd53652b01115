//! Pending, edited and deleted reviews and comments, in deliveries and lists.

use std::time::Duration;

use issuecommand_github_emulator::{
    Delivery, GithubEmulator, NewComment, NewPull, NewPush, ReviewState,
};
use serde_json::{Value, json};

use super::world_with;
use crate::raw::{get, get_if_changed, send};

const REVIEWS: &str = "/repos/acme/app/pulls/1/reviews";
const LINES: &str = "/repos/acme/app/pulls/1/comments";
const TALK: &str = "/repos/acme/app/issues/1/comments";
const RITA: [(&str, &str); 1] = [("authorization", "Bearer rita-token")];

async fn one_pull() -> GithubEmulator {
    let mut world = world_with(0);
    world.accept_token("rita-token", "rita");
    world.open_pull("acme/app", NewPull::from_branch("work", "Work"));
    world.advance(Duration::from_mins(1));
    world.record_deliveries();
    crate::raw::start(world).await
}

fn rita(text: &str) -> NewComment {
    NewComment::saying(text).by("rita")
}

fn told(deliveries: &[Delivery]) -> Vec<String> {
    let line = |delivery: &Delivery| format!("{} {}", delivery.event, delivery.action);
    deliveries.iter().map(line).collect()
}

async fn as_rita(github: &GithubEmulator, method: &str, path: &str, body: &str) -> Value {
    let answer = send(github.url(), method, path, &RITA, body).await;
    assert!(answer.status < 300, "{answer:?}");
    if answer.status == 204 {
        return Value::Null;
    }
    answer.json()
}

fn rows(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

#[tokio::test]
async fn a_pending_review_and_its_drafts_are_its_authors_own() {
    let github = one_pull().await;
    let before = get(github.url(), "/repos/acme/app/pulls/1").await;
    let (review, draft) = github.world(|world| {
        let review = world.review("acme/app", 1, ReviewState::Pending, rita("In all"));
        let draft = rita("Here").on_lines("src/a.rs", 5, 9).in_review(review);
        (review, world.review_comment("acme/app", 1, draft))
    });
    assert_eq!(github.deliveries(), []);
    let pull = get(github.url(), "/repos/acme/app/pulls/1").await.json();
    assert_eq!(pull["updated_at"], before.json()["updated_at"]);
    for path in [REVIEWS, LINES, "/repos/acme/app/pulls/comments"] {
        assert_eq!(get(github.url(), path).await.json(), json!([]), "{path}");
        let hers = as_rita(&github, "GET", path, "").await;
        assert_eq!(rows(&hers), 1, "{path}: {hers}");
    }
    let one = format!("{REVIEWS}/{review}");
    assert_eq!(get(github.url(), &one).await.status, 404);
    let hers = as_rita(&github, "GET", &one, "").await;
    assert_eq!(
        (&hers["state"], &hers["submitted_at"]),
        (&"PENDING".into(), &Value::Null)
    );
    let line = format!("/repos/acme/app/pulls/comments/{draft}");
    assert_eq!(get(github.url(), &line).await.status, 404);

    // Written at one time, submitted at another.
    let tag = get(github.url(), LINES)
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    github.world(|world| world.advance(Duration::from_hours(2)));
    let now = github.world(|world| world.now()).to_string();
    let events = format!("{one}/events");
    let body = r#"{"event": "REQUEST_CHANGES"}"#;
    let submitted = as_rita(&github, "POST", &events, body).await;
    assert_eq!(
        (&submitted["state"], &submitted["body"]),
        (&"CHANGES_REQUESTED".into(), &"In all".into())
    );
    assert_eq!(submitted["submitted_at"], now.as_str());
    let expected = [
        "pull_request_review submitted",
        "pull_request_review_comment created",
    ];
    assert_eq!(told(&github.deliveries()), expected);
    let lines = get_if_changed(github.url(), LINES, &tag).await;
    assert_eq!(lines.status, 200);
    let row = &lines.json()[0];
    assert_eq!(row["updated_at"], now.as_str());
    assert_ne!(row["created_at"], row["updated_at"]);
    assert_eq!((&row["start_line"], &row["line"]), (&5.into(), &9.into()));
    let again = send(github.url(), "POST", &events, &RITA, body).await;
    assert_eq!(again.status, 422);
}

#[tokio::test]
async fn a_pending_review_may_be_thrown_away() {
    let github = one_pull().await;
    let body = r#"{"comments": [{"path": "a", "line": 1, "body": "Hm"}]}"#;
    let begun = as_rita(&github, "POST", REVIEWS, body).await;
    let one = format!("{REVIEWS}/{}", begun["id"]);
    as_rita(&github, "DELETE", &one, "").await;
    for path in [REVIEWS, LINES] {
        assert_eq!(as_rita(&github, "GET", path, "").await, json!([]));
    }
    assert_eq!(github.deliveries(), []);
    let done = github.world(|w| w.review("acme/app", 1, ReviewState::Approved, rita("Ok")));
    let one = format!("{REVIEWS}/{done}");
    assert_eq!(
        send(github.url(), "DELETE", &one, &RITA, "").await.status,
        422
    );
}

#[tokio::test]
async fn edits_move_updated_at_and_deliver_the_old_text() {
    let github = one_pull().await;
    let (review, line, talk) = github.world(|world| {
        let review = world.review("acme/app", 1, ReviewState::Commented, rita("Old review"));
        let line = world.review_comment("acme/app", 1, rita("Old line").in_review(review));
        let talk = world.comment("acme/app", 1, rita("Old talk"));
        world.deliveries();
        world.advance(Duration::from_mins(5));
        (review, line, talk)
    });
    let now = github.world(|world| world.now()).to_string();
    let mut tags = Vec::new();
    for path in [REVIEWS, LINES, TALK] {
        let answer = get(github.url(), path).await;
        tags.push(answer.header("etag").unwrap().to_owned());
    }
    let body = r#"{"body": "New"}"#;
    as_rita(&github, "PUT", &format!("{REVIEWS}/{review}"), body).await;
    let line = format!("/repos/acme/app/pulls/comments/{line}");
    as_rita(&github, "PATCH", &line, body).await;
    let talk = format!("/repos/acme/app/issues/comments/{talk}");
    as_rita(&github, "PATCH", &talk, body).await;
    let deliveries = github.deliveries();
    for (delivery, (event, subject, from)) in deliveries.iter().zip([
        ("pull_request_review", "review", "Old review"),
        ("pull_request_review_comment", "comment", "Old line"),
        ("issue_comment", "comment", "Old talk"),
    ]) {
        assert_eq!(
            (delivery.event.as_str(), delivery.action.as_str()),
            (event, "edited")
        );
        let payload = delivery.json();
        assert_eq!(payload["changes"]["body"]["from"], from);
        assert_eq!(payload[subject]["body"], "New");
        assert_eq!(payload["sender"]["login"], "rita");
    }
    assert_eq!(deliveries.len(), 3);
    for (path, tag) in [REVIEWS, LINES, TALK].into_iter().zip(tags) {
        let list = get_if_changed(github.url(), path, &tag).await;
        assert_eq!(list.status, 200, "{path}");
        assert_eq!(list.column("body"), ["New"]);
        if path != REVIEWS {
            assert_eq!(list.column("updated_at"), [now.as_str()]);
        }
        // Only later changes are requested.
        let since = format!("{path}?since={now}");
        assert_eq!(rows(&get(github.url(), &since).await.json()), 1);
    }
    as_rita(&github, "PATCH", &talk, body).await;
    assert_eq!(github.deliveries(), [], "the same text is no edit");
}

#[tokio::test]
async fn a_deletion_delivers_the_comment() {
    let github = one_pull().await;
    let (line, talk) = github.world(|world| {
        let line = world.review_comment("acme/app", 1, rita("Line"));
        (line, world.comment("acme/app", 1, rita("Talk")))
    });
    github.deliveries();
    let line = format!("/repos/acme/app/pulls/comments/{line}");
    let talk = format!("/repos/acme/app/issues/comments/{talk}");
    as_rita(&github, "DELETE", &line, "").await;
    as_rita(&github, "DELETE", &talk, "").await;
    let deliveries = github.deliveries();
    let expected = [
        "pull_request_review_comment deleted",
        "issue_comment deleted",
    ];
    assert_eq!(told(&deliveries), expected);
    assert_eq!(deliveries[0].json()["comment"]["body"], "Line");
    assert_eq!(deliveries[1].json()["comment"]["body"], "Talk");
    for path in [LINES, TALK] {
        assert_eq!(get(github.url(), path).await.json(), json!([]));
    }
    for path in [line, talk] {
        assert_eq!(get(github.url(), &path).await.status, 404);
    }
}

#[tokio::test]
async fn minimizing_a_comment_changes_only_its_state() {
    let github = one_pull().await;
    let id = github.world(|world| world.comment("acme/app", 1, rita("Spam")));
    github.deliveries();
    let before = get(github.url(), TALK).await;
    assert!(before.json()[0]["minimized"].is_null());
    github.world(|world| {
        world.advance(Duration::from_mins(1));
        world.minimize_comment("acme/app", 1, id, "spam");
    });
    let after = get_if_changed(github.url(), TALK, before.header("etag").unwrap()).await;
    assert_eq!(after.status, 200);
    assert_eq!(after.json()[0]["minimized"]["reason"], "spam");
    assert_eq!(after.column("updated_at"), before.column("updated_at"));
    assert_eq!(github.deliveries(), []);
    github.world(|world| world.unminimize_comment("acme/app", 1, id));
    assert_eq!(get(github.url(), TALK).await.json(), before.json());
}

#[tokio::test]
async fn a_comment_says_where_it_stands_and_where_it_stood() {
    let github = one_pull().await;
    let root = github.world(|world| {
        let hunk = "@@ -1,9 +1,9 @@\n-old\n+new";
        let root = rita("Several").on_lines("src/a.rs", 5, 9).hunk(hunk);
        let root = world.review_comment("acme/app", 1, root);
        world.review_comment("acme/app", 1, rita("Old").on_old_line("src/b.rs", 3));
        world.review_comment("acme/app", 1, rita("File").on_file("src/c.rs"));
        root
    });
    let reply = r#"{"body": "Why?"}"#;
    let path = format!("{LINES}/{root}/replies");
    let answer = as_rita(&github, "POST", &path, reply).await;
    assert_eq!(answer["in_reply_to_id"], root);
    let again = format!("{LINES}/{}/replies", answer["id"]);
    let again = as_rita(&github, "POST", &again, reply).await;
    assert_eq!(
        again["in_reply_to_id"], root,
        "a thread is named by its first"
    );
    let list = get(github.url(), LINES).await;
    let field = |name: &str| list.column(name);
    assert_eq!(field("line")[..3], [json!(9), json!(3), Value::Null]);
    assert_eq!(
        field("original_line")[..3],
        [json!(9), json!(3), Value::Null]
    );
    assert_eq!(
        field("start_line")[..3],
        [json!(5), Value::Null, Value::Null]
    );
    assert_eq!(field("side")[..3], ["RIGHT", "LEFT", "RIGHT"]);
    assert_eq!(field("start_side")[..2], [json!("RIGHT"), Value::Null]);
    assert_eq!(field("subject_type")[..3], ["line", "line", "file"]);
    assert_eq!(field("path")[3..], ["src/a.rs", "src/a.rs"]);
    assert!(list.json()[0].get("in_reply_to_id").is_none());
    assert!(field("diff_hunk")[3].as_str().unwrap().contains("+new"));

    let push = NewPush::commit().touching("src/a.rs");
    github.world(|world| world.push_as("acme/app", 1, push));
    let list = get(github.url(), LINES).await;
    assert_eq!(list.column("line")[..2], [Value::Null, json!(3)]);
    assert_eq!(list.column("start_line")[..1], [Value::Null]);
    assert_eq!(list.column("position")[..1], [Value::Null]);
    assert_eq!(list.column("original_line")[..1], [9]);
    assert_eq!(list.column("original_start_line")[..1], [5]);
}

#[tokio::test]
async fn threads_are_resolved_and_opened_as_a_whole() {
    let github = one_pull().await;
    github.world(|world| {
        let root = world.review_comment("acme/app", 1, rita("Root"));
        let reply = world.review_comment("acme/app", 1, rita("Reply").replying_to(root));
        world.review_comment("acme/app", 1, rita("Other"));
        world.deliveries();
        world.resolve_thread("acme/app", 1, reply);
        world.unresolve_thread("acme/app", 1, root);
    });
    let deliveries = github.deliveries();
    let expected = [
        "pull_request_review_thread resolved",
        "pull_request_review_thread unresolved",
    ];
    assert_eq!(told(&deliveries), expected);
    for delivery in deliveries {
        let comments = delivery.json()["thread"]["comments"].clone();
        let texts: Vec<&Value> = comments
            .as_array()
            .unwrap()
            .iter()
            .map(|c| &c["body"])
            .collect();
        assert_eq!(texts, ["Root", "Reply"]);
    }
}

#[tokio::test]
async fn ten_thousand_comments_are_added_and_listed_quickly() {
    let begin = std::time::Instant::now();
    let github = one_pull().await;
    github.world(|world| {
        for n in 0..5_000 {
            world.comment("acme/app", 1, rita(&format!("Talk {n}")));
            world.review_comment("acme/app", 1, rita(&format!("Line {n}")));
        }
    });
    assert_eq!(github.deliveries().len(), 15_000);
    let last = get(github.url(), &format!("{LINES}?per_page=100&page=50")).await;
    assert_eq!(last.column("body")[99], "Line 4999");
    assert!(
        begin.elapsed() < Duration::from_mins(1),
        "{:?}",
        begin.elapsed()
    );
}
