//! Requests to a real receiver, and programs.

use std::time::{Duration, Instant};

use issuecommand_core::domain::notification::{Notification, SendOutcome};
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_notify::{EndpointSettings, Message, Reach, Secret, Sender, Table, Tone, headers};

use crate::receiver::Receiver;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW: Timestamp = Timestamp(1_796_000_000_000);

fn endpoint(kind: &str, url: &str) -> EndpointSettings {
    let mut table = Table::new();
    table.insert("kind".to_owned(), vec![kind.to_owned()]);
    table.insert("url_env".to_owned(), vec!["URL".to_owned()]);
    if kind == "webhook" {
        table.insert("secret_env".to_owned(), vec!["SECRET".to_owned()]);
    }
    let variable = |name: &str| Some(if name == "URL" { url } else { SECRET }.to_owned());
    EndpointSettings::read(table, &variable, false).unwrap()
}

fn webhook(receiver: &Receiver) -> EndpointSettings {
    endpoint("webhook", &format!("http://{}/hook?x=1", receiver.address))
}

fn notification() -> Notification {
    let content = "{\"type\":\"claim.stale\"}".to_owned();
    Notification::new(
        "webhook",
        "evt_11_1".to_owned(),
        "claim.stale".to_owned(),
        content,
        NOW,
    )
}

fn message(content: &Message) -> Notification {
    let content = serde_json::to_string(content).unwrap();
    Notification {
        content,
        ..notification()
    }
}

fn sender(reach: Reach) -> Sender {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Sender::new(reach).unwrap()
}

async fn sent_to(receiver: &Receiver) -> SendOutcome {
    sender(Reach::Any)
        .send(&webhook(receiver), &notification(), NOW)
        .await
}

