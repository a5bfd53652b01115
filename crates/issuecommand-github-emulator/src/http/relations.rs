//! Dependencies and sub-issues: list, add and remove.

use axum::http::StatusCode;
use serde_json::Value;

use super::call::Call;
use super::lists::paged;
use super::reply::{Answer, Reply, invalid, not_found, unprocessable};
use crate::model::{Feature, Issue, Repo};
use crate::world::{Place, World};

/// The most blockers of an issue.
const BLOCKERS_MAX: usize = 50;
/// The most sub-issues of an issue, closed ones included.
const SUB_ISSUES_MAX: usize = 100;

pub(super) fn blocked_by(world: &mut World, call: &Call) -> Answer {
    list(
        world,
        call,
        Feature::Dependencies,
        "dependencies/blocked_by",
        World::blockers_of,
    )
}

pub(super) fn blocking(world: &mut World, call: &Call) -> Answer {
    list(
        world,
        call,
        Feature::Dependencies,
        "dependencies/blocking",
        World::blocked_by,
    )
}

pub(super) fn sub_issues(world: &mut World, call: &Call) -> Answer {
    list(
        world,
        call,
        Feature::SubIssues,
        "sub_issues",
        World::sub_issues_of,
    )
}

pub(super) fn parent(world: &mut World, call: &Call) -> Answer {
    need(world, Feature::SubIssues)?;
    let (repo, issue) = call.issue(world)?;
    let parent = world.parent_of(place(repo, issue));
    let parent = parent.and_then(|parent| visible(world, call, parent));
    let (home, parent) = parent.ok_or_else(not_found)?;
    Reply::ok(call.shape(world).issue(home, parent))
}

pub(super) fn add_blocker(world: &mut World, call: &Call) -> Answer {
    need(world, Feature::Dependencies)?;
    let waiting = own_place(world, call)?;
    let blocker = named(world, call, "issue_id", "IssueDependency")?;
    if blocker == waiting || world.blockers_of(waiting).len() >= BLOCKERS_MAX {
        return Err(invalid("IssueDependency", "issue_id", "invalid"));
    }
    if !world.block_at(waiting, blocker) {
        return Err(unprocessable("Target issue has already been taken"));
    }
    shown(world, call, waiting, StatusCode::CREATED)
}

pub(super) fn remove_blocker(world: &mut World, call: &Call) -> Answer {
    need(world, Feature::Dependencies)?;
    let waiting = own_place(world, call)?;
    let id = call.path_param("blocker").and_then(|id| id.parse().ok());
    let blocker = id.and_then(|id| world.place_of_id(id));
    let blocker = blocker.ok_or_else(not_found)?;
    if !world.unblock_at(waiting, blocker) {
        return Err(not_found());
    }
    shown(world, call, waiting, StatusCode::OK)
}

pub(super) fn add_sub_issue(world: &mut World, call: &Call) -> Answer {
    need(world, Feature::SubIssues)?;
    let parent = own_place(world, call)?;
    let child = named(world, call, "sub_issue_id", "SubIssue")?;
    let replaces = call.body()?["replace_parent"] == true;
    let owner = |place: Place| world.repo_by_id(place.repo).map(|repo| &repo.owner);
    if child == parent || owner(child) != owner(parent) {
        return Err(invalid("SubIssue", "sub_issue_id", "invalid"));
    }
    if world.sub_issues_of(parent).len() >= SUB_ISSUES_MAX {
        return Err(unprocessable("Parent cannot have more than 100 sub-issues"));
    }
    if world.parent_of(child).is_some() && !replaces {
        return Err(unprocessable("Sub issue may only have one parent"));
    }
    world.add_sub_issue_at(parent, child);
    shown(world, call, parent, StatusCode::CREATED)
}

pub(super) fn remove_sub_issue(world: &mut World, call: &Call) -> Answer {
    need(world, Feature::SubIssues)?;
    let parent = own_place(world, call)?;
    let child = named(world, call, "sub_issue_id", "SubIssue")?;
    if !world.remove_sub_issue_at(parent, child) {
        return Err(not_found());
    }
    shown(world, call, parent, StatusCode::OK)
}

/// A list of whole issues, open and closed. Those that the viewer cannot see are missing from it.
fn list(
    world: &World,
    call: &Call,
    feature: Feature,
    path: &str,
    places: impl Fn(&World, Place) -> &[Place],
) -> Answer {
    need(world, feature)?;
    let (repo, issue) = call.issue(world)?;
    let found = places(world, place(repo, issue)).iter();
    let rows: Vec<(&Repo, &Issue)> = found
        .filter_map(|place| visible(world, call, *place))
        .collect();
    let (id, number) = (repo.id, issue.number);
    let address = format!("{}/repositories/{id}/issues/{number}/{path}", call.api());
    paged(call, &rows, &address, |(repo, issue)| {
        call.shape(world).issue(repo, issue)
    })
}

/// A server without the feature does not have its paths.
fn need(world: &World, feature: Feature) -> Result<(), Box<Reply>> {
    if world.has_feature(feature) {
        Ok(())
    } else {
        Err(not_found())
    }
}

fn place(repo: &Repo, issue: &Issue) -> Place {
    Place {
        repo: repo.id,
        number: issue.number,
    }
}

fn visible<'w>(world: &'w World, call: &Call, place: Place) -> Option<(&'w Repo, &'w Issue)> {
    let repo = world.repo_by_id(place.repo)?;
    let seen = call.viewer.refusal(repo).is_none();
    repo.issue(place.number)
        .filter(|_| seen)
        .map(|issue| (repo, issue))
}

/// The issue in the path, if the token may write to it. A pull request has no relations.
fn own_place(world: &World, call: &Call) -> Result<Place, Box<Reply>> {
    let repo = call.repo_for_triage(world)?.id;
    let place = call.place(world, repo)?;
    let issue = world.at_place(place).filter(|issue| issue.pull.is_none());
    issue.map(|_| place).ok_or_else(not_found)
}

/// The issue that the body names by its id. A pull request is refused.
fn named(world: &World, call: &Call, field: &str, resource: &str) -> Result<Place, Box<Reply>> {
    let id: Value = call.body()?[field].take();
    let place = id.as_u64().and_then(|id| world.place_of_id(id));
    let issue = place.filter(|place| {
        let issue = visible(world, call, *place);
        issue.is_some_and(|(_, issue)| issue.pull.is_none())
    });
    issue.ok_or_else(|| invalid(resource, field, "invalid"))
}

fn shown(world: &World, call: &Call, place: Place, status: StatusCode) -> Answer {
    let (repo, issue) = visible(world, call, place).ok_or_else(not_found)?;
    let body = call.shape(world).issue(repo, issue);
    if status == StatusCode::CREATED {
        Reply::created(body)
    } else {
        Reply::ok(body)
    }
}
