//! Telling a hook what happened: each change of an issue or pull request becomes the deliveries that GitHub sends for it.

use serde_json::{Value, json};

use super::{Place, World};
use crate::github::hook::{Delivery, Hook};
use crate::github::model::{Comment, Issue, Repo, ReviewState, State};
use crate::github::render::Shape;

/// Where this GitHub lives for readers of payloads; clients only pass it on.
const API: &str = "https://api.github.com";

/// One thing that happened to an issue or pull request that is still there.
enum News {
    /// An action with the fields that come with it, by this login.
    Itself(&'static str, Value, Option<String>),
    Review(&'static str, u64),
    LineComment(u64),
    Comment(&'static str, Box<Comment>),
}

impl World {
    /// From now on GitHub's deliveries for whatever happens are kept, until [`World::deliveries`] takes them.
    pub fn record_deliveries(&mut self) {
        self.hook.get_or_insert_default();
    }

    /// The deliveries since the last call, in the order in which things happened.
    pub fn deliveries(&mut self) -> Vec<Delivery> {
        let hook = self.hook.as_mut();
        hook.map(|hook| std::mem::take(&mut hook.waiting))
            .unwrap_or_default()
    }

    pub(super) fn has_hook(&self) -> bool {
        self.hook.is_some()
    }

    /// Tells of whatever differs between an issue as it was and as it is.
    pub(super) fn tell_change(&mut self, place: Place, was: &Issue) {
        let Some(is) = self.at_place(place).cloned() else {
            return;
        };
        for news in differences(was, &is) {
            match news {
                News::Itself(action, fields, by) => {
                    self.tell_itself(place, action, fields, by.as_deref());
                }
                News::Review(action, id) => self.tell_review(place, action, id),
                News::LineComment(id) => self.tell_line_comment(place, id),
                News::Comment(action, comment) => self.tell_comment(place, action, &comment),
            }
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
        let Some((repo, issue)) = self.seen(place) else {
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

    fn tell_review(&mut self, place: Place, action: &str, id: u64) {
        let Some((repo, issue)) = self.seen(place) else {
            return;
        };
        let Some(pull) = &issue.pull else { return };
        let Some(review) = pull.reviews.iter().find(|review| review.id == id) else {
            return;
        };
        let mut shown = self.shape().review(repo, issue, review);
        // Deliveries spell it small where lists spell it in capitals.
        shown["state"] = json!(review.state.as_str().to_lowercase());
        if shown["body"] == json!("") {
            shown["body"] = Value::Null;
        }
        let pull = self.shape().pull(repo, issue, pull);
        let by = review.author.clone();
        let fields = json!({"review": shown, "pull_request": pull});
        self.send(
            place.repo,
            "pull_request_review",
            action,
            fields,
            by.as_deref(),
        );
    }

    fn tell_line_comment(&mut self, place: Place, id: u64) {
        let Some((repo, issue)) = self.seen(place) else {
            return;
        };
        let Some(pull) = &issue.pull else { return };
        let Some(comment) = pull.review_comments.iter().find(|comment| comment.id == id) else {
            return;
        };
        let shown = self.shape().review_comment(repo, issue, comment);
        let pull = self.shape().pull(repo, issue, pull);
        let by = comment.author.clone();
        let fields = json!({"comment": shown, "pull_request": pull});
        self.send(
            place.repo,
            "pull_request_review_comment",
            "created",
            fields,
            by.as_deref(),
        );
    }

    fn tell_comment(&mut self, place: Place, action: &str, comment: &Comment) {
        let Some((repo, issue)) = self.seen(place) else {
            return;
        };
        let shown = self.shape().comment(repo, issue, comment);
        let issue = self.shape().issue(repo, issue);
        let fields = json!({"comment": shown, "issue": issue});
        let by = comment.author.as_deref();
        self.send(place.repo, "issue_comment", action, fields, by);
    }

    /// Marks the thread as resolved that begins with this comment on a line. REST shows nothing of that.
    pub fn resolve_thread(&mut self, repo: &str, number: u64, comment_id: u64) {
        let place = self.place_of(repo, number);
        self.change(place, |_| {});
        let Some((repo, issue)) = self.seen(place).filter(|_| self.has_hook()) else {
            return;
        };
        let Some(pull) = &issue.pull else { return };
        let comments = pull.review_comments.iter();
        let thread: Vec<Value> = comments
            .filter(|comment| comment.id == comment_id)
            .map(|comment| self.shape().review_comment(repo, issue, comment))
            .collect();
        let pull = self.shape().pull(repo, issue, pull);
        let thread = json!({"node_id": format!("PRRT_{comment_id}"), "comments": thread});
        let fields = json!({"thread": thread, "pull_request": pull});
        self.send(
            place.repo,
            "pull_request_review_thread",
            "resolved",
            fields,
            None,
        );
    }

    /// An action of `repository`.
    pub(super) fn tell_repo(&mut self, repo: u64, action: &str, fields: Value) {
        self.send(repo, "repository", action, fields, None);
    }

    fn seen(&self, place: Place) -> Option<(&Repo, &Issue)> {
        Some((self.repos.get(&place.repo)?, self.at_place(place)?))
    }

    fn shape(&self) -> Shape<'_> {
        Shape {
            world: self,
            api: API,
        }
    }

    fn send(&mut self, repo: u64, event: &str, action: &str, mut body: Value, by: Option<&str>) {
        let Some(repo) = self.repos.get(&repo).filter(|_| self.has_hook()) else {
            return;
        };
        let name = repo.full_name();
        body["action"] = json!(action);
        body["repository"] = self.shape().repo(repo);
        // What the token may do is no business of a delivery.
        if let Some(repository) = body["repository"].as_object_mut() {
            repository.remove("permissions");
        }
        body["sender"] = self.shape().sender(by.unwrap_or(&self.viewer));
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

fn differences(was: &Issue, is: &Issue) -> Vec<News> {
    let mut news = Vec::new();
    let mut itself = |action, fields| news.push(News::Itself(action, fields, None));
    if was.title != is.title {
        itself("edited", json!({"changes": {"title": {"from": was.title}}}));
    }
    if was.body != is.body {
        itself("edited", json!({"changes": {"body": {"from": was.body}}}));
    }
    let (added, taken) = both_ways(&was.labels, &is.labels);
    for name in added {
        itself("labeled", json!({"label": {"name": name}}));
    }
    for name in taken {
        itself("unlabeled", json!({"label": {"name": name}}));
    }
    let (added, taken) = both_ways(&was.assignees, &is.assignees);
    for login in added {
        itself("assigned", json!({"assignee": {"login": login}}));
    }
    for login in taken {
        itself("unassigned", json!({"assignee": {"login": login}}));
    }
    if was.milestone != is.milestone {
        let action = if is.milestone.is_some() {
            "milestoned"
        } else {
            "demilestoned"
        };
        itself(action, json!({}));
    }
    talk(was, is, &mut news);
    work(was, is, &mut news);
    match (was.state, is.state) {
        (State::Open, State::Closed) => {
            news.push(News::Itself("closed", json!({}), is.closed_by.clone()));
        }
        (State::Closed, State::Open) => news.push(News::Itself("reopened", json!({}), None)),
        (State::Open, State::Open) | (State::Closed, State::Closed) => {}
    }
    news
}

/// What was said in the conversation.
fn talk(was: &Issue, is: &Issue, news: &mut Vec<News>) {
    let find = |all: &[Comment], id| all.iter().find(|comment| comment.id == id).cloned();
    for comment in &is.comments {
        match find(&was.comments, comment.id) {
            None => news.push(News::Comment("created", Box::new(comment.clone()))),
            Some(old) if old.body != comment.body => {
                news.push(News::Comment("edited", Box::new(comment.clone())));
            }
            Some(_) => {}
        }
    }
    for comment in &was.comments {
        if find(&is.comments, comment.id).is_none() {
            news.push(News::Comment("deleted", Box::new(comment.clone())));
        }
    }
}

/// What happened to a pull request's commits, reviews and lines.
fn work(was: &Issue, is: &Issue, news: &mut Vec<News>) {
    let (Some(old), Some(pull)) = (&was.pull, &is.pull) else {
        return;
    };
    if old.head_sha != pull.head_sha {
        let fields = json!({"before": old.head_sha, "after": pull.head_sha});
        news.push(News::Itself("synchronize", fields, None));
    }
    for review in &pull.reviews {
        let known = old.reviews.iter().find(|known| known.id == review.id);
        match known.map(|known| known.state) {
            None if review.state != ReviewState::Pending => {
                news.push(News::Review("submitted", review.id));
            }
            Some(state) if state != review.state && review.state == ReviewState::Dismissed => {
                news.push(News::Review("dismissed", review.id));
            }
            _ => {}
        }
    }
    for comment in &pull.review_comments {
        let known = old
            .review_comments
            .iter()
            .any(|known| known.id == comment.id);
        if !known {
            news.push(News::LineComment(comment.id));
        }
    }
}

/// What is new, and what is there no longer.
fn both_ways<'a>(was: &'a [String], is: &'a [String]) -> (Vec<&'a String>, Vec<&'a String>) {
    let added = is.iter().filter(|name| !was.contains(name)).collect();
    let taken = was.iter().filter(|name| !is.contains(name)).collect();
    (added, taken)
}
