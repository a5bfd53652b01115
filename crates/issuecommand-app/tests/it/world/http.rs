//! HTTP as any program could speak it, and as no well-behaved one would.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use issuecommand_github_emulator::Delivery;
use issuecommand_http::{HttpSettings, WebhookSettings, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Setup;

pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// What GitHub signs with.
const SECRET: &str = "a secret of the hook";

/// An answer without the request's id, which a failure names and which is another each time.
pub(crate) fn without_id(mut answer: Value) -> Value {
    if answer["error"].is_string()
        && let Some(failure) = answer.as_object_mut()
    {
        failure.remove("request_id");
    }
    answer
}

/// A server on a free port; it ends with this.
pub(crate) struct Http {
    address: SocketAddr,
    _stop: DropGuard,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Http {
    pub(crate) async fn serving(setup: &Setup) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let settings = HttpSettings {
            webhooks: WebhookSettings {
                secret: Some(SECRET.into()),
                ..WebhookSettings::default()
            },
            ..HttpSettings::new("key".into())
        };
        tokio::spawn(serve(
            listener,
            setup.service.clone(),
            settings,
            stop.clone(),
        ));
        Self {
            address,
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request with the right key.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &[u8]) -> Reply {
        let key = [("authorization", "Bearer key".to_owned())];
        self.request(method, path, &key, body).await
    }

    /// A delivery as GitHub makes it: signed, and without the key.
    pub(crate) async fn deliver(&self, delivery: &Delivery) -> Reply {
        let headers = delivery.headers(SECRET);
        let path = "/api/webhooks/github";
        self.request("POST", path, &headers, delivery.body.as_bytes())
            .await
    }

    async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        write!(head, "Content-Length: {}\r\n\r\n", body.len()).unwrap();
        let talk = async {
            let (mut reader, mut writer) =
                TcpStream::connect(self.address).await.unwrap().into_split();
            writer.write_all(head.as_bytes()).await.unwrap();
            writer.write_all(body).await.unwrap();
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).await.unwrap();
            bytes
        };
        let bytes = tokio::time::timeout(PATIENCE, talk)
            .await
            .expect("an answer in time");
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        Reply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: without_id(
                serde_json::from_str(body).unwrap_or_else(|_| panic!("{method} {path}: {text}")),
            ),
        }
    }

    /// A request with this token, or with none.
    pub(crate) async fn bearing(
        &self,
        token: Option<&str>,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Reply {
        let header = token.map(|token| ("authorization", format!("Bearer {token}")));
        let headers: Vec<_> = header.into_iter().collect();
        self.request(method, path, &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, b"").await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.send(method, path, body.to_string().as_bytes()).await
    }
}
