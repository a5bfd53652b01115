//! Clients without a key: how many there may be, for how long, and what is read of them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::http2;
use crate::routes::webhooks::signature;
use crate::world::{BEARER, HOOK, Plan, SECRET, World};
use issuecommand_testkit::http::{Response, request};

const PATIENCE: Duration = Duration::from_millis(400);
/// Longer than any delay of a busy machine.
const LONG: Duration = Duration::from_secs(20);

async fn connected(world: &World, said: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(said).await.unwrap();
    stream
}

/// Reads until the server closes. A reset connection counts as closed.
async fn closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    let read = timeout(LONG, stream.read_to_end(&mut said)).await;
    let _ = read.expect("the server closes");
    said
}

/// Reads the head of a response.
async fn status(stream: &mut TcpStream) -> u16 {
    let mut said = vec![0; 4096];
    let read = timeout(LONG, stream.read(&mut said)).await.unwrap();
    let said = String::from_utf8_lossy(&said[..read.unwrap()]).into_owned();
    said.split(' ').nth(1).unwrap().parse().unwrap()
}

fn told(reply: &Response) -> (u16, Value) {
    (reply.status, reply.json_without_id()["error"].clone())
}

#[tokio::test]
async fn silent_http2_connections_are_closed() {
    let mut plan = Plan::default();
    plan.settings.head_timeout = PATIENCE;
    let world = World::with(plan).await;
    for requests in 0..3 {
        let mut said = http2::greeting(65_535);
        for n in 0..requests {
            said.extend(http2::get(1 + 2 * n, "/healthz"));
        }
        let begun = Instant::now();
        let mut stream = connected(&world, &said).await;
        let answers = closed(&mut stream).await;
        assert!(begun.elapsed() >= PATIENCE, "{:?}", begun.elapsed());
        let ups = String::from_utf8_lossy(&answers)
            .matches("\"ok\":true")
            .count();
        assert_eq!(ups, requests as usize);
    }
}

