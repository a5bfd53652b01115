//! What issues wait for comes with lists and deliveries; GitHub is asked only where there is something.

use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::readiness::{NotReady, ReasonCode};
use issuecommand_core::domain::time::Millis;
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_github_emulator::{Feature, World};

use crate::world::{API, Setup, github_with, named};

const WEB: &str = "acme/web";
const BLOCKERS: &str = "GET /repos/*/*/issues/*/dependencies/blocked_by";

async fn reasons(setup: &Setup, n: i64) -> Vec<NotReady> {
    let (repo, number) = named(API, n);
    let command = Command::system(Action::AskReadiness { repo, number });
    match setup.store.transact(command).await.unwrap() {
        Outcome::Done(Answer::Readiness { reasons, .. }) => reasons,
        other => panic!("{other:?}"),
    }
}

async fn codes(setup: &Setup, n: i64) -> Vec<ReasonCode> {
    let reasons = reasons(setup, n).await;
    reasons.iter().map(NotReady::code).collect()
}

async fn words(setup: &Setup, n: i64) -> Vec<String> {
    let reasons = reasons(setup, n).await;
    reasons.iter().map(NotReady::words).collect()
}

/// Three issues in one repository and one in another.
fn world() -> World {
    let mut world = github_with(3);
    world.add_repo(WEB);
    world.open_issue(WEB, "Elsewhere");
    world
}

