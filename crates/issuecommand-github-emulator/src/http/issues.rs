//! Issues: list, show, open, edit.

use serde_json::Value;

use super::call::Call;
use super::cursor::by_cursor;
use super::lists::{issue_filter, paged};
use super::reply::{Answer, Reply, gone, invalid};
use crate::builders::{Author, NewIssue};
use crate::model::{Permission, Repo, State, StateReason};
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
    let role = World::role(repo, &call.viewer.login);
    let mut new = new_issue(&body, "Issue", call)?;
    if role < Permission::Triage {
        (new.labels, new.assignees) = (Vec::new(), Vec::new());
    }
    let kind = body["type"].as_str().filter(|_| role >= Permission::Write);
    new.kind = kind.and_then(|name| world.optional().kind(name).map(str::to_owned));
    let number = world.insert(id, new, None);
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
    let (place, role) = may_edit(world, call)?;
    // Everything is validated before anything is changed.
    let mut edit = Edit::read(&call.body()?, call.repo(world)?, world)?;
    edit.restrict(role);
    edit.apply(world, place, &call.viewer.login);
    one(world, call)
}

/// The issue, and the caller's role. Its author may edit it without one.
fn may_edit(world: &World, call: &Call) -> Result<(Place, Permission), Box<Reply>> {
    let repo = call.repo(world)?;
    let place = call.place(world, repo.id)?;
    let role = World::role(repo, &call.viewer.login);
    let issue = world.at_place(place);
    let author = issue.and_then(|issue| issue.author.as_deref());
    let own = author == Some(call.viewer.login.as_str());
    if !repo.writable || repo.archived || !own {
        call.repo_for_triage(world)?;
    }
    Ok((place, role))
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
    kind: Kind,
}

/// The type that a PATCH sets.
enum Kind {
    Keep,
    Set(Option<String>),
}

enum Milestone {
    Keep,
    Set(Option<u64>),
}

impl Edit {
    fn read(body: &Value, repo: &Repo, world: &World) -> Result<Self, Box<Reply>> {
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
                Some(reason) => {
                    StateReason::from_word(reason).ok_or_else(|| wrong("state_reason"))?
                }
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
            kind: match body.get("type") {
                None => Kind::Keep,
                Some(Value::Null) => Kind::Set(None),
                Some(name) => {
                    let known = name.as_str().and_then(|name| world.optional().kind(name));
                    Kind::Set(Some(known.ok_or_else(|| wrong("type"))?.to_owned()))
                }
            },
        })
    }

    /// Drops silently what needs a higher role, as GitHub does.
    fn restrict(&mut self, role: Permission) {
        if role < Permission::Triage {
            (self.labels, self.assignees) = (None, None);
            self.milestone = Milestone::Keep;
        }
        if role < Permission::Write {
            self.kind = Kind::Keep;
        }
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
        if let Kind::Set(kind) = self.kind {
            world.set_type_at(place, kind.as_deref());
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
