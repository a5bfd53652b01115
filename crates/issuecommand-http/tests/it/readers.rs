//! Clients that send requests and do not read.

use insta::assert_snapshot;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::world::{BEARER, Plan, World, path_of};
use issuecommand_testkit::http::request;

const PATIENCE: Duration = Duration::from_millis(500);
/// Longer than any delay of a busy machine.
const LONG: Duration = Duration::from_secs(20);

/// A connection that can buffer little.
async fn narrow(world: &World) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(world.address).await.unwrap()
}

#[tokio::test]
async fn a_connection_whose_client_does_not_read_is_closed() {
    let mut plan = Plan::default();
    plan.settings.write_timeout = PATIENCE;
    let world = World::with(plan).await;
    let (_reader, mut writer) = narrow(&world).await.into_split();
    let asks = b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n".repeat(1_000);
    // Without a reader the server stops taking requests, and writing blocks until it closes.
    let asking = async { while writer.write_all(&asks).await.is_ok() {} };
    timeout(LONG, asking).await.expect("the server closes");
}

#[tokio::test]
async fn a_slow_reader_gets_its_whole_response() {
    // The system reports room only when much of its buffer is free.
    let patience = Duration::from_secs(12);
    let mut plan = Plan::default();
    plan.settings.write_timeout = patience;
    let world = World::with(plan).await;
    let (mut reader, mut writer) = narrow(&world).await.into_split();
    let asks = [
        b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n".repeat(6_000),
        b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".to_vec(),
    ]
    .concat();
    let asking = tokio::spawn(async move {
        writer.write_all(&asks).await.unwrap();
        writer
    });
    let mut said = Vec::new();
    let slowly = async {
        loop {
            let mut piece = vec![0; 64 * 1024];
            tokio::time::sleep(patience / 150).await;
            match reader.read(&mut piece).await.unwrap() {
                0 => return,
                n => said.extend(&piece[..n]),
            }
        }
    };
    let begun = Instant::now();
    timeout(3 * LONG, slowly).await.expect("an end");
    assert!(begun.elapsed() > patience, "that was not slow");
    let said = String::from_utf8(said).unwrap();
    assert_eq!(said.matches("HTTP/1.1 200").count(), 6_001);
    drop(asking.await.unwrap());
}

#[tokio::test]
async fn the_end_of_a_stream_closes_its_socket() {
    let mut plan = Plan::default();
    plan.settings.write_timeout = PATIENCE;
    let world = World::with(plan).await;
    let mut stream = world.sse("/sse", &[]).await;
    assert_eq!(stream.event().await.event, "connected");
    // More than the sockets and buffers hold.
    let note = "x".repeat(1_900);
    for _ in 0..400 {
        let claim = world.claim("ada", 1).await;
        let input = json!({ "agent_id": "ada", "reason": note });
        let gone = world.send("DELETE", &path_of(&claim), input).await;
        assert_eq!(gone.status, 200);
    }
    tokio::time::sleep(8 * PATIENCE).await;
    let more = world.claim("ada", 1).await;
    // Buffered events are there, later ones are not, and the stream ends.
    let reading = async {
        while let Some(told) = stream.next().await {
            assert_ne!(told.data["claim_id"], more["claim_id"], "it is still open");
        }
    };
    timeout(LONG, reading).await.expect("the stream has ended");
}

#[tokio::test]
async fn large_unread_responses_have_a_memory_bound() {
    let mut plan = Plan::default();
    // One key may use half of it.
    plan.settings.waiting_bytes = 2_000_000;
    plan.settings.write_timeout = Duration::from_secs(3);
    let world = World::with(plan).await;
    for n in 1..=4 {
        world.github.describe(n, &"x".repeat(200_000));
    }
    let large = "/api/repos/acme/api/issues";
    assert_eq!(world.get(large).await.status, 200);
    let mut waiting = narrow(&world).await;
    let ask = request("GET", large, &[BEARER], b"");
    waiting.write_all(&ask).await.unwrap();
    let mut head = [0; 12];
    waiting.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");

    let reply = world.get(large).await;
    assert_snapshot!(reply.members("error"), @r#"503 error="overloaded""#);
    assert_eq!(reply.header("retry-after"), Some("5"));
    assert_eq!(world.get("/api/issues/acme/api/1").await.status, 200);
    assert_eq!(world.get("/api/repos").await.status, 200);
    // The client that does not read is not waited for.
    let room = async { while world.get(large).await.status == 503 {} };
    timeout(LONG, room).await.expect("room again");
    let mut rest = Vec::new();
    let _ = timeout(LONG, waiting.read_to_end(&mut rest)).await.unwrap();
    assert!(rest.len() < 800_000, "{} bytes are all of it", rest.len());
}
