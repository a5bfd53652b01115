//! Issues: lists, one, opened, edited.

use serde_json::Value;

use super::call::Call;
use super::lists::{issue_filter, paged};
use super::reply::{Answer, Reply, gone, invalid};
use crate::github::model::StateReason;
use crate::github::new::NewIssue;
use crate::github::world::World;

pub(super) fn list(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    if !repo.has_issues {
        return Err(gone("Issues are disabled for this repo"));
    }
    let id = repo.id;
    let numbers = world.select(id, &issue_filter(call)?);
    let repo = call.repo(world)?;
    let address = format!("{}/repositories/{id}/issues", call.api());
    paged(call, &numbers, &address, |number| {
        repo.issue(*number)
            .map_or(Value::Null, |issue| call.shape(world).issue(repo, issue))
    })
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

/// Title, text, labels and assignees of a body that opens something.
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
    new.author = Some(Some(call.viewer.login.clone()));
    Ok(new)
}

pub(super) fn edit(world: &mut World, call: &Call) -> Answer {
    let repo = call.writable_repo(world)?.id;
    let place = call.place(world, repo)?;
    let body = call.body()?;
    // All of it is judged before any of it is done.
    let state = match body["state"].as_str() {
        None | Some("open" | "closed") => body["state"].as_str(),
        Some(_) => return Err(invalid("Issue", "state", "invalid")),
    };
    let reason = match body["state_reason"].as_str() {
        None => None,
        Some(word) => Some(
            StateReason::from_word(word)
                .ok_or_else(|| invalid("Issue", "state_reason", "invalid"))?,
        ),
    };
    let labels = names(&body["labels"], "Issue", "labels")?;
    let assignees = names(&body["assignees"], "Issue", "assignees")?;
    let milestone = match &body["milestone"] {
        Value::Null => None,
        number => {
            let number = number.as_u64().filter(|number| {
                call.repo(world)
                    .is_ok_and(|r| r.milestone(*number).is_some())
            });
            Some(number.ok_or_else(|| invalid("Issue", "milestone", "invalid"))?)
        }
    };

    if let Some(title) = body["title"].as_str() {
        world.change(place, |issue| title.clone_into(&mut issue.title));
    }
    if let Some(text) = body["body"].as_str() {
        world.change(place, |issue| {
            issue.body = Some(text.to_owned()).filter(|text| !text.is_empty())
        });
    }
    if let Some(labels) = labels {
        world.set_labels_at(place, &labels);
    }
    if let Some(assignees) = assignees {
        world.set_assignees_at(place, &assignees);
    }
    if body.get("milestone").is_some() {
        world.change(place, |issue| issue.milestone = milestone);
    }
    match state {
        Some("closed") => {
            let reason = reason.unwrap_or(StateReason::Completed);
            world.close_at(place, Some(reason), Some(&call.viewer.login));
        }
        Some(_) => {
            world.reopen_at(place);
        }
        None => {}
    }
    one(world, call)
}

/// A list of names, each a string or an object with a `name`; none when the field is missing.
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
