//! Linking a pull request to a claim: by its text, by its agent, and the effects of its end.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Details, EventKind, EventOrigin};
use issuecommand_core::domain::time::Clock;
use issuecommand_testkit::builders::{issue, number, pull, release, repo, update};

use ClaimStatus::{Claimed, InProgress, PrMerged, PrSubmitted, Stale};

use super::world::{API, World};

const URL: &str = "https://github.com/acme/api/pull/7";

/// The stored active claim.
async fn now(world: &World, claim: &Claim) -> Claim {
    let name = claim.repo_name.as_str();
    let held = world.holder(name, claim.number.get()).await;
    held.unwrap_or_else(|| panic!("nobody holds {name}#{}", claim.number))
}

/// The single claim event since then.
async fn told(world: &World, seq: i64, claim: &Claim, status: ClaimStatus, note: &str) {
    let events = world.events_after(seq).await;
    let of_claims: Vec<_> = events
        .iter()
        .filter(|event| event.claim.is_some())
        .collect();
    let [event] = of_claims[..] else {
        panic!("one event of a claim was expected, not {of_claims:?}")
    };
    assert_eq!(
        (event.kind, event.claim),
        (EventKind::ClaimUpdated, Some(claim.id))
    );
    let details = Details::Moved {
        source: EventOrigin::Webhook,
        status,
        note: Some(note.to_owned()),
    };
    assert_eq!(event.details, details);
}

pub(super) async fn closing_keywords_link_a_pull_request_to_the_claim(world: &World) {
    let note = "A pull request that closes the issue was opened";
    world.mirror(API, (1..=3).map(issue)).await;
    let place = world.repo(API).await.expect("it is known");
    for (n, status) in [(1, Claimed), (2, InProgress), (3, Stale)] {
        world.poll(API).await;
        let mut claim = world.claim("ann", API, n).await;
        if status != Claimed {
            claim = world.moved(&claim, status).await;
        }
        world.pass(1);
        let seq = world.last_event().await;
        world
            .happens(pull(API, 6 + n).closes(&[(API, n)]).opened())
            .await;
        let linked = now(world, &claim).await;
        let url = format!("https://github.com/acme/api/pull/{}", 6 + n);
        assert_eq!((linked.status, &linked.pr_url), (PrSubmitted, &Some(url)));
        assert_eq!(linked.pull, Some((place.id, number(6 + n))));
        assert_eq!(linked.last_updated, world.clock.now());
        assert_eq!(linked.history.len(), claim.history.len() + 1);
        told(world, seq, &claim, PrSubmitted, note).await;
        // A duplicate has no effect.
        let seq = world.last_event().await;
        world
            .happens(pull(API, 6 + n).at(1).closes(&[(API, n)]).edited())
            .await;
        assert_eq!(world.kinds_after(seq).await, [EventKind::WebhookReceived]);
    }
}

pub(super) async fn one_may_close_issues_of_several_claims(world: &World) {
    world.mirror(API, [issue(1), issue(2), issue(3)]).await;
    world.mirror("acme/web", [issue(1)]).await;
    let claims = [
        world.claim("ann", API, 1).await,
        world.claim("bob", API, 2).await,
    ];
    let others = [
        world.claim("dan", API, 3).await,
        // Write access in one repository gives none in another.
        world.claim("eve", "acme/web", 1).await,
    ];
    let closes = [(API, 1), ("ACME/API", 2), ("acme/web", 1), ("acme/none", 1)];
    world.happens(pull(API, 7).closes(&closes).opened()).await;
    for claim in &claims {
        let linked = now(world, claim).await;
        assert_eq!(
            (linked.status, linked.pr_url.as_deref()),
            (PrSubmitted, Some(URL))
        );
    }
    world
        .happens(pull(API, 7).at(1).closes(&closes).ended_by_merge())
        .await;
    for claim in &claims {
        assert_eq!(now(world, claim).await.status, PrMerged);
    }
    for other in &others {
        assert_eq!(now(world, other).await, *other);
    }
}

