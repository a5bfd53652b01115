//! The answers to deliveries.

use super::effects::Effects;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::{Delivery, Ignored, Refetch, RepoRef, WebhookAnswer};

pub(super) fn not_allowed(name: &RepoName) -> WebhookAnswer {
    let words = format!("repository {name} is not allowed here");
    WebhookAnswer::Ignored(Ignored::Other(words))
}

/// The answer to a processed delivery that is not feedback.
pub(super) fn taken(delivery: &Delivery, action: &str, resolved: u64) -> WebhookAnswer {
    WebhookAnswer::Taken {
        event: delivery.event.clone(),
        action: action.to_owned(),
        resolved,
    }
}

/// Ignores a delivery with the id of one repository and the name of another, and asks GitHub about the name.
pub(super) fn contradictory(repo: &Repo, seen: &RepoRef, fx: &mut Effects<'_>) -> WebhookAnswer {
    fx.look = Some(Refetch::Repo(seen.name.clone()));
    let words = format!(
        "it has the id of {} and the name of {}: GitHub is asked which it is",
        repo.facts.name, seen.name
    );
    WebhookAnswer::Ignored(Ignored::Other(words))
}
