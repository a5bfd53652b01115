//! Links between claims and pull requests: their origin, derivation, and removal.

use issuecommand_core::domain::claim::{Claim, ClaimStatus, LinkOrigin};
use issuecommand_core::domain::event::{Details, EventKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::domain::webhook::GithubEvent;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_testkit::builders::{
    PullDraft, deliver, issue, line_comment, local, minute, pull, review, update,
};

use ClaimStatus::{Claimed, Closed, InProgress, PrMerged, PrSubmitted, Released, Stale};

use super::world::{API, World};

pub(super) fn url(n: i64) -> String {
    format!("https://github.com/acme/api/pull/{n}")
}

/// The stored active claim.
pub(super) async fn now(world: &World, claim: &Claim) -> Claim {
    let held = world.holder(API, claim.number.get()).await;
    held.expect("somebody holds it")
}

/// A new claim of issue 1.
pub(super) async fn claimed(world: &World) -> Claim {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.claim("ann", API, 1).await
}

/// A pull request that closes issue 1, opened as many minutes after the claim as its number is above 6.
pub(super) fn closing(n: i64) -> PullDraft {
    pull(API, n).created(n - 6).closes(&[(API, 1)])
}

/// A claim of issue 1 with the derived pull request 7.
pub(super) async fn derived(world: &World) -> Claim {
    let claim = claimed(world).await;
    world.happens(closing(7).opened()).await;
    let claim = now(world, &claim).await;
    assert_eq!(
        seen(&claim),
        (PrSubmitted, Some(7), Some(LinkOrigin::Derived))
    );
    claim
}

/// The status of a claim, the number of its pull request, and the origin of the link.
pub(super) fn seen(claim: &Claim) -> (ClaimStatus, Option<i64>, Option<LinkOrigin>) {
    let pull = claim.pull.map(|(_, number)| number.get());
    assert_eq!(claim.pr_url.is_some(), claim.link.is_some());
    (claim.status, pull, claim.link_origin())
}

pub(super) fn says(claim: &Claim, to: ClaimStatus, pr_url: Option<&str>) -> Command {
    let action = Action::UpdateClaim {
        claim: claim.id,
        agent: claim.agent.clone(),
        to,
        note: None,
        pr_url: pr_url.map(str::to_owned),
    };
    Command::new(&local(), action)
}

pub(super) async fn last_note(world: &World, claim: &Claim) -> Option<String> {
    now(world, claim).await.history.pop()?.note
}

/// Elapsed minutes of the clock, rounded up.
fn minutes(world: &World) -> i64 {
    let passed = world.clock.now().0 - minute(0).0;
    (passed + 59_999) / 60_000
}

pub(super) async fn a_derived_link_keeps_the_agents_transitions(world: &World) {
    let first = claimed(world).await;
    let mut n = 10;
    for (before, to) in [
        (Claimed, Claimed),
        (Claimed, InProgress),
        (InProgress, InProgress),
        (InProgress, PrSubmitted),
        (InProgress, Stale),
        (Claimed, Released),
        (InProgress, Released),
    ] {
        for merged in [false, true] {
            world.poll(API).await;
            n += 1;
            let mut claim = match world.holder(API, 1).await {
                Some(claim) => {
                    world.note(update(&claim, Released)).await;
                    world.claim("ann", API, 1).await
                }
                None => world.claim("ann", API, 1).await,
            };
            if before != Claimed {
                claim = world.moved(&claim, before).await;
            }
            world.happens(closing(n).opened()).await;
            if merged {
                let now = minutes(world);
                world.happens(closing(n).at(now).ended_by_merge()).await;
            }
            let status = if merged { PrMerged } else { PrSubmitted };
            let claim = now(world, &claim).await;
            assert_eq!(
                (claim.status, claim.before_derived()),
                (status, Some(before))
            );
            let (after, idempotent) = world.claimed(update(&claim, to)).await;
            assert_eq!(
                (after.status, idempotent),
                (to, to == status),
                "{before} to {to}"
            );
            if !merged {
                let next = minutes(world) + 1;
                world.happens(closing(n).at(next).ended_unmerged()).await;
            }
        }
    }
    assert!(first.link.is_none());
    // An impossible transition is refused as usual, and the refusal names all possible ones.
    world.poll(API).await;
    let claim = match world.holder(API, 1).await {
        Some(claim) => claim,
        None => world.claim("ann", API, 1).await,
    };
    let claim = if claim.status == Claimed {
        claim
    } else {
        world.note(update(&claim, Released)).await;
        world.poll(API).await;
        world.claim("ann", API, 1).await
    };
    world.happens(closing(50).opened()).await;
    let claim = now(world, &claim).await;
    let no = world.refused(update(&claim, Closed)).await;
    let Refusal::InvalidTransition { allowed, .. } = no else {
        panic!("{no:?}")
    };
    assert_eq!(allowed, [Claimed, InProgress, PrMerged, Released, Stale]);
}

pub(super) async fn a_link_by_the_agent_replaces_a_derived_link(world: &World) {
    let claim = derived(world).await;
    world.note(says(&claim, PrSubmitted, Some(&url(8)))).await;
    let named = now(world, &claim).await;
    assert_eq!(
        seen(&named),
        (PrSubmitted, Some(8), Some(LinkOrigin::Agent))
    );
    // The other pull request has no effect on it now.
    world.happens(closing(7).at(2).ended_by_merge()).await;
    assert_eq!(seen(&now(world, &claim).await), seen(&named));
    world.happens(pull(API, 8).at(3).ended_by_merge()).await;
    assert_eq!(now(world, &claim).await.status, PrMerged);
    // Naming the derived one makes it the agent's, so the end of its keywords has no effect.
    world.poll(API).await;
    let other = world.claim("bob", API, 2).await;
    let words = pull(API, 9).closes(&[(API, 2)]);
    world.happens(words.opened()).await;
    world.note(says(&other, PrSubmitted, Some(&url(9)))).await;
    world.happens(pull(API, 9).at(5).edited()).await;
    assert_eq!(
        seen(&now(world, &other).await),
        (PrSubmitted, Some(9), Some(LinkOrigin::Agent))
    );
}

pub(super) async fn feedback_makes_no_pull_request_a_claims(world: &World) {
    let claim = claimed(world).await;
    let merged = closing(7).at(5).merged();
    for (meaning, id) in [
        (closing(7).said(review(1)), 1),
        (closing(7).said(line_comment(2)), 2),
        (merged.said(line_comment(3)), 3),
        (closing(7).resolved(&[2]), 4),
        (closing(7).dismissed(1), 5),
        (closing(8).closed().said(line_comment(6)), 6),
    ] {
        world
            .note(deliver(&format!("feedback-{id}"), meaning))
            .await;
        assert_eq!(now(world, &claim).await, claim);
    }
}

pub(super) async fn one_that_was_there_before_the_claim_is_not_its(world: &World) {
    world.pass(60);
    let claim = claimed(world).await;
    let old = || closing(7).created(59);
    for meaning in [
        old().at(61).opened(),
        old().at(62).edited(),
        old().at(63).pushed(),
        old().at(64).ended_unmerged(),
        old().at(65).reopened(),
        old().at(66).ended_by_merge(),
    ] {
        world.happens(meaning).await;
        assert_eq!(now(world, &claim).await, claim);
    }
    world.happens(closing(8).created(60).at(67).opened()).await;
    assert_eq!(now(world, &claim).await.status, PrSubmitted);
}

pub(super) async fn githubs_clock_says_what_came_first(world: &World) {
    // GitHub's clock is an hour ahead of ours.
    let skewed = |id: &str, meaning: GithubEvent| deliver(id, meaning).skewed(Millis::minutes(60));
    let claim = claimed(world).await;
    world
        .note(skewed("a", closing(7).created(59).opened()))
        .await;
    assert_eq!(now(world, &claim).await, claim);
    world
        .note(skewed("b", closing(8).created(60).opened()))
        .await;
    assert_eq!(seen(&now(world, &claim).await).1, Some(8));
}

pub(super) async fn closing_an_old_one_is_no_opening(world: &World) {
    world.pass(60);
    let claim = claimed(world).await;
    let old = closing(7).created(1).at(70);
    world.happens(old.ended_unmerged()).await;
    assert_eq!(now(world, &claim).await, claim);
}

pub(super) async fn a_merge_before_the_claim_counts_for_nothing(world: &World) {
    world.pass(60);
    let claim = claimed(world).await;
    world.note(says(&claim, InProgress, Some(&url(7)))).await;
    let named = now(world, &claim).await;
    // Delivered only now, about a time long ago.
    world
        .happens(pull(API, 7).created(1).at(30).ended_by_merge())
        .await;
    assert_eq!(seen(&now(world, &claim).await), seen(&named));
    world.note(says(&claim, InProgress, Some(&url(8)))).await;
    world
        .happens(pull(API, 8).created(1).at(61).ended_by_merge())
        .await;
    assert_eq!(now(world, &claim).await.status, PrMerged);
}

pub(super) async fn a_second_pull_request_is_reported_without_effect(world: &World) {
    let claim = derived(world).await;
    let seq = world.last_event().await;
    world.happens(closing(8).at(1).opened()).await;
    let told = now(world, &claim).await;
    assert_eq!(seen(&told), seen(&claim));
    assert_eq!(
        (told.history.len(), told.last_updated),
        (claim.history.len(), claim.last_updated)
    );
    assert!(
        told.pull_notice
            .as_ref()
            .expect("it is told")
            .contains(&url(8))
    );
    let events = world.events_after(seq).await;
    let [competing, _] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(
        (
            competing.kind,
            competing.claim,
            competing.pull.map(IssueNumber::get)
        ),
        (EventKind::ClaimCompetingPr, Some(claim.id), Some(8))
    );
    assert!(matches!(
        &competing.details,
        Details::Moved {
            status: PrSubmitted,
            ..
        }
    ));
    // Once.
    let seq = world.last_event().await;
    world.happens(closing(8).at(2).pushed()).await;
    assert_eq!(world.kinds_after(seq).await, [EventKind::WebhookReceived]);
    // Its merge is not the claim's, and then it no longer competes.
    world.happens(closing(8).at(3).ended_by_merge()).await;
    assert_eq!(now(world, &claim).await.pull_notice, None);
    assert_eq!(seen(&now(world, &claim).await), seen(&claim));
    // An untrusted one does not compete.
    world
        .happens(closing(9).at(4).of_a_stranger().opened())
        .await;
    assert_eq!(now(world, &claim).await.pull_notice, None);
    // Also beside one that its agent named.
    world.note(says(&claim, PrSubmitted, Some(&url(7)))).await;
    world.happens(closing(10).at(5).opened()).await;
    assert!(now(world, &claim).await.pull_notice.is_some());
    world.happens(pull(API, 10).at(6).edited()).await;
    assert_eq!(now(world, &claim).await.pull_notice, None);
}
