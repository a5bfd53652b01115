//! Every payload of GitHub's examples, the npm package `@octokit/webhooks-examples`.

use std::sync::LazyLock;

use issuecommand_core::domain::webhook::{GithubEvent, Ignored};
use issuecommand_testkit::machine::Program;
use issuecommand_testkit::payloads::Payloads;
use serde_json::Value;

use super::read;

static EXAMPLES: LazyLock<Result<Payloads, String>> =
    LazyLock::new(|| Payloads::load(env!("CARGO_TARGET_TMPDIR")));

/// Each test without them reports that.
fn examples() -> Option<&'static Payloads> {
    let examples = EXAMPLES.as_ref();
    examples.map_err(|why| Program::Npm.is_missing(why)).ok()
}

/// The expected result of an example, by its event and action alone.
fn expected(event: &str, payload: &Value) -> &'static str {
    let action = payload["action"].as_str().unwrap_or_default();
    match (event, action) {
        (
            "pull_request",
            "opened" | "edited" | "closed" | "reopened" | "synchronize" | "ready_for_review",
        ) => "pull",
        ("pull_request_review", "submitted" | "edited") => {
            let text = payload["review"]["body"].as_str().unwrap_or_default();
            match payload["review"]["state"].as_str() {
                Some("changes_requested") => "feedback",
                Some("commented") if !text.trim().is_empty() => "feedback",
                Some("approved" | "dismissed") => "withdrawn",
                _ => "ignored",
            }
        }
        ("pull_request_review_comment", "created" | "edited") => "feedback",
        ("issue_comment", "created" | "edited") if payload["issue"]["pull_request"].is_object() => {
            "feedback"
        }
        ("issue_comment", "deleted") if payload["issue"]["pull_request"].is_object() => "withdrawn",
        ("issue_comment", "created" | "edited" | "deleted") => "comment on an issue",
        ("issue_dependencies", _) => "dependency",
        ("sub_issues", _) => "sub_issue",
        ("pull_request_review", "dismissed")
        | ("pull_request_review_comment", "deleted")
        | ("pull_request_review_thread", "resolved") => "withdrawn",
        ("pull_request_review_thread", "unresolved") => "unresolved",
        ("issues", "locked" | "unlocked" | "pinned" | "unpinned")
        | ("repository", "created" | "edited") => "ignored",
        ("issues", _) if payload["issue"]["pull_request"].is_object() => "ignored",
        ("issues", _) if payload["changes"]["new_issue"].is_object() => "transferred",
        ("issues", _) if payload["changes"]["old_issue"].is_object() => "transferred",
        ("issues", _) => "issue",
        ("label" | "milestone", "edited" | "deleted" | "opened" | "closed") => "relabelled",
        ("member", "added" | "edited" | "removed") => "member",
        ("repository", _) => "repo",
        ("installation" | "installation_repositories", _) => "access",
        ("ping", _) => "ping",
        _ => "ignored",
    }
}

fn kind(meaning: &GithubEvent) -> &'static str {
    match meaning {
        GithubEvent::Pull { .. } => "pull",
        GithubEvent::Feedback { .. } => "feedback",
        GithubEvent::Withdrawn { .. } => "withdrawn",
        GithubEvent::Unresolved { .. } => "unresolved",
        GithubEvent::Issue { .. } => "issue",
        GithubEvent::Transferred { .. } => "transferred",
        GithubEvent::Dependency { .. } => "dependency",
        GithubEvent::SubIssue { .. } => "sub_issue",
        GithubEvent::IssueComment { .. } => "comment on an issue",
        GithubEvent::Relabelled { .. } => "relabelled",
        GithubEvent::Member { .. } => "member",
        GithubEvent::Repo { .. } => "repo",
        GithubEvent::Access { .. } => "access",
        GithubEvent::Ping => "ping",
        GithubEvent::Ignored(_) => "ignored",
    }
}

#[test]
fn every_example_is_understood() {
    let Some(examples) = examples() else { return };
    let (com, servers) = (&examples.com, &examples.servers);
    assert!(com.len() >= 329, "only {}", com.len());
    for (event, payload) in com.iter().chain(servers) {
        let meaning = read(event, payload);
        let action = &payload["action"];
        assert_eq!(
            kind(&meaning),
            expected(event, payload),
            "{event} {action}: {meaning:?}"
        );
        if let GithubEvent::Ignored(why) = &meaning {
            let plain = matches!(why, Ignored::NotActionable(_) | Ignored::PullAction(_));
            assert!(plain, "{event} {action}: {why:?}");
        }
        let (GithubEvent::Pull { repo, .. }
        | GithubEvent::Feedback { repo, .. }
        | GithubEvent::Issue { repo, .. }
        | GithubEvent::Repo { repo, .. }) = &meaning
        else {
            continue;
        };
        assert_eq!(repo.name.as_str(), payload["repository"]["full_name"]);
        assert!(repo.facts.is_some(), "{event} {action}");
    }
}

#[test]
fn no_example_has_an_effect_under_another_events_header() {
    let Some(examples) = examples() else { return };
    let events = [
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_review_thread",
        "issue_comment",
        "issues",
        "repository",
        "installation",
        "installation_repositories",
        "installation_target",
    ];
    for (own, payload) in &examples.com {
        // All events of installations cause a refetch of the repositories.
        let others = events.into_iter().filter(|event| {
            event != own && !(event.starts_with("installation") && own.starts_with("installation"))
        });
        for event in others {
            let meaning = read(event, payload);
            let action = &payload["action"];
            assert_eq!(kind(&meaning), "ignored", "{own} {action} as {event}");
        }
    }
}
