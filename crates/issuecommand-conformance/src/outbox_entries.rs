//! Entries of the outbox: which replace each other, which stay, and under which name their repository is written to.

use std::slice::from_ref;

use issuecommand_core::domain::outbox::{OutboxEntry, Write};
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_testkit::builders::{
    IssueDraft, facts, failure, issue, number, record_repos, repo, settle, settle_with,
};

use super::mirror::asked;
use super::outbox::{closing, due, waiting};
use super::world::{API, World};

/// An issue as GitHub shows it when it changed this minute.
fn changed_now(world: &World, n: i64) -> IssueDraft {
    let opened = issue(n).changed(0).build().updated_at;
    issue(n).changed((world.clock.now().0 - opened.0) / 60_000)
}

/// The issue is closed on GitHub, and a person opens it again.
async fn reopened(world: &World, n: i64) {
    world.pass(5);
    world
        .note(asked(changed_now(world, n).closed(), None))
        .await;
    world.pass(5);
    world.note(asked(changed_now(world, n), None)).await;
}

pub(super) async fn a_newer_write_of_a_key_replaces_the_pending_one(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    let (first, other) = (waiting(world, 1).await, waiting(world, 2).await);
    // The process that closed it ended before it could say so.
    reopened(world, 1).await;
    let second = waiting(world, 1).await;
    assert_eq!(first.coalesce_key, second.coalesce_key);
    assert_ne!(first.coalesce_key, other.coalesce_key);
    let late = world.clock.now().plus(Millis::minutes(1));
    let both = [other.clone(), second.clone()];
    assert_eq!(due(world, late, 9).await, both);
    assert_eq!(world.health().await.outbox, 2);
    // The outcome of the older one, which may be on its way, says nothing of the newer one.
    let outcomes = [
        Some(failure("late", None)),
        Some(failure("no", Some(403))),
        None,
    ];
    for outcome in outcomes {
        world.note(settle_with(&first, outcome)).await;
        assert_eq!(due(world, late, 9).await, both);
    }
    assert_eq!(world.health().await.close_failed, []);
    // A newer one replaces it after failures, too, and begins anew.
    world.note(settle(&second, Some("down"))).await;
    reopened(world, 1).await;
    let third = waiting(world, 1).await;
    let late = world.clock.now().plus(Millis::minutes(600));
    assert_eq!(due(world, late, 9).await, [other, third.clone()]);
    assert_eq!(third.attempts, 0);
}

pub(super) async fn a_failed_write_replaces_nothing(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1)]).await;
    let refused = waiting(world, 1).await;
    let no = failure("no", Some(403));
    world.note(settle_with(&refused, Some(no.clone()))).await;
    // A person changed it, so that it is work again, and it is closed once more.
    world.pass(5);
    world.note(asked(changed_now(world, 1), None)).await;
    let entry = waiting(world, 1).await;
    let late = world.clock.now().plus(Millis::minutes(600));
    assert_eq!(due(world, late, 9).await, from_ref(&entry));
    // What comes late of the one that was given up changes nothing, whatever it is.
    world.note(settle_with(&refused, Some(no))).await;
    world.note(settle(&refused, Some("no answer"))).await;
    world.note(settle(&refused, None)).await;
    assert_eq!(due(world, late, 9).await, [entry]);
    assert_eq!(world.health().await.outbox, 1);
    assert_eq!(world.health().await.close_failed, []);
}

pub(super) async fn a_write_goes_to_its_repository_under_the_present_name(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1)]).await;
    let entry = waiting(world, 1).await;
    // Another repository has the old name now.
    let known = facts(API);
    let moved = RepoSnapshot {
        name: repo("acme/renamed"),
        ..known.clone()
    };
    let other = RepoSnapshot {
        github_id: known.github_id + 1_000,
        ..known
    };
    world.note(record_repos(&[moved, other])).await;
    let there = Write::CloseIssue {
        repo: repo("acme/renamed"),
        number: number(1),
    };
    let moved = OutboxEntry {
        write: there,
        ..entry
    };
    let late = world.clock.now().plus(Millis::minutes(1));
    assert_eq!(due(world, late, 9).await, from_ref(&moved));
    // So does the news of it.
    world
        .note(settle_with(&moved, Some(failure("no", Some(403)))))
        .await;
    let failed = world.health().await.close_failed;
    let names: Vec<_> = failed.iter().map(|failed| failed.repo.as_str()).collect();
    assert_eq!(names, ["acme/renamed"]);
}
