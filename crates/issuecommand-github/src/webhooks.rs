//! Decodes GitHub's webhook deliveries into core's events, whatever a payload contains.
//!
//! Only the body is signed, not the event's name. So the body must have the shape of the named event: a deleted comment that is
//! sent again as a deleted issue is ignored.

mod payload;
mod pulls;
mod relations;
mod repositories;

use issuecommand_core::domain::webhook::{Delivery, GithubEvent, Ignored};
use issuecommand_core::ports::deliveries::{BadDelivery, DeliveryDecoder};
use serde_json::Value;

use self::payload::Payload;
use crate::json;

/// The decoder of GitHub's webhook payloads in the format `application/json`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Webhooks;

impl DeliveryDecoder for Webhooks {
    fn decode(&self, delivery: &Delivery, body: &[u8]) -> Result<GithubEvent, BadDelivery> {
        // The parser's message contains the position and never quotes the body. Deep nesting is an error.
        let value =
            json::parse::<Value>(body).map_err(|error| BadDelivery::NotJson(error.to_string()))?;
        let Value::Object(fields) = value else {
            return Err(BadDelivery::NotAnObject);
        };
        let payload = Payload::new(&delivery.event, &fields);
        Ok(read(&payload).unwrap_or_else(GithubEvent::Ignored))
    }
}

fn read(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    match payload.event {
        "pull_request" => pulls::pull_request(payload),
        "pull_request_review" => pulls::review(payload),
        "pull_request_review_comment" => pulls::comment_on_a_line(payload),
        "pull_request_review_thread" => pulls::thread(payload),
        "issue_comment" => pulls::comment(payload),
        "issues" => repositories::issue(payload),
        "issue_dependencies" => relations::dependency(payload),
        "sub_issues" => relations::sub_issue(payload),
        "label" => repositories::relabelled(payload, "label"),
        "milestone" => repositories::relabelled(payload, "milestone"),
        "member" => repositories::member(payload),
        "repository" => repositories::repository(payload),
        "installation" | "installation_repositories" | "installation_target" => {
            repositories::installation(payload)
        }
        "ping" => repositories::ping(payload),
        _ => Err(payload.not_actionable()),
    }
}
