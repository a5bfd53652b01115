//! Webhook deliveries for changes of the world, and their signatures.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::model::Repo;

/// One delivery as GitHub sends it, according to the documentation of webhook events and payloads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `X-GitHub-Delivery`: a GUID, different for each delivery.
    pub id: String,
    /// `X-GitHub-Event`.
    pub event: String,
    /// `action` of the payload; empty where the event has none.
    pub action: String,
    /// `owner/name` of the repository in the payload.
    pub repo: String,
    /// The payload: JSON, as `application/json` hooks send it.
    pub body: String,
}

impl Delivery {
    /// The payload as JSON.
    ///
    /// # Panics
    /// If a test replaced it with something else.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the payload is JSON")
    }

    /// The same with another payload, as an attacker with the secret or a faulty GitHub could send it. It is signed anew.
    #[must_use]
    pub fn altered(mut self, alter: impl FnOnce(&mut Value)) -> Self {
        let mut body = self.json();
        alter(&mut body);
        self.body = body.to_string();
        self
    }

    /// The same under another GUID, as another hook of the same repository sends it.
    #[must_use]
    pub fn again(mut self) -> Self {
        // Changing the last digit suffices.
        let last = if self.id.ends_with('f') { "e" } else { "f" };
        self.id.truncate(self.id.len() - 1);
        self.id.push_str(last);
        self
    }

    /// The headers of the request, signed with the hook's secret.
    pub fn headers(&self, secret: &str) -> [(&'static str, String); 5] {
        [
            ("content-type", "application/json".to_owned()),
            ("user-agent", "GitHub-Hookshot/044aadd".to_owned()),
            ("x-github-delivery", self.id.clone()),
            ("x-github-event", self.event.clone()),
            ("x-hub-signature-256", sign(secret, self.body.as_bytes())),
        ]
    }
}

/// `X-Hub-Signature-256` of a body: HMAC-SHA256 over its bytes, in hex.
///
/// # Panics
/// Never: HMAC takes keys of any length.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// The deliveries of a world with a hook, until they are taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Hook {
    sent: u64,
    /// The owner whose repositories it covers; `None` for all.
    pub(super) organization: Option<String>,
    pub(super) waiting: Vec<Delivery>,
}

impl Hook {
    pub(super) fn hears_of(&self, repo: &Repo) -> bool {
        let owner = self.organization.as_ref();
        owner.is_none_or(|owner| owner.eq_ignore_ascii_case(&repo.owner))
    }

    /// The next GUID, which does not show the order.
    pub(super) fn guid(&mut self) -> String {
        self.sent += 1;
        let spread = self.sent.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let (high, low) = (spread >> 32, spread & 0xffff_ffff);
        let (third, fourth) = (self.sent >> 16 & 0xfff, self.sent & 0x3fff | 0x8000);
        format!(
            "{high:08x}-{:04x}-4{third:03x}-{fourth:04x}-{:012x}",
            low >> 16,
            low << 16
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn githubs_own_example_of_a_signature() {
        assert_eq!(
            sign("It's a Secret to Everybody", b"Hello, World!"),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }

    #[test]
    fn no_guid_comes_twice() {
        let mut hook = Hook::default();
        let all: std::collections::BTreeSet<String> = (0..10_000).map(|_| hook.guid()).collect();
        assert_eq!(all.len(), 10_000);
        assert!(all.iter().all(|guid| guid.len() == 36), "{:?}", all.first());
    }
}
