//! Every payload of GitHub's own collection, the npm package `@octokit/webhooks-examples`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use issuecommand_core::webhook::{Ignored, Meaning};
use serde::Deserialize;
use serde_json::Value;

use super::read;

const PACKAGE: &str = "@octokit/webhooks-examples";
const VERSION: &str = "7.6.1";

#[derive(Deserialize)]
struct Event {
    name: String,
    examples: Vec<Value>,
}

/// Every payload with the name of its event, those of github.com first, then those of older GitHub servers.
struct Examples {
    com: Vec<(String, Value)>,
    servers: Vec<(String, Value)>,
}

/// `None`, said aloud, where there is no npm to install them by.
static EXAMPLES: LazyLock<Option<Examples>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("webhooks-examples-{VERSION}"));
    let package = root.join("node_modules").join(PACKAGE);
    if !package.join("package.json").exists() && !install(&root) {
        return None;
    }
    let (mut com, mut servers) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(&package).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("index.json").exists() {
            continue;
        }
        let index = fs::read(folder.join("index.json")).unwrap();
        let of_com = folder.ends_with("api.github.com");
        let payloads = if of_com { &mut com } else { &mut servers };
        for event in serde_json::from_slice::<Vec<Event>>(&index).unwrap() {
            let named = |example| (event.name.clone(), example);
            payloads.extend(event.examples.into_iter().map(named));
        }
    }
    Some(Examples { com, servers })
});

/// Installs beside, then moves into place, so that no other process sees half of it.
fn install(root: &Path) -> bool {
    let beside = PathBuf::from(format!("{}.{}", root.display(), std::process::id()));
    fs::create_dir_all(&beside).unwrap();
    let flags = [
        "install",
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefix",
    ];
    let mut npm = Command::new("npm");
    npm.args(flags)
        .arg(&beside)
        .arg(format!("{PACKAGE}@{VERSION}"));
    let failure = match npm.output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound && std::env::var_os("CI").is_none() =>
        {
            eprintln!("SKIPPED: there is no npm here to install {PACKAGE} by");
            let _ = fs::remove_dir_all(&beside);
            return false;
        }
        Err(error) => Some(error.to_string()),
    };
    if failure.is_none() && fs::rename(&beside, root).is_err() {
        // Another process was faster.
        let _ = fs::remove_dir_all(&beside);
    }
    assert_eq!(failure, None, "npm could not install {PACKAGE}@{VERSION}");
    true
}

/// What an example must come to, by its event and action alone.
fn expected(event: &str, payload: &Value) -> &'static str {
    let action = payload["action"].as_str().unwrap_or_default();
    match (event, action) {
        ("pull_request", "opened" | "edited" | "closed" | "reopened" | "synchronize") => "pull",
        ("pull_request_review", "submitted") => match payload["review"]["state"].as_str() {
            Some("changes_requested") => "feedback",
            _ => "ignored",
        },
        ("pull_request_review_comment", "created") => "feedback",
        ("issue_comment", "created") if payload["issue"]["pull_request"].is_object() => "feedback",
        ("pull_request_review", "dismissed") | ("pull_request_review_thread", "resolved") => {
            "withdrawn"
        }
        ("issues", "locked" | "unlocked" | "pinned" | "unpinned")
        | ("repository", "created" | "edited") => "ignored",
        ("issues", _) if payload["issue"]["pull_request"].is_object() => "ignored",
        ("issues", _) => "issue",
        ("repository", _) => "repo",
        ("installation" | "installation_repositories", _) => "access",
        ("ping", _) => "ping",
        _ => "ignored",
    }
}

fn kind(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Pull { .. } => "pull",
        Meaning::Feedback { .. } => "feedback",
        Meaning::Withdrawn { .. } => "withdrawn",
        Meaning::Issue { .. } => "issue",
        Meaning::Repo { .. } => "repo",
        Meaning::Access { .. } => "access",
        Meaning::Ping => "ping",
        Meaning::Ignored(_) => "ignored",
    }
}

#[test]
fn every_example_is_understood() {
    let Some(examples) = &*EXAMPLES else { return };
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
        if let Meaning::Ignored(why) = &meaning {
            let plain = matches!(why, Ignored::NotActionable(_) | Ignored::PullAction(_));
            assert!(plain, "{event} {action}: {why:?}");
        }
        let (Meaning::Pull { repo, .. }
        | Meaning::Feedback { repo, .. }
        | Meaning::Issue { repo, .. }
        | Meaning::Repo { repo, .. }) = &meaning
        else {
            continue;
        };
        assert_eq!(repo.name.as_str(), payload["repository"]["full_name"]);
        assert!(repo.facts.is_some(), "{event} {action}");
    }
}

#[test]
fn no_example_has_an_effect_under_another_events_header() {
    let Some(examples) = &*EXAMPLES else { return };
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
        // Those of installations all mean the same: look which repositories there are.
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
