//! `issuecommand notify`.

use std::fs;
use std::process::Output;

use serde_json::Value;

use super::receiver::Receiver;
use super::{REPO, SECRET, claim, synced, wait_for_endpoint};
use crate::harness::{PATIENCE, Program, Site, Store, wait_for};

on_each_store!(
    endpoints_are_added_tried_listed_and_removed,
    what_was_missed_is_sent_on_request
);

fn run(site: &Site, words: &[&str]) -> Output {
    let all = [&["notify"], words].concat();
    let program = site.program(Program::Combined);
    program
        .env("NOTIFY_ALLOW_PRIVATE", "true")
        .args(&all)
        .output()
}

/// The standard output of a command that succeeds.
fn text(site: &Site, words: &[&str]) -> String {
    let output = run(site, words);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(site: &Site, words: &[&str]) -> Value {
    let text = text(site, &[words, &["--json"]].concat());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What a command that fails says.
fn refused(site: &Site, words: &[&str]) -> String {
    let output = run(site, words);
    assert!(!output.status.success(), "{words:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn endpoints_are_added_tried_listed_and_removed(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    let toml = site.folder().join("issuecommand.toml");
    let env = site.folder().join(".env");
    let before = "# ours\nlog_level = \"info\" # keep\n";
    fs::write(&toml, before).unwrap();
    let receiver = Receiver::answering(200);
    let url = format!("http://{}/secret-path", receiver.address);
    assert_eq!(
        text(&site, &["list"]),
        "Nobody is told anything. issuecommand notify add makes an endpoint.\n"
    );
    let said = text(
        &site,
        &[
            "add",
            "slack",
            &url,
            "--name",
            "team",
            "--on",
            "needs_you,merged",
            "--quiet",
            "22:00-07:00",
        ],
    );
    assert!(said.starts_with("Added team to "), "{said}");
    let written = fs::read_to_string(&toml).unwrap();
    assert!(
        written.starts_with(before) && !written.contains("secret-path"),
        "{written}"
    );
    assert!(written.contains("[[notify]]\nname = \"team\"\nkind = \"slack\"\nurl_env = \"NOTIFY_TEAM_URL\"\non = [\"needs_you\", \"merged\"]\n"), "{written}");
    assert_eq!(
        fs::read_to_string(&env).unwrap(),
        format!("NOTIFY_TEAM_URL='{url}'\n")
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            fs::metadata(&env).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let added = json(&site, &["add", "webhook", &url, "--name", "ci"]);
    let secret = added["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"), "{added}");
    assert!(
        fs::read_to_string(&env)
            .unwrap()
            .contains(&format!("NOTIFY_CI_SECRET='{secret}'\n"))
    );

    // Errors change nothing.
    let (toml_now, env_now) = (
        fs::read_to_string(&toml).unwrap(),
        fs::read_to_string(&env).unwrap(),
    );
    for (words, said) in [
        (
            &["add", "slack", &url, "--name", "team"][..],
            "there is an endpoint \"team\" already",
        ),
        (
            &["add", "slack", "not an address", "--name", "x"],
            "NOTIFY_X_URL is no https:// address",
        ),
        (
            &["add", "slack", &url, "--name", "x", "--on", "nothing"],
            "\"nothing\" is none of needs_you",
        ),
        (&["add", "slack", "--name", "x"], "url_env is missing"),
        (&["add", "slack", &url, "--name", "Ä"], "1 to 40 of a-z"),
        (&["add", "sms", &url], "invalid value 'sms'"),
        (
            &["test", "nobody"],
            "no endpoint has the name \"nobody\"; there are: team, ci",
        ),
        (&["remove", "nobody"], "no endpoint has the name \"nobody\""),
    ] {
        let error = refused(&site, words);
        assert!(error.contains(said), "{words:?}: {error}");
    }
    assert_eq!(fs::read_to_string(&toml).unwrap(), toml_now);
    assert_eq!(fs::read_to_string(&env).unwrap(), env_now);

    assert!(text(&site, &["test", "team"]).contains("team (127.0.0.1): delivered (200)"));
    assert_eq!(
        receiver.bodies()[0]["text"],
        "A test of IssueCommand's notifications"
    );
    assert_eq!(json(&site, &["test", "ci"])["delivered"], true);
    receiver.answer(500);
    assert!(
        refused(&site, &["test", "team"]).contains("team (127.0.0.1): the receiver answered 500")
    );

    let listed = json(&site, &["list"]);
    let names: Vec<&str> = listed["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["team", "ci"]);
    assert_eq!(
        listed["endpoints"][0]["on"],
        serde_json::json!(["needs_you", "merged"])
    );
    assert!(!listed.to_string().contains("secret-path"));
    assert!(text(&site, &["remove", "team"]).starts_with("Took team out of "));
    assert!(text(&site, &["remove", "ci"]).starts_with("Took ci out of "));
    assert_eq!(fs::read_to_string(&toml).unwrap(), before);
}

fn what_was_missed_is_sent_on_request(store: Store) {
    let site = Site::with_issues_on(store, REPO, 5);
    let receiver = Receiver::answering(410);
    let url = format!("http://{}/hook", receiver.address);
    fs::write(
        site.folder().join(".env"),
        format!("HOOK_URL={url}\nHOOK_SECRET={SECRET}\n"),
    )
    .unwrap();
    text(
        &site,
        &[
            "add",
            "webhook",
            "--name",
            "ci",
            "--url-env",
            "HOOK_URL",
            "--secret-env",
            "HOOK_SECRET",
            "--on",
            "claim.created",
        ],
    );
    let start = || {
        site.program(Program::Http)
            .env("NOTIFY_ALLOW_PRIVATE", "true")
    };
    let mut service = start().start();
    let http = synced(&mut service);
    wait_for_endpoint(&site);
    claim(&http, "ann", 1);
    let disabled = wait_for("the endpoint to be disabled", PATIENCE, || {
        let listed = json(&site, &["list"]);
        Some(listed["endpoints"][0].clone()).filter(|one| one["disabled_at"].is_string())
    });
    assert!(
        disabled["disabled_why"].as_str().unwrap().contains("410"),
        "{disabled}"
    );
    claim(&http, "ben", 2);
    let shown = json(&site, &["deliveries", "ci"]);
    let [only] = &shown["deliveries"].as_array().unwrap()[..] else {
        panic!("{shown}")
    };
    assert_eq!(
        (&only["state"], &only["status"]),
        (&"failed".into(), &410.into())
    );
    assert_eq!(only["content"]["data"]["issue_number"], 1);
    assert!(text(&site, &["deliveries", "--state", "failed"]).contains("claim.created"));

    // The receiver is back: a test enables the endpoint, and says what it missed.
    receiver.answer(200);
    let output = run(&site, &["test", "ci"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let hint = said
        .split("replay ci --since ")
        .nth(1)
        .unwrap_or_else(|| panic!("{said}"));
    let since = hint.split('`').next().unwrap();
    text(&site, &["replay", "ci", "--since", since]);
    let id = only["id"].as_str().unwrap();
    text(&site, &["replay", id]);
    let ids = wait_for("what was missed", PATIENCE, || {
        let mut ids = receiver.ids();
        ids.retain(|id| id.starts_with("evt_"));
        ids.sort();
        Some(ids).filter(|ids| ids.len() == 3)
    });
    assert_eq!(ids.iter().filter(|sent| *sent == id).count(), 2, "{ids:?}");
    assert!(refused(&site, &["replay", "ci", "--since", "999999"]).contains("none of this log"));
    assert!(refused(&site, &["replay", "evt_0"]).contains("no notification has the id"));
}
