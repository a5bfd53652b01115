//! A client that leaves while its call waits for work takes none, whatever else it sent before.

use std::time::Duration;

use issuecommand_testkit::http::request;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::world::{BEARER, World, path_of};

/// What a client may have sent behind its request.
const BEHIND: [&[u8]; 3] = [b"", b"\n", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"];

#[tokio::test]
async fn a_waiter_that_left_is_gone_within_a_second() {
    for behind in BEHIND {
        let world = World::new().await;
        let mut held = Vec::new();
        for number in 1..=4 {
            held.push(world.claim("ada", number).await);
        }
        let asks = json!({ "agent_id": "bob", "wait_seconds": 50 }).to_string();
        let asks = request("POST", "/api/next-work", &[BEARER], asks.as_bytes());
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream
            .write_all(&[&asks[..], behind].concat())
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(stream);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let released = json!({ "agent_id": "ada" });
        let released = world.send("DELETE", &path_of(&held[0]), released).await;
        assert_eq!(released.status, 200, "{released:?}");
        // Longer than the log is left alone.
        tokio::time::sleep(Duration::from_millis(700)).await;
        let work = world.get("/api/my-work?agent_id=bob").await;
        let claims = &work.json_without_id()["work"]["claims"];
        assert_eq!(*claims, json!([]), "{behind:?}");
    }
}

#[tokio::test]
async fn a_client_that_sent_more_and_stays_is_answered() {
    let world = World::new().await;
    let asks = json!({ "agent_id": "bob", "wait_seconds": 5 }).to_string();
    for number in 1..=4 {
        world.claim("ada", number).await;
    }
    let asks = request("POST", "/api/next-work", &[BEARER], asks.as_bytes());
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream
        .write_all(&[&asks[..], b"\r\n"].concat())
        .await
        .unwrap();
    let mut head = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut head)
        .await
        .unwrap();
    assert_eq!(&head, b"HTTP/1.1 409");
}
