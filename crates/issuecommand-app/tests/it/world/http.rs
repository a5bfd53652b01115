//! An HTTP client for well-formed and malformed requests.

use std::net::SocketAddr;
use std::time::Duration;

use issuecommand_github_emulator::Delivery;
use issuecommand_http::{HttpSettings, WebhookSettings, serve};
use issuecommand_testkit::http;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Setup;

pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// The webhook secret.
const SECRET: &str = "a secret of the hook";

/// A server on a free port; it ends when dropped.
pub(crate) struct Http {
    address: SocketAddr,
    _stop: DropGuard,
}

/// A response.
#[derive(Debug)]
pub(crate) struct JsonResponse {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    /// Without the request's id, which differs each time.
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
    pub(crate) async fn send(&self, method: &str, path: &str, body: &[u8]) -> JsonResponse {
        let key = [("authorization", "Bearer key".to_owned())];
        self.request(method, path, &key, body).await
    }

    /// A delivery as GitHub sends it: signed, and without the key.
    pub(crate) async fn deliver(&self, delivery: &Delivery) -> JsonResponse {
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
    ) -> JsonResponse {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let request = http::request(method, path, &headers, body);
        let response = http::exchange(self.address, &request).await;
        let retry_after = response.header("retry-after");
        JsonResponse {
            status: response.status,
            retry_after: retry_after.map(|seconds| seconds.parse().unwrap()),
            body: response.json_without_id(),
        }
    }

    /// A request with this token, or without one.
    pub(crate) async fn bearing(
        &self,
        token: Option<&str>,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> JsonResponse {
        let header = token.map(|token| ("authorization", format!("Bearer {token}")));
        let headers: Vec<_> = header.into_iter().collect();
        self.request(method, path, &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> JsonResponse {
        self.send("GET", path, b"").await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> JsonResponse {
        self.send(method, path, body.to_string().as_bytes()).await
    }
}
