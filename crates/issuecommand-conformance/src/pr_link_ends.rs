//! How a link between a claim and its pull request ends, and what replaces it.

use issuecommand_core::domain::claim::{ClaimStatus, LinkOrigin};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_testkit::builders::{pull, update};

use ClaimStatus::{Claimed, InProgress, PrMerged, PrSubmitted, Stale};

use super::pr_links::{claimed, closing, derived, last_note, now, says, seen, url};
use super::world::{API, World};

pub(super) async fn removed_keywords_unlink_a_pull_request(world: &World) {
    for (n, merged_too) in [(7, false), (8, true)] {
        let claim = match world.holder(API, 1).await {
            Some(claim) => claim,
            None => claimed(world).await,
        };
        let claim = match claim.status {
            Claimed => world.moved(&claim, InProgress).await,
            _ => claim,
        };
        world.happens(closing(n).opened()).await;
        assert_eq!(
            seen(&now(world, &claim).await),
            (PrSubmitted, Some(n), Some(LinkOrigin::Derived))
        );
        let rows = now(world, &claim).await.history.len();
        world
            .happens(pull(API, n).at(1).closes(&[(API, 2)]).edited())
            .await;
        let after = now(world, &claim).await;
        assert_eq!(
            (seen(&after), after.history.len()),
            ((InProgress, None, None), rows + 1)
        );
        let note = last_note(world, &claim).await;
        assert_eq!(
            note,
            Some(format!("Pull request #{n} no longer closes the issue"))
        );
        if merged_too {
            let merge = pull(API, n).at(2).closes(&[(API, 2)]).ended_by_merge();
            world.happens(merge).await;
            assert_eq!(now(world, &claim).await, after);
        }
    }
    // The keywords are back, or it targets the default branch again.
    let claim = world.holder(API, 1).await.expect("it is held");
    world.happens(closing(7).at(9).edited()).await;
    assert_eq!(seen(&now(world, &claim).await).1, Some(7));
}

pub(super) async fn keywords_added_after_the_end_do_not_link(world: &World) {
    let claim = claimed(world).await;
    for n in [7, 8] {
        world.happens(pull(API, n).opened()).await;
    }
    world.happens(pull(API, 7).at(1).ended_by_merge()).await;
    world
        .happens(closing(7).at(1).merged().at(2).edited())
        .await;
    world.happens(pull(API, 8).at(1).ended_unmerged()).await;
    world.happens(closing(8).at(2).edited_while_closed()).await;
    assert_eq!(now(world, &claim).await, claim);
    // They were removed before the merge, so a late delivery about an earlier state has no effect.
    world.happens(closing(9).at(1).opened()).await;
    world.happens(pull(API, 9).at(3).ended_by_merge()).await;
    world.happens(closing(9).at(2).edited()).await;
    assert_eq!(seen(&now(world, &claim).await), (Claimed, None, None));
}

pub(super) async fn a_closed_pull_request_is_replaced_by_the_next(world: &World) {
    let claim = derived(world).await;
    world.happens(closing(7).at(1).ended_unmerged()).await;
    let after = now(world, &claim).await;
    assert_eq!(seen(&after), (Claimed, None, None));
    let note = last_note(world, &claim).await;
    assert_eq!(
        note.as_deref(),
        Some("Pull request #7 was closed without being merged")
    );
    // A replacement, and another candidate that is not reported again.
    world.happens(closing(8).at(2).opened()).await;
    assert_eq!(seen(&now(world, &claim).await).1, Some(8));
    world.happens(closing(9).at(3).opened()).await;
    let seq = world.last_event().await;
    world.happens(closing(8).at(4).ended_unmerged()).await;
    let taken = now(world, &claim).await;
    assert_eq!(
        seen(&taken),
        (PrSubmitted, Some(9), Some(LinkOrigin::Derived))
    );
    assert_eq!(
        (taken.pull_notice.as_ref(), taken.before_derived()),
        (None, Some(Claimed))
    );
    assert_eq!(
        world.kinds_after(seq).await,
        [EventKind::ClaimUpdated, EventKind::WebhookReceived]
    );
    // Reopened, the first one competes; the other's merge counts.
    world.happens(closing(7).at(5).reopened()).await;
    assert!(now(world, &claim).await.pull_notice.is_some());
    world.happens(closing(9).at(6).ended_by_merge()).await;
    assert_eq!(now(world, &claim).await.status, PrMerged);
}