#[tokio::test]
async fn an_http2_response_without_flow_control_window_times_out() {
    let mut plan = Plan::default();
    plan.settings.write_timeout = PATIENCE;
    let world = World::with(plan).await;
    let said = [http2::greeting(0), http2::get(1, "/healthz")].concat();
    let begun = Instant::now();
    closed(&mut connected(&world, &said).await).await;
    assert!(begun.elapsed() >= PATIENCE, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn unauthenticated_connections_do_not_block_a_caller_with_a_key() {
    let mut plan = Plan::default();
    plan.settings.connections = 64;
    plan.settings.connections_per_address = 8;
    let world = World::with(plan).await;
    let asked = b"GET /api/repos HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer the-key\r\n\r\n";
    let mut agent = connected(&world, asked).await;
    assert_eq!(status(&mut agent).await, 200);
    let mut stream = world.sse("/sse", &[]).await;
    assert_eq!(stream.event().await.event, "connected");

    let mut strangers = Vec::new();
    for n in 0..200 {
        let said: &[u8] = match n % 4 {
            0 => b"",
            1 => b"GET /healthz HTTP/1.1\r\nX-A",
            2 => b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n",
            _ => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        };
        strangers.push(connected(&world, said).await);
        if n % 10 == 9 {
            assert_eq!(world.get("/api/repos").await.status, 200, "after {n}");
        }
    }
    // No connection with a key was closed.
    agent.write_all(asked).await.unwrap();
    assert_eq!(status(&mut agent).await, 200);
    world.claim("ada", 1).await;
    assert_eq!(stream.event().await.event, "claim.created");

    let mut open = 0;
    for stranger in &mut strangers {
        let mut said = [0; 4096];
        let is_open = loop {
            match timeout(Duration::from_millis(20), stranger.read(&mut said)).await {
                Ok(Ok(0) | Err(_)) => break false,
                Ok(Ok(_)) => {}
                Err(_) => break true,
            }
        };
        open += usize::from(is_open);
    }
    assert!((1..=8).contains(&open), "{open} of one address are open");
}

#[tokio::test]
async fn an_unsigned_body_is_rejected_before_it_is_read() {
    let world = World::new().await;
    let forms = [
        ("/api/next", "Authorization: Bearer wrong", "unauthorized"),
        (HOOK, "X-A: b", "unauthorized_webhook"),
        (HOOK, "Authorization: Bearer wrong", "unauthorized_webhook"),
        (
            HOOK,
            "X-Hub-Signature-256: sha256=beef",
            "unauthorized_webhook",
        ),
    ];
    for (path, header, error) in forms {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\n{header}\r\nContent-Length: 1000000\r\n\r\n"
        );
        // No byte of the body was sent.
        let mut stream = connected(&world, head.as_bytes()).await;
        assert_eq!(status(&mut stream).await, 401, "{path} {header}");
        // A client that writes everything before it reads gets the same response, whatever the size.
        let (name, value) = header.split_once(": ").unwrap();
        let reply = world
            .send_bytes("POST", path, &[(name, value)], &vec![b'x'; 8_000_000])
            .await;
        assert_eq!(told(&reply), (401, json!(error)), "{path} {header}");
    }
}

/// The head of a delivery that looks signed, and so much of its body.
fn begun(sent: usize) -> Vec<u8> {
    let signed = signature("another secret", b"");
    let head = format!(
        "POST {HOOK} HTTP/1.1\r\nHost: test\r\nX-Hub-Signature-256: {signed}\r\nContent-Length: 100000\r\n\r\n"
    );
    [head.as_bytes(), &vec![b'x'; sent]].concat()
}

#[tokio::test]
async fn unauthenticated_bodies_in_flight_have_a_memory_bound() {
    let mut plan = Plan::default();
    // One address may use half of it.
    plan.settings.unproven_bytes = 200_000;
    let world = World::with(plan).await;
    let held = connected(&world, &begun(80_000)).await;
    let body = json!({ "id": 1, "body": "x".repeat(30_000) }).to_string();
    let signed = signature(SECRET, body.as_bytes());
    let event = ("X-GitHub-Event", "issue_comment");
    let good = [event, ("X-Hub-Signature-256", signed.as_str())];
    let reply = loop {
        // The other body is still arriving.
        let reply = world.send_bytes("POST", HOOK, &good, body.as_bytes()).await;
        if reply.status == 503 {
            break reply;
        }
    };
    assert_eq!(told(&reply), (503, json!("overloaded")));
    assert_eq!(reply.header("retry-after"), Some("5"));
    // Small ones fit, and those with a key do not count.
    assert_eq!(
        world
            .send_bytes("POST", HOOK, &[event, BEARER], body.as_bytes())
            .await
            .status,
        202
    );
    let input = json!({ "agent_id": "ada", "note": "x".repeat(200_000) });
    assert_eq!(world.send("POST", "/api/next", input).await.status, 200);
    drop(held);
    let taken = async {
        loop {
            let reply = world.send_bytes("POST", HOOK, &good, body.as_bytes()).await;
            if reply.status != 503 {
                return reply.status;
            }
        }
    };
    assert_eq!(timeout(LONG, taken).await.expect("room again"), 202);
}

#[tokio::test]
async fn a_valid_client_request_id_is_kept() {
    let world = World::new().await;
    let longest = "x".repeat(128);
    for good in ["a", "0af7651916cd43dd8448eb211c80319c", &longest] {
        let reply = world
            .send_bytes("GET", "/api/repos", &[("X-Request-Id", good)], b"")
            .await;
        assert_eq!(reply.header("x-request-id"), Some(good));
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["request_id"], good);
    }
    let long = "x".repeat(129);
    let longer = "x".repeat(20_000);
    for bad in ["", " ", "two words", "t\u{e4}st", &long, &longer] {
        let reply = world
            .send_bytes("GET", "/api/repos", &[("X-Request-Id", bad)], b"")
            .await;
        let id = reply.header("x-request-id").unwrap();
        assert!(id.len() == 36 && id != bad, "{id:?} for {bad:?}");
    }
    let twice = [("X-Request-Id", "first"), ("X-Request-Id", "second")];
    let reply = world.send_bytes("GET", "/healthz", &twice, b"").await;
    assert_eq!(reply.header("x-request-id"), Some("first"));
    let huge = [("X-Request-Id", &*"x".repeat(300_000))];
    let mut stream = connected(&world, &request("GET", "/healthz", &huge, b"")[..60_000]).await;
    assert_eq!(status(&mut stream).await, 431, "no head is that long");
}
