//! Which routes ask for the key.

#[expect(dead_code, reason = "the tests over a socket use all of it")]
#[path = "../../tests/it/world/github.rs"]
mod github;

use std::sync::Arc;

use axum::body::Body;
use axum::routing::get;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::memory::MemoryStore;
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;
use tower::ServiceExt;

use self::github::FakeGithub;
use super::*;

fn a_state() -> AppState {
    let clock = Arc::new(TestClock::at(Timestamp(0)));
    let ids = Box::new(TestIds::default());
    let store = Arc::new(MemoryStore::new(Policy::default(), clock.clone(), ids));
    let service = Service::new(
        store,
        Arc::new(FakeGithub::new()),
        clock,
        Scope::All,
        "test",
    );
    let settings = HttpSettings::new("the-key".into());
    let shutdown = CancellationToken::new();
    AppState::start(service, settings, RejectionLog::start(&shutdown), shutdown)
}

async fn status(routes: &Router, path: &str, key: &str) -> u16 {
    let request = Request::builder().uri(path).header(AUTHORIZATION, key);
    let request = request.body(Body::empty()).unwrap();
    routes
        .clone()
        .oneshot(request)
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_new_route_requires_the_key() {
    let state = a_state();
    let added = closed(&state)
        .route("/api/added", get(async || "secret"))
        .route("/added", get(async || "secret"));
    let routes = assemble(&state, added);
    for path in ["/api/added", "/added"] {
        assert_eq!(status(&routes, path, "").await, 401, "{path}");
        assert_eq!(status(&routes, path, "Bearer wrong").await, 401, "{path}");
        assert_eq!(status(&routes, path, "Bearer the-key").await, 200, "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_under_protected_prefixes_are_protected() {
    let state = a_state();
    let routes = assemble(&state, closed(&state));
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/nothing/at/all",
        "/sse",
        "/sse/",
        "/sse/x",
        "/metrics",
        "/metrics/x",
    ] {
        assert_eq!(status(&routes, path, "").await, 401, "{path}");
    }
    for path in ["/", "/apiary", "/sses", "/metricsx"] {
        assert_eq!(status(&routes, path, "").await, 404, "{path}");
    }
    assert_eq!(status(&routes, "/healthz", "").await, 200);
}

/// Whether the routes have something for this method at this path.
async fn is_there(routes: &Router, method: &str, path: &str) -> bool {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(AUTHORIZATION, "Bearer the-key");
    let request = request.body(Body::empty()).unwrap();
    let response = routes.clone().oneshot(request).await.unwrap();
    if response.status() != 404 {
        return true;
    }
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
    let told: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
    told["error"] != "not_found"
}

#[tokio::test]
async fn the_document_has_all_routes_and_no_others() {
    let state = a_state();
    let routes = assemble(&state, closed(&state));
    let document = crate::document(Some(&state.settings.webhooks.path));
    let paths = document["paths"].as_object().unwrap();
    let mut documented = 0;
    for (path, operations) in paths {
        let real = path
            .replace("{owner}/{repo}", "acme/api")
            .replace("{number}", "1")
            .replace("{claim_id}", "x")
            .replace("{work_item_id}", "x");
        for method in ["get", "post", "put", "patch", "delete"] {
            let is_documented = operations.get(method).is_some();
            documented += usize::from(is_documented);
            // There are no numbers in this test, which a route of its own says by the same 404.
            let is_there = path == "/metrics" && method == "get"
                || is_there(&routes, &method.to_uppercase(), &real).await;
            assert_eq!(is_there, is_documented, "{method} {path}");
        }
    }
    assert_eq!(documented, ROUTES.len() + 1, "and the webhook");
    // All routes are made of the table, but for the webhook's.
    let made = include_str!("../router.rs").matches(".route(").count();
    assert_eq!(made, 2);
    let mut ids: Vec<_> = paths
        .values()
        .flat_map(|operations| operations.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), documented, "operations have names of their own");
}
