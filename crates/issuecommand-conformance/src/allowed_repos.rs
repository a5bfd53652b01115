//! Names of `ALLOWED_REPOS` are bound to the repository that GitHub showed first, even after renames.

use std::collections::BTreeSet;

use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_core::ports::store::AllowedRepo;
use issuecommand_testkit::builders::{facts, issue, record_repos, repo};

use super::world::World;

fn named(name: &str, facts: &RepoSnapshot, bind: bool) -> Command {
    Command::system(Action::NameRepo {
        name: repo(name),
        github_id: facts.github_id,
        bind,
    })
}

async fn allowed(world: &World, names: &[&str]) -> Vec<AllowedRepo> {
    let names: BTreeSet<_> = names.iter().map(|name| repo(name)).collect();
    world
        .store
        .allowed_repos(&names)
        .await
        .expect("they are read")
}

/// The repository that a name resolves to: GitHub's id, whether it is bound, and all names.
async fn leads_to(world: &World, name: &str) -> Option<(i64, bool, Vec<String>)> {
    let found = allowed(world, &[name]).await.pop()?;
    assert_eq!(found.asked, repo(name));
    let names = found.names.iter().map(|name| name.key().to_owned());
    Some((found.repo.facts.github_id, found.bound, names.collect()))
}

pub(super) async fn a_bound_name_outlives_a_rename(world: &World) {
    let old = facts("acme/old");
    world.mirror_as(&old, [issue(1)]).await;
    let id = old.github_id;
    let own = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        leads_to(world, "ACME/Old").await,
        Some((id, false, own(&["acme/old"])))
    );
    world.note(named("acme/old", &old, true)).await;
    assert_eq!(
        leads_to(world, "acme/old").await,
        Some((id, true, own(&["acme/old"])))
    );
    let new = RepoSnapshot {
        name: repo("acme/new"),
        ..old.clone()
    };
    world.note(record_repos(std::slice::from_ref(&new))).await;
    let both = own(&["acme/new", "acme/old"]);
    assert_eq!(leads_to(world, "acme/old").await, Some((id, true, both)));
    // A repository that takes over the name is not the configured one.
    let other = RepoSnapshot {
        github_id: id + 1,
        ..old.clone()
    };
    world.note(record_repos(&[other.clone(), new])).await;
    world.note(named("acme/old", &other, true)).await;
    assert_eq!(
        leads_to(world, "acme/old").await,
        Some((id, true, own(&["acme/new"])))
    );
    assert_eq!(
        leads_to(world, "acme/new").await,
        Some((id, false, own(&["acme/new"])))
    );
    assert_eq!(leads_to(world, "acme/none").await, None);
    let found = allowed(world, &["acme/none", "acme/old", "acme/new"]).await;
    assert_eq!(found.len(), 2);
}

pub(super) async fn a_name_that_led_to_a_repository_is_its_own(world: &World) {
    let new = facts("acme/new");
    world.mirror_as(&new, [issue(1)]).await;
    // The setting has a former name that this database has never seen.
    world.note(named("acme/old", &new, false)).await;
    let row = world.repo("acme/old").await.expect("it is known by it");
    assert_eq!(row.facts.name, repo("acme/new"));
    world.claim("ann", "acme/old", 1).await;
    // A name in use stays with its repository.
    world.mirror("acme/web", [issue(2)]).await;
    world.note(named("acme/web", &new, false)).await;
    let row = world.repo("acme/web").await.expect("it is known");
    assert_eq!(row.facts.name, repo("acme/web"));
    // An unknown id resolves to nothing.
    let before = world.everything().await;
    world
        .missing(named("acme/nobody", &facts("acme/nobody"), true))
        .await;
    assert_eq!(world.everything().await, before);
}

pub(super) async fn a_repository_is_found_by_githubs_id(world: &World) {
    let api = facts("acme/api");
    world.mirror_as(&api, [issue(1)]).await;
    let found = world.store.repo_on_github(api.github_id).await;
    assert_eq!(found, Ok(world.repo("acme/api").await));
    for none in [0, api.github_id + 1] {
        assert_eq!(world.store.repo_on_github(none).await, Ok(None));
    }
}
