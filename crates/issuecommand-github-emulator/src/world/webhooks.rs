//! Converts each change of an issue or pull request to the deliveries that GitHub sends.

mod differences;

use serde_json::{Value, json};

pub(super) use self::differences::Before;
use self::differences::differences;
use super::{Place, World};
use crate::hook::{Delivery, Hook};
use crate::model::{Issue, Repo};
use crate::render::Shape;

/// The base URL in payloads; clients only pass it on.
const API: &str = "https://api.github.com";

impl World {
    /// Records GitHub's deliveries from now on, until [`World::deliveries`] takes them.
    pub fn record_deliveries(&mut self) {
        self.hook.get_or_insert_default();
    }

    /// The same for the hook of an organization, which covers all repositories of this owner and no others, independent of the
    /// token.
    pub fn record_organization_deliveries(&mut self, owner: &str) {
        let hook = self.hook.get_or_insert_default();
        hook.organization = Some(owner.to_owned());
    }

    /// The deliveries since the last call, in order.
    pub fn deliveries(&mut self) -> Vec<Delivery> {
        let hook = self.hook.as_mut();
        hook.map(|hook| std::mem::take(&mut hook.waiting))
            .unwrap_or_default()
    }

    pub(super) fn has_hook(&self) -> bool {
        self.hook.is_some()
    }

    /// Sends the deliveries for the differences between the old and the new state.
    pub(super) fn tell_change(&mut self, place: Place, was: Before) {
        let Some((repo, is)) = self.seen(place) else {
            return;
        };
        for (action, fields, by) in differences(was, is, repo, self.shape()) {
            self.tell_itself(place, action, fields, by.as_deref());
        }
    }

    /// An action of `issues` or `pull_request`.
    pub(super) fn tell_itself(
        &mut self,
        place: Place,
        action: &str,
        mut fields: Value,
        by: Option<&str>,
    ) {
        let Some((repo, issue)) = self.seen(place).filter(|_| self.has_hook()) else {
            return;
        };
        let shape = self.shape();
        let event = if let Some(pull) = &issue.pull {
            fields["number"] = json!(issue.number);
            fields["pull_request"] = shape.pull_alone(repo, issue, pull);
            "pull_request"
        } else {
            fields["issue"] = shape.issue_in_delivery(repo, issue);
            "issues"
        };
        self.send(place.repo, event, action, fields, by);
    }

    /// An event about a part of an issue, or of a pull request in the case of comments.
    pub(super) fn tell_of_issue(
        &mut self,
        place: Place,
        event: &str,
        action: &str,
        mut fields: Value,
        by: Option<&str>,
    ) {
        if let Some((repo, issue)) = self.seen(place) {
            fields["issue"] = self.shape().issue_in_delivery(repo, issue);
            self.send(place.repo, event, action, fields, by);
        }
    }

    /// An event about a part of a pull request, with the fields that lists have.
    pub(super) fn tell_of_pull(
        &mut self,
        place: Place,
        event: &str,
        action: &str,
        mut fields: Value,
        by: Option<&str>,
    ) {
        let Some((repo, issue)) = self.seen(place) else {
            return;
        };
        if let Some(pull) = &issue.pull {
            fields["pull_request"] = self.shape().pull(repo, issue, pull);
            self.send(place.repo, event, action, fields, by);
        }
    }

    /// An action of `repository`.
    pub(super) fn tell_repo(&mut self, repo: u64, action: &str, fields: Value) {
        self.send(repo, "repository", action, fields, None);
    }

    pub(super) fn seen(&self, place: Place) -> Option<(&Repo, &Issue)> {
        Some((self.repos.get(&place.repo)?, self.at_place(place)?))
    }

    pub(super) fn shape(&self) -> Shape<'_> {
        Shape {
            world: self,
            api: API,
            garbles: false,
        }
    }

    /// Records a delivery, by the acting account if none is named.
    pub(super) fn send(
        &mut self,
        repo: u64,
        event: &str,
        action: &str,
        mut body: Value,
        by: Option<&str>,
    ) {
        let Some(hook) = &self.hook else { return };
        let Some(repo) = self.repos.get(&repo).filter(|repo| hook.hears_of(repo)) else {
            return;
        };
        let name = repo.full_name();
        body["action"] = json!(action);
        body["repository"] = self.shape().repo(repo);
        // Deliveries do not contain the token's permissions.
        if let Some(repository) = body["repository"].as_object_mut() {
            repository.remove("permissions");
        }
        if let Some(owner) = self.user(&repo.owner).filter(|owner| owner.organization) {
            body["organization"] = json!({"login": owner.login, "id": owner.id});
        }
        body["sender"] = self.shape().sender(by.unwrap_or(self.acting()));
        let hook = self.hook.get_or_insert_with(Hook::default);
        let id = hook.guid();
        hook.waiting.push(Delivery {
            id,
            event: event.to_owned(),
            action: action.to_owned(),
            repo: name,
            body: body.to_string(),
        });
    }
}
