//! Settings of the HTTP surface.

use std::fmt;
use std::time::Duration;

use issuecommand_executor::limits::{LimitClock, Rate};
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::SecretString;

use crate::mount::Mount;

/// Settings of the HTTP face.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The key that every path under `/api` and `/sse` asks for. A blank one lets nobody in.
    pub api_key: SecretString,
    /// How GitHub's deliveries are taken.
    pub webhooks: WebhookSettings,
    /// MCP at `/mcp`; `None`: there is nothing at that path.
    pub mcp: Option<Mount>,
    /// The dashboard at `/ui`; `None`: there is nothing at that path.
    pub dashboard: Option<Mount>,
    /// How often callers may call; `None`: as often as they like.
    pub limits: Option<RateLimits>,
    /// The numbers at `/metrics`; `None`: there are none.
    pub metrics: Option<Metrics>,
    /// How many connections may be open. Three quarters of them are kept for clients with a good key.
    pub connections: usize,
    /// How many of those may come from one address, of IPv6 from one /64, before a key was shown.
    pub connections_per_address: usize,
    /// How many bytes a body may have.
    pub body_limit: usize,
    /// How many bytes of bodies may be in memory together before a key or a signature was proven.
    pub unproven_bytes: usize,
    /// How many bytes of large answers may wait in memory for their readers.
    pub waiting_bytes: usize,
    /// How long the head of a request may take to arrive, and how long a connection may be silent before it.
    pub head_timeout: Duration,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long a client may take no byte of an answer.
    pub write_timeout: Duration,
    /// How long a caller waits for a call. The call goes on; its caller is told so.
    pub call_timeout: Duration,
    /// How often a stream of events shows that it lives.
    pub ping: Duration,
    /// How long requests and calls may take to finish once the server is told to stop.
    pub drain: Duration,
}

impl HttpSettings {
    /// The usual settings with this key: no limits on callers, 4,096 connections, 256 from one address, 1 MB a body, 32 MB of
    /// unproven bodies and of waiting answers, 30 s each for a head, a body and a reader that does not read, 60 s for a call, a ping each 15 s, 10 s to drain.
    pub fn new(api_key: SecretString) -> Self {
        Self {
            api_key,
            webhooks: WebhookSettings::default(),
            mcp: None,
            dashboard: None,
            limits: None,
            metrics: None,
            connections: 4096,
            connections_per_address: 256,
            body_limit: 1024 * 1024,
            unproven_bytes: 32 * 1024 * 1024,
            waiting_bytes: 32 * 1024 * 1024,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            call_timeout: Duration::from_mins(1),
            ping: Duration::from_secs(15),
            drain: Duration::from_secs(10),
        }
    }
}

/// Numbers for Prometheus.
#[derive(Clone)]
pub struct Metrics {
    /// The counters of this process.
    pub render: PrometheusHandle,
    /// Whether `/metrics` is open; otherwise it asks for the key.
    pub public: bool,
    /// Runs before each response, and sets the gauges that are not counted as they change.
    pub refresh: fn(),
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// How often callers may call.
#[derive(Clone, Debug)]
pub struct RateLimits {
    /// Take a client's address from `x-forwarded-for` (the first) or `x-real-ip`: only behind a proxy that sanitizes them.
    pub trust_proxy: bool,
    /// Calls under `/api`, by the client's address; of IPv6 by its /64.
    pub ip: Rate,
    /// Changes, by the key and by the `agent_id` both.
    pub agent_mutation: Rate,
    /// Streams of events that are opened, by the client's address.
    pub sse_connect: Rate,
    /// The clock of the buckets of changes. Those by address refill by the machine's monotonic clock.
    pub clock: LimitClock,
}

/// How GitHub's deliveries are taken.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Whether deliveries are taken; otherwise there is nothing at their path.
    pub enabled: bool,
    /// Their path, with its slash. No other route may stand there.
    pub path: String,
    /// The secret that GitHub signs with. Without one, or with a blank one, no signature is good.
    pub secret: Option<SecretString>,
}

impl WebhookSettings {
    /// The path, if deliveries are taken.
    pub(crate) fn shown_path(&self) -> Option<&str> {
        self.enabled.then_some(&self.path)
    }
}

impl Default for WebhookSettings {
    /// Taken at `/api/webhooks/github`, by the API key alone.
    fn default() -> Self {
        Self {
            enabled: true,
            path: "/api/webhooks/github".to_owned(),
            secret: None,
        }
    }
}