pub(super) async fn closing_keywords_of_an_untrusted_author_do_not_link(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    let closes = [(API, 1)];
    world
        .happens(pull(API, 7).of_a_stranger().closes(&closes).opened())
        .await;
    world
        .happens(
            pull(API, 7)
                .of_a_stranger()
                .closes(&closes)
                .at(1)
                .ended_by_merge(),
        )
        .await;
    assert_eq!(now(world, &claim).await, claim);
}

pub(super) async fn closing_keywords_added_later_link(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.happens(pull(API, 7).opened()).await;
    assert_eq!(now(world, &claim).await, claim);
    world
        .happens(pull(API, 7).at(1).closes(&[(API, 1)]).edited())
        .await;
    assert_eq!(now(world, &claim).await.status, PrSubmitted);
}

pub(super) async fn a_claim_keeps_the_pull_request_that_it_has(world: &World) {
    let claim = world.authored("ann").await;
    let seq = world.last_event().await;
    world
        .happens(pull(API, 8).closes(&[(API, 1)]).of_a_stranger().opened())
        .await;
    world
        .happens(
            pull(API, 8)
                .at(1)
                .closes(&[(API, 1)])
                .of_a_stranger()
                .ended_by_merge(),
        )
        .await;
    assert_eq!(now(world, &claim).await, claim);
    // Its own does not move it before the merge either, because its agent sets the status.
    world
        .happens(pull(API, 7).closes(&[(API, 1)]).at(1).edited())
        .await;
    assert_eq!(now(world, &claim).await, claim);
    assert!(
        world
            .kinds_after(seq)
            .await
            .iter()
            .all(|kind| *kind == EventKind::WebhookReceived)
    );
}

pub(super) async fn a_merge_moves_a_claim_from_wherever_it_was(world: &World) {
    world.mirror(API, (1..=5).map(issue)).await;
    let ways: [&[ClaimStatus]; 4] = [
        &[InProgress],
        &[InProgress, PrSubmitted],
        &[InProgress, Stale],
        &[InProgress, PrSubmitted, Stale],
    ];
    for (n, way) in (1..).zip(ways) {
        let claim = world.claim("ann", API, n).await;
        let mut claim = world.names_its_pull(&claim, 6 + n).await;
        for to in &way[1..] {
            claim = world.moved(&claim, *to).await;
        }
        let seq = world.last_event().await;
        let merge = || pull(API, 6 + n).at(1).ended_by_merge();
        world.happens(merge()).await;
        let merged = now(world, &claim).await;
        assert_eq!(
            (merged.status, merged.history.len()),
            (PrMerged, claim.history.len() + 1)
        );
        told(world, seq, &claim, PrMerged, "Its pull request was merged").await;
        world.happens(merge()).await;
        assert_eq!(now(world, &claim).await, merged);
    }
    // Only forward: a claim beyond that status stays.
    let claim = world.claim("ann", API, 5).await;
    world.note(release(&claim)).await;
    let ended = world.ended().await;
    world
        .happens(pull(API, 11).closes(&[(API, 5)]).ended_by_merge())
        .await;
    assert_eq!(world.ended().await, ended);
}

pub(super) async fn a_merge_delivered_before_the_open_is_a_merge(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    let closes = [(API, 1)];
    world
        .happens(pull(API, 7).at(9).closes(&closes).ended_by_merge())
        .await;
    world
        .happens(pull(API, 7).at(1).closes(&closes).opened())
        .await;
    let merged = now(world, &claim).await;
    assert_eq!(
        (merged.status, merged.pr_url.as_deref()),
        (PrMerged, Some(URL))
    );
}

