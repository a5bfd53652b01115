//! Slow clients.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::world::{Plan, World};

const PATIENCE: Duration = Duration::from_millis(400);
/// Longer than any delay of a busy machine.
const LONG: Duration = Duration::from_secs(20);

async fn hurried() -> World {
    let mut plan = Plan::default();
    plan.settings.head_timeout = PATIENCE;
    World::with(plan).await
}

/// Sends some bytes and then nothing. Returns the server's bytes until it closed, and the time that took.
async fn then_silent(address: SocketAddr, said: &[u8]) -> (String, Duration) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    stream.write_all(said).await.unwrap();
    let mut answer = Vec::new();
    // A reset connection counts as closed.
    let _ = timeout(LONG, stream.read_to_end(&mut answer))
        .await
        .expect("the server closes");
    (
        String::from_utf8_lossy(&answer).into_owned(),
        begun.elapsed(),
    )
}

#[tokio::test]
async fn an_unfinished_request_head_times_out() {
    let world = hurried().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for said in [
        &b""[..],
        b"G",
        b"PRI * HTTP/2.0\r\n\r\nSM",
        preface,
        b"GET /healthz HTTP/1.1\r\nHost: test\r\nX-Slow: ",
    ] {
        let (_, waited) = then_silent(world.address, said).await;
        assert!(waited >= PATIENCE, "{waited:?} after {said:?}");
    }
}

#[tokio::test]
async fn a_head_that_arrives_byte_by_byte_times_out() {
    let world = hurried().await;
    let (mut reader, mut writer) = TcpStream::connect(world.address)
        .await
        .unwrap()
        .into_split();
    let dripping = async {
        writer
            .write_all(b"GET /healthz HTTP/1.1\r\n")
            .await
            .unwrap();
        loop {
            tokio::time::sleep(PATIENCE / 8).await;
            if writer.write_all(b"X-A: b\r\n").await.is_err() {
                return;
            }
        }
    };
    let closing = async {
        let mut answer = Vec::new();
        let _ = reader.read_to_end(&mut answer).await;
    };
    timeout(LONG, async {
        tokio::select! {
            () = dripping => {}
            () = closing => {}
        }
    })
    .await
    .expect("the server closes, whatever still drips in");
}

#[tokio::test]
async fn a_second_request_on_a_connection_has_its_own_time() {
    let world = hurried().await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let mut answers = 0;
    for _ in 0..4 {
        tokio::time::sleep(PATIENCE / 2).await;
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
            .await
            .unwrap();
        let mut bytes = vec![0; 4096];
        let read = timeout(LONG, stream.read(&mut bytes))
            .await
            .unwrap()
            .unwrap();
        answers += usize::from(bytes[..read].starts_with(b"HTTP/1.1 200"));
    }
    assert_eq!(answers, 4);
}

#[tokio::test]
async fn an_event_stream_has_no_time_limit() {
    let mut plan = Plan::default();
    plan.settings.head_timeout = Duration::from_millis(100);
    plan.settings.ping = Duration::from_millis(300);
    let world = World::with(plan).await;
    let mut stream = world.sse("/sse", &[]).await;
    for _ in 0..4 {
        assert!(stream.next().await.is_some());
    }
}
