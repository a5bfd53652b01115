//! Which routes ask for the key.

#[expect(dead_code, reason = "the tests over a socket use all of it")]
#[path = "../../tests/it/world/github.rs"]
mod github;

use std::sync::Arc;

use axum::body::Body;
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
