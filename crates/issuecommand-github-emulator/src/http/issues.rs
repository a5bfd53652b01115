//! Issues: list, show, open, edit.

use serde_json::Value;

use super::call::Call;
use super::cursor::by_cursor;
use super::lists::{issue_filter, paged};
use super::reply::{Answer, Reply, gone, invalid};
use crate::builders::{Author, NewIssue};
use crate::model::{Repo, State, StateReason};
use crate::world::{Place, World};

pub(super) fn list(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    if !repo.has_issues {
        return Err(gone("Issues are disabled for this repo"));
    }
    let id = repo.id;
    let filter = issue_filter(call)?;
    let numbers = world.select(id, &filter);
    let repo = call.repo(world)?;
    let address = format!("{}/repositories/{id}/issues", call.api());
    let show = |number: &u64| {
        repo.issue(*number)
            .map_or(Value::Null, |issue| call.shape(world).issue(repo, issue))
    };
    if repo.cursor_pages {
        by_cursor(call, repo, &filter, &numbers, &address, show)
    } else {
        paged(call, &numbers, &address, show)
    }
}

pub(super) fn one(world: &mut World, call: &Call) -> Answer {
    let (repo, issue) = call.issue(world)?;
    Reply::ok(call.shape(world).issue_alone(repo, issue))
}

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    if !repo.has_issues {
        return Err(gone("Issues are disabled for this repo"));
    }
    let id = repo.id;
    let body = call.body()?;
    let number = world.insert(id, new_issue(&body, "Issue", call)?, None);
    let repo = call.repo(world)?;
    match repo.issue(number) {
        Some(issue) => Reply::created(call.shape(world).issue_alone(repo, issue)),
        None => Err(super::reply::not_found()),
    }
}

/// Title, text, labels and assignees of a body that opens an issue or pull request.
pub(super) fn new_issue(body: &Value, resource: &str, call: &Call) -> Result<NewIssue, Box<Reply>> {
    let title = body["title"]
        .as_str()
        .map(str::trim)
        .filter(|title| !title.is_empty());
    let mut new =
        NewIssue::titled(title.ok_or_else(|| invalid(resource, "title", "missing_field"))?);
    new.body = body["body"].as_str().map(str::to_owned);
    new.labels = names(&body["labels"], resource, "labels")?.unwrap_or_default();
    new.assignees = names(&body["assignees"], resource, "assignees")?.unwrap_or_default();
    new.author = Author::Login(call.viewer.login.clone());
    Ok(new)
}

pub(super) fn edit(world: &mut World, call: &Call) -> Answer {
    let repo = call.writable_repo(world)?.id;
    let place = call.place(world, repo)?;
    // Everything is validated before anything is changed.
    let edit = Edit::read(&call.body()?, call.repo(world)?)?;
    edit.apply(world, place, &call.viewer.login);
    one(world, call)
}

/// The changes of a PATCH.
struct Edit {
    title: Option<String>,
    text: Option<String>,
    state: Option<State>,
    reason: StateReason,
    labels: Option<Vec<String>>,
    assignees: Option<Vec<String>>,
    milestone: Milestone,
}

enum Milestone {
    Keep,
    Set(Option<u64>),
}

impl Edit {
    fn read(body: &Value, repo: &Repo) -> Result<Self, Box<Reply>> {
        let wrong = |field| invalid("Issue", field, "invalid");
        Ok(Self {
            title: body["title"].as_str().map(str::to_owned),
            text: body["body"].as_str().map(str::to_owned),
            state: match body["state"].as_str() {
                None => None,
                Some("open") => Some(State::Open),
                Some("closed") => Some(State::Closed),
                Some(_) => return Err(wrong("state")),
            },
            reason: match body["state_reason"].as_str() {
                None => StateReason::Completed,
                Some(word) => StateReason::from_word(word).ok_or_else(|| wrong("state_reason"))?,
            },
            labels: names(&body["labels"], "Issue", "labels")?,
            assignees: names(&body["assignees"], "Issue", "assignees")?,
            milestone: match body.get("milestone") {
                None => Milestone::Keep,
                Some(Value::Null) => Milestone::Set(None),
                Some(number) => {
                    let number = number
                        .as_u64()
                        .filter(|number| repo.milestone(*number).is_some());
                    Milestone::Set(Some(number.ok_or_else(|| wrong("milestone"))?))
                }
            },
        })
    }

    fn apply(self, world: &mut World, place: Place, by: &str) {
        if let Some(title) = self.title {
            world.retitle_at(place, &title);
        }
        if let Some(text) = self.text {
            world.change(place, |issue| {
                issue.body = Some(text).filter(|text| !text.is_empty());
            });
        }
        if let Some(labels) = self.labels {
            world.set_labels_at(place, &labels);
        }
        if let Some(assignees) = self.assignees {
            world.set_assignees_at(place, &assignees);
        }
        if let Milestone::Set(number) = self.milestone {
            world.change(place, |issue| issue.milestone = number);
        }
        match self.state {
            None => false,
            Some(State::Closed) => world.close_at(place, Some(self.reason), Some(by)),
            Some(State::Open) => world.reopen_at(place),
        };
    }
}

/// A list of names, each a string or an object with a `name`; `None` if the field is missing.
fn names(value: &Value, resource: &str, field: &str) -> Result<Option<Vec<String>>, Box<Reply>> {
    match value {
        Value::Null => Ok(None),
        Value::Array(items) => {
            let name = |item: &Value| {
                item.as_str()
                    .or_else(|| item["name"].as_str())
                    .map(str::to_owned)
            };
            let names: Option<Vec<String>> = items.iter().map(name).collect();
            names
                .map(Some)
                .ok_or_else(|| invalid(resource, field, "invalid"))
        }
        _ => Err(invalid(resource, field, "invalid")),
    }
}