/// A change of which no delivery tells, found by the next complete reading.
async fn read_whole(setup: &Setup, change: impl FnOnce(&mut World)) {
    setup.github.world(change);
    drop(setup.github.deliveries());
    setup.pass(Millis::minutes(7 * 60));
    let report = setup.sync().await;
    assert_eq!(report.failed, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn blockers_are_found_by_polls_alone() {
    let mut world = world();
    world.block(API, 1, (API, 2));
    world.block(API, 1, (WEB, 1));
    let setup = Setup::synced(world).await;
    assert_eq!(setup.offered(API).await, [2, 3]);
    let told = "It is blocked by acme/api#2, acme/web#1, which are open";
    assert_eq!(words(&setup, 1).await, [told]);
    assert_eq!(setup.asked(BLOCKERS).len(), 1, "no other issue waits");
    setup.pass(Millis::minutes(16));
    setup.github.world(|world| world.close_issue(WEB, 1));
    setup.sync().await;
    assert_eq!(codes(&setup, 1).await, [ReasonCode::BlockedBy]);
    // The list of acme/api says one blocker fewer before that of acme/web says which one closed.
    assert_eq!(setup.asked(BLOCKERS).len(), 2, "it may be one that went");
    setup.pass(Millis::minutes(16));
    setup.github.world(|world| world.close_issue(API, 2));
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [1, 3]);
    assert_eq!(setup.asked(BLOCKERS).len(), 2, "the mirror knew it");
    read_whole(&setup, |world| world.unblock(API, 1, (API, 2))).await;
    read_whole(&setup, |world| world.block(API, 3, (API, 1))).await;
    assert_eq!(setup.offered(API).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_blocker_that_was_read_first_is_not_asked_about() {
    let mut world = world();
    world.block(WEB, 1, (API, 2));
    let setup = Setup::synced(world).await;
    assert_eq!(setup.offered(WEB).await, Vec::<i64>::new());
    assert_eq!(setup.asked(BLOCKERS).len(), 1);
    setup.pass(Millis::minutes(16));
    setup.github.world(|world| world.close_issue(API, 2));
    setup.sync().await;
    assert_eq!(setup.offered(WEB).await, [1]);
    assert_eq!(setup.asked(BLOCKERS).len(), 1, "the mirror knew it");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_block_and_free_at_once() {
    let mut world = world();
    world.record_deliveries();
    let setup = Setup::synced(world).await;
    setup.github.world(|world| {
        world.block(API, 1, (API, 2));
        world.block(API, 1, (WEB, 1));
        world.add_sub_issue(API, 3, (API, 2));
    });
    setup.deliver().await;
    assert_eq!(setup.offered(API).await, [2]);
    assert_eq!(codes(&setup, 3).await, [ReasonCode::HasOpenChildren]);
    setup.pass(Millis::minutes(1));
    setup.github.world(|world| world.close_issue(API, 2));
    setup.deliver().await;
    assert_eq!(setup.offered(API).await, [3]);
    let told = "It is blocked by acme/web#1, which is open";
    assert_eq!(words(&setup, 1).await, [told]);
    setup.github.world(|world| world.unblock(API, 1, (WEB, 1)));
    setup.deliver().await;
    assert_eq!(setup.offered(API).await, [1, 3]);
    let events = setup.store.events_after(0, 10_000).await.unwrap();
    let kinds = events.iter().map(|event| event.kind);
    let freed = kinds.filter(|kind| *kind == EventKind::IssueUnblocked);
    assert_eq!(freed.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_token_cannot_see_blocks_and_says_so() {
    let mut world = world();
    world.block(API, 1, (WEB, 1));
    world.remove_access(WEB);
    let setup = Setup::synced(world).await;
    let told = "It is blocked by 1 issue that cannot be seen here and count as open";
    assert_eq!(words(&setup, 1).await, [told]);
    setup.github.world(|world| world.close_issue(WEB, 1));
    setup.pass(Millis::minutes(16));
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_not_served_is_asked_about_again() {
    let mut world = github_with(2);
    world.add_repo("other/place");
    world.open_issue("other/place", "Elsewhere");
    world.block(API, 1, ("other/place", 1));
    let allowed = issuecommand_core::domain::access::Scope::Only([named(API, 1).0].into());
    let policy = issuecommand_core::domain::policy::Policy::default();
    let setup = Setup::with(crate::world::StoreKind::Sqlite, world, policy, allowed).await;
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [2]);
    assert_eq!(codes(&setup, 1).await, [ReasonCode::BlockedBy]);
    setup
        .github
        .world(|world| world.close_issue("other/place", 1));
    setup.pass(Millis::minutes(16));
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transferred_blocker_is_followed() {
    let mut world = world();
    world.record_deliveries();
    let setup = Setup::synced(world).await;
    setup.github.world(|world| world.block(API, 1, (API, 2)));
    setup.deliver().await;
    setup.pass(Millis::minutes(1));
    setup
        .github
        .world(|world| world.transfer_issue(API, 2, WEB));
    setup.deliver().await;
    assert_eq!(codes(&setup, 1).await, [ReasonCode::BlockedBy]);
    setup.pass(Millis::minutes(1));
    setup.sync().await;
    let told = "It is blocked by acme/web#2, which is open";
    assert_eq!(words(&setup, 1).await, [told]);
    setup.pass(Millis::minutes(1));
    setup.github.world(|world| world.close_issue(WEB, 2));
    setup.deliver().await;
    assert_eq!(setup.offered(API).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_keeps_its_edges() {
    let mut world = world();
    world.block(API, 1, (WEB, 1));
    let setup = Setup::synced(world).await;
    setup.pass(Millis::minutes(16));
    setup
        .github
        .world(|world| world.rename_repo(WEB, "acme/site"));
    setup.sync().await;
    let told = "It is blocked by acme/site#1, which is open";
    assert_eq!(words(&setup, 1).await, [told]);
    setup.pass(Millis::minutes(16));
    setup
        .github
        .world(|world| world.close_issue("acme/site", 1));
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn circles_are_found_by_the_sync_and_end() {
    let mut world = world();
    world.block(API, 1, (API, 2));
    world.block(API, 2, (API, 1));
    world.block(API, 3, (API, 1));
    let setup = Setup::synced(world).await;
    assert_eq!(setup.offered(API).await, Vec::<i64>::new());
    let cycles = setup.store.dependency_cycles().await.unwrap();
    assert_eq!(cycles.len(), 1);
    assert_eq!(cycles[0].issues.len(), 2, "{cycles:?}");
    setup.pass(Millis::minutes(16));
    setup.github.world(|world| world.close_issue(API, 2));
    setup.sync().await;
    assert_eq!(setup.store.dependency_cycles().await.unwrap(), []);
    assert_eq!(setup.offered(API).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_dependencies_blocks_nothing() {
    let mut world = world();
    world.block(API, 1, (API, 2));
    world.set_feature(Feature::Dependencies, false);
    let setup = Setup::synced(world).await;
    assert_eq!(setup.offered(API).await, [1, 2, 3]);
    assert_eq!(setup.asked(BLOCKERS), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn next_never_hands_out_what_was_blocked_a_moment_ago() {
    let setup = Setup::synced(world()).await;
    setup.pass(Millis::minutes(5));
    // Neither a list nor a delivery told of it.
    setup.github.world(|world| world.block(API, 1, (API, 2)));
    let claim = setup.next("ann").await.unwrap();
    assert_eq!((claim.repo_name, claim.number), named(API, 2));
}
