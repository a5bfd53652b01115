//! What GitHub hears of deliveries, and how the repository of one was found.

use super::effects::Effects;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::{Delivery, Ignored, Refetch, RepoRef, WebhookAnswer};

/// How well the repository is known that a delivery speaks of.
pub(super) enum RepoMatch {
    /// By this very name.
    Known,
    /// By another name.
    Renamed,
    /// Not yet, or not by GitHub's id.
    New,
}

pub(super) fn not_allowed(name: &RepoName) -> WebhookAnswer {
    let words = format!("repository {name} is not allowed here");
    WebhookAnswer::Ignored(Ignored::Other(words))
}

/// What a delivery hears that was taken and is no feedback.
pub(super) fn taken(delivery: &Delivery, action: &str, resolved: u64) -> WebhookAnswer {
    WebhookAnswer::Taken {
        event: delivery.event.clone(),
        action: action.to_owned(),
        resolved,
    }
}

/// A delivery that has the id of one repository and the name of another.
pub(super) fn contradictory(repo: &Repo, seen: &RepoRef, fx: &mut Effects<'_>) -> WebhookAnswer {
    fx.look = Some(Refetch::Repo(seen.name.clone()));
    let words = format!(
        "it has the id of {} and the name of {}: GitHub is asked which it is",
        repo.facts.name, seen.name
    );
    WebhookAnswer::Ignored(Ignored::Other(words))
}
