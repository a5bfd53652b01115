//! Calls that their client gives up, and sessions that another key names.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_executor::{Executor, Surface};
use issuecommand_mcp::HttpOptions;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Endpoint, LEGACY};
use crate::world::{FakeBehaviour, World};

/// When a client gives up: while GitHub, which is slow, is asked for the first time.
const SOON: Duration = Duration::from_millis(100);
/// Longer than the call takes that goes on.
const LATER: Duration = Duration::from_secs(2);

fn headers(session: &str) -> [(&str, &str); 2] {
    [
        ("mcp-session-id", session),
        ("mcp-protocol-version", LEGACY),
    ]
}

fn next_work(session: &str, id: u64, wait_seconds: u64) -> Request<Full<Bytes>> {
    let arguments = json!({ "wait_seconds": wait_seconds });
    let message = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": {"name": "next_work", "arguments": arguments}});
    Endpoint::post(&message, &headers(session))
}

fn cancel(session: &str, id: u64) -> Request<Full<Bytes>> {
    let message = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": {"requestId": id, "reason": "changed my mind"}});
    Endpoint::post(&message, &headers(session))
}

fn delete(session: &str) -> Request<Full<Bytes>> {
    let mut request = Endpoint::post(&json!({}), &headers(session));
    *request.method_mut() = Method::DELETE;
    request
}

fn with_key(key: &str, mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    let caller = Caller::full(Principal::Key(key.to_owned()));
    request.extensions_mut().insert(caller);
    request
}

impl Endpoint {
    async fn holds_nothing(&self) {
        sleep(LATER).await;
        self.world.github.be(FakeBehaviour::Well);
        let all = ClaimFilter::default();
        let claims = self.world.service.store().claims(&all).await;
        assert_eq!(claims.unwrap(), []);
        // There was work.
        let (session, _) = self.greet("later").await;
        let given = self.call(&session, "next_work", json!({})).await;
        assert_eq!(given["ok"], true, "{given}");
    }
}

#[tokio::test]
async fn a_call_that_is_cancelled_takes_nothing() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let (session, _) = endpoint.greet("test").await;
    endpoint.world.github.be(FakeBehaviour::Slow);
    let begun = Instant::now();
    let cancels = async {
        sleep(SOON).await;
        endpoint.answer(cancel(&session, 9)).await
    };
    let (answer, told) = tokio::join!(endpoint.answer(next_work(&session, 9, 0)), cancels);
    assert_eq!(told.status, StatusCode::ACCEPTED);
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.json);
    assert!(begun.elapsed() < Duration::from_secs(1));
    endpoint.holds_nothing().await;
}

#[tokio::test]
async fn a_call_whose_connection_is_cut_takes_nothing() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let (session, _) = endpoint.greet("test").await;
    endpoint.world.github.be(FakeBehaviour::Slow);
    let cut = timeout(SOON, endpoint.answer(next_work(&session, 9, 0)));
    assert!(cut.await.is_err());
    endpoint.holds_nothing().await;
}

#[tokio::test]
async fn a_call_that_takes_too_long_takes_nothing() {
    let (world, _stream) = World::open();
    let (service, stop) = (world.service.clone(), CancellationToken::new());
    let endpoint = Endpoint {
        executor: Executor::new(service, Surface::Mcp, SOON * 4, None, stop),
        world,
        options: HttpOptions::default(),
    };
    let (session, _) = endpoint.greet("test").await;
    endpoint.world.github.be(FakeBehaviour::Slow);
    let answer = endpoint.answer(next_work(&session, 9, 0)).await;
    assert_eq!(answer.json["result"]["isError"], true, "{}", answer.json);
    endpoint.holds_nothing().await;
}

#[tokio::test]
async fn only_its_own_session_cancels_a_call() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let (session, _) = endpoint.greet("test").await;
    let (other, _) = endpoint.greet("test").await;
    let mut held = Vec::new();
    loop {
        let given = endpoint.call(&other, "next_work", json!({})).await;
        if given["ok"] != true {
            break;
        }
        held.push(given["claim"]["claim_id"].clone());
    }
    let begun = Instant::now();
    let cancels = async {
        sleep(SOON).await;
        endpoint.answer(cancel(&other, 9)).await;
        endpoint
            .answer(with_key("key_other", cancel(&session, 9)))
            .await;
        endpoint.answer(cancel(&session, 8)).await;
    };
    let (answer, ()) = tokio::join!(endpoint.answer(next_work(&session, 9, 2)), cancels);
    assert_eq!(answer.status, StatusCode::OK);
    assert!(begun.elapsed() >= Duration::from_secs(2));
    // One that is cancelled while it waits is gone, and gets nothing that comes.
    let cancels = async {
        sleep(SOON).await;
        endpoint.answer(cancel(&session, 9)).await;
    };
    let begun = Instant::now();
    let (answer, ()) = tokio::join!(endpoint.answer(next_work(&session, 9, 50)), cancels);
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert!(begun.elapsed() < Duration::from_secs(1));
    let release = json!({ "agent_id": given_name(&other), "claim_id": held[0] });
    let released = endpoint.call(&other, "release_issue", release).await;
    assert_eq!(released["ok"], true, "{released}");
    sleep(LATER).await;
    let work = endpoint.call(&session, "get_my_work", json!({})).await;
    assert_eq!(work["work"]["claims"], json!([]), "{work}");
}

/// The agent of a session.
fn given_name(session: &str) -> String {
    let (client, id) = session.rsplit_once('.').unwrap();
    format!("{client}-{}", &id[..4])
}

#[tokio::test]
async fn a_session_is_spoken_in_and_ended_by_its_own_key() {
    let endpoint = Endpoint::new(HttpOptions::default());
    let (session, _) = endpoint.greet("test").await;
    let ask = async |key: &str, request| endpoint.answer(with_key(key, request)).await;
    let given = ask("key_a", next_work(&session, 2, 0)).await;
    assert_eq!(given.json["result"]["structuredContent"]["ok"], true);
    let ends = async || {
        let sessions = endpoint.world.service.store().sessions(None).await.unwrap();
        let ended: Vec<_> = sessions.iter().map(|row| row.ended.is_some()).collect();
        ended
    };
    let no = ask("key_b", next_work(&session, 2, 0)).await.json;
    assert_eq!(no["result"]["isError"], true, "{no}");
    let text = no["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("session_not_allowed"), "{text}");
    let no = ask("key_b", delete(&session)).await;
    assert_eq!(no.status, StatusCode::FORBIDDEN, "{}", no.json);
    let told: &Value = &no.json["error"]["data"]["error"];
    assert_eq!(*told, "session_not_allowed", "{}", no.json);
    assert_eq!(ends().await, [false]);
    // Nothing is known of this one.
    let unknown = ask("key_b", delete("test.0123")).await;
    assert_eq!(unknown.status, StatusCode::NO_CONTENT);
    assert_eq!(ends().await, [false]);
    let own = ask("key_a", delete(&session)).await;
    assert_eq!(own.status, StatusCode::NO_CONTENT);
    assert_eq!(ends().await, [true]);
}