pub(super) async fn a_close_is_reported_and_ends_no_claim(world: &World) {
    let notice = "Its pull request was closed without being merged";
    let claim = world.authored("ann").await;
    let claim = world.moved(&claim, PrSubmitted).await;
    let seq = world.last_event().await;
    world.happens(pull(API, 7).at(1).ended_unmerged()).await;
    let closed = now(world, &claim).await;
    let expected = Claim {
        pull_notice: Some(notice.to_owned()),
        ..claim.clone()
    };
    assert_eq!(closed, expected);
    told(world, seq, &claim, PrSubmitted, notice).await;
    let seq = world.last_event().await;
    world.happens(pull(API, 7).at(1).ended_unmerged()).await;
    assert_eq!(world.kinds_after(seq).await, [EventKind::WebhookReceived]);
    let seq = world.last_event().await;
    world.happens(pull(API, 7).at(2).reopened()).await;
    assert_eq!(now(world, &claim).await, claim);
    told(
        world,
        seq,
        &claim,
        PrSubmitted,
        "Its pull request is open again",
    )
    .await;
    // A late close delivery has no effect.
    world.happens(pull(API, 7).at(1).ended_unmerged()).await;
    assert_eq!(now(world, &claim).await, claim);
}

pub(super) async fn a_close_delivered_before_the_open_is_a_close(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let claim = world.claim("ann", API, 1).await;
    let closes = [(API, 1), (API, 2)];
    world
        .happens(pull(API, 7).at(9).closes(&closes).ended_unmerged())
        .await;
    world
        .happens(pull(API, 7).at(1).closes(&closes).opened())
        .await;
    assert_eq!(now(world, &claim).await, claim);
    // A later claim of the issue is independent of it.
    world.pass(10);
    world.poll(API).await;
    let bob = world.claim("bob", API, 2).await;
    world
        .happens(pull(API, 7).at(9).closes(&closes).edited_while_closed())
        .await;
    assert_eq!(now(world, &bob).await, bob);
    // Reopened, it may close the issue after all.
    world
        .happens(pull(API, 7).at(11).closes(&closes).reopened())
        .await;
    assert_eq!(now(world, &bob).await.status, PrSubmitted);
}

pub(super) async fn a_late_delivery_does_not_lower_last_updated(world: &World) {
    let claim = world.authored("ann").await;
    world.pass(5);
    world.happens(pull(API, 7).at(1).ended_by_merge()).await;
    let merged = now(world, &claim).await;
    assert_eq!(merged.last_updated, world.clock.now());
    assert_eq!(merged.repo_name, repo(API));
    let stale = world.moved(&merged, Stale).await;
    world.claimed(update(&stale, PrMerged)).await;
}

pub(super) async fn linked_pull_requests_are_polled(world: &World) {
    let linked = async || {
        let pulls = world
            .store
            .linked_pulls()
            .await
            .expect("pull requests are read");
        let place = |pull: issuecommand_core::domain::pull_request::LinkedPull| {
            (pull.repo.to_string(), pull.number.get(), pull.head)
        };
        pulls.into_iter().map(place).collect::<Vec<_>>()
    };
    world.mirror(API, (1..=3).map(issue)).await;
    let ann = world.claim("ann", API, 1).await;
    let bob = world.claim("bob", API, 2).await;
    let eve = world.claim("eve", API, 3).await;
    assert_eq!(linked().await, []);
    world.names_its_pull(&ann, 7).await;
    world.names_its_pull(&bob, 7).await;
    world.names_its_pull(&eve, 6).await;
    let place = |n, head: Option<&str>| (API.to_owned(), n, head.map(str::to_owned));
    assert_eq!(linked().await, [place(6, None), place(7, None)]);
    world.happens(pull(API, 7).head("beef").opened()).await;
    assert_eq!(linked().await, [place(6, None), place(7, Some("beef"))]);
    world.note(release(&ann)).await;
    assert_eq!(linked().await.len(), 2);
    world.note(release(&bob)).await;
    assert_eq!(linked().await, [place(6, None)]);
}
