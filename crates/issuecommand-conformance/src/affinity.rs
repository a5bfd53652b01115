//! Affinity: a follow-up is offered first to the agent whose claim names the pull request.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::{Followup, FollowupStatus, PullRequestOwner};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_testkit::builders::{
    agent, comment, issue, number, pull, release, review, told, update, work,
};

use FollowupStatus::{Claimed, Done, Stale};

use super::world::feedback::got;
use super::world::{API, World};

pub(super) async fn the_authors_agent_comes_first(world: &World) {
    let claim = world.authored("ann").await;
    let item = world.asked(pull(API, 7).said(review(1))).await;
    let author = PullRequestOwner {
        claim: claim.id,
        number: number(1),
        preferred: Some(agent("ann")),
    };
    assert_eq!(item.author, Some(author.clone()));
    world.given_nothing("bob").await;
    world.pass(29);
    world.given_nothing("bob").await;
    assert_eq!(world.given("ann").await.author, Some(author));
}

pub(super) async fn another_agent_gets_it_after_the_window(world: &World) {
    world.authored("ann").await;
    let item = world.asked(pull(API, 7).said(review(1))).await;
    world
        .clock
        .set(item.created_at.plus(Millis::minutes(30)).minus(Millis(1)));
    world.given_nothing("bob").await;
    // Joined feedback does not extend the window.
    world.joined(pull(API, 7).said(comment(2))).await;
    world.given_nothing("bob").await;
    world.clock.advance(Millis(1));
    assert_eq!(world.given("bob").await.id, item.id);
    // Another agent holds it when the author asks.
    world.given_nothing("ann").await;
}

pub(super) async fn the_window_can_be_none(world: &World) {
    let policy = Policy {
        affinity: Millis(0),
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    world.authored("ann").await;
    world.asked(pull(API, 7).said(review(1))).await;
    world.given("bob").await;
}

pub(super) async fn another_agent_gets_it_when_the_claim_has_ended(world: &World) {
    let claim = world.authored("ann").await;
    let item = world.asked(pull(API, 7).said(review(1))).await;
    world.given_nothing("bob").await;
    world
        .happens(told(API, issue(1).closed().changed(1), "closed"))
        .await;
    assert_eq!(world.followup(item.id).await.author, None);
    assert_eq!(world.given("bob").await.id, item.id);
    assert_eq!(world.ended().await[0].id, claim.id);
}

pub(super) async fn another_agent_gets_it_when_the_claim_is_released(world: &World) {
    let claim = world.authored("ann").await;
    world.asked(pull(API, 7).said(review(1))).await;
    world.note(release(&claim)).await;
    let outcome = world.ask(work("bob")).await;
    assert!(got(&outcome).is_some_and(|item| item.author.is_none()));
}

pub(super) async fn another_agent_gets_it_when_the_claim_is_stale(world: &World) {
    let claim = world.authored("ann").await;
    let item = world.asked(pull(API, 7).said(review(1))).await;
    let stale = world.moved(&claim, ClaimStatus::Stale).await;
    // The affinity survives.
    let author = world
        .followup(item.id)
        .await
        .author
        .expect("the claim is active");
    assert_eq!((author.claim, author.preferred), (claim.id, None));
    // The author returned within the window.
    world.claimed(update(&stale, ClaimStatus::InProgress)).await;
    world.given_nothing("bob").await;
    world.moved(&claim, ClaimStatus::Stale).await;
    assert_eq!(world.given("bob").await.id, item.id);
}

pub(super) async fn the_older_live_claim_has_affinity(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.happens(pull(API, 7).opened()).await;
    let ann = world.claim("ann", API, 1).await;
    world.pass(1);
    let bob = world.claim("bob", API, 2).await;
    let ann = world.names_its_pull(&ann, 7).await;
    world.names_its_pull(&bob, 7).await;
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    let preferred = |item: Followup| item.author.and_then(|author| author.preferred);
    assert_eq!(preferred(item.clone()), Some(agent("ann")));
    world.given_nothing("bob").await;
    world.moved(&ann, ClaimStatus::Stale).await;
    assert_eq!(preferred(world.followup(item.id).await), Some(agent("bob")));
    assert_eq!(world.given("bob").await.id, item.id);
}

pub(super) async fn the_window_begins_again_when_a_hold_ends(world: &World) {
    world.authored("ann").await;
    let first = world.asked(pull(API, 7).said(comment(1))).await;
    world.pass(30);
    world.followed("bob", &first, Claimed).await;
    let second = world.asked(pull(API, 7).said(comment(2))).await;
    world.pass(60);
    // While one agent holds it, it is reserved for that agent, even against the author's agent.
    world.given_nothing("ann").await;
    world.followed("bob", &first, Done).await;
    assert_eq!(
        world.followup(second.id).await.window_from,
        world.clock.now()
    );
    world.given_nothing("bob").await;
    world.pass(29);
    world.given_nothing("carl").await;
    world.pass(1);
    assert_eq!(world.given("carl").await.id, second.id);
    // After a release it is reserved for its author again, and so is the feedback that arrived meanwhile.
    let third = world.asked(pull(API, 7).said(comment(3))).await;
    world.pass(60);
    world.followed("carl", &second, Stale).await;
    world.given_nothing("carl").await;
    assert_eq!(world.given("ann").await.id, second.id);
    assert_eq!(world.given("ann").await.id, third.id);
}

pub(super) async fn the_holder_of_a_pull_request_gets_its_other_followups(world: &World) {
    world.authored("ann").await;
    let first = world.asked(pull(API, 7).said(comment(1))).await;
    world.pass(30);
    assert_eq!(world.given("bob").await.id, first.id);
    world.pass(1);
    let second = world.asked(pull(API, 7).said(review(2))).await;
    world.given_nothing("carl").await;
    world.pass(31);
    world.given_nothing("ann").await;
    world.given_nothing("carl").await;
    assert_eq!(world.given("bob").await.id, second.id);
}