pub(super) async fn a_closed_pull_request_named_by_the_agent_is_replaced_by_a_newer(world: &World) {
    let claim = claimed(world).await;
    world.moved(&claim, InProgress).await;
    world.note(says(&claim, PrSubmitted, Some(&url(7)))).await;
    world.happens(closing(7).at(1).opened()).await;
    world.happens(closing(7).at(2).ended_unmerged()).await;
    let closed = now(world, &claim).await;
    assert_eq!(
        seen(&closed),
        (PrSubmitted, Some(7), Some(LinkOrigin::Agent))
    );
    assert!(closed.pull_notice.is_some());
    world.happens(closing(6).at(3).opened()).await;
    assert_eq!(seen(&now(world, &claim).await), seen(&closed));
    world.happens(closing(8).at(4).opened()).await;
    let taken = now(world, &claim).await;
    assert_eq!(
        seen(&taken),
        (PrSubmitted, Some(8), Some(LinkOrigin::Derived))
    );
    // It replaces the closed one meanwhile.
    world.happens(closing(7).at(5).reopened()).await;
    assert_eq!(seen(&now(world, &claim).await), seen(&closed));
    world.happens(closing(7).at(6).ended_unmerged()).await;
    world.happens(closing(8).at(7).pushed()).await;
    assert_eq!(seen(&now(world, &claim).await), seen(&taken));
    world.happens(closing(8).at(8).ended_unmerged()).await;
    let back = now(world, &claim).await;
    assert_eq!(seen(&back), seen(&closed));
    assert_eq!(back.pull_notice, closed.pull_notice);
    // Naming a new one clears the notice.
    world.happens(closing(6).at(9).ended_unmerged()).await;
    world.note(says(&claim, PrSubmitted, Some(&url(12)))).await;
    assert_eq!(now(world, &claim).await.pull_notice, None);
}

pub(super) async fn a_stale_claim_is_as_stale_as_before(world: &World) {
    let claim = claimed(world).await;
    let claim = world.moved(&claim, InProgress).await;
    let stale = world.moved(&claim, Stale).await;
    world.happens(closing(7).opened()).await;
    assert_eq!(now(world, &claim).await.status, PrSubmitted);
    world.happens(closing(7).at(1).ended_unmerged()).await;
    let after = now(world, &claim).await;
    assert_eq!(
        (after.status, after.before_stale),
        (Stale, stale.before_stale)
    );
    world.moved(&after, InProgress).await;
    // A claim that became stale meanwhile returns to the status it would have had.
    world.happens(closing(8).at(2).opened()).await;
    let submitted = now(world, &claim).await;
    let stale = world.moved(&submitted, Stale).await;
    assert_eq!(
        (stale.before_stale, stale.before_derived()),
        (Some(PrSubmitted), Some(InProgress))
    );
    world.happens(pull(API, 8).at(3).edited()).await;
    let after = now(world, &claim).await;
    assert_eq!(
        (after.status, after.before_stale),
        (Stale, Some(InProgress))
    );
    let no = world.refused(update(&after, PrSubmitted)).await;
    assert!(matches!(no, Refusal::InvalidTransition { .. }), "{no:?}");
}

pub(super) async fn a_claim_moved_on_by_its_agent_keeps_its_status(world: &World) {
    let claim = derived(world).await;
    let claim = world.moved(&claim, InProgress).await;
    // Its pull request stays, and moves it again only by a merge.
    world.happens(closing(7).at(1).pushed()).await;
    assert_eq!(
        seen(&now(world, &claim).await),
        (InProgress, Some(7), Some(LinkOrigin::Derived))
    );
    world.happens(pull(API, 7).at(2).edited()).await;
    let after = now(world, &claim).await;
    assert_eq!(
        (seen(&after), after.history.len()),
        ((InProgress, None, None), claim.history.len())
    );
    assert!(after.pull_notice.is_some(), "the reason is given");
}

pub(super) async fn a_merge_is_followed_once(world: &World) {
    let claim = derived(world).await;
    world.happens(closing(7).at(1).ended_by_merge()).await;
    let merged = now(world, &claim).await;
    assert_eq!(merged.status, PrMerged);
    let more = world.moved(&merged, InProgress).await;
    world.happens(closing(7).at(2).merged().edited()).await;
    assert_eq!(now(world, &claim).await, more);
    // A status for a merge that the engine has not seen becomes valid a moment later.
    let submitted = world.moved(&more, PrSubmitted).await;
    world.happens(closing(7).at(3).merged().edited()).await;
    let again = now(world, &claim).await;
    assert_eq!(
        (again.status, again.history.len()),
        (PrMerged, submitted.history.len() + 1)
    );
}
