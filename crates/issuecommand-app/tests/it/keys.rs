//! Keys on every route and every tool, on a real database file: the exact response, and not one changed byte of domain data
//! after a refusal.

mod call_cases;
mod sight;

use std::collections::BTreeSet;

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::access_key::{AccessKey, KeyOutcome, NewKey};
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::domain::webhook::GithubEvent;
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_core::ports::store::FollowupFilter;
use issuecommand_github_emulator::{NewRepo, World};
use issuecommand_http::secret_hash;
use issuecommand_testkit::builders::{
    agent, create_key, deliver, new_key, pull, release, repo, review, revoke_key,
};
use serde_json::{Value, json};

use self::call_cases::{Access, CallCase, OtherRepoResult, call_cases};
use crate::surfaces::routes::request;
use crate::world::{API, Http, JsonResponse, Mcp, Setup, StoreKind, github_with};

on_each_store!(
    every_key_on_every_route,
    every_key_on_every_tool,
    a_key_that_may_does_and_the_log_says_which,
    bonds_add_up,
);

const WEB: &str = "acme/web";

/// The credential of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No token.
    Nothing,
    /// An unknown token.
    Wrong,
    Revoked,
    Expired,
    /// A key bound to another agent than the calling one.
    OtherAgent,
    /// A key bound to the calling agent.
    SameAgent,
    ReadOnly,
    /// A key bound to another repository than the requested one.
    OtherRepo,
    Full,
    /// `API_KEY`.
    ApiKey,
}

use Kind::{
    ApiKey, Expired, Full, Nothing, OtherAgent, OtherRepo, ReadOnly, Revoked, SameAgent, Wrong,
};

/// All restrictions of a key, and all credentials that are rejected.
const ALL: [Kind; 10] = [
    Nothing, Wrong, Revoked, Expired, OtherAgent, ReadOnly, OtherRepo, SameAgent, Full, ApiKey,
];

impl Kind {
    fn token(self) -> Option<String> {
        match self {
            Nothing => None,
            ApiKey => Some("key".to_owned()),
            other => Some(secret(other)),
        }
    }

    fn is_let_in(self) -> bool {
        !matches!(self, Nothing | Wrong | Revoked | Expired)
    }

    /// The key to create, if any.
    fn new_key(self, setup: &Setup) -> Option<NewKey> {
        let plain = NewKey {
            hash: secret_hash(secret(self).as_bytes()),
            ..new_key(&format!("{self:?}"), 0)
        };
        Some(match self {
            Nothing | Wrong | ApiKey => return None,
            Revoked | Full => plain,
            Expired => NewKey {
                expires_at: Some(setup.clock.now().plus(Millis(1))),
                ..plain
            },
            OtherAgent => NewKey {
                agent: Some(agent("bob")),
                ..plain
            },
            SameAgent => NewKey {
                agent: Some(agent("ann")),
                ..plain
            },
            ReadOnly => NewKey {
                read_only: true,
                ..plain
            },
            OtherRepo => NewKey {
                scope: Scope::Only([repo(WEB)].into()),
                ..plain
            },
        })
    }
}

fn secret(kind: Kind) -> String {
    format!("ick_{kind:?}")
}

fn github() -> World {
    let mut world = github_with(6);
    world.add_repo(NewRepo::named(WEB));
    for title in ["One page", "Another page"] {
        world.open_issue(WEB, title);
    }
    world
}

/// A synced world in use: ann holds an issue in each repository and one ended claim, and feedback waits in both.
struct KeyFixture {
    setup: Setup,
    keys: Vec<(Kind, AccessKey)>,
    claim: String,
    item: String,
}

impl KeyFixture {
    async fn open(store: StoreKind) -> Self {
        let setup = Setup::synced_on(store, github()).await;
        let mut keys = Vec::new();
        for kind in ALL {
            if let Some(new) = kind.new_key(&setup) {
                keys.push((kind, made(&setup, new).await));
            }
        }
        setup.store.transact(revoke_key("Revoked")).await.unwrap();
        setup.pass(Millis(1));
        let claim = setup.claim("ann", API, 1).await.unwrap().claim.id;
        setup.claim("ann", WEB, 1).await.unwrap();
        let gone = setup.claim("ann", API, 6).await.unwrap().claim;
        setup.store.transact(release(&gone)).await.unwrap();
        for (n, place) in [(1, API), (2, WEB)] {
            let mut said = pull(place, 70).said(review(n));
            if let GithubEvent::Feedback { repo, .. } = &mut said {
                // The emulator has ids of its own.
                repo.facts = None;
            }
            let told = deliver(&format!("d-{n}"), said);
            setup.store.transact(told).await.unwrap();
        }
        let items = setup
            .store
            .followups(&FollowupFilter::default())
            .await
            .unwrap();
        let item = items.iter().find(|item| item.repo_name == repo(API));
        Self {
            item: item.unwrap().id.to_string(),
            claim: claim.to_string(),
            keys,
            setup,
        }
    }

