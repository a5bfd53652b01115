//! Feedback on pull requests, as a delivery of GitHub would bring it.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::followup::{FeedbackEvent, SourceId, SourceKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::webhook::{
    AuthMethod, Delivery, GithubEvent, PullRequestRef, RepoRef, Voice, WebhookAnswer,
};
use issuecommand_core::ports::deliveries::{BadDelivery, DeliveryDecoder};
use issuecommand_core::service::DeliveryOutcome;

use super::World;
use super::github::FakeGitHub;

/// A decoder that reads one thing out of every delivery.
#[derive(Debug)]
struct FixedDecoder(GithubEvent);

impl DeliveryDecoder for FixedDecoder {
    fn decode(&self, _: &Delivery, _: &[u8]) -> Result<GithubEvent, BadDelivery> {
        Ok(self.0.clone())
    }
}

impl World {
    /// Somebody comments under a pull request of `acme/api`; answers the follow-up that holds it.
    pub(crate) async fn comment(&self, pull: i64, id: i64, body: &str) -> String {
        let facts = FakeGitHub::facts();
        let source = FeedbackEvent {
            requested_by: Some("rita".to_owned()),
            author_association: Some("MEMBER".to_owned()),
            body: body.to_owned(),
            url: Some(format!(
                "https://github.com/acme/api/pull/{pull}#issuecomment-{id}"
            )),
            ..FeedbackEvent::new(SourceId::issue_comment(id), SourceKind::PrComment)
        };
        let meaning = GithubEvent::Feedback {
            repo: RepoRef {
                name: facts.name.clone(),
                facts: Some(facts),
            },
            pull: PullRequestRef {
                number: IssueNumber::new(pull).unwrap(),
                title: Some("Repair".to_owned()),
                url: None,
                open: None,
                at: None,
                facts: None,
            },
            source,
            voice: Voice::default(),
        };
        let delivery = Delivery {
            id: None,
            event: "issue_comment".to_owned(),
            auth: AuthMethod::Signature,
        };
        let service = self
            .service
            .clone()
            .reading(std::sync::Arc::new(FixedDecoder(meaning)), false);
        let github = Caller::system();
        let taken = service.process_delivery(&github, delivery, b"{}").await;
        match taken.unwrap() {
            DeliveryOutcome::Answered(
                WebhookAnswer::Feedback {
                    item: Some(item), ..
                },
                _,
            ) => item.to_string(),
            other => panic!("{other:?}"),
        }
    }
}
