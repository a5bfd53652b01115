//! What the operator and the tests may set.

use std::time::Duration;

use secrecy::SecretString;

/// Settings of the HTTP face.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The key that every path under `/api` and `/sse` asks for. A blank one lets nobody in.
    pub api_key: SecretString,
    /// How GitHub's deliveries are taken.
    pub webhooks: WebhookSettings,
    /// How many bytes a body may have.
    pub body_limit: usize,
    /// How long a body may take to arrive.
    pub body_patience: Duration,
    /// How long a caller waits for a call. The call goes on; its caller is told so.
    pub call_patience: Duration,
    /// How often a stream of events shows that it lives.
    pub ping: Duration,
    /// How long what runs may take to finish once the server is told to stop.
    pub drain: Duration,
}

impl HttpSettings {
    /// The usual settings with this key: 1 MB, 30 s for a body, 60 s for a call, a ping each 15 s, 10 s to drain.
    pub fn new(api_key: SecretString) -> Self {
        Self {
            api_key,
            webhooks: WebhookSettings::default(),
            body_limit: 1024 * 1024,
            body_patience: Duration::from_secs(30),
            call_patience: Duration::from_mins(1),
            ping: Duration::from_secs(15),
            drain: Duration::from_secs(10),
        }
    }
}

/// How GitHub's deliveries are taken.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// At all; otherwise there is nothing at their path.
    pub enabled: bool,
    /// Their path, with its slash. No other route may stand there.
    pub path: String,
    /// What GitHub signs with. Without one, or with a blank one, no signature is good.
    pub secret: Option<SecretString>,
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
