//! Names of repositories are changed, left, taken over and exchanged, while ids stay.

use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::store::{ClaimFilter, HistoryQuery};
use issuecommand_testkit::builders::{
    beat, claim, facts, issue, mark_repo_unavailable, next_of, record_repos, release, repo,
};

use super::repositories::known;
use super::world::{API, World};

/// The same repository under another name.
fn renamed(facts: &RepoSnapshot, name: &str) -> RepoSnapshot {
    RepoSnapshot {
        name: repo(name),
        ..facts.clone()
    }
}

fn in_repo(name: &str) -> ClaimFilter {
    ClaimFilter {
        repo: Some(repo(name)),
        ..ClaimFilter::default()
    }
}

pub(super) async fn a_renamed_repository_is_the_same(world: &World) {
    let old = facts("acme/old");
    world.mirror_as(&old, [issue(1), issue(2), issue(3)]).await;
    let ann = world.claim("ann", "acme/old", 1).await;
    let bob = world.claim("bob", "acme/old", 2).await;
    world.note(release(&bob)).await;
    let id = known(world, "acme/old").await.id;
    world.note(record_repos(&[renamed(&old, "Acme/New")])).await;
    for name in ["acme/new", "acme/old"] {
        let row = known(world, name).await;
        assert_eq!((row.id, row.facts.name.as_str()), (id, "Acme/New"));
        assert_eq!(world.row(name, 1).await.repo_name.as_str(), "Acme/New");
        let held = world.claims(&in_repo(name)).await;
        assert_eq!(
            (held.len(), held[0].id, held[0].repo_name.as_str()),
            (1, ann.id, "Acme/New")
        );
        let query = HistoryQuery {
            repo: Some(repo(name)),
            limit: 9,
            ..HistoryQuery::default()
        };
        let ended = world.history(&query).await;
        assert_eq!(
            (ended.len(), ended[0].id, ended[0].repo_name.as_str()),
            (1, bob.id, "Acme/New")
        );
        let filter = IssueFilter::new(Some(repo(name)), None, None);
        assert_eq!(world.offered(&filter).await, [2, 3]);
        // Exclusive under both names.
        let (again, idempotent) = world.claimed(claim("ann", name, 1)).await;
        assert_eq!(
            (again.id, again.repo_name.as_str(), idempotent),
            (ann.id, "Acme/New", true)
        );
        world.refused(claim("bob", name, 1)).await;
    }
    assert_eq!(world.store.repos().await.expect("they are read").len(), 1);
    let (eve, _) = world.claimed(claim("eve", "acme/old", 3)).await;
    assert_eq!(eve.repo_name.as_str(), "Acme/New");
    let event = world.events().await.pop().expect("it is told");
    assert_eq!(event.repo.as_ref().map(RepoName::as_str), Some("Acme/New"));
}

pub(super) async fn an_old_name_filters_the_next_issue(world: &World) {
    let old = facts("acme/old");
    world.mirror_as(&old, [issue(1)]).await;
    world.mirror(API, [issue(0x7fff_ffff)]).await;
    world.note(record_repos(&[renamed(&old, "acme/new")])).await;
    let filter = IssueFilter::new(Some(repo("acme/old")), None, None);
    let (claim, _) = world.claimed(next_of("ann", filter)).await;
    assert_eq!(
        (claim.repo_name.as_str(), claim.number.get()),
        ("acme/new", 1)
    );
}

