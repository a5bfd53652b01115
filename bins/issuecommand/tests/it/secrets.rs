//! Secrets leak nowhere: each is a unique word, and all output and files of a process are searched for it.

use std::path::Path;

use issuecommand_github_emulator::{Fault, World, sign};
use issuecommand_testkit::http::{exchange_blocking, request};
use serde_json::json;

use crate::harness::{Program, Site, Start};

const TOKEN: &str = "canary-token-of-github-5a1c";
const API_KEY: &str = "canary-api-key-77d0-long-enough";
const HOOK: &str = "canary-webhook-secret-90be-long";
/// A wrong key, which must not leak either.
const WRONG: &str = "canary-wrong-key-41fe";

fn settled(start: Start, folder: &Path) -> Start {
    start
        .env("GITHUB_TOKEN", TOKEN)
        .env("API_KEY", API_KEY)
        .env("GITHUB_WEBHOOK_SECRET", HOOK)
        .env("LOG_LEVEL", "trace")
        .env("LOG_FILE", folder.join("all.log").to_str().unwrap())
}

/// The raw response.
fn talk(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let request = request(method, path, headers, body.as_bytes());
    let answer = exchange_blocking(address, &request).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|part| part == word.as_bytes())
}

/// Every file below the folder, with its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn no_secret_is_left_anywhere() {
    let mut world = World::new();
    world.follow_system_clock();
    world.accept_token(TOKEN, "octo-agent");
    world.add_repo("acme/harbour");
    world.open_issue("acme/harbour", "Issue 1");
    let site = Site::new(world);
    let folder = site.folder().to_owned();
    let made = settled(site.program(Program::Combined), &folder)
        .args(&["key", "create", "watch"])
        .output();
    let named = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    assert!(named.starts_with("ick_"), "{named}");
    let mut told = String::from_utf8(made.stderr).unwrap();

    let mut service = settled(site.program(Program::Http), &folder).start();
    let address = service.address();
    let claim = json!({ "agent_id": "a", "repo": "acme/harbour", "issue_number": 1 }).to_string();
    let delivery = json!({ "action": "created", "repository": { "full_name": "acme/harbour" },
        "issue": { "number": 1 }, "comment": { "id": 1, "body": "x" } })
    .to_string();
    let mut everything = |headers: &[(&str, &str)]| {
        for (method, path, body) in [
            ("GET", "/healthz", ""),
            ("GET", "/metrics", ""),
            ("GET", "/api/repos", ""),
            ("GET", "/api/health", ""),
            ("GET", "/api/repos/acme/harbour/issues", ""),
            ("GET", "/api/issues/acme/harbour/99", ""),
            ("POST", "/api/claims", claim.as_str()),
            ("POST", "/api/claims", "{"),
            ("POST", "/api/next-work", r#"{"agent_id":"b"}"#),
            ("GET", "/nowhere", ""),
            ("POST", "/api/webhooks/github", delivery.as_str()),
        ] {
            told.push_str(&talk(&address, method, path, headers, body));
        }
    };
    let signature = sign(HOOK, delivery.as_bytes());
    let forged = sign(WRONG, delivery.as_bytes());
    let bearers = [API_KEY, WRONG, &named].map(|key| format!("Bearer {key}"));
    let event = ("X-GitHub-Event", "issue_comment");
    for round in ["well", "refused", "broken", "hung up on"] {
        for bearer in &bearers {
            everything(&[
                ("Authorization", bearer),
                event,
                ("X-GitHub-Delivery", round),
            ]);
        }
        for signature in [&signature, &forged] {
            everything(&[("X-Hub-Signature-256", signature), event]);
        }
        site.github.end_faults();
        site.github.fault(
            "/**",
            match round {
                "well" => Fault::status(401),
                "refused" => Fault::status(500),
                _ => Fault::break_off(),
            },
        );
    }
    site.github.end_faults();
    for args in [
        &["config", "show"][..],
        &["config", "check"],
        &["doctor"],
        &["--help"],
        &["key", "list"],
    ] {
        let output = settled(site.program(Program::Combined), &folder)
            .args(args)
            .output();
        told.push_str(&String::from_utf8_lossy(&output.stdout));
        told.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    // An invalid setting is shown, unless it is a secret.
    let wrong = settled(site.program(Program::Combined), &folder)
        .env("HTTP_PORT", "many")
        .output();
    told.push_str(&String::from_utf8_lossy(&wrong.stderr));
    assert!(
        told.contains("many") && told.contains("issuecommand_claims"),
        "{told}"
    );
    service.signal("TERM");
    service.wait_for_end(crate::harness::PATIENCE);

    let mut all = files(&folder);
    let logged = all
        .iter()
        .any(|(name, bytes)| name.ends_with("all.log") && bytes.len() > 10_000);
    assert!(logged, "everything was logged");
    all.push(("the answers".to_owned(), told.into_bytes()));
    for (name, bytes) in &all {
        for secret in [TOKEN, API_KEY, HOOK, WRONG, &named] {
            assert!(!contains(bytes, secret), "{secret} stands in {name}");
        }
    }
}
