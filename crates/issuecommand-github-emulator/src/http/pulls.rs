//! Pull requests: list, show, open, merge; their reviews.

use serde_json::{Value, json};

use super::call::Call;
use super::issues::new_issue;
use super::lists::{paged, pull_filter};
use super::reply::{Answer, Reply, conflict, invalid, invalid_because, not_found, not_mergeable};
use crate::builders::NewPull;
use crate::model::{Review, State};
use crate::world::World;

pub(super) fn list(world: &mut World, call: &Call) -> Answer {
    let id = call.repo(world)?.id;
    let numbers = world.select(id, &pull_filter(call)?);
    let repo = call.repo(world)?;
    let pulls: Vec<_> = numbers
        .iter()
        .filter_map(|number| repo.issue(*number))
        .filter_map(|issue| issue.pull.as_ref().map(|pull| (issue, pull)))
        .filter(|(_, pull)| {
            let head = format!("{}:{}", pull.head_owner, pull.head_ref);
            call.param("head")
                .is_none_or(|wanted| head.eq_ignore_ascii_case(wanted))
                && call
                    .param("base")
                    .is_none_or(|wanted| pull.base_ref == wanted)
        })
        .collect();
    let address = format!("{}/repositories/{id}/pulls", call.api());
    paged(call, &pulls, &address, |(issue, pull)| {
        call.shape(world).pull(repo, issue, pull)
    })
}

pub(super) fn one(world: &mut World, call: &Call) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    Reply::ok(call.shape(world).pull_alone(repo, issue, pull))
}

pub(super) fn reviews(world: &mut World, call: &Call) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    let reviews: Vec<&Review> = pull.reviews_for(&call.viewer.login).collect();
    let address = format!(
        "{}/repositories/{}/pulls/{}/reviews",
        call.api(),
        repo.id,
        issue.number
    );
    paged(call, &reviews, &address, |review| {
        call.shape(world).review(repo, issue, review)
    })
}

/// Edits title, text, base and state of a pull request.
pub(super) fn edit(world: &mut World, call: &Call) -> Answer {
    let repo = call.writable_repo(world)?;
    let (id, name) = (repo.id, repo.full_name());
    let place = call.place(world, id)?;
    let (_, issue) = call.issue(world)?;
    issue.pull.as_ref().ok_or_else(not_found)?;
    let body = call.body()?;
    let closes = match body["state"].as_str() {
        None => None,
        Some("open") => Some(false),
        Some("closed") => Some(true),
        Some(_) => return Err(invalid("PullRequest", "state", "invalid")),
    };
    if let Some(title) = body["title"].as_str() {
        world.retitle_at(place, title);
    }
    if let Some(text) = body["body"].as_str() {
        world.edit_body(&name, place.number, text);
    }
    if let Some(base) = body["base"].as_str() {
        world.change_base_at(place, base);
    }
    match closes {
        None => false,
        Some(true) => world.close_at(place, None, Some(&call.viewer.login)),
        Some(false) => world.reopen_at(place),
    };
    one(world, call)
}

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let repo = call.writable_repo(world)?;
    let body = call.body()?;
    let field = |name: &str| {
        let value = body[name].as_str().filter(|value| !value.is_empty());
        value.ok_or_else(|| invalid("PullRequest", name, "missing_field"))
    };
    let head = field("head")?;
    let (head_owner, head_ref) = head.split_once(':').unwrap_or((&repo.owner, head));
    let mut new = NewPull::from_branch(head_ref, new_issue(&body, "PullRequest", call)?)
        .onto(field("base")?)
        .from_fork(head_owner);
    new.draft = body["draft"].as_bool().unwrap_or(false);
    if World::has_open_pull(repo, head_owner, head_ref, field("base")?) {
        return Err(invalid_because(&json!({
            "resource": "PullRequest",
            "code": "custom",
            "message": format!("A pull request already exists for {head_owner}:{head_ref}."),
        })));
    }
    let id = repo.id;
    let number = world.open_pull_in(id, new);
    let repo = call.repo(world)?;
    let issue = repo.issue(number).ok_or_else(not_found)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    Reply::created(call.shape(world).pull_alone(repo, issue, pull))
}

pub(super) fn merge(world: &mut World, call: &Call) -> Answer {
    let repo = call.writable_repo(world)?.id;
    let place = call.place(world, repo)?;
    let (_, issue) = call.issue(world)?;
    let pull = issue.pull.as_ref().ok_or_else(not_found)?;
    if issue.state == State::Closed || pull.draft {
        return Err(not_mergeable());
    }
    let body = call.body()?;
    if body["sha"].as_str().is_some_and(|sha| sha != pull.head_sha) {
        return Err(conflict(
            "Head branch was modified. Review and try the merge again.",
        ));
    }
    let by = call.viewer.login.clone();
    let sha = world.merge_at(place, Some(&by)).ok_or_else(not_mergeable)?;
    world.close_promised(place, &by);
    let answer: Value =
        json!({"sha": sha, "merged": true, "message": "Pull Request successfully merged"});
    Reply::ok(answer)
}
