//! A decoder with a simple payload format, because GitHub's payloads are tested in another crate.

use issuecommand_core::domain::followup::{FeedbackEvent, SourceId, SourceKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::pull_request::PullRequestSnapshot;
use issuecommand_core::domain::webhook::{
    Delivery, GithubEvent, Ignored, PullChange, PullRequestRef, RepoRef, Voice,
};
use issuecommand_core::ports::deliveries::{BadDelivery, DeliveryDecoder};
use serde_json::Value;

use super::github::facts;

/// Reads `{pull, id, body}`: a comment on, or a push to, a pull request of `acme/api`.
#[derive(Debug)]
pub(crate) struct FakeDecoder;

impl DeliveryDecoder for FakeDecoder {
    fn decode(&self, delivery: &Delivery, body: &[u8]) -> Result<GithubEvent, BadDelivery> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| BadDelivery::NotJson(error.to_string()))?;
        if !value.is_object() {
            return Err(BadDelivery::NotAnObject);
        }
        let id = value["id"].as_i64().unwrap_or(1);
        let (kind, id) = match delivery.event.as_str() {
            "pull_request_review" => (SourceKind::ReviewChangesRequested, SourceId::review(id)),
            "pull_request_review_comment" => {
                (SourceKind::ReviewComment, SourceId::review_comment(id))
            }
            "issue_comment" => (SourceKind::PrComment, SourceId::issue_comment(id)),
            "pull_request" => return Ok(pushed(&value)),
            "installation" => {
                let action = "created".to_owned();
                return Ok(GithubEvent::Access { action });
            }
            "ping" => return Ok(GithubEvent::Ping),
            other => {
                return Ok(GithubEvent::Ignored(Ignored::NotActionable(
                    other.to_owned(),
                )));
            }
        };
        Ok(GithubEvent::Feedback {
            repo: repo(),
            pull: PullRequestRef {
                number: number(&value),
                title: Some("Repair".to_owned()),
                url: None,
                open: None,
                at: None,
                facts: None,
            },
            source: FeedbackEvent {
                requested_by: Some("rita".to_owned()),
                author_association: None,
                body: value["body"].as_str().unwrap_or_default().to_owned(),
                url: None,
                ..FeedbackEvent::new(id, kind)
            },
            voice: Voice::default(),
        })
    }
}

fn repo() -> RepoRef {
    let facts = facts("acme/api", 1);
    RepoRef {
        name: facts.name.clone(),
        facts: Some(facts),
    }
}

fn number(value: &Value) -> IssueNumber {
    IssueNumber::new(value["pull"].as_i64().unwrap_or(6)).unwrap()
}

fn pushed(value: &Value) -> GithubEvent {
    let number = number(value);
    GithubEvent::Pull {
        repo: repo(),
        pull: PullRequestSnapshot::thin(
            number,
            "Repair".to_owned(),
            format!("https://github.com/acme/api/pull/{number}"),
        ),
        action: "synchronize".to_owned(),
        change: PullChange::Pushed(None),
    }
}
