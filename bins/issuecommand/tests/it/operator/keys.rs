//! Named keys: created, used, listed and revoked by real programs on one database.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Output;

use serde_json::{Value, json};

use super::{run, stderr, stdout};
use crate::harness::{Http, PATIENCE, Program, Site, Store};

const REPO: &str = "acme/harbour";

on_each_store!(a_key_from_its_making_to_its_end);

/// `issuecommand key …`, with only the settings of the database.
fn key(site: &Site, args: &[&str]) -> Output {
    let args = [&["key"], args].concat();
    let bare = ["GITHUB_TOKEN", "API_KEY", "GITHUB_WEBHOOK_SECRET"].map(|name| (name, None));
    run(site, &args, &bare)
}

/// The secret of a new key.
fn made(site: &Site, args: &[&str]) -> String {
    let output = key(site, &[&["create"], args].concat());
    assert!(output.status.success(), "{output:?}");
    let secret = stdout(&output);
    let secret = secret.strip_suffix('\n').expect("one line");
    assert!(secret.starts_with("ick_") && secret.len() == 68, "{secret}");
    let words = stderr(&output);
    assert!(words.contains(args[0]) && words.contains("key_"), "{words}");
    assert!(!words.contains(secret), "the secret is shown once");
    secret.to_owned()
}

fn listed(site: &Site) -> Vec<Value> {
    let output = key(site, &["list", "--json"]);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_str(&stdout(&output)).unwrap()
}

/// An open event stream after `connected`.
fn listen(address: &str, secret: &str) -> impl Iterator<Item = String> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request =
        format!("GET /sse HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {secret}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut lines = BufReader::new(stream)
        .lines()
        .map(|line| line.expect("a line or the end in time"));
    let greeting = lines.find(|line| line == "event: connected");
    greeting.expect("a greeting");
    lines
}

fn looking_makes_nothing(site: &Site, store: Store) {
    // Listing creates nothing: in a wrong folder that would be a second database.
    let none = key(site, &["list"]);
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    assert!(
        stderr(&none).contains("there is no database at"),
        "{none:?}"
    );
    if matches!(store, Store::Sqlite) {
        assert!(!site.has_database());
        let lost = run(site, &["key", "create", "x"], &[("SQLITE_PATH", None)]);
        assert_eq!(
            lost.status.code(),
            Some(1),
            "no setting names the database: {lost:?}"
        );
        assert!(!site.folder().join("issuecommand.db").exists());
    }
}

