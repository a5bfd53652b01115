//! The lease of the background work.

use issuecommand_core::domain::lease::{LeaseOutcome, LeaseProof};
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Answer, Missing, Outcome};
use issuecommand_testkit::builders::{
    acquire_lease, issue, lease_proof, record_issues, release_lease, sweep,
};

use super::world::{API, World, at_once};

const LENGTH: Millis = Millis::seconds(30);

async fn take(world: &World, holder: &str) -> LeaseOutcome {
    match world.note(acquire_lease("sync", holder, LENGTH)).await {
        Answer::Lease(taken) => taken,
        other => panic!("{other:?}"),
    }
}

fn ours(holder: &str, epoch: i64) -> LeaseOutcome {
    LeaseOutcome::Acquired(proof(holder, epoch))
}

fn proof(holder: &str, epoch: i64) -> LeaseProof {
    lease_proof("sync", holder, epoch)
}

pub(super) async fn one_has_it_and_renews_it(world: &World) {
    assert_eq!(take(world, "a").await, ours("a", 1));
    let until = world.clock.now().plus(LENGTH);
    assert_eq!(take(world, "b").await, LeaseOutcome::Held { until });
    world.clock.advance(Millis::seconds(29));
    assert_eq!(take(world, "a").await, ours("a", 1));
    world.clock.advance(Millis::seconds(29));
    let until = until.plus(Millis::seconds(29));
    assert_eq!(take(world, "b").await, LeaseOutcome::Held { until });
}

pub(super) async fn it_runs_out_and_changes_its_number(world: &World) {
    assert_eq!(take(world, "a").await, ours("a", 1));
    world.clock.advance(LENGTH);
    assert_eq!(take(world, "b").await, ours("b", 2));
    world.clock.advance(LENGTH);
    // A new epoch tells the same holder apart from itself before the pause.
    assert_eq!(take(world, "b").await, ours("b", 3));
}

pub(super) async fn a_lease_is_released_by_its_holder(world: &World) {
    assert_eq!(take(world, "a").await, ours("a", 1));
    for other in [proof("b", 1), proof("a", 2)] {
        world.note(release_lease(&other)).await;
        assert!(
            matches!(take(world, "b").await, LeaseOutcome::Held { .. }),
            "{other:?}"
        );
    }
    world.note(release_lease(&proof("a", 1))).await;
    assert_eq!(take(world, "b").await, ours("b", 2));
    let unknown = lease_proof("none", "a", 1);
    world.note(release_lease(&unknown)).await;
}

pub(super) async fn leases_are_told_apart_by_name(world: &World) {
    assert_eq!(take(world, "a").await, ours("a", 1));
    for name in ["Sync", "first-sync:acme/api"] {
        let Answer::Lease(LeaseOutcome::Acquired(proof)) =
            world.note(acquire_lease(name, "b", LENGTH)).await
        else {
            panic!("{name} was free")
        };
        assert_eq!((proof.name(), proof.epoch()), (name, 1));
    }
}

pub(super) async fn commands_under_a_lost_lease_are_rejected(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let news = |proof: &LeaseProof| {
        record_issues(API, [issue(1).title("news").changed(1)]).under(Some(proof))
    };
    let lost = Missing::Lease("sync".to_owned());
    assert_eq!(world.missing(news(&proof("a", 1))).await, lost);
    take(world, "a").await;
    for wrong in [proof("b", 1), proof("a", 0), proof("a", 2)] {
        assert_eq!(world.missing(news(&wrong)).await, lost, "{wrong:?}");
    }
    world.clock.advance(LENGTH);
    assert_eq!(world.missing(news(&proof("a", 1))).await, lost);
    take(world, "b").await;
    assert_eq!(world.missing(news(&proof("a", 1))).await, lost);
    assert_eq!(
        world.missing(sweep().under(Some(&proof("a", 1)))).await,
        lost
    );
    assert_eq!(world.row(API, 1).await.facts.title, "Issue 1");
    world.note(news(&proof("b", 2))).await;
    assert_eq!(world.row(API, 1).await.facts.title, "news");
    world.note(release_lease(&proof("b", 2))).await;
    assert_eq!(world.missing(news(&proof("b", 2))).await, lost);
}

pub(super) async fn sixteen_at_once_and_one_has_it(world: &World) {
    let asked = (0..16).map(|n| acquire_lease("sync", &format!("process-{n}"), LENGTH));
    let outcomes = at_once(&[world], asked).await;
    let ours = |outcome: &&Outcome| {
        matches!(
            outcome,
            Outcome::Done(Answer::Lease(LeaseOutcome::Acquired(_)))
        )
    };
    assert_eq!(outcomes.iter().filter(ours).count(), 1);
}
