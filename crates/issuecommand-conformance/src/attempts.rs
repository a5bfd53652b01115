//! Work that ends without a merge: cool-downs, attempts and loops.

use issuecommand_core::domain::attempt::{Attempt, AttemptEnd};
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::policy::{AttemptPolicy, Policy};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::engine::command::Outcome;
use issuecommand_testkit::builders::{issue, next, pull, release, sweep};

use super::world::{API, World};

/// The default settings, but no agent is in a loop.
pub(super) fn policy() -> Policy {
    Policy {
        attempts: AttemptPolicy {
            loop_after: None,
            ..AttemptPolicy::default()
        },
        ..Policy::default()
    }
}

/// The issue that an agent gets, if any.
pub(super) async fn given(world: &World, who: &str) -> Option<i64> {
    match world.ask(next(who)).await {
        Outcome::Done(answer) => Some(super::world::claim_of(answer).0.number.get()),
        Outcome::Refused(Refusal::NothingEligible) => None,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn give_back(world: &World, claim: &Claim) {
    world.claimed(release(claim)).await;
}

pub(super) async fn attempts(world: &World, claim: &Claim) -> Vec<Attempt> {
    let attempts = world.store.attempts(claim.key(), 5).await;
    attempts.expect("attempts are read")
}

pub(super) async fn an_issue_given_back_is_not_offered_to_its_agent_for_an_hour(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    give_back(world, &claim).await;
    assert_eq!(given(world, "ann").await, None);
    world.clock.advance(Millis(60 * 60_000 - 1));
    assert_eq!(given(world, "ann").await, None);
    world.clock.advance(Millis(1));
    assert_eq!(given(world, "ann").await, Some(1));
}

pub(super) async fn another_agent_gets_it_at_once(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    let claim = world.claim("ann", API, 1).await;
    give_back(world, &claim).await;
    assert_eq!(given(world, "ann").await, Some(2));
    assert_eq!(given(world, "bob").await, Some(1));
}

pub(super) async fn by_number_it_is_given_in_the_cooldown(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    give_back(world, &claim).await;
    assert!(world.claim("ann", API, 1).await.is_active());
}

pub(super) async fn a_thousand_cooldowns_do_not_hide_the_next_issue(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, (1..=101).map(issue)).await;
    for n in 1..=100 {
        let claim = world.claim("ann", API, n).await;
        give_back(world, &claim).await;
    }
    assert_eq!(given(world, "ann").await, Some(101));
    assert_eq!(given(world, "ann").await, None);
    assert_eq!(given(world, "bob").await, Some(1));
}

pub(super) async fn work_that_was_begun_is_an_attempt(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let at_once = world.claim("ann", API, 1).await;
    give_back(world, &at_once).await;
    assert_eq!(attempts(world, &at_once).await, []);
    let begun = world.claim("bob", API, 1).await;
    let begun = world.moved(&begun, ClaimStatus::InProgress).await;
    give_back(world, &begun).await;
    let silent = world.claim("cid", API, 1).await;
    world.pass(5);
    give_back(world, &silent).await;
    let told = attempts(world, &begun).await;
    let who: Vec<&str> = told.iter().map(|attempt| attempt.agent.as_str()).collect();
    assert_eq!(who, ["cid", "bob"]);
    assert_eq!(told[0].to, told[0].from.plus(Millis::minutes(5)));
    assert!(
        told.iter()
            .all(|attempt| attempt.end == AttemptEnd::Released && attempt.gave_back)
    );
}

pub(super) async fn a_merge_is_no_attempt(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.happens(pull(API, 7).opened()).await;
    let claim = world.names_its_pull(&claim, 7).await;
    let claim = world.moved(&claim, ClaimStatus::PrSubmitted).await;
    let claim = world.moved(&claim, ClaimStatus::PrMerged).await;
    world.moved(&claim, ClaimStatus::Closed).await;
    assert_eq!(attempts(world, &claim).await, []);
}

pub(super) async fn five_quick_releases_pause_an_agent(world: &World) {
    let world = &world.under(Policy::default()).await;
    world.mirror(API, (1..=6).map(issue)).await;
    for n in 1..=5 {
        assert_eq!(given(world, "ann").await, Some(n));
        let claim = world.holder(API, n).await.expect("ann has it");
        let before = world.last_event().await;
        give_back(world, &claim).await;
        let paused = world
            .kinds_after(before)
            .await
            .contains(&EventKind::WorkPaused);
        assert_eq!(paused, n == 5);
    }
    match world.refused(next("ann")).await {
        Refusal::Paused { halt, repo: None } => assert_eq!(halt.by, "loop"),
        other => panic!("{other:?}"),
    }
    assert_eq!(given(world, "bob").await, Some(1));
}

pub(super) async fn a_slow_release_between_counts_anew(world: &World) {
    let world = &world.under(Policy::default()).await;
    world.mirror(API, (1..=12).map(issue)).await;
    for n in 1..=9 {
        let claim = world.claim("ann", API, n).await;
        if n == 5 {
            world.pass(1);
        }
        give_back(world, &claim).await;
    }
    assert_eq!(given(world, "ann").await, Some(10));
}

pub(super) async fn an_automatic_release_is_an_attempt(world: &World) {
    let world = &world
        .under(Policy {
            stale_auto_release: Some(Millis::minutes(30)),
            ..policy()
        })
        .await;
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.pass(121);
    world.note(sweep()).await;
    world.pass(31);
    world.note(sweep()).await;
    let told = attempts(world, &claim).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].end, AttemptEnd::AutoReleased);
    // It was not given back by its agent, who may go on.
    assert_eq!(given(world, "ann").await, Some(1));
}

pub(super) async fn attempts_are_kept_for_ninety_days(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.pass(6);
    give_back(world, &claim).await;
    world.pass(90 * 24 * 60);
    world.note(sweep()).await;
    assert_eq!(attempts(world, &claim).await.len(), 1);
    world.pass(1);
    world.note(sweep()).await;
    assert_eq!(attempts(world, &claim).await, []);
}
