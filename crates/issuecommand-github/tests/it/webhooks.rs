//! Decoding of deliveries, and rejected ones.

mod altered;
mod examples;
mod feedback;
mod misfits;
mod payloads;
mod places;
mod polled;
mod pulls;
mod relations;

use issuecommand_core::domain::webhook::{AuthMethod, Delivery, GithubEvent, Ignored};
use issuecommand_core::ports::deliveries::{BadDelivery, DeliveryDecoder};
use issuecommand_github::Webhooks;
use serde_json::Value;

fn decode(event: &str, body: &[u8]) -> Result<GithubEvent, BadDelivery> {
    let delivery = Delivery {
        id: Some("72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned()),
        event: event.to_owned(),
        auth: AuthMethod::Signature,
    };
    Webhooks.decode(&delivery, body)
}

fn read(event: &str, payload: &Value) -> GithubEvent {
    decode(event, payload.to_string().as_bytes()).unwrap()
}

fn ignored(event: &str, payload: &Value) -> Ignored {
    match read(event, payload) {
        GithubEvent::Ignored(why) => why,
        other => panic!("{event} {payload}: {other:?}"),
    }
}
