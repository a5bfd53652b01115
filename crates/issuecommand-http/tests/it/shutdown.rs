//! Shutdown.

use std::time::{Duration, Instant};

use issuecommand_core::ports::store::Store;
use serde_json::json;
use tokio::time::timeout;

use crate::world::{Plan, World};

const SOON: Duration = Duration::from_secs(3);

/// A world with this drain timeout.
async fn draining(drain: Duration) -> World {
    let mut plan = Plan::default();
    plan.settings.drain = drain;
    World::with(plan).await
}

#[tokio::test]
async fn open_streams_end_at_once() {
    let world = draining(Duration::from_mins(1)).await;
    let mut stream = world.sse("/sse", &[]).await;
    assert_eq!(stream.next().await.unwrap().event, "connected");
    world.shutdown.cancel();
    assert_eq!(
        timeout(SOON, stream.next()).await.expect("the stream ends"),
        None
    );
    timeout(SOON, world.server)
        .await
        .expect("the server ends")
        .unwrap();
}

#[tokio::test]
async fn running_calls_finish_before_shutdown() {
    let world = draining(Duration::from_mins(1)).await;
    let World {
        address,
        github,
        shutdown,
        server,
        ..
    } = world;
    let closed = github.gate.lock().await;
    let body = serde_json::to_vec(&json!({ "agent_id": "ada" })).unwrap();
    let bytes =
        issuecommand_testkit::http::request("POST", "/api/next", &[crate::world::BEARER], &body);
    let asked =
        tokio::spawn(async move { issuecommand_testkit::http::exchange(address, &bytes).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    shutdown.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(closed);
    assert_eq!(asked.await.unwrap().status, 200);
    timeout(SOON, server)
        .await
        .expect("the server ends")
        .unwrap();
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "nobody listens any longer"
    );
}

#[tokio::test]
async fn a_call_whose_client_hung_up_is_waited_for() {
    let world = draining(Duration::from_mins(1)).await;
    let World {
        address,
        github,
        store,
        shutdown,
        mut server,
        ..
    } = world;
    let closed = github.gate.lock().await;
    let body = serde_json::to_vec(&json!({ "agent_id": "ada" })).unwrap();
    let bytes =
        issuecommand_testkit::http::request("POST", "/api/next", &[crate::world::BEARER], &body);
    let asked =
        tokio::spawn(async move { issuecommand_testkit::http::exchange(address, &bytes).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    asked.abort();
    shutdown.cancel();
    let ended = timeout(Duration::from_millis(300), &mut server).await;
    assert!(ended.is_err(), "the call still runs");
    drop(closed);
    timeout(SOON, server)
        .await
        .expect("the server ends")
        .unwrap();
    assert!(store.last_event().await.unwrap() > 0, "the claim was made");
}

#[tokio::test]
async fn the_drain_is_bounded() {
    let world = draining(Duration::from_millis(300)).await;
    let World {
        address,
        github,
        shutdown,
        server,
        ..
    } = world;
    let _closed = github.gate.lock().await;
    let body = serde_json::to_vec(&json!({ "agent_id": "ada" })).unwrap();
    let bytes =
        issuecommand_testkit::http::request("POST", "/api/next", &[crate::world::BEARER], &body);
    let hung =
        tokio::spawn(async move { issuecommand_testkit::http::exchange(address, &bytes).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let begun = Instant::now();
    shutdown.cancel();
    timeout(SOON, server)
        .await
        .expect("the server does not wait for ever")
        .unwrap();
    assert!(
        begun.elapsed() >= Duration::from_millis(300),
        "it waited as long as it may"
    );
    hung.abort();
}