fn error(outcome: &SendOutcome) -> &str {
    match outcome {
        SendOutcome::Failed { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_webhook_is_a_signed_post() {
    let receiver = Receiver::with("204 No Content", "").await;
    let outcome = sent_to(&receiver).await;
    assert_eq!(outcome, SendOutcome::Delivered { status: Some(204) });
    let [request] = &receiver.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(
        (request.path.as_str(), request.body.as_str()),
        ("/hook?x=1", "{\"type\":\"claim.stale\"}")
    );
    assert_eq!(request.header("content-type"), "application/json");
    let secret = Secret::parse(SECRET).unwrap();
    for (name, value) in headers(&[secret], "evt_11_1", NOW, request.body.as_bytes()) {
        assert_eq!(request.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn success_alone_counts() {
    for (status, said) in [
        ("200 OK", None),
        ("202 Accepted", None),
        ("299 Fine", None),
        ("400 Bad Request", Some("the receiver answered 400: body")),
        ("404 Not Found", Some("the receiver answered 404: body")),
        (
            "500 Internal Server Error",
            Some("the receiver answered 500: body"),
        ),
    ] {
        let receiver = Receiver::with(status, "").await;
        let outcome = sent_to(&receiver).await;
        match said {
            None => assert!(matches!(outcome, SendOutcome::Delivered { .. }), "{status}"),
            Some(said) => assert_eq!(error(&outcome), said),
        }
    }
}

#[tokio::test]
async fn gone_is_told_apart() {
    let receiver = Receiver::with("410 Gone", "").await;
    assert_eq!(sent_to(&receiver).await, SendOutcome::Gone);
}

#[tokio::test]
async fn a_receiver_may_ask_for_time() {
    let dates =
        "date: Mon, 30 Nov 2026 00:53:20 GMT\r\nretry-after: Mon, 30 Nov 2026 00:55:20 GMT\r\n";
    for (status, headers, wanted) in [
        ("429 Too Many Requests", "retry-after: 7\r\n", Some(7)),
        ("503 Service Unavailable", "retry-after: 120\r\n", Some(120)),
        ("503 Service Unavailable", dates, Some(120)),
        ("503 Service Unavailable", "", None),
        ("429 Too Many Requests", "retry-after: soon\r\n", None),
        ("500 Internal Server Error", "retry-after: 7\r\n", None),
    ] {
        let receiver = Receiver::with(status, headers).await;
        match sent_to(&receiver).await {
            SendOutcome::Failed { retry_after, .. } => {
                assert_eq!(
                    retry_after,
                    wanted.map(Millis::seconds),
                    "{status} {headers}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Receiver::with("200 OK", "").await;
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let receiver =
            Receiver::with(status, &format!("location: http://{}/\r\n", other.address)).await;
        let outcome = sent_to(&receiver).await;
        assert!(
            error(&outcome).contains("redirects are not followed"),
            "{outcome:?}"
        );
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_receiver_that_is_down_is_a_failure_without_its_address() {
    let receiver = Receiver::with("200 OK", "").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = listener.local_addr().unwrap();
    drop(listener);
    let outcome = sender(Reach::Any)
        .send(
            &endpoint("webhook", &format!("http://{free}/secret-path")),
            &notification(),
            NOW,
        )
        .await;
    assert!(
        matches!(&outcome, SendOutcome::Failed { status: None, .. }),
        "{outcome:?}"
    );
    assert!(!error(&outcome).contains("secret-path"), "{outcome:?}");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_slow_receiver_is_given_fifteen_seconds() {
    let receiver = Receiver::answering(None).await;
    let begun = Instant::now();
    let outcome = sent_to(&receiver).await;
    assert_eq!(error(&outcome), "the receiver did not answer within 15 s");
    let took = begun.elapsed();
    assert!(
        (Duration::from_secs(14)..Duration::from_secs(25)).contains(&took),
        "{took:?}"
    );
}

#[tokio::test]
async fn a_long_answer_is_read_no_further_than_it_is_shown() {
    let answer = format!(
        "HTTP/1.1 500 X\r\ncontent-length: 1000000000\r\n\r\n{}",
        "\u{202e}x".repeat(50_000)
    );
    let receiver = Receiver::answering(Some(answer)).await;
    let outcome = sent_to(&receiver).await;
    let said = error(&outcome);
    assert!(said.len() < 1_000 && said.contains("<U+202E>x"), "{said}");
}

#[tokio::test]
async fn private_addresses_are_not_reached() {
    let receiver = Receiver::with("200 OK", "").await;
    let port = receiver.address.port();
    let sender = sender(Reach::Public);
    for (url, said) in [
        (
            format!("http://127.0.0.1:{port}/"),
            "must begin with https://",
        ),
        (
            format!("http://localhost:{port}/"),
            "must begin with https://",
        ),
        (
            format!("https://127.0.0.1:{port}/"),
            "not on the public internet",
        ),
        (
            format!("https://2130706433:{port}/"),
            "not on the public internet",
        ),
        (
            format!("https://0x7f.1:{port}/"),
            "not on the public internet",
        ),
        (
            format!("https://0.0.0.0:{port}/"),
            "not on the public internet",
        ),
        (
            format!("https://[::1]:{port}/"),
            "not on the public internet",
        ),
        (
            format!("https://[::ffff:127.0.0.1]:{port}/"),
            "not on the public internet",
        ),
        (
            format!("https://169.254.169.254/{port}"),
            "not on the public internet",
        ),
        // A name that resolves to a private address.
        (
            format!("https://localhost:{port}/"),
            "not on the public internet",
        ),
    ] {
        let outcome = sender
            .send(&endpoint("webhook", &url), &notification(), NOW)
            .await;
        assert!(error(&outcome).contains(said), "{url}: {outcome:?}");
    }
    assert_eq!(receiver.connections(), 0);
    // The same receiver is reached where the operator allows it.
    assert!(matches!(
        sent_to(&receiver).await,
        SendOutcome::Delivered { .. }
    ));
}

#[tokio::test]
async fn people_get_the_form_of_their_service() {
    let told = Message {
        tone: Tone::Attention,
        kind: "claim_stale".to_owned(),
        key: "claim_stale:1".to_owned(),
        title: "Agent silent: acme/api#1 \u{202e}<!channel> @everyone".to_owned(),
        lines: vec!["No sign of life from codex-2".to_owned()],
        link: Some("https://board.example/ui".to_owned()),
        github: None,
        command: None,
    };
    for (kind, path, has) in [
        ("slack", "/services/x", "\"blocks\":"),
        (
            "discord",
            "/api/webhooks/1/x",
            "\"allowed_mentions\":{\"parse\":[]}",
        ),
        ("teams", "/workflows/x", "\"AdaptiveCard\""),
        ("ntfy", "/topic", "No sign of life from codex-2"),
        ("telegram", "/bot1:x/sendMessage", "\"chat_id\":\"-100\""),
    ] {
        let receiver = Receiver::with("200 OK", "").await;
        let query = if kind == "telegram" {
            "?chat_id=-100"
        } else {
            ""
        };
        let url = format!("http://{}{path}{query}", receiver.address);
        let outcome = sender(Reach::Any)
            .send(&endpoint(kind, &url), &message(&told), NOW)
            .await;
        assert_eq!(
            outcome,
            SendOutcome::Delivered { status: Some(200) },
            "{kind}"
        );
        let [request] = &receiver.seen()[..] else {
            panic!("one request")
        };
        assert_eq!(request.path, path);
        assert!(request.body.contains(has), "{kind}: {}", request.body);
        assert!(!request.body.contains('\u{202e}'), "{kind}");
        if kind == "ntfy" {
            assert_eq!(request.header("priority"), "high");
            assert_eq!(request.header("click"), "https://board.example/ui");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_gets_the_message_on_its_input() {
    let folder = std::env::temp_dir().join(format!("notify-exec-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("told.json");
    let exec = |script: String| {
        let command = ["sh", "-c", &script].map(str::to_owned).to_vec();
        let table = Table::from([
            ("kind".to_owned(), vec!["exec".to_owned()]),
            ("command".to_owned(), command),
        ]);
        EndpointSettings::read(table, &|_| None, true).unwrap()
    };
    let hostile = Notification {
        content: "{\"title\":\"$(touch x); `id`\"}".to_owned(),
        ..notification()
    };
    let sender = sender(Reach::Public);
    let good = exec(format!("cat > '{}'", file.display()));
    let outcome = sender.send(&good, &hostile, NOW).await;
    assert_eq!(outcome, SendOutcome::Delivered { status: None });
    assert_eq!(std::fs::read_to_string(&file).unwrap(), hostile.content);
    let bad = exec("echo no such room >&2; exit 3".to_owned());
    let outcome = sender.send(&bad, &hostile, NOW).await;
    assert!(
        error(&outcome).contains("exit status: 3: no such room"),
        "{outcome:?}"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}