pub(super) async fn a_name_taken_by_another_is_the_others(world: &World) {
    let first = facts(API);
    world.mirror_as(&first, [issue(1), issue(2)]).await;
    let ann = world.claim("ann", API, 1).await;
    let old = known(world, API).await;
    let second = RepoSnapshot {
        github_id: first.github_id + 1,
        ..first.clone()
    };
    world.mirror_as(&second, [issue(1), issue(3)]).await;
    let new = known(world, API).await;
    assert_ne!(new.id, old.id);
    assert_eq!(new.facts, second);
    // The old repository is unreachable, so its free issues are withheld, and its claims stay.
    assert_eq!(world.offered(&IssueFilter::default()).await, [1, 3]);
    assert_eq!(world.row(API, 1).await.repo, new.id);
    assert_eq!(world.claims(&in_repo(API)).await, []);
    let held = world.claims(&ClaimFilter::default()).await;
    assert_eq!((held.len(), held[0].id, held[0].repo), (1, ann.id, old.id));
    // A name belongs to one repository: the old one has none until GitHub shows its new name.
    let unnamed = held[0].repo_name.clone();
    assert!(unnamed.is_unnamed(), "{unnamed}");
    each_name_once(world).await;
    let row = known(world, unnamed.as_str()).await;
    assert_eq!(
        (row.id, row.offered, &row.facts.name),
        (old.id, false, &unnamed)
    );
    assert_eq!(world.claims(&in_repo(unnamed.as_str())).await, held);
    world.claim("bob", API, 1).await;
    let (beaten, _) = world.claimed(beat(&ann)).await;
    assert_eq!(beaten.repo, old.id);
    // It reappears under another name.
    world
        .note(record_repos(&[second, renamed(&first, "acme/api-old")]))
        .await;
    assert_eq!(known(world, "acme/api-old").await.id, old.id);
    assert_eq!(known(world, API).await.id, new.id);
    let held = world.claims(&in_repo("acme/api-old")).await;
    assert_eq!((held.len(), held[0].id), (1, ann.id));
    each_name_once(world).await;
    let mut offered = world.offered(&IssueFilter::default()).await;
    offered.sort_unstable();
    assert_eq!(offered, [2, 3]);
}

pub(super) async fn a_name_left_behind_can_be_taken_by_an_older_one(world: &World) {
    let (x, y) = (facts("acme/x"), facts("acme/y"));
    world.mirror_as(&x, [issue(1)]).await;
    world.mirror_as(&y, [issue(2)]).await;
    let older = known(world, "acme/x").await.id;
    world.note(record_repos(&[renamed(&x, "acme/y")])).await;
    for name in ["acme/x", "acme/y"] {
        assert_eq!(known(world, name).await.id, older);
    }
    assert_eq!(world.offered(&IssueFilter::default()).await, [1]);
    each_name_once(world).await;
    // Also if the former owner of the name was no longer offered.
    world.note(mark_repo_unavailable("acme/y")).await;
    let z = facts("acme/z");
    world.mirror_as(&z, [issue(3)]).await;
    world.note(record_repos(&[renamed(&z, "acme/y")])).await;
    assert_eq!(world.offered(&IssueFilter::default()).await, [3]);
    each_name_once(world).await;
}

/// All names are unique, and each repository is found by its name.
async fn each_name_once(world: &World) {
    let repos = world.store.repos().await.expect("they are read");
    for count in &repos {
        let name = &count.repo.facts.name;
        let same = repos.iter().filter(|other| other.repo.facts.name == *name);
        assert_eq!(same.count(), 1, "{name}");
        assert_eq!(known(world, name.as_str()).await.id, count.repo.id);
    }
}

pub(super) async fn two_repositories_exchange_their_names(world: &World) {
    let (x, y) = (facts("acme/x"), facts("acme/y"));
    world.mirror_as(&x, [issue(1)]).await;
    world.mirror_as(&y, [issue(2)]).await;
    let (was_x, was_y) = (
        known(world, "acme/x").await.id,
        known(world, "acme/y").await.id,
    );
    world
        .note(record_repos(&[
            renamed(&x, "acme/y"),
            renamed(&y, "acme/x"),
        ]))
        .await;
    assert_eq!(known(world, "acme/x").await.id, was_y);
    assert_eq!(known(world, "acme/y").await.id, was_x);
    assert_eq!(world.row("acme/y", 1).await.repo, was_x);
    let mut offered = world.offered(&IssueFilter::default()).await;
    offered.sort_unstable();
    assert_eq!(offered, [1, 2]);
    assert_eq!(world.store.repos().await.expect("they are read").len(), 2);
    each_name_once(world).await;
}

pub(super) async fn a_list_may_name_one_twice(world: &World) {
    let old = facts("acme/old");
    // A request for both its old and new name finds one repository; and a name changes owners during a list.
    let new = renamed(&old, "acme/new");
    world.note(record_repos(&[old.clone(), new.clone()])).await;
    assert_eq!(known(world, "acme/new").await.facts, new);
    let other = RepoSnapshot {
        github_id: old.github_id + 1,
        ..new.clone()
    };
    let id = known(world, "acme/new").await.id;
    world.note(record_repos(&[new, other.clone()])).await;
    let taken = known(world, "acme/new").await;
    assert_eq!(taken.facts, other);
    assert_ne!(taken.id, id);
    let repos = world.store.repos().await.expect("they are read");
    assert_eq!(repos.len(), 2);
    each_name_once(world).await;
}
