//! An agent is told once for each session what of its work ended or went to somebody else by another's hand.

use std::collections::BTreeSet;

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::notice::NoticeKind::{Ended, Lost, TakenOver};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock as _, Millis};
use issuecommand_testkit::builders::{comment, follow, issue, pull, release, repo, sweep, update};

use super::world::session::{from, take_over, told, within};
use super::world::{API, World};

/// Claims go stale and are released.
async fn forgetful(world: &World) -> World {
    let policy = Policy {
        stale_auto_release: Some(Millis::minutes(30)),
        ..Policy::default()
    };
    world.under(policy).await
}

/// So long nobody is heard that all claims are released.
async fn all_is_lost(world: &World) {
    world.pass(120);
    world.note(sweep()).await;
    world.pass(30);
    world.note(sweep()).await;
}

pub(super) async fn each_session_hears_once(world: &World) {
    let world = &forgetful(world).await;
    world.mirror(API, [issue(1)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    all_is_lost(world).await;
    let heard = world.heard("ann", "one").await;
    assert_eq!(told(&heard), [(1, Lost)]);
    let notice = &heard[0];
    assert_eq!(
        (notice.agent.as_str(), notice.at),
        ("ann", world.clock.now())
    );
    assert!(
        notice.body.why.contains("Stale for too long"),
        "{}",
        notice.body.why
    );
    assert!(notice.id.starts_with(&held.id.to_string()));
    for (session, wanted) in [("one", 0), ("two", 1), ("two", 0), ("one", 0)] {
        assert_eq!(world.heard("ann", session).await.len(), wanted, "{session}");
    }
    // Callers without a session are one of their own.
    assert_eq!(world.heard_alone("ann").await.len(), 1);
    assert_eq!(world.heard_alone("ann").await.len(), 0);
    assert_eq!(world.heard("bob", "three").await.len(), 0);
}

pub(super) async fn ten_at_a_time_the_oldest_first(world: &World) {
    let world = &forgetful(world).await;
    world.mirror(API, (1..=23).map(issue)).await;
    for n in 1..=23 {
        world.claim_in("ann", "one", n).await;
        world.clock.advance(Millis(1));
    }
    world.pass(120);
    world.note(sweep()).await;
    // They are lost one after the other.
    for _ in 0..40 {
        world.pass(1);
        world.note(sweep()).await;
    }
    let mut all = Vec::new();
    for wanted in [10, 10, 3, 0] {
        let heard = world.heard("ann", "one").await;
        assert_eq!(heard.len(), wanted);
        all.extend(heard);
    }
    let order: Vec<_> = all.iter().map(|notice| notice.at).collect();
    assert!(order.is_sorted());
    let numbers: BTreeSet<i64> = told(&all).into_iter().map(|(n, _)| n).collect();
    assert_eq!(numbers, (1..=23).collect());
}

pub(super) async fn ones_own_act_is_none(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    let held = world.claim_in("ann", "one", 1).await;
    world.claimed(within("one", release(&held))).await;
    let held = world.claim("ann", API, 2).await;
    world.note(release(&held)).await;
    let held = world.claim_in("ann", "one", 3).await;
    world
        .claimed(within("one", update(&held, ClaimStatus::InProgress)))
        .await;
    for session in ["one", "two"] {
        assert_eq!(world.heard("ann", session).await, []);
    }
}

pub(super) async fn the_session_that_took_over_is_not_told_and_the_other_is(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim_in("ann", "one", 1).await;
    world.heard("ann", "two").await;
    world.claimed(within("two", take_over("ann", 1))).await;
    assert_eq!(world.heard("ann", "two").await, []);
    assert_eq!(told(&world.heard("ann", "one").await), [(1, TakenOver)]);
    assert_eq!(world.heard("ann", "one").await, []);
}

pub(super) async fn a_session_that_held_nothing_is_not_told(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim_in("ann", "one", 1).await;
    world.heard("ann", "two").await;
    world.claimed(within("two", take_over("ann", 1))).await;
    // To the agent nothing is lost: a session that resumes the claim would take the notice for an order to stop.
    assert_eq!(world.heard("ann", "three").await, []);
    assert_eq!(world.heard_alone("ann").await, []);
    assert_eq!(told(&world.heard("ann", "one").await), [(1, TakenOver)]);
}

pub(super) async fn a_caller_who_does_not_see_the_repository_is_not_told(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim_in("ann", "one", 1).await;
    world.pass(1);
    world.mirror(API, [issue(1).closed().changed(2)]).await;
    let narrow = Caller {
        scope: Scope::Only([repo("acme/web")].into()),
        ..from("one")
    };
    assert_eq!(world.hears(&narrow, "ann", false).await, []);
    // It was not told, so it waits for a call that may know.
    assert_eq!(told(&world.heard("ann", "one").await), [(1, Ended)]);
}

pub(super) async fn what_another_agent_took_over_is_told(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim_in("ann", "one", 1).await;
    world.pass(120);
    world.note(sweep()).await;
    world.pass(60);
    world.claimed(within("b", take_over("bob", 1))).await;
    let heard = world.heard("ann", "one").await;
    assert_eq!(told(&heard), [(1, TakenOver)]);
    assert!(heard[0].body.why.contains("bob"), "{}", heard[0].body.why);
    assert_eq!(world.heard("bob", "b").await, []);
}

pub(super) async fn a_closed_issue_is_told(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim_in("ann", "one", 1).await;
    world.pass(1);
    world.mirror(API, [issue(1).closed().changed(2)]).await;
    assert_eq!(told(&world.heard("ann", "one").await), [(1, Ended)]);
}

pub(super) async fn ended_feedback_is_told(world: &World) {
    world.asked(pull(API, 7).said(comment(1))).await;
    world.heard("ann", "one").await;
    let item = world.given("ann").await;
    world.pass(1);
    world.happens(pull(API, 7).at(5).pushed()).await;
    assert!(
        world
            .followups()
            .await
            .iter()
            .all(|open| open.id != item.id)
    );
    assert_eq!(told(&world.heard("ann", "one").await), [(7, Ended)]);
    // Feedback that nobody had, or that the agent itself ended, is no news.
    world.asked(pull(API, 8).said(comment(2))).await;
    world.happens(pull(API, 8).at(5).pushed()).await;
    world.asked(pull(API, 9).said(comment(3))).await;
    let item = world.given("ann").await;
    world
        .note(follow("ann", item.id, FollowupStatus::Done))
        .await;
    assert_eq!(world.heard("ann", "one").await, []);
}

pub(super) async fn a_day_later_it_is_told_no_more(world: &World) {
    let world = &forgetful(world).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    world.claim_in("ann", "one", 1).await;
    all_is_lost(world).await;
    world.clock.advance(Millis(Millis::minutes(24 * 60).0 - 1));
    assert_eq!(world.heard("ann", "one").await.len(), 1);
    world.clock.advance(Millis(1));
    assert_eq!(world.heard("ann", "two").await, []);
    world.clock.advance(Millis(1));
    world.note(sweep()).await;
    let kept = world
        .store
        .notices(&issuecommand_testkit::builders::agent("ann"))
        .await;
    assert_eq!(kept.expect("notices are read"), []);
}

pub(super) async fn after_a_restart_and_on_two_handles_once(world: &World) {
    let world = &forgetful(world).await;
    world.mirror(API, (1..=12).map(issue)).await;
    for n in 1..=12 {
        world.claim_in("ann", "one", n).await;
    }
    all_is_lost(world).await;
    let (second, third) = (forgetful(world).await, forgetful(world).await);
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for handle in [world, &second, &third, &second] {
        for notice in handle.heard("ann", "one").await {
            count += 1;
            seen.insert(notice.id);
        }
    }
    assert_eq!((count, seen.len()), (12, 12));
    // At once on three handles: each notice goes to one of them.
    let (one, two, three) = (
        world.heard("ann", "late"),
        second.heard("ann", "late"),
        third.heard("ann", "late"),
    );
    let all = [one.await, two.await, three.await].concat();
    let ids: BTreeSet<&str> = all.iter().map(|notice| notice.id.as_str()).collect();
    assert_eq!((all.len(), ids.len()), (12, 12));
}