fn a_key_from_its_making_to_its_end(store: Store) {
    let site = Site::with_issues_on(store, REPO, 4);
    looking_makes_nothing(&site, store);
    let full = made(&site, &["für ann's laptop", "--expires", "30d"]);
    let mut service = site.program(Program::Combined).start();
    let address = service.address();
    let with = |secret: &str| Http::at(&address).key(secret);
    let claim = |secret: &str, who: &str, n: u32| {
        let body = json!({ "agent_id": who, "repo": REPO, "issue_number": n });
        let reply = with(secret).post("/api/claims", &body);
        (reply.status, reply.body["error"].clone())
    };
    assert_eq!(claim(&full, "ann", 1), (200, Value::Null));

    // The others are created while the service runs, and work at once.
    let bob = made(&site, &["bob", "--agent", "bob"]);
    let reader = made(&site, &["reader", "--read-only"]);
    let other = made(&site, &["other", "--repos", "acme/pier, Acme/Quay"]);
    assert_eq!(claim(&bob, "ann", 2), (403, json!("agent_not_allowed")));
    assert_eq!(claim(&bob, "bob", 2), (200, Value::Null));
    assert_eq!(claim(&reader, "ann", 3), (403, json!("read_only_key")));
    assert_eq!(claim(&other, "ann", 3), (403, json!("repo_not_allowed")));
    let seen = |secret: &str| {
        let claims = with(secret).get("/api/claims").body["claims"].clone();
        claims.as_array().unwrap().len()
    };
    assert_eq!((seen(&full), seen(&reader), seen(&other)), (2, 2, 0));

    let keys = listed(&site);
    let names: Vec<_> = keys.iter().map(|key| key["name"].clone()).collect();
    assert_eq!(names, ["für ann's laptop", "bob", "reader", "other"]);
    assert_eq!(
        (&keys[1]["agent_id"], &keys[2]["read_only"]),
        (&json!("bob"), &json!(true))
    );
    assert_eq!(keys[3]["repos"], json!(["acme/pier", "Acme/Quay"]));
    assert!(keys[0]["expires_at"].is_string() && keys[0]["repos"].is_null());
    assert!(keys.iter().all(|key| key["state"] == "good"), "{keys:?}");
    let list = key(&site, &["list"]);
    assert!(stderr(&list).starts_with("database: "), "{list:?}");
    if matches!(store, Store::Sqlite) {
        let place = site.folder().join("issuecommand.db");
        assert!(stderr(&list).contains(place.to_str().unwrap()), "{list:?}");
    }
    let table = stdout(&list);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 5, "{table}");
    assert!(
        lines[0].starts_with("NAME") && lines[3].contains("reader"),
        "{table}"
    );

    let taken = key(&site, &["create", "bob"]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(stdout(&taken).is_empty() && stderr(&taken).contains("revoke it first"));

    // By name or by id, twice; an open stream ends.
    let stream = listen(&address, &full);
    let id = keys[1]["id"].as_str().unwrap();
    for (which, words) in [
        ("für ann's laptop", "is revoked."),
        ("für ann's laptop", "already"),
        (id, "is revoked."),
    ] {
        let output = key(&site, &["revoke", which]);
        assert!(
            output.status.success() && stderr(&output).contains(words),
            "{output:?}"
        );
    }
    for secret in [&full, &bob] {
        assert_eq!(with(secret).get("/api/claims").status, 401);
    }
    // It ends by itself; a missing line would be an error.
    assert!(stream.count() < 100);
    assert_eq!(with(&reader).get("/api/claims").status, 200);
    let unknown = key(&site, &["revoke", "nobody"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(stderr(&unknown).contains("key list"), "{unknown:?}");
    let states: Vec<_> = listed(&site)
        .iter()
        .map(|key| key["state"].clone())
        .collect();
    assert_eq!(states, ["revoked", "revoked", "good", "good"]);
    // The name is free again.
    made(&site, &["bob", "--agent", "bob"]);

    // No secret is stored: neither in the log, which shows who was admitted and refused, nor in the database.
    let log = service.stderr();
    assert!(log.contains(id), "{log}");
    let mut written = log.into_bytes();
    for entry in std::fs::read_dir(site.folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            written.extend(std::fs::read(path).unwrap());
        }
    }
    let text = String::from_utf8_lossy(&written);
    for secret in [&full, &bob, &reader, &other] {
        assert!(!text.contains(&secret["ick_".len()..]));
    }
    site.assert_sound();
}

#[test]
fn an_invalid_key_is_not_created() {
    let site = Site::with_issues(REPO, 1);
    for (args, words) in [
        (&["", "--read-only"][..], "the name of a key"),
        (&["key_0123456789ab"], "the name of a key"),
        (&["a", "--agent", " "], "agent_id must be"),
        (&["a", "--repos", "harbour"], "owner/name"),
        (&["a", "--repos", ""], "owner/name"),
        (&["a", "--expires", "soon"], "allowed are a time from now"),
        (&["a", "--expires", "0d"], "allowed are a time from now"),
        (&["a", "--expires", "2020-01-01"], "lies in the past"),
        (&["a", "--read-write"], "unexpected argument"),
    ] {
        let output = key(&site, &[&["create"], args].concat());
        assert!(
            !output.status.success() && stdout(&output).is_empty(),
            "{args:?}: {output:?}"
        );
        assert!(stderr(&output).contains(words), "{args:?}: {output:?}");
    }
    assert!(stdout(&key(&site, &["list"])).contains("There are no keys"));
}
