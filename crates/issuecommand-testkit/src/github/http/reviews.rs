//! Writing reviews and comments on lines, and taking reviews back.

use serde_json::Value;

use super::call::Call;
use super::reply::{Answer, Reply, invalid, not_found, unprocessable};
use crate::github::model::{Review, ReviewState};
use crate::github::new::{NewComment, NewReview};
use crate::github::world::World;

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?.id;
    let place = call.place(world, repo)?;
    let (_, issue) = call.issue(world)?;
    let author = issue.author.clone();
    issue.pull.as_ref().ok_or_else(not_found)?;
    let body = call.body()?;
    let text = body["body"].as_str().unwrap_or_default();
    let (state, needs_words) = match body["event"].as_str() {
        // Without an event it is a draft that waits to be submitted.
        None => (ReviewState::Pending, false),
        Some("APPROVE") => (ReviewState::Approved, false),
        Some("REQUEST_CHANGES") => (ReviewState::ChangesRequested, true),
        Some("COMMENT") => (ReviewState::Commented, true),
        Some(_) => return Err(invalid("PullRequestReview", "event", "invalid")),
    };
    let lines = body["comments"].as_array().cloned().unwrap_or_default();
    if needs_words && text.trim().is_empty() && lines.is_empty() {
        return Err(unprocessable("Review Can not be blank"));
    }
    let login = &call.viewer.login;
    let judges = matches!(state, ReviewState::Approved | ReviewState::ChangesRequested);
    if judges && author.is_some_and(|author| author.eq_ignore_ascii_case(login)) {
        return Err(unprocessable(
            "Review Can not request changes on or approve your own pull request",
        ));
    }
    let comments = lines
        .iter()
        .map(|line| on_line(line, login))
        .collect::<Result<Vec<NewComment>, Box<Reply>>>()?;
    let words = NewComment::saying(text).by(login);
    let id = world.review_at(place, NewReview::saying(state, words));
    for comment in comments {
        world.review_comment_at(place, comment.in_review(id));
    }
    show(world, call, id)
}

pub(super) fn dismiss(world: &mut World, call: &Call) -> Answer {
    let repo = call.writable_repo(world)?.full_name();
    let (_, issue) = call.issue(world)?;
    let (number, pull) = (issue.number, issue.pull.as_ref().ok_or_else(not_found)?);
    let id = call.path_param("review").and_then(|id| id.parse().ok());
    let review = pull.reviews.iter().find(|review| Some(review.id) == id);
    let review = review.ok_or_else(not_found)?;
    let (id, state) = (review.id, review.state);
    if call.body()?["message"].as_str().is_none() {
        return Err(invalid("PullRequestReview", "message", "missing_field"));
    }
    if !matches!(state, ReviewState::Approved | ReviewState::ChangesRequested) {
        return Err(unprocessable(
            "Can not dismiss a review that says neither yes nor no",
        ));
    }
    world.dismiss_review(&repo, number, id);
    show(world, call, id)
}

/// A review as it stands now. GitHub answers 200 here, not 201.
fn show(world: &World, call: &Call, id: u64) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    let review: Option<&Review> = pull.reviews.iter().find(|review| review.id == id);
    let review = review.ok_or_else(not_found)?;
    Reply::ok(call.shape(world).review(repo, issue, review))
}

pub(super) fn comment(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let (id, name) = (repo.id, repo.full_name());
    call.place(world, id)?;
    let (_, issue) = call.issue(world)?;
    issue.pull.as_ref().ok_or_else(not_found)?;
    let number = issue.number;
    let new = on_line(&call.body()?, &call.viewer.login)?;
    let id = world.review_comment(&name, number, new);
    let (repo, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    let comment = pull.review_comments.iter().find(|comment| comment.id == id);
    let comment = comment.ok_or_else(not_found)?;
    Reply::created(call.shape(world).review_comment(repo, issue, comment))
}

/// A comment on a line: its text and its file are needed, the line is 1 where none is said.
fn on_line(value: &Value, login: &str) -> Result<NewComment, Box<Reply>> {
    let field = |name: &str| {
        let text = value[name].as_str().filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| invalid("PullRequestReviewComment", name, "missing_field"))
    };
    let mut new = NewComment::saying(field("body")?).by(login);
    field("path")?.clone_into(&mut new.path);
    let line = value["line"]
        .as_u64()
        .or_else(|| value["position"].as_u64());
    new.position = line.unwrap_or(1);
    Ok(new)
}
