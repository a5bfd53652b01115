//! Branches, forks, pushes of all kinds, and the timeline of pull requests.

use std::time::Duration;

use issuecommand_github_emulator::{
    GithubEmulator, NewComment, NewIssue, NewPull, NewPush, TimelineKind, World,
};
use serde_json::Value;

use super::{emulator_with, world_with};
use crate::raw::{get, get_if_changed, send};

const PULL: &str = "/repos/acme/app/pulls/1";

async fn one_pull() -> GithubEmulator {
    let mut world = world_with(0);
    world.open_pull("acme/app", NewPull::from_branch("work", "Work"));
    world.advance(Duration::from_mins(1));
    world.record_deliveries();
    crate::raw::start(world).await
}

async fn json(github: &GithubEmulator, path: &str) -> Value {
    let answer = get(github.url(), path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_head_is_in_the_repository_in_a_fork_or_deleted() {
    let github = emulator_with(0).await;
    github.world(|world| {
        world.open_pull(
            "acme/app",
            NewPull::from_branch("a", "Own").from_fork("ACME"),
        );
        for branch in ["b", "c"] {
            let pull = NewIssue::titled("Foreign").by("mallory");
            let pull = NewPull::from_branch(branch, pull).from_fork("mallory");
            world.open_pull("acme/app", pull);
        }
        let pull = NewPull::from_branch("d", "Gone").from_deleted_fork("gone");
        world.open_pull("acme/app", pull);
    });
    let own = json(&github, "/repos/acme/app/pulls/1").await;
    assert_eq!(own["head"]["repo"]["id"], own["base"]["repo"]["id"]);
    assert_eq!(own["head"]["label"], "acme:a");
    let one = json(&github, "/repos/acme/app/pulls/2").await;
    let other = json(&github, "/repos/acme/app/pulls/3").await;
    assert_eq!(one["head"]["repo"]["full_name"], "mallory/app");
    assert_eq!(one["head"]["repo"]["fork"], true);
    assert_ne!(one["head"]["repo"]["id"], one["base"]["repo"]["id"]);
    assert_eq!(one["head"]["repo"]["id"], other["head"]["repo"]["id"]);
    let gone = json(&github, "/repos/acme/app/pulls/4").await;
    assert!(gone["head"]["repo"].is_null(), "{gone}");
    github.world(|world| world.delete_fork("acme/app", 2));
    let gone = json(&github, "/repos/acme/app/pulls/2").await;
    assert!(gone["head"]["repo"].is_null(), "{gone}");
    let head = "/repos/acme/app/pulls?head=mallory:c";
    assert_eq!(get(github.url(), head).await.numbers(), [3]);
}

#[tokio::test]
async fn a_push_has_a_commit_and_its_delivery_names_before_and_after() {
    let github = one_pull().await;
    let before = json(&github, PULL).await["head"]["sha"].clone();
    let future = "2031-05-01T00:00:00Z".parse().unwrap();
    let push = NewPush::commit().by("ada").dated(future);
    let after = github.world(|world| world.push_as("acme/app", 1, push));
    let told = github.deliveries();
    let told = told.iter().find(|d| d.action == "synchronize").unwrap();
    let told = told.json();
    assert_eq!(
        (&told["before"], &told["after"]),
        (&before, &after.as_str().into())
    );
    assert_eq!(told["sender"]["login"], "ada");
    let commit = json(&github, &format!("/repos/acme/app/commits/{after}")).await;
    assert_eq!(commit["parents"][0]["sha"], before);
    assert_eq!(
        commit["commit"]["committer"]["date"],
        "2031-05-01T00:00:00Z"
    );
    let by_branch = json(&github, "/repos/acme/app/commits/work").await;
    assert_eq!(by_branch["sha"], after.as_str());
    let unknown = "/repos/acme/app/commits/0123456789012345678901234567890123456789";
    assert_eq!(get(github.url(), unknown).await.status, 422);
    let commits = get(github.url(), &format!("{PULL}/commits")).await;
    assert_eq!(commits.column("sha"), [before, after.as_str().into()]);
    let pulls = get(
        github.url(),
        &format!("/repos/acme/app/commits/{after}/pulls"),
    )
    .await;
    assert_eq!(pulls.numbers(), [1]);
}

#[tokio::test]
async fn updating_a_branch_merges_the_base_and_leaves_comments_where_they_are() {
    let github = one_pull().await;
    let before = json(&github, PULL).await["head"]["sha"].clone();
    let after = github.world(|world| {
        let here = NewComment::saying("Here").on_line("src/a.rs", 4);
        world.review_comment("acme/app", 1, here);
        world.push_to_branch("acme/app", "main");
        world.push_as("acme/app", 1, NewPush::update_branch())
    });
    let commit = json(&github, &format!("/repos/acme/app/commits/{after}")).await;
    let base = json(&github, "/repos/acme/app/commits/main").await;
    assert_eq!(commit["committer"]["login"], "web-flow");
    assert_eq!(commit["parents"][0]["sha"], before);
    assert_eq!(commit["parents"][1]["sha"], base["sha"]);
    let compare = format!("/repos/acme/app/compare/main...{after}");
    let compare = json(&github, &compare).await;
    assert_eq!(
        (&compare["status"], &compare["behind_by"]),
        (&"ahead".into(), &0.into())
    );
    let lines = format!("{PULL}/comments");
    assert_eq!(get(github.url(), &lines).await.column("line"), [4]);

    // By hand, and with nothing new on the base, which therefore gets one more commit.
    let by_hand = github.world(|world| world.push_as("acme/app", 1, NewPush::merge_of_base()));
    let commit = json(&github, &format!("/repos/acme/app/commits/{by_hand}")).await;
    assert_eq!(commit["committer"]["login"], "octo-agent");
    let newer = json(&github, "/repos/acme/app/commits/main").await;
    assert_ne!(newer["sha"], base["sha"]);
    assert_eq!(commit["parents"][1]["sha"], newer["sha"]);
    assert_eq!(get(github.url(), &lines).await.column("line"), [4]);

    // A merge of another branch is work.
    let merge = NewPush::merge_of("feature");
    let other = github.world(|world| world.push_as("acme/app", 1, merge));
    let commit = json(&github, &format!("/repos/acme/app/commits/{other}")).await;
    let parents = commit["parents"].as_array().unwrap();
    assert_eq!(parents.len(), 2);
    let second = parents[1]["sha"].as_str().unwrap();
    let compare = json(&github, &format!("/repos/acme/app/compare/main...{second}")).await;
    assert_eq!(compare["ahead_by"], 1, "it does not lie on the base");
    assert_eq!(
        get(github.url(), &lines).await.column("line"),
        [Value::Null]
    );
}

#[tokio::test]
async fn the_timeline_shows_a_force_push() {
    let github = one_pull().await;
    let before = json(&github, PULL).await["head"]["sha"].clone();
    let after = github.world(|world| world.push_as("acme/app", 1, NewPush::force()));
    let compare = format!(
        "/repos/acme/app/compare/{}...{after}",
        before.as_str().unwrap()
    );
    let compare = json(&github, &compare).await;
    assert_eq!(
        (
            &compare["status"],
            &compare["ahead_by"],
            &compare["behind_by"]
        ),
        (&"diverged".into(), &1.into(), &1.into())
    );
    let events = get(github.url(), "/repos/acme/app/issues/1/events").await;
    assert_eq!(events.column("event"), ["head_ref_force_pushed"]);
    assert_eq!(events.column("commit_id"), [after.as_str()]);
    let commits = get(github.url(), &format!("{PULL}/commits")).await;
    assert_eq!(commits.column("sha"), [after.as_str()]);
}

#[tokio::test]
async fn the_base_the_text_and_the_draft_change() {
    let github = one_pull().await;
    let old = json(&github, PULL).await["base"].clone();
    let (tag, as_issue) = {
        let answer = get(github.url(), PULL).await;
        let list = get(github.url(), "/repos/acme/app/issues").await;
        (
            answer.header("etag").unwrap().to_owned(),
            list.header("etag").unwrap().to_owned(),
        )
    };
    github.world(|world| {
        world.acting_as("mallory", |world| {
            world.change_base("acme/app", 1, "next");
            world.edit_body("acme/app", 1, "Closes #9");
            world.edit_body("acme/app", 1, "Closes #8");
            world.convert_to_draft("acme/app", 1);
            world.ready_for_review("acme/app", 1);
        });
    });
    let told = github.deliveries();
    let actions: Vec<&str> = told.iter().map(|d| d.action.as_str()).collect();
    let expected = [
        "edited",
        "edited",
        "edited",
        "converted_to_draft",
        "ready_for_review",
    ];
    assert_eq!(actions, expected);
    let base = &told[0].json()["changes"]["base"];
    assert_eq!(base["ref"]["from"], "main");
    assert_eq!(base["sha"]["from"], old["sha"]);
    assert!(told[1].json()["changes"]["body"]["from"].is_null());
    assert_eq!(told[2].json()["changes"]["body"]["from"], "Closes #9");
    assert_eq!(told[2].json()["sender"]["login"], "mallory");
    assert_eq!(told[3].json()["pull_request"]["draft"], true);
    assert_eq!(json(&github, PULL).await["base"]["ref"], "next");
    assert_eq!(get_if_changed(github.url(), PULL, &tag).await.status, 200);
    let list = get_if_changed(github.url(), "/repos/acme/app/issues", &as_issue).await;
    assert_eq!(list.status, 200);

    let body = r#"{"title": "Better", "body": "Closes #7", "base": "main", "state": "closed"}"#;
    let patched = send(github.url(), "PATCH", PULL, &[], body).await.json();
    assert_eq!(
        (
            &patched["title"],
            &patched["base"]["ref"],
            &patched["state"]
        ),
        (&"Better".into(), &"main".into(), &"closed".into())
    );
}

#[tokio::test]
async fn the_history_tells_of_closing_opening_and_merging() {
    let github = one_pull().await;
    github.world(|world| {
        let mut minute = |act: &dyn Fn(&mut World)| {
            world.advance(Duration::from_mins(1));
            act(world);
        };
        minute(&|w| w.close_pull("acme/app", 1));
        minute(&|w| w.reopen("acme/app", 1));
        minute(&|w| {
            w.comment("acme/app", 1, "Hm.");
        });
        minute(&|w| w.merge_pull("acme/app", 1));
        let happened = &w_timeline(world)[..];
        assert!(matches!(
            happened,
            [
                TimelineKind::Closed,
                TimelineKind::Reopened,
                TimelineKind::Merged(_),
                TimelineKind::Closed
            ]
        ));
    });
    let timeline = get(github.url(), "/repos/acme/app/issues/1/timeline").await;
    let expected = [
        "committed",
        "closed",
        "reopened",
        "commented",
        "merged",
        "closed",
    ];
    assert_eq!(timeline.column("event"), expected);
    let pull = json(&github, PULL).await;
    let merged = json(&github, "/repos/acme/app/commits/main").await;
    assert_eq!(pull["merge_commit_sha"], merged["sha"]);
    assert_eq!(merged["parents"][1]["sha"], pull["head"]["sha"]);
    for time in ["created_at", "closed_at", "merged_at"] {
        assert!(pull[time].is_string(), "{time}: {pull}");
    }
    let commits = get(github.url(), &format!("{PULL}/commits")).await;
    assert_eq!(commits.column("sha"), [pull["head"]["sha"].clone()]);
}

fn w_timeline(world: &World) -> Vec<TimelineKind> {
    let issue = world.issue("acme/app", 1).unwrap();
    issue
        .timeline
        .iter()
        .map(|event| event.what.clone())
        .collect()
}
