//! Every route for every kind of key and every kind of page that a request may come from.

use std::fmt::Write as _;

use axum::http::{Method, StatusCode};
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::time::Millis;
use issuecommand_testkit::builders::{agent, repo};

use crate::world::{KEY, World};

/// Screens that everybody may open who is signed in.
const SCREENS: [&str; 12] = [
    "/ui",
    "/ui/issues",
    "/ui/issues?state=blocked",
    "/ui/issues?state=held",
    "/ui/issues?state=all",
    "/ui/i/acme/web/1",
    "/ui/feedback",
    "/ui/agents",
    "/ui/a/claude-a",
    "/ui/events",
    "/ui/system",
    "/ui/events.jsonl",
];

/// Acts with the fields of a form that is taken.
const ACTS: [(&str, &str); 18] = [
    (
        "release",
        "repo=acme/web&number=1&claim_id=CLAIM&agent_id=claude-a",
    ),
    ("release-all", "agent_id=claude-a"),
    ("keep", "repo=acme/web&number=1"),
    (
        "give",
        "repo=acme/web&number=1&claim_id=CLAIM&to_agent_id=codex-1",
    ),
    ("give-feedback", "work_item_id=ITEM&to_agent_id=codex-1"),
    ("dismiss", "work_item_id=ITEM&note=no"),
    ("offer", "repo=acme/web&number=2"),
    ("park", "repo=acme/web&number=2&note=wait"),
    ("pause", "agent_id=claude-a"),
    ("drain", "agent_id=claude-a"),
    ("resume", "agent_id=claude-a"),
    ("sync", ""),
    ("retry-delivery", "delivery_id=none"),
    ("retry-write", "write_id=none"),
    ("make-key", "name=made"),
    ("revoke-key", "key=none"),
    ("diagnose", ""),
    ("back-up", ""),
];

async fn cookies(world: &World) -> Vec<(&'static str, String)> {
    let full = world.key("full", |key| key).await;
    let reads = world
        .key("reads", |key| {
            issuecommand_core::domain::access_key::NewKey {
                read_only: true,
                ..key
            }
        })
        .await;
    let web = world
        .key("web", |key| issuecommand_core::domain::access_key::NewKey {
            scope: Scope::Only([repo("acme/web")].into()),
            ..key
        })
        .await;
    let bound = world
        .key("bound", |key| {
            issuecommand_core::domain::access_key::NewKey {
                agent: Some(agent("claude-a")),
                ..key
            }
        })
        .await;
    let old = world
        .key("old", |key| issuecommand_core::domain::access_key::NewKey {
            expires_at: Some(issuecommand_core::domain::time::Timestamp(
                1_796_000_060_000,
            )),
            ..key
        })
        .await;
    let gone = world.key("gone", |key| key).await;
    let mut cookies = vec![
        ("nobody", String::new()),
        ("api-key", world.sign_in(KEY).await),
    ];
    for (name, secret) in [
        ("full", full),
        ("read-only", reads),
        ("repo-bound", web),
        ("agent-bound", bound),
        ("expired", old),
        ("revoked", gone),
    ] {
        cookies.push((name, world.sign_in(&secret).await));
    }
    world.revoke("gone").await;
    world.clock.advance(Millis::minutes(2));
    cookies
}

#[tokio::test]
async fn who_may_open_which_page() {
    let world = World::with_work().await;
    let cookies = cookies(&world).await;
    for path in SCREENS {
        for (who, cookie) in &cookies {
            let status = world.get(path, cookie).await.status;
            let expected = match *who {
                "nobody" | "expired" | "revoked" => StatusCode::UNAUTHORIZED,
                _ => StatusCode::OK,
            };
            assert_eq!(status, expected, "{path} as {who}");
        }
    }
    for (act, fields) in ACTS {
        for (who, cookie) in &cookies {
            let answer = world.get(&format!("/ui/act/{act}?{fields}"), cookie).await;
            match *who {
                "nobody" | "expired" | "revoked" => {
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{act} as {who}")
                }
                "read-only" | "agent-bound" => {
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act} as {who}")
                }
                _ => assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{act} as {who}"),
            }
        }
    }
}

