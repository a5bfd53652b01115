//! Converts each change of an issue or pull request to the deliveries that GitHub sends.

use serde_json::{Value, json};

use super::{Place, World};
use crate::hook::{Delivery, Hook};
use crate::model::{Issue, Repo, State};
use crate::render::Shape;

/// The base URL in payloads; clients only pass it on.
const API: &str = "https://api.github.com";

/// The state of an issue or pull request before a change, as far as deliveries need it. Comments have their own deliveries, so
/// ten thousand of them are not copied for each change.
pub(super) struct Before {
    title: String,
    body: Option<String>,
    labels: Vec<String>,
    assignees: Vec<String>,
    milestone: Option<u64>,
    state: State,
    pull: Option<PullBefore>,
}

struct PullBefore {
    head_sha: String,
    base_ref: String,
    base_sha: String,
    draft: bool,
}

impl Before {
    pub(super) fn of(issue: &Issue) -> Self {
        Self {
            title: issue.title.clone(),
            body: issue.body.clone(),
            labels: issue.labels.clone(),
            assignees: issue.assignees.clone(),
            milestone: issue.milestone,
            state: issue.state,
            pull: issue.pull.as_ref().map(|pull| PullBefore {
                head_sha: pull.head_sha.clone(),
                base_ref: pull.base_ref.clone(),
                base_sha: pull.base_sha.clone(),
                draft: pull.draft,
            }),
        }
    }
}

/// An action with its extra fields and its actor.
type WebhookPayload = (&'static str, Value, Option<String>);

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
            fields["issue"] = shape.issue(repo, issue);
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
            fields["issue"] = self.shape().issue(repo, issue);
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

fn differences(was: Before, is: &Issue, repo: &Repo, shape: Shape<'_>) -> Vec<WebhookPayload> {
    let mut news: Vec<WebhookPayload> = Vec::new();
    let mut itself = |action, fields| news.push((action, fields, None));
    if was.title != is.title {
        itself("edited", json!({"changes": {"title": {"from": was.title}}}));
    }
    if was.body != is.body {
        itself("edited", json!({"changes": {"body": {"from": was.body}}}));
    }
    let (added, taken) = both_ways(&was.labels, &is.labels);
    let label = |name: &String| shape.label_named(repo, name);
    for name in added {
        itself("labeled", json!({"label": label(name)}));
    }
    for name in taken {
        itself("unlabeled", json!({"label": label(name)}));
    }
    let (added, taken) = both_ways(&was.assignees, &is.assignees);
    for login in added {
        itself("assigned", json!({"assignee": shape.user(Some(login))}));
    }
    for login in taken {
        itself("unassigned", json!({"assignee": shape.user(Some(login))}));
    }
    if was.milestone != is.milestone {
        let (action, number) = match is.milestone {
            Some(number) => ("milestoned", Some(number)),
            None => ("demilestoned", was.milestone),
        };
        let milestone = number.and_then(|number| repo.milestone(number));
        let milestone = milestone.map(|milestone| shape.milestone(repo, milestone));
        itself(action, json!({"milestone": milestone}));
    }
    if let (Some(old), Some(pull)) = (was.pull, &is.pull) {
        if old.head_sha != pull.head_sha {
            let fields = json!({"before": old.head_sha, "after": pull.head_sha});
            itself("synchronize", fields);
        }
        if old.base_ref != pull.base_ref {
            let base = json!({"ref": {"from": old.base_ref}, "sha": {"from": old.base_sha}});
            itself("edited", json!({"changes": {"base": base}}));
        }
        match (old.draft, pull.draft) {
            (false, true) => itself("converted_to_draft", json!({})),
            (true, false) => itself("ready_for_review", json!({})),
            (true, true) | (false, false) => {}
        }
    }
    match (was.state, is.state) {
        (State::Open, State::Closed) => news.push(("closed", json!({}), is.closed_by.clone())),
        (State::Closed, State::Open) => news.push(("reopened", json!({}), None)),
        (State::Open, State::Open) | (State::Closed, State::Closed) => {}
    }
    news
}

/// The added and the removed values.
fn both_ways<'a>(was: &'a [String], is: &'a [String]) -> (Vec<&'a String>, Vec<&'a String>) {
    let added = is.iter().filter(|name| !was.contains(name)).collect();
    let taken = was.iter().filter(|name| !is.contains(name)).collect();
    (added, taken)
}
