//! Bad input through both surfaces on a real database file gives the contract's error and changes not one byte of domain data.

use serde_json::{Value, json};

use crate::world::{API, Dump, Http, Mcp, Setup, github_with};

const CLAIM: &str = "00000000-0000-4000-8000-000000000000";

/// A synced world with a claim in progress.
async fn busy() -> (Setup, Dump) {
    let setup = Setup::synced(github_with(3)).await;
    setup.claim("ann", API, 1).await.unwrap();
    let dump = setup.dump().await;
    assert_eq!((dump.rows("issue"), dump.rows("claim")), (3, 1));
    (setup, dump)
}

/// Bodies that every route rejects.
fn bodies() -> Vec<(&'static str, Vec<u8>, u16)> {
    let large = json!({ "agent_id": "ann", "note": "x".repeat(10 * 1024 * 1024) });
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut utf8 = br#"{"agent_id":""#.to_vec();
    utf8.extend([0xC3, 0x28, 0xFF]);
    utf8.extend(br#"","repo":"acme/api","issue_number":2,"status":"released"}"#);
    vec![
        ("nothing", Vec::new(), 400),
        ("white space", b"  \n".to_vec(), 400),
        ("not JSON", b"agent_id=ann".to_vec(), 400),
        ("half of it", br#"{"agent_id":"ann","#.to_vec(), 400),
        ("two of it", br#"{"agent_id":"ann"}{}"#.to_vec(), 400),
        ("null", b"null".to_vec(), 400),
        ("an array", br#"["ann"]"#.to_vec(), 400),
        ("a text", br#""ann""#.to_vec(), 400),
        ("a number", b"7".to_vec(), 400),
        ("a tower", deep.into_bytes(), 400),
        ("invalid UTF-8", utf8, 400),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec(), 400),
        ("10 MB", large.to_string().into_bytes(), 413),
        ("10 MB of nothing", vec![b' '; 10 * 1024 * 1024], 413),
        ("an empty object", b"{}".to_vec(), 400),
        ("NUL", br#"{"agent_id":"a\u0000b"}"#.to_vec(), 400),
    ]
}

/// Objects with one invalid field, for a tool and its route.
fn objects() -> Vec<(&'static str, Value)> {
    let claim = |number: Value| json!({ "agent_id": "ann", "repo": API, "issue_number": number });
    let repo = |name: Value| json!({ "agent_id": "ann", "repo": name, "issue_number": 2 });
    let agent = |name: Value| json!({ "agent_id": name, "repo": API, "issue_number": 2 });
    let status = |word: Value| json!({ "agent_id": "ann", "claim_id": CLAIM, "status": word });
    let mut all = Vec::new();
    for number in [
        json!(null),
        json!(0),
        json!(-2),
        json!(i64::MIN),
        json!(2_147_483_648_u64),
        json!(u64::MAX),
        json!(1e300),
        json!(2.5),
        json!("two"),
        json!(""),
        json!(true),
        json!([2]),
        json!({ "number": 2 }),
        json!("9".repeat(400)),
    ] {
        all.push(("claim_issue", claim(number)));
    }
    for name in [
        json!(null),
        json!(""),
        json!("  "),
        json!(7),
        json!("acme"),
        json!("acme/"),
        json!("/api"),
        json!("/"),
        json!("acme/api/issues"),
        json!("../api"),
        json!("acme/.."),
        json!("acme/../../etc/passwd"),
        json!("acme/a b"),
        json!("acme/\u{e4}"),
        json!("acme/api\u{0}"),
        json!(["acme/api"]),
        json!("a/".repeat(10_000)),
    ] {
        all.push(("claim_issue", repo(name)));
    }
    for name in [
        json!(null),
        json!(""),
        json!(" \t "),
        json!(7),
        json!({}),
        json!("a\nb"),
        json!("x".repeat(201)),
        json!("\u{0}"),
    ] {
        all.push(("claim_issue", agent(name.clone())));
        all.push(("next_issue", json!({ "agent_id": name })));
        all.push(("next_work", json!({ "agent_id": name })));
        all.push((
            "release_issue",
            json!({ "agent_id": name, "claim_id": CLAIM }),
        ));
    }
    for word in [
        json!(null),
        json!(""),
        json!("done"),
        json!("CLAIMED!"),
        json!(3),
        json!(["closed"]),
        json!("closed\u{0}"),
    ] {
        all.push(("update_claim_status", status(word)));
    }
    all.push(("next_issue", json!({ "agent_id": "ann", "repo": "acme" })));
    all.push((
        "next_work",
        json!({ "agent_id": "ann", "repo": "acme/../x" }),
    ));
    all
}

/// Method and path of a tool's route.
fn route(tool: &str) -> (&'static str, String) {
    match tool {
        "claim_issue" => ("POST", "/api/claims".to_owned()),
        "next_issue" => ("POST", "/api/next".to_owned()),
        "next_work" => ("POST", "/api/next-work".to_owned()),
        "release_issue" => ("DELETE", format!("/api/claims/{CLAIM}")),
        "update_claim_status" => ("PATCH", format!("/api/claims/{CLAIM}")),
        other => panic!("{other}"),
    }
}

const TOOLS: [&str; 5] = [
    "claim_issue",
    "next_issue",
    "next_work",
    "release_issue",
    "update_claim_status",
];

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_request() {
    let (setup, before) = busy().await;
    let http = Http::serving(&setup).await;
    for (what, body, status) in bodies() {
        for tool in TOOLS {
            let (method, path) = route(tool);
            let reply = http.send(method, &path, &body).await;
            assert_eq!(reply.status, status, "{what} to {tool}: {}", reply.body);
            assert_eq!(reply.body["ok"], false, "{what} to {tool}");
            if status == 400 {
                assert_eq!(reply.body["error"], "request_failed", "{what} to {tool}");
                assert!(
                    reply.body["message"]
                        .as_str()
                        .is_some_and(|words| words.len() > 10)
                );
            }
        }
    }
    assert_eq!(setup.dump().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_are_missing_wrong_blank_negative_or_huge() {
    let (setup, before) = busy().await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    for (tool, arguments) in objects() {
        let what = format!("{tool} {:.200}", arguments.to_string());
        let (method, path) = route(tool);
        let reply = http.json(method, &path, &arguments).await;
        assert_eq!(reply.status, 400, "{what}: {}", reply.body);
        let (failed, told) = mcp.call(tool, &arguments).await;
        assert!(failed, "{what}: {told}");
        assert_eq!(told, reply.body, "{what}");
        assert!(
            told["message"].as_str().unwrap().len() < 500,
            "{what}: an echo without end"
        );
    }
    let (failed, told) = mcp.call("drop_everything", &json!({})).await;
    assert!(failed, "{told}");
    let huge = json!({ "agent_id": "x".repeat(10 * 1024 * 1024) });
    assert!(mcp.call("next_issue", &huge).await.0);
    assert_eq!(setup.dump().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_paths_and_queries_change_nothing() {
    let (setup, before) = busy().await;
    let http = Http::serving(&setup).await;
    for path in [
        "/api/issues/acme/api/0",
        "/api/issues/acme/api/-1",
        "/api/issues/acme/api/two",
        "/api/issues/acme/api/99999999999999999999",
        "/api/issues/acme/api/2/comments",
        "/api/issues/acme/../2",
        "/api/issues/acme/%2e%2e/2",
        "/api/issues/%2e%2e/api/2",
        "/api/repos/acme/../issues",
        "/api/repos/acme/..%2f..%2fetc/issues",
        "/api/repos/acme/%2e%2e/issues",
        "/api/repos/acme/%ff/issues",
        "/api/repos/acme/issues",
        "/api/../api/claims/../..",
        "/etc/passwd",
        "/api/claims/%20",
    ] {
        let reply = http.get(path).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.body);
        assert_eq!(
            reply.body,
            json!({ "ok": false, "error": "not_found", "message": "There is nothing at this path, or not by this method. Nothing was done." }),
            "{path}"
        );
    }
    for path in [
        "/api/claims?status=done",
        "/api/claims?repo=acme",
        "/api/my-work",
        "/api/my-work?agent_id=%20",
        "/api/claims?agent_id=%ff",
    ] {
        let reply = http.get(path).await;
        assert_eq!(
            (reply.status, &reply.body["error"]),
            (400, &json!("request_failed")),
            "{path}"
        );
    }
    for method in ["PUT", "OPTIONS", "TRACE", "BREW"] {
        assert_eq!(
            http.send(method, "/api/claims", b"{}").await.status,
            404,
            "{method}"
        );
    }
    assert_eq!(setup.dump().await, before);
}
