//! The token's user and the repositories it sees.

use super::call::Call;
use super::lists::paged;
use super::reply::{Answer, Reply};
use crate::github::model::Repo;
use crate::github::world::World;

pub(super) fn myself(world: &mut World, call: &Call) -> Answer {
    Reply::ok(call.shape(world).myself(&call.viewer.login))
}

pub(super) fn mine(world: &mut World, call: &Call) -> Answer {
    let mut repos: Vec<&Repo> = world.repos().filter(|repo| repo.accessible).collect();
    // GitHub sorts names upwards and times downwards unless told otherwise.
    let by_time = matches!(call.param("sort"), Some("created" | "updated" | "pushed"));
    match call.param("sort") {
        Some("created") => repos.sort_by_key(|repo| (repo.created_at, repo.id)),
        Some("updated" | "pushed") => repos.sort_by_key(|repo| (repo.updated_at, repo.id)),
        _ => repos.sort_by_key(|repo| repo.full_name().to_lowercase()),
    }
    if call
        .param("direction")
        .map_or(by_time, |direction| direction == "desc")
    {
        repos.reverse();
    }
    let address = format!("{}/user/repos", call.api());
    paged(call, &repos, &address, |repo| call.shape(world).repo(repo))
}

pub(super) fn one(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    Reply::ok(call.shape(world).repo(repo))
}
