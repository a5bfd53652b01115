//! Every exit code, each with words for people and a document for programs.

use std::net::TcpListener;

use super::{REPO, Schemas, claim, command, document, printed, run, serve, told};
use crate::harness::{API_KEY, Site};

/// Runs a command twice: for people and with `--json`. Both end with this code, and say the same.
#[track_caller]
fn ends(
    code: i32,
    args: &[&str],
    run: impl Fn(&[&str]) -> std::process::Output,
) -> serde_json::Value {
    let plain = run(args);
    assert_eq!(plain.status.code(), Some(code), "{args:?}: {plain:?}");
    assert!(plain.stdout.is_empty(), "stdout is for results: {plain:?}");
    assert!(told(&plain).starts_with("error: "), "{plain:?}");
    let json = run(&[args, &["--json"]].concat());
    assert_eq!(json.status.code(), Some(code), "{args:?}: {json:?}");
    assert!(json.stderr.is_empty(), "{json:?}");
    let body = document(&json);
    assert_eq!(body["ok"], false, "{body}");
    assert!(body["message"].is_string(), "{body}");
    body
}

#[test]
fn each_kind_of_end_has_its_code() {
    let site = Site::with_issues(REPO, 2);
    // 1: nothing to ask.
    let body = ends(1, &["list"], |args| run(&site, args));
    assert_eq!(body["error"], "failed");
    assert!(!site.has_database(), "a database was made");

    let (_service, http, address) = serve(&site);
    let base = format!("http://{address}");
    let schemas = Schemas::of(&http);
    claim(&http, "codex-1", 1);
    // 0: done.
    printed(&run(&site, &["list"]));
    // 2: the command line, a setting, or nobody to ask.
    let body = ends(2, &["release", "harbour#1"], |args| run(&site, args));
    assert!(
        body["message"].as_str().unwrap().contains("codex-1"),
        "{body}"
    );
    ends(2, &["list", "--set", "HTTP_PORT=eighty"], |args| {
        run(&site, args)
    });
    ends(2, &["explain", "no-such-issue"], |args| run(&site, args));
    ends(2, &["lst"], |args| run(&site, args));
    // 3: nothing there.
    let body = ends(
        3,
        &["next", "--as", "bob", "--label", "none-has-it"],
        |args| run(&site, args),
    );
    schemas.check("RefusalRecord", &body);
    ends(3, &["claim", "acme/harbour#99"], |args| run(&site, args));
    ends(3, &["release", "harbour#2"], |args| run(&site, args));
    ends(3, &["explain", "dock#1"], |args| run(&site, args));
    // 4: no key, or a wrong one.
    let to = |key: Option<&'static str>| {
        let (site, base) = (&site, base.clone());
        move |args: &[&str]| {
            let start = command(site, args).env("ISSUECOMMAND_URL", &base);
            match key {
                Some(key) => start.env("ISSUECOMMAND_KEY", key).output(),
                None => start.output(),
            }
        }
    };
    ends(4, &["list"], to(None));
    let body = ends(4, &["list"], to(Some("a-wrong-key")));
    schemas.check("FailureRecord", &body);
    // 5: held by another.
    let body = ends(5, &["claim", "harbour#1", "--as", "bob"], to(Some(API_KEY)));
    assert_eq!(body["owner_agent_id"], "codex-1");
    schemas.check("RefusalRecord", &body);
    // 6: nobody answers.
    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}", nowhere.local_addr().unwrap());
    drop(nowhere);
    ends(6, &["list", "--url", &dead], to(Some(API_KEY)));
}