#[tokio::test]
async fn who_has_buttons() {
    let world = World::with_work().await;
    for (who, cookie) in cookies(&world).await {
        let has = async |path: &str| world.get(path, &cookie).await.text.contains("/ui/act/");
        let acts = matches!(who, "api-key" | "full" | "repo-bound");
        for path in [
            "/ui/i/acme/web/1",
            "/ui/agents",
            "/ui/a/claude-a",
            "/ui/system",
        ] {
            assert_eq!(has(path).await, acts, "{path} as {who}");
        }
        let system = world.get("/ui/system", &cookie).await.text;
        assert_eq!(
            system.contains("Make a key"),
            who == "api-key",
            "keys as {who}"
        );
    }
}

/// What came back, in a word.
fn word(status: StatusCode) -> &'static str {
    match status.as_u16() {
        303 => "done",
        200 => "shown",
        401 => "no session",
        403 => "forbidden",
        400 | 404 | 409 => "refused",
        405 => "no such method",
        500.. => "failed",
        _ => "other",
    }
}

#[tokio::test]
async fn who_may_do_what_from_which_page() {
    let mut table = String::new();
    for (act, fields) in ACTS {
        for origin in ["same-origin", "cross-site", "none"] {
            let mut row = Vec::new();
            // A world for each, so that no act changes what the next one finds.
            for n in 0..8 {
                let world = World::with_work().await;
                let cookies = cookies(&world).await;
                let claim = world.claim("claude-a", 1).await;
                let (who, cookie) = &cookies[n];
                let fields = fields
                    .replace("CLAIM", &claim.id.to_string())
                    .replace("ITEM", "00000000-0000-4000-8000-000000000000");
                let mut headers = vec![("cookie", cookie.as_str())];
                if origin != "none" {
                    headers.push(("sec-fetch-site", origin));
                }
                let before = world.events().await;
                let answer = world
                    .send(Method::POST, &format!("/ui/act/{act}"), &headers, &fields)
                    .await;
                if answer.status != StatusCode::SEE_OTHER && answer.status != StatusCode::OK {
                    assert_eq!(
                        world.events().await,
                        before,
                        "{act} {origin} {who}: {answer:?}"
                    );
                }
                row.push(format!("{who}: {}", word(answer.status)));
            }
            writeln!(table, "{act} {origin}: {}", row.join(", ")).unwrap();
        }
    }
    for line in table.lines() {
        let (head, rest) = line.split_once(": ").unwrap();
        let (act, origin) = head.split_once(' ').unwrap();
        for cell in rest.split(", ") {
            let (who, word) = cell.split_once(": ").unwrap();
            let expected: &[&str] = match (origin, who) {
                ("cross-site" | "none", _) => &["forbidden"],
                (_, "nobody" | "expired" | "revoked") => &["no session"],
                (_, "read-only" | "agent-bound") => &["forbidden"],
                // There is no such follow-up, delivery, write or key.
                _ if matches!(
                    act,
                    "give-feedback" | "dismiss" | "retry-delivery" | "retry-write"
                ) =>
                {
                    &["refused", "forbidden"]
                }
                (_, "api-key") if act == "make-key" => &["shown"],
                (_, "api-key") if act == "revoke-key" => &["refused"],
                _ if matches!(act, "make-key" | "revoke-key") => &["forbidden"],
                // This service has no operator's commands.
                _ if matches!(act, "diagnose" | "back-up") => &["forbidden"],
                // GitHub cannot be reached here.
                _ if act == "sync" => &["done", "failed"],
                _ => &["done"],
            };
            assert!(
                expected.contains(&word),
                "{act} from {origin} as {who}: {word}"
            );
        }
    }
}

#[tokio::test]
async fn a_bound_key_sees_nothing_of_other_repositories() {
    let world = World::with_work().await;
    let cookies = cookies(&world).await;
    let cookie = &cookies
        .iter()
        .find(|(who, _)| *who == "repo-bound")
        .unwrap()
        .1;
    for path in SCREENS {
        let page = world.get(path, cookie).await.text;
        assert!(
            !page.contains("acme/secret") && !page.contains("other team"),
            "{path}"
        );
    }
    let page = world.get("/ui/i/acme/secret/1", cookie).await;
    assert!(page.status.is_client_error(), "{page:?}");
    assert!(!page.text.contains("other team"));
    let act = world
        .post("/ui/act/park", cookie, "repo=acme/secret&number=1&note=x")
        .await;
    assert!(act.status.is_client_error(), "{act:?}");
}
