//! What an agent holds, as its own call is told.

use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::holding::{HeldWork, Holding};
use issuecommand_core::domain::time::{Clock as _, Millis};
use issuecommand_core::engine::command::{Action, Answer, Command};
use issuecommand_testkit::builders::{agent, comment, local, pull, sweep};

use super::world::{API, World};

async fn told(world: &World, who: &str, holds: bool) -> Vec<Holding> {
    let action = Action::Heard {
        agent: agent(who),
        beats: false,
        resumes: true,
        holds,
        recorded: false,
    };
    match world.note(Command::new(&local(), action)).await {
        Answer::Heard { held, .. } => held,
        other => panic!("{other:?}"),
    }
}

fn issues(held: &[Holding]) -> Vec<i64> {
    let number = |held: &Holding| match &held.what {
        HeldWork::Claim { number, .. } => Some(number.get()),
        HeldWork::Followup { .. } => None,
    };
    held.iter().filter_map(number).collect()
}

pub(super) async fn the_oldest_claims_and_the_followups_are_told(world: &World) {
    world
        .mirror(API, (1..=12).map(issuecommand_testkit::builders::issue))
        .await;
    world.claim("bob", API, 12).await;
    for n in (1..=9).rev() {
        world.claim("ann", API, n).await;
        world.clock.advance(Millis::seconds(1));
    }
    let item = world.asked(pull(API, 70).said(comment(1))).await;
    world.followed("ann", &item, FollowupStatus::Claimed).await;
    let held = told(world, "ann", true).await;
    assert_eq!(issues(&held), [9, 8, 7, 6, 5, 4, 3]);
    let items = held.iter().filter_map(|held| match held.what {
        HeldWork::Followup { id, number, status } => Some((id, number.get(), status)),
        HeldWork::Claim { .. } => None,
    });
    let items: Vec<_> = items.collect();
    assert_eq!(items, [(item.id, 70, FollowupStatus::Claimed)]);
    assert_eq!(held.len(), Holding::MOST + 1);
    let of_bob = told(world, "bob", true).await;
    let known = world.holder(API, 12).await.expect("bob holds it");
    assert_eq!(of_bob, [Holding::from(&known)]);
    assert_eq!(told(world, "ann", false).await, []);
    assert_eq!(told(world, "eve", true).await, []);
}

pub(super) async fn a_stale_claim_is_told_with_when_it_went_stale(world: &World) {
    world
        .mirror(API, [issuecommand_testkit::builders::issue(1)])
        .await;
    world.claim("ann", API, 1).await;
    world.pass(121);
    world.note(sweep()).await;
    let marked = world.clock.now();
    world.pass(3);
    let held = told(world, "ann", true).await;
    let [
        Holding {
            what: HeldWork::Claim { stale_since, .. },
            ..
        },
    ] = held.as_slice()
    else {
        panic!("{held:?}");
    };
    assert_eq!(*stale_since, Some(marked));
    let known = world.holder(API, 1).await.expect("ann holds it");
    assert_eq!(held, [Holding::from(&known)]);
}
