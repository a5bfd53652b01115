//! Line comments. Drafts of a pending review are visible only to their author.

use serde_json::Value;

use super::call::Call;
use super::comments::sort;
use super::lists::paged;
use super::reply::{Answer, Reply, invalid, not_found};
use crate::builders::NewComment;
use crate::model::{Issue, Repo, ReviewComment, Side};
use crate::world::{Place, World};

pub(super) fn of_pull(world: &mut World, call: &Call) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    let since = call.since()?;
    let mut comments: Vec<&ReviewComment> = pull
        .comments_for(&call.viewer.login)
        .filter(|c| since.is_none_or(|since| c.updated_at >= since))
        .collect();
    sort(call, &mut comments, |c| (c.id, c.created_at, c.updated_at));
    let address = format!(
        "{}/repositories/{}/pulls/{}/comments",
        call.api(),
        repo.id,
        issue.number
    );
    paged(call, &comments, &address, |comment| {
        call.shape(world).review_comment(repo, issue, comment)
    })
}

pub(super) fn of_diffs(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let since = call.since()?;
    let mut comments: Vec<(&Issue, &ReviewComment)> = repo
        .issues()
        .filter_map(|issue| issue.pull.as_ref().map(|pull| (issue, pull)))
        .flat_map(|(issue, pull)| {
            pull.comments_for(&call.viewer.login)
                .map(move |comment| (issue, comment))
        })
        .filter(|(_, comment)| since.is_none_or(|since| comment.updated_at >= since))
        .collect();
    sort(call, &mut comments, |(_, c)| {
        (c.id, c.created_at, c.updated_at)
    });
    let address = format!("{}/repositories/{}/pulls/comments", call.api(), repo.id);
    paged(call, &comments, &address, |(issue, comment)| {
        call.shape(world).review_comment(repo, issue, comment)
    })
}

pub(super) fn one(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let (issue, comment) = found(repo, call)?;
    Reply::ok(call.shape(world).review_comment(repo, issue, comment))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Answer {
    let (place, id) = may_change(world, call)?;
    let body = call.body()?;
    let text = body["body"].as_str();
    let text = text.ok_or_else(|| invalid("PullRequestReviewComment", "body", "missing_field"))?;
    world.edit_review_comment_at(place, id, text);
    one(world, call)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let (place, id) = may_change(world, call)?;
    world.delete_review_comment_at(place, id);
    Reply::nothing()
}

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let (id, name) = (repo.id, repo.full_name());
    call.place(world, id)?;
    let (_, issue) = call.issue(world)?;
    issue.pull.as_ref().ok_or_else(not_found)?;
    let number = issue.number;
    let body = call.body()?;
    let new = match body["in_reply_to"].as_u64() {
        Some(id) => reply_to(&body, id, call)?,
        None => on_line(&body, &call.viewer.login)?,
    };
    let id = world.review_comment(&name, number, new);
    created(world, call, id)
}

pub(super) fn reply(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let name = repo.full_name();
    let (issue, comment) = found(repo, call)?;
    let (number, id) = (issue.number, comment.id);
    let new = reply_to(&call.body()?, id, call)?;
    let id = world.review_comment(&name, number, new);
    created(world, call, id)
}

fn created(world: &World, call: &Call, id: u64) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    let comment = pull.review_comments.iter().find(|comment| comment.id == id);
    let comment = comment.ok_or_else(not_found)?;
    Reply::created(call.shape(world).review_comment(repo, issue, comment))
}

fn reply_to(body: &Value, id: u64, call: &Call) -> Result<NewComment, Box<Reply>> {
    let text = text(body, "body")?;
    Ok(NewComment::saying(text)
        .by(&call.viewer.login)
        .replying_to(id))
}

fn text<'v>(body: &'v Value, name: &str) -> Result<&'v str, Box<Reply>> {
    let text = body[name].as_str().filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| invalid("PullRequestReviewComment", name, "missing_field"))
}

/// A line comment: text and file are required, the line defaults to 1.
pub(super) fn on_line(value: &Value, login: &str) -> Result<NewComment, Box<Reply>> {
    let new = NewComment::saying(text(value, "body")?).by(login);
    let path = text(value, "path")?;
    if value["subject_type"] == "file" {
        return Ok(new.on_file(path));
    }
    let side = |name: &str| match value[name].as_str() {
        Some("LEFT") => Side::Left,
        _ => Side::Right,
    };
    let line = value["line"]
        .as_u64()
        .or_else(|| value["position"].as_u64());
    let start = value["start_line"].as_u64();
    let start = start.map(|start| (start, side("start_side")));
    let line = line.unwrap_or(1);
    Ok(new.on_line(path, line).at_lines(start, line, side("side")))
}

/// The comment's location, if the caller may change it: its author, or an account with write access.
fn may_change(world: &World, call: &Call) -> Result<(Place, u64), Box<Reply>> {
    let repo = call.repo(world)?;
    let (issue, comment) = found(repo, call)?;
    if comment.author.as_deref() != Some(call.viewer.login.as_str()) {
        call.writable_repo(world)?;
    }
    let place = Place {
        repo: repo.id,
        number: issue.number,
    };
    Ok((place, comment.id))
}

fn found<'w>(repo: &'w Repo, call: &'w Call) -> Result<(&'w Issue, &'w ReviewComment), Box<Reply>> {
    let id = call.path_param("comment").and_then(|id| id.parse().ok());
    repo.issues()
        .filter_map(|issue| issue.pull.as_ref().map(|pull| (issue, pull)))
        .flat_map(|(issue, pull)| {
            pull.comments_for(&call.viewer.login)
                .map(move |comment| (issue, comment))
        })
        .find(|(_, comment)| Some(comment.id) == id)
        .ok_or_else(not_found)
}
