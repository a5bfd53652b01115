//! Comments of conversations.

use jiff::Timestamp;

use super::call::Call;
use super::lists::{direction, paged};
use super::reply::{Answer, Reply, invalid, not_found};
use crate::builders::NewComment;
use crate::model::listing::Direction;
use crate::model::{Comment, Issue, Repo};
use crate::world::{Place, World};

pub(super) fn of_issue(world: &mut World, call: &Call) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let since = call.since()?;
    let comments: Vec<&Comment> = issue
        .comments
        .iter()
        .filter(|c| since.is_none_or(|since| c.updated_at >= since))
        .collect();
    let address = format!(
        "{}/repositories/{}/issues/{}/comments",
        call.api(),
        repo.id,
        issue.number
    );
    paged(call, &comments, &address, |comment| {
        call.shape(world).comment(repo, issue, comment)
    })
}

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?.id;
    let place = call.place(world, repo)?;
    let body = call.body()?;
    let text = body["body"].as_str().filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| invalid("IssueComment", "body", "missing_field"))?;
    let id = world.comment_at(place, NewComment::saying(text).by(&call.viewer.login));
    let (repo, issue) = call.issue(world)?;
    match issue.comments.iter().find(|comment| comment.id == id) {
        Some(comment) => Reply::created(call.shape(world).comment(repo, issue, comment)),
        None => Err(not_found()),
    }
}

pub(super) fn one(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let (issue, comment) = found(repo, call)?;
    Reply::ok(call.shape(world).comment(repo, issue, comment))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Answer {
    let place = may_change(world, call)?;
    let body = call.body()?;
    let text = body["body"].as_str();
    let text = text.ok_or_else(|| invalid("IssueComment", "body", "missing_field"))?;
    let (_, comment) = found(call.repo(world)?, call)?;
    let id = comment.id;
    world.edit_comment_at(place, id, text);
    one(world, call)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let place = may_change(world, call)?;
    let (_, comment) = found(call.repo(world)?, call)?;
    let id = comment.id;
    world.delete_comment_at(place, id);
    Reply::nothing()
}

/// The comment's location, if the caller may change it: its author, or an account with write access.
fn may_change(world: &World, call: &Call) -> Result<Place, Box<Reply>> {
    let repo = call.repo(world)?;
    let (issue, comment) = found(repo, call)?;
    if comment.author.as_deref() != Some(call.viewer.login.as_str()) {
        call.writable_repo(world)?;
    }
    Ok(Place {
        repo: repo.id,
        number: issue.number,
    })
}

fn found<'w>(repo: &'w Repo, call: &Call) -> Result<(&'w Issue, &'w Comment), Box<Reply>> {
    let id = call.path_param("comment").and_then(|id| id.parse().ok());
    repo.issues()
        .flat_map(|issue| issue.comments.iter().map(move |comment| (issue, comment)))
        .find(|(_, comment)| Some(comment.id) == id)
        .ok_or_else(not_found)
}

pub(super) fn of_repo(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let since = call.since()?;
    let mut comments: Vec<(&Issue, &Comment)> = repo
        .issues()
        .flat_map(|issue| issue.comments.iter().map(move |comment| (issue, comment)))
        .filter(|(_, comment)| since.is_none_or(|since| comment.updated_at >= since))
        .collect();
    sort(call, &mut comments, |(_, c)| {
        (c.id, c.created_at, c.updated_at)
    });
    let address = format!("{}/repositories/{}/issues/comments", call.api(), repo.id);
    paged(call, &comments, &address, |(issue, comment)| {
        call.shape(world).comment(repo, issue, comment)
    })
}

/// By id unless `sort` is given; a direction without `sort` is ignored.
pub(super) fn sort<T>(
    call: &Call,
    comments: &mut [T],
    key: impl Fn(&T) -> (u64, Timestamp, Timestamp),
) {
    match call.param("sort") {
        Some("created") => comments.sort_by_key(|c| (key(c).1, key(c).0)),
        Some("updated") => comments.sort_by_key(|c| (key(c).2, key(c).0)),
        _ => {
            comments.sort_by_key(|c| key(c).0);
            return;
        }
    }
    if direction(call, Direction::Descending) == Direction::Descending {
        comments.reverse();
    }
}
