//! Pushes to the pull request end follow-ups.

use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::followup::{Followup, FollowupStatus, Resolution};
use issuecommand_core::domain::policy::{Policy, ResolveOnPush};
use issuecommand_core::domain::time::Clock;
use issuecommand_core::domain::webhook::{GithubEvent, PullChange};
use issuecommand_testkit::builders::{comment, pull, review};

use FollowupStatus::{Claimed, Done, InProgress};

use super::resolution::{ends, live, one_of_each};
use super::world::{API, World};

async fn pushing(world: &World, resolve_on_push: ResolveOnPush) -> World {
    let policy = Policy {
        resolve_on_push,
        ..Policy::default()
    };
    world.under(policy).await
}

pub(super) async fn a_push_resolves_earlier_feedback(world: &World) {
    let note = "Resolved by a push to the pull request";
    for (n, item) in (1..).zip(one_of_each(world).await) {
        ends(world, &item, pull(API, n).at(5).pushed(), Done, note).await;
    }
    assert_eq!(world.followups().await, []);
    // Earlier feedback that arrives only now is resolved; later feedback is not.
    world.born_done(pull(API, 1).said(comment(11).at(5))).await;
    world
        .asked(pull(API, 1).at(6).said(comment(12).at(6)))
        .await;
    // An older push that is delivered late resolves nothing new.
    assert_eq!(world.happens(pull(API, 1).at(4).pushed()).await, 0);
    assert_eq!(world.followups().await.len(), 1);
}

pub(super) async fn a_push_keeps_later_feedback(world: &World) {
    let item = world.asked(pull(API, 7).said(comment(1).at(3))).await;
    world.joined(pull(API, 7).at(9).said(review(2).at(9))).await;
    let taken = world.followed("ann", &item, Claimed).await;
    world.pass(1);
    let seq = world.last_event().await;
    assert_eq!(world.happens(pull(API, 7).at(5).pushed()).await, 0);
    let left = world.followup(item.id).await;
    assert_eq!(left.sources[0].ended, Some(Resolution::Pushed));
    assert_eq!(live(&left), ["review:2"]);
    assert_eq!((left.status, &left.owner), (Claimed, &taken.owner));
    assert_eq!(
        (left.last_updated, &left.history),
        (world.clock.now(), &taken.history)
    );
    let event = &world.events_after(seq).await[0];
    assert_eq!(
        (event.kind, event.item),
        (EventKind::FollowupUpdated, Some(item.id))
    );
    assert_eq!(world.happens(pull(API, 7).at(10).pushed()).await, 1);
}

pub(super) async fn a_push_resolves_only_held_followups_where_configured(world: &World) {
    let world = &pushing(world, ResolveOnPush::Owned).await;
    let items = one_of_each(world).await;
    let mut ended = Vec::new();
    for n in 1..=4 {
        ended.push(world.happens(pull(API, n).at(5).pushed()).await);
    }
    assert_eq!(ended, [0, 1, 1, 0]);
    let left: Vec<_> = world.followups().await.iter().map(|item| item.id).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&items[0].id) && left.contains(&items[3].id));
    // No agent could have answered it before it arrived.
    world
        .joined(pull(API, 1).at(5).said(comment(11).at(4)))
        .await;
}

pub(super) async fn a_push_resolves_nothing_where_configured(world: &World) {
    let world = &pushing(world, ResolveOnPush::Never).await;
    let mut items = one_of_each(world).await;
    items.sort_by_key(Followup::order);
    for n in 1..=4 {
        assert_eq!(world.happens(pull(API, n).at(5).pushed()).await, 0);
    }
    assert_eq!(world.followups().await, items);
    world
        .joined(pull(API, 1).at(5).said(comment(11).at(4)))
        .await;
}

pub(super) async fn a_push_without_a_time_is_now(world: &World) {
    let GithubEvent::Pull {
        repo,
        pull: facts,
        action,
        ..
    } = pull(API, 7).at(5).pushed()
    else {
        panic!("it is a pull request")
    };
    let change = PullChange::Pushed(None);
    let pushed = || GithubEvent::Pull {
        repo: repo.clone(),
        pull: facts.clone(),
        action: action.clone(),
        change,
    };
    world.pass(10);
    world.asked(pull(API, 7).said(comment(1).at(10))).await;
    assert_eq!(world.happens(pushed()).await, 1);
    world
        .born_done(pull(API, 7).at(5).said(comment(2).at(10)))
        .await;
    world
        .asked(pull(API, 7).at(5).said(comment(3).at(11)))
        .await;
}

pub(super) async fn a_push_after_a_reopen_resolves_the_rest(world: &World) {
    let item = world.asked(pull(API, 7).said(comment(1).at(1))).await;
    world
        .joined(pull(API, 7).at(4).said(comment(2).at(4)))
        .await;
    world.happens(pull(API, 7).at(3).reopened()).await;
    let left = world.followup(item.id).await;
    assert_eq!(live(&left), ["issue_comment:1", "issue_comment:2"]);
    ends(
        world,
        &left,
        pull(API, 7).at(5).pushed(),
        Done,
        "Resolved by a push to the pull request",
    )
    .await;
}

pub(super) async fn one_push_ends_all_that_an_agent_holds(world: &World) {
    let first = world.asked(pull(API, 7).said(review(1))).await;
    world.followed("ann", &first, Claimed).await;
    let second = world.asked(pull(API, 7).said(comment(2))).await;
    world.followed("ann", &second, InProgress).await;
    let third = world.asked(pull(API, 7).said(comment(3).at(9))).await;
    assert_eq!(world.happens(pull(API, 7).at(5).pushed()).await, 2);
    assert_eq!(world.followups().await, std::slice::from_ref(&third));
    world.followed("bob", &third, Claimed).await;
}
