//! Sends one notification.

mod http;
mod program;

use issuecommand_core::domain::notification::{Notification, SendOutcome};
use issuecommand_core::domain::time::Timestamp;

use self::http::Http;
pub use self::http::Reach;
use crate::endpoint::{EndpointSettings, Route};
use crate::message::Message;
use crate::shape::{Shaped, shape};
use crate::webhook;

/// How long an attempt may take.
pub const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(15);

/// Sends notifications.
#[derive(Clone, Debug)]
pub struct Sender {
    http: Http,
}

impl Sender {
    /// A sender that reaches these addresses.
    ///
    /// # Errors
    /// Why there can be no HTTP client.
    pub fn new(reach: Reach) -> Result<Self, String> {
        Ok(Self {
            http: Http::new(reach)?,
        })
    }

    /// Sends it, once. It is tried again if the outcome says so.
    pub async fn send(
        &self,
        endpoint: &EndpointSettings,
        notification: &Notification,
        now: Timestamp,
    ) -> SendOutcome {
        let content = &notification.content;
        match &endpoint.route {
            Route::Webhook { url, secrets } => {
                let signed = webhook::headers(secrets, &notification.id, now, content.as_bytes());
                let request = Shaped {
                    headers: signed.into(),
                    content_type: "application/json",
                    body: content.clone(),
                };
                self.http.post(url, request).await
            }
            Route::Exec { command } => program::exec(command, content).await,
            Route::Chat { preset, url, chat } => match message(content) {
                Ok(message) => {
                    let request = shape(*preset, &message, chat.as_deref());
                    self.http.post(url, request).await
                }
                Err(outcome) => outcome,
            },
            Route::Desktop => match message(content) {
                Ok(message) => program::desktop(&message).await,
                Err(outcome) => outcome,
            },
        }
    }
}

/// The message that was stored for an endpoint. Its kind may have been another then.
fn message(content: &str) -> Result<Message, SendOutcome> {
    serde_json::from_str(content)
        .map_err(|_| failed("it was made for an endpoint of another kind under this name"))
}

fn failed(error: impl Into<String>) -> SendOutcome {
    SendOutcome::Failed {
        status: None,
        error: error.into(),
        retry_after: None,
    }
}
