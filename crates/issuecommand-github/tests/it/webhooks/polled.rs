//! A poll and a delivery of the same change give the same event.

use issuecommand_core::domain::pull_request::{LinkedPull, PullValidators};
use issuecommand_core::domain::webhook::{GithubEvent, MARKER};
use issuecommand_core::ports::github::GitHub;
use issuecommand_github_emulator::{
    Association, GithubEmulator, NewComment, NewIssue, NewPull, ReviewState, World,
};
use issuecommand_testkit::http::github_json;
use serde_json::{Value, json};

use super::read;
use crate::setup::{Setup, app, number};

async fn raw(github: &GithubEmulator, path: &str) -> Value {
    github_json(
        github.url(),
        "test-token",
        &format!("/repos/acme/app{path}"),
    )
    .await
}

/// The deliveries for the current state of GitHub.
async fn deliveries(github: &GithubEmulator, pull: u64) -> Vec<GithubEvent> {
    let (repository, whole) = (
        raw(github, "").await,
        raw(github, &format!("/pulls/{pull}")).await,
    );
    let mut issue = raw(github, &format!("/issues/{pull}")).await;
    issue["pull_request"] = json!({"html_url": whole["html_url"], "merged_at": null});
    let mut told = vec![read(
        "pull_request",
        &json!({"action": "edited", "pull_request": whole, "repository": repository}),
    )];
    // Deliveries about reviews contain the pull request as in lists.
    let listed = raw(github, "/pulls").await[0].clone();
    for mut review in raw(github, &format!("/pulls/{pull}/reviews"))
        .await
        .as_array()
        .unwrap()
        .clone()
    {
        let state = review["state"].as_str().unwrap().to_lowercase();
        review["state"] = json!(state);
        let action = if state == "dismissed" {
            "dismissed"
        } else {
            "submitted"
        };
        let body = json!({"action": action, "review": review, "pull_request": listed, "repository": repository});
        told.push(read("pull_request_review", &body));
    }
    for comment in raw(github, &format!("/pulls/{pull}/comments"))
        .await
        .as_array()
        .unwrap()
    {
        let body = json!({"action": "created", "comment": comment, "pull_request": listed, "repository": repository});
        told.push(read("pull_request_review_comment", &body));
    }
    for comment in raw(github, &format!("/issues/{pull}/comments"))
        .await
        .as_array()
        .unwrap()
    {
        let body = json!({"action": "created", "comment": comment, "issue": issue, "repository": repository});
        told.push(read("issue_comment", &body));
    }
    told
}

/// The content of an event without its channel.
fn essence(meaning: &GithubEvent) -> Value {
    match meaning {
        GithubEvent::Pull { repo, pull, .. } => json!(["pull", repo, pull]),
        GithubEvent::Feedback {
            repo,
            source,
            voice,
            pull,
        } => {
            let mut source = source.clone();
            // A delivery has the time at which a line comment was published, a poll that of its review's submission.
            source.updated_at = None;
            json!(["said", repo, source, voice.bot, voice.marked, pull.number])
        }
        GithubEvent::Withdrawn {
            repo,
            sources,
            ending,
            pull,
            reviewer,
            at,
        } => {
            json!([
                "withdrawn",
                repo,
                sources,
                ending,
                pull.number,
                reviewer,
                at
            ])
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_poll_and_deliveries_tell_the_same() {
    let mut world = World::new();
    world.add_repo("acme/app");
    world.open_issue("acme/app", "Login loops");
    world.add_member("acme/app", "ada", Association::Member);
    let new = NewIssue::titled("Mend login").body("Closes #1").by("ada");
    let pull = world.open_pull("acme/app", NewPull::from_branch("mend", new));
    let setup = Setup::with(world).await;
    setup.github.world(|world| {
        let second = std::time::Duration::from_secs(1);
        for round in 0..4_u32 {
            for (state, body) in [
                (ReviewState::ChangesRequested, "No"),
                (ReviewState::Approved, "Yes"),
                (ReviewState::Dismissed, "Maybe"),
            ] {
                world.advance(second);
                world.review("acme/app", pull, state, NewComment::saying(body).by("rita"));
            }
            world.advance(second);
            let line = NewComment::saying("here").by("lint[bot]");
            world.review_comment("acme/app", pull, line);
            world.advance(second);
            let reply = format!("Done. {MARKER}");
            world.comment("acme/app", pull, NewComment::saying(&reply).by_ghost());
            if round == 1 {
                world.push("acme/app", pull);
            }
        }
    });
    let linked = LinkedPull {
        repo: app(),
        number: number(pull),
        head: None,
        waiting: Vec::new(),
        validators: PullValidators::default(),
    };
    let polled = setup.rest.pull_news(&linked).await.unwrap().meanings;
    let polled: Vec<Value> = polled.iter().map(essence).collect();
    let delivered = deliveries(&setup.github, pull).await;
    // A review without text is ignored on both channels.
    let worth = |meaning: &&GithubEvent| !matches!(meaning, GithubEvent::Ignored(_));
    let delivered: Vec<Value> = delivered.iter().filter(worth).map(essence).collect();
    assert_eq!(polled.len(), 1 + 4 * (3 + 1 + 1));
    assert_eq!(polled, delivered);
}