    fn caller(&self, kind: Kind) -> Option<Caller> {
        let key = self.keys.iter().find(|(known, _)| *known == kind);
        let bearer = kind.is_let_in().then_some(key).flatten();
        bearer.map(|(_, key)| key.caller())
    }

    fn call_cases(&self) -> Vec<CallCase> {
        call_cases(&self.claim, &self.item)
    }
}

async fn made(setup: &Setup, new: NewKey) -> AccessKey {
    match setup.store.transact(create_key(new)).await.unwrap() {
        Outcome::Done(Answer::Key(keyed)) => match *keyed {
            KeyOutcome::Made(key) => key,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

async fn ask(http: &Http, kind: Kind, case: &CallCase) -> JsonResponse {
    let (method, path, body) = request(case.tool, &case.arguments);
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    http.bearing(kind.token().as_deref(), method, &path, body.as_bytes())
        .await
}

/// The expected refusal as status and error code; `None` for success.
fn no(kind: Kind, case: &CallCase) -> Option<(u16, &'static str)> {
    if !kind.is_let_in() {
        return Some((401, "unauthorized"));
    }
    match (kind, case.access, case.other_repo) {
        (ReadOnly, Access::Write, _) => Some((403, "read_only_key")),
        (OtherAgent, Access::Write | Access::ReadOwn, _) => Some((403, "agent_not_allowed")),
        (OtherRepo, _, OtherRepoResult::No(status, word)) => Some((status, word)),
        _ => None,
    }
}

/// The error code of a refusal.
fn word(told: &Value) -> &str {
    assert_eq!(told["ok"], false, "{told}");
    let word = told["error"].as_str().or(told["reason"].as_str());
    word.unwrap_or_else(|| panic!("a refusal without a code: {told}"))
}

async fn every_key_on_every_route(store: StoreKind) {
    let office = KeyFixture::open(store).await;
    let (setup, http) = (&office.setup, Http::serving(&office.setup).await);
    // Data that a read fetches from GitHub is fetched now, so that later reads change nothing.
    for case in office.call_cases() {
        if case.http && case.access != Access::Write {
            ask(&http, ApiKey, &case).await;
        }
    }
    let (mut nos, mut yeses) = (0, 0);
    for case in office.call_cases().iter().filter(|case| case.http) {
        let before = setup.dump().await;
        let full = match case.access {
            Access::Write => None,
            Access::Read | Access::ReadOwn => Some(ask(&http, ApiKey, case).await),
        };
        for kind in ALL {
            let what = format!("{kind:?}: {} {}", case.tool, case.arguments);
            if let Some((status, expected)) = no(kind, case) {
                let reply = ask(&http, kind, case).await;
                assert_eq!(
                    (reply.status, word(&reply.body)),
                    (status, expected),
                    "{what}: {}",
                    reply.body
                );
                nos += 1;
            } else if let Some(full) = &full {
                let reply = ask(&http, kind, case).await;
                assert_eq!(reply.status, 200, "{what}: {}", reply.body);
                if kind != OtherRepo || case.other_repo == OtherRepoResult::Same {
                    assert_eq!(reply.body, full.body, "{what}");
                } else {
                    assert_ne!(reply.body, full.body, "{what}");
                    let text = reply.body.to_string();
                    assert!(!text.contains(r#""acme/api""#), "{what}: {text}");
                }
                yeses += 1;
            }
            assert_eq!(setup.dump().await, before, "{what}");
        }
    }
    // Other routes: the stream and unknown paths need the key too; deliveries have their own proof.
    for kind in ALL {
        let token = kind.token();
        let get = async |method: &'static str, path: &'static str| {
            let reply = http.bearing(token.as_deref(), method, path, b"{}").await;
            (reply.status, reply.body["error"].clone())
        };
        let lost = if kind.is_let_in() {
            (404, json!("not_found"))
        } else {
            (401, json!("unauthorized"))
        };
        assert_eq!(get("GET", "/api/nothing").await, lost, "{kind:?}");
        assert_eq!(get("PUT", "/api/claims").await, lost, "{kind:?}");
        assert_eq!(get("GET", "/healthz").await, (200, Value::Null), "{kind:?}");
        let hook = get("POST", "/api/webhooks/github").await;
        let expected = match kind {
            // The proof is valid, but the body is no delivery.
            ApiKey => (400, json!("invalid_webhook_payload")),
            _ => (401, json!("unauthorized_webhook")),
        };
        assert_eq!(hook, expected, "{kind:?}");
        if !kind.is_let_in() {
            assert_eq!(get("GET", "/sse").await, (401, json!("unauthorized")));
        }
    }
    assert!(nos > 60 && yeses > 30, "{nos} and {yeses}");
}

async fn every_key_on_every_tool(store: StoreKind) {
    let office = KeyFixture::open(store).await;
    let setup = &office.setup;
    let full = Mcp::serving(setup).await;
    let http = Http::serving(setup).await;
    let mut tools = BTreeSet::new();
    for case in office.call_cases() {
        tools.insert(case.tool);
        if case.access != Access::Write {
            full.call(case.tool, &case.arguments).await;
        }
    }
    assert_eq!(tools, full.tools().await, "every tool is tried");
    for kind in ALL {
        let Some(caller) = office.caller(kind) else {
            continue;
        };
        let bound = Mcp::serving_as(setup, caller).await;
        for case in office.call_cases() {
            let what = format!("{kind:?}: {} {}", case.tool, case.arguments);
            let before = setup.dump().await;
            if let Some((_, expected)) = no(kind, &case) {
                let (failed, told) = bound.call(case.tool, &case.arguments).await;
                assert_eq!(word(&told), expected, "{what}");
                // A refusal for lack of permission is no ordinary response; an invisible id is answered like an unknown one.
                assert_eq!(failed, told["error"].is_string(), "{what}");
                if case.http {
                    assert_eq!(ask(&http, kind, &case).await.body, told, "{what}");
                }
            } else if case.access != Access::Write {
                let (failed, told) = bound.call(case.tool, &case.arguments).await;
                assert!(!failed, "{what}: {told}");
                let (_, whole) = full.call(case.tool, &case.arguments).await;
                let same = kind != OtherRepo || case.other_repo == OtherRepoResult::Same;
                assert_eq!(told == whole, same, "{what}: {told}");
            }
            assert_eq!(setup.dump().await, before, "{what}");
        }
    }
}

/// Permitted calls are executed and logged with the name of the key.
async fn a_key_that_may_does_and_the_log_says_which(store: StoreKind) {
    for kind in [Full, SameAgent, ApiKey] {
        let office = KeyFixture::open(store).await;
        let http = Http::serving(&office.setup).await;
        let principal = match office.caller(kind) {
            Some(caller) => caller.principal,
            None => Principal::ApiKey,
        };
        let acts = office.call_cases().into_iter();
        for case in acts.filter(|case| case.access == Access::Write) {
            let seq = office.setup.store.last_event().await.unwrap();
            let reply = ask(&http, kind, &case).await;
            let what = format!("{kind:?}: {} {}", case.tool, case.arguments);
            assert_eq!(reply.status, 200, "{what}: {}", reply.body);
            let events = office.setup.store.events_after(seq, 10).await.unwrap();
            assert!(!events.is_empty(), "{what}");
            assert!(
                events.iter().all(|event| event.principal == principal),
                "{what}: {events:?}"
            );
        }
    }
}

/// Two restrictions at once, and a repository that the operator no longer allows.
async fn bonds_add_up(store: StoreKind) {
    let office = KeyFixture::open(store).await;
    let setup = &office.setup;
    let both = NewKey {
        agent: Some(agent("ann")),
        read_only: true,
        scope: Scope::Only([repo(WEB)].into()),
        hash: secret_hash(b"ick_both"),
        ..new_key("both", 0)
    };
    made(setup, both).await;
    let http = Http::serving(setup).await;
    let before = setup.dump().await;
    for (body, expected) in [
        (json!({ "agent_id": "ann" }), (403, "read_only_key")),
        (json!({ "agent_id": "bob" }), (403, "read_only_key")),
        (
            json!({ "agent_id": "ann", "repo": API }),
            (403, "repo_not_allowed"),
        ),
        // Invalid input is reported before anything else.
        (json!({ "agent_id": "" }), (400, "request_failed")),
    ] {
        let text = body.to_string();
        let reply = http
            .bearing(Some("ick_both"), "POST", "/api/next-work", text.as_bytes())
            .await;
        assert_eq!((reply.status, word(&reply.body)), expected, "{body}");
    }
    let work = |who: &'static str| format!("/api/my-work?agent_id={who}");
    let bobs = http
        .bearing(Some("ick_both"), "GET", &work("bob"), b"")
        .await;
    assert_eq!((bobs.status, word(&bobs.body)), (403, "agent_not_allowed"));
    let anns = http
        .bearing(Some("ick_both"), "GET", &work("ann"), b"")
        .await;
    assert_eq!(anns.body["work"]["claims"].as_array().unwrap().len(), 1);
    assert_eq!(anns.body["work"]["claims"][0]["repo"], WEB);
    assert_eq!(setup.dump().await, before);
}
