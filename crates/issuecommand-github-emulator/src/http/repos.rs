//! The token's user, the repositories that it sees, and permissions in them.

use serde_json::{Value, json};

use super::call::Call;
use super::lists::{paged, paged_as, state};
use super::reply::{Answer, Reply, forbidden, not_found_because};
use crate::model::{Permission, Repo};
use crate::world::{Kind, World};

pub(super) fn myself(world: &mut World, call: &Call) -> Answer {
    of_a_user(call)?;
    Reply::ok(call.shape(world).myself(&call.viewer.login))
}

pub(super) fn mine(world: &mut World, call: &Call) -> Answer {
    of_a_user(call)?;
    let mut repos: Vec<&Repo> = world.seen_by(&call.viewer).collect();
    // By default GitHub sorts names ascending and times descending.
    let by_time = matches!(call.param("sort"), Some("created" | "updated" | "pushed"));
    match call.param("sort") {
        Some("created") => repos.sort_by_key(|repo| (repo.created_at, repo.id)),
        Some("updated" | "pushed") => repos.sort_by_key(|repo| (repo.updated_at, repo.id)),
        _ => repos.sort_by_cached_key(|repo| repo.full_name().to_lowercase()),
    }
    if call
        .param("direction")
        .map_or(by_time, |direction| direction == "desc")
    {
        repos.reverse();
    }
    let address = format!("{}/user/repos", call.api());
    paged(call, &repos, &address, |repo| shown(world, call, repo))
}

/// An installation token is refused.
fn of_a_user(call: &Call) -> Result<(), Box<Reply>> {
    match call.viewer.kind {
        Kind::Classic | Kind::FineGrained => Ok(()),
        Kind::Installation => Err(forbidden(call.viewer.not_accessible())),
    }
}

/// The repositories of an installation; only its own token may ask.
pub(super) fn of_installation(world: &mut World, call: &Call) -> Answer {
    if call.viewer.kind != Kind::Installation {
        return Err(forbidden(
            "You must authenticate with an installation access token in order to list repositories.",
        ));
    }
    let repos: Vec<&Repo> = world.seen_by(&call.viewer).collect();
    let address = format!("{}/installation/repositories", call.api());
    let selection = if call.viewer.is_narrow() {
        "selected"
    } else {
        "all"
    };
    let rows = |repo: &&Repo| shown(world, call, repo);
    paged_as(
        call,
        &repos,
        &address,
        rows,
        |rows| json!({"total_count": repos.len(), "repository_selection": selection, "repositories": rows}),
    )
}

/// The permission of a user in a repository. GitHub answers only callers who may push, and does not count Apps as users.
pub(super) fn permission(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let login = call.path_param("user").unwrap_or_default();
    if World::role(repo, &call.viewer.login) < Permission::Write {
        return Err(forbidden(match call.viewer.kind {
            Kind::Classic => "Must have push access to view collaborator permission.",
            Kind::FineGrained | Kind::Installation => call.viewer.not_accessible(),
        }));
    }
    let user = world.user(login).filter(|user| !is_bot(&user.login));
    let Some(user) = user else {
        return Err(not_found_because(&format!("{login} is not a user")));
    };
    let permission = world.permission(repo, login);
    let mut shown = call.shape(world).user(Some(&user.login));
    shown["permissions"] = permissions(permission);
    shown["role_name"] = json!(permission.role());
    Reply::ok(json!({
        "permission": permission.as_str(),
        "role_name": permission.role(),
        "user": shown,
    }))
}

fn is_bot(login: &str) -> bool {
    login.ends_with("[bot]")
}

pub(super) fn labels(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let labels: Vec<_> = repo.labels.values().collect();
    let address = format!("{}/repositories/{}/labels", call.api(), repo.id);
    paged(call, &labels, &address, |label| {
        call.shape(world).label(repo, label)
    })
}

pub(super) fn milestones(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let wanted = state(call)?;
    let milestones: Vec<_> = repo
        .milestones
        .iter()
        .filter(|milestone| wanted.is_none_or(|state| state == milestone.state()))
        .collect();
    let address = format!("{}/repositories/{}/milestones", call.api(), repo.id);
    paged(call, &milestones, &address, |milestone| {
        call.shape(world).milestone(repo, milestone)
    })
}

pub(super) fn one(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    Reply::ok(shown(world, call, repo))
}

/// A repository with what the caller may do in it.
fn shown(world: &World, call: &Call, repo: &Repo) -> Value {
    let mut value = call.shape(world).repo(repo);
    value["permissions"] = permissions(World::role(repo, &call.viewer.login));
    value
}

fn permissions(permission: Permission) -> Value {
    json!({
        "pull": permission >= Permission::Read,
        "triage": permission >= Permission::Triage,
        "push": permission >= Permission::Write,
        "maintain": permission >= Permission::Maintain,
        "admin": permission >= Permission::Admin,
    })
}
