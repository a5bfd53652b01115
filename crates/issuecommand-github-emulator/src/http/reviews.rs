//! Reviews: begin, submit, edit, discard, dismiss.

use super::call::Call;
use super::lines::on_line;
use super::lists::paged;
use super::reply::{Answer, Reply, invalid, not_found, unprocessable};
use crate::builders::{NewComment, NewReview};
use crate::model::{Review, ReviewState};
use crate::world::World;

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?.id;
    let place = call.place(world, repo)?;
    let (_, issue) = call.issue(world)?;
    let author = issue.author.clone();
    issue.pull.as_ref().ok_or_else(not_found)?;
    let body = call.body()?;
    let text = body["body"].as_str().unwrap_or_default();
    let (state, needs_words) = match body["event"].as_str() {
        // Without an event it is a pending draft.
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

/// Submits a pending review of the caller.
pub(super) fn submit(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?.id;
    let place = call.place(world, repo)?;
    let review = found(world, call)?;
    let (id, state) = (review.id, review.state);
    if state != ReviewState::Pending {
        return Err(unprocessable(
            "Can not submit a review that was submitted already",
        ));
    }
    let body = call.body()?;
    let state = match body["event"].as_str() {
        Some("APPROVE") => ReviewState::Approved,
        Some("REQUEST_CHANGES") => ReviewState::ChangesRequested,
        Some("COMMENT") => ReviewState::Commented,
        _ => return Err(invalid("PullRequestReview", "event", "invalid")),
    };
    world.submit_review_at(place, id, state, body["body"].as_str());
    show(world, call, id)
}

pub(super) fn one(world: &mut World, call: &Call) -> Answer {
    let id = found(world, call)?.id;
    show(world, call, id)
}

/// Changes the text of a review.
pub(super) fn edit(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?.full_name();
    let number = call.issue(world)?.1.number;
    let id = found(world, call)?.id;
    let body = call.body()?;
    let text = body["body"].as_str();
    let text = text.ok_or_else(|| invalid("PullRequestReview", "body", "missing_field"))?;
    world.edit_review(&repo, number, id, text);
    show(world, call, id)
}

/// Discards a pending review of the caller; others cannot be deleted.
pub(super) fn discard(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?.full_name();
    let number = call.issue(world)?.1.number;
    let review = found(world, call)?;
    if review.state != ReviewState::Pending {
        return Err(unprocessable(
            "Can not delete a non-pending pull request review",
        ));
    }
    let id = review.id;
    let answer = show(world, call, id)?;
    world.discard_review(&repo, number, id);
    Ok(answer)
}

/// The line comments of one review.
pub(super) fn comments(world: &mut World, call: &Call) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    let id = found(world, call)?.id;
    let comments: Vec<_> = pull
        .comments_for(&call.viewer.login)
        .filter(|comment| comment.review_id == Some(id))
        .collect();
    let address = format!(
        "{}/repositories/{}/pulls/{}/reviews/{id}/comments",
        call.api(),
        repo.id,
        issue.number
    );
    paged(call, &comments, &address, |comment| {
        call.shape(world).review_comment(repo, issue, comment)
    })
}

/// The review in the path, if the viewer sees it.
fn found<'w>(world: &'w World, call: &'w Call) -> Result<&'w Review, Box<Reply>> {
    let (_, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    let id = call.path_param("review").and_then(|id| id.parse().ok());
    pull.reviews_for(&call.viewer.login)
        .find(|review| Some(review.id) == id)
        .ok_or_else(not_found)
}

pub(super) fn dismiss(world: &mut World, call: &Call) -> Answer {
    let repo = call.writable_repo(world)?.full_name();
    let (_, issue) = call.issue(world)?;
    let number = issue.number;
    let review = found(world, call)?;
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

/// The current review. GitHub answers 200 here, not 201.
fn show(world: &World, call: &Call, id: u64) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    let review: Option<&Review> = pull.reviews.iter().find(|review| review.id == id);
    let review = review.ok_or_else(not_found)?;
    Reply::ok(call.shape(world).review(repo, issue, review))
}
