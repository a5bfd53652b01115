//! Issues that are transferred to another repository: the claim moves with them, or its holder is notified.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::event::{Details, Event, EventKind};
use issuecommand_core::domain::issue::{Issue, IssueFilter, IssueLookup, WithheldReason};
use issuecommand_core::domain::webhook::{GithubEvent, Refetch, RepoRef, WebhookAnswer};
use issuecommand_core::engine::command::Command;
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_testkit::builders::{
    agent, claim, deliver, facts, issue, number, place, record_issue, record_issues, repo, told,
};

use super::world::{API, World};

const WEB: &str = "acme/web";

/// Issue 1 of one repository as issue 9 of the other.
fn there() -> Issue {
    issue(9)
        .title("Issue 1")
        .labels(&["moved"])
        .changed(5)
        .build()
}

/// The deliveries of both repositories.
fn transferred(arrived: bool) -> GithubEvent {
    GithubEvent::Transferred {
        from: place(API),
        number: number(1),
        to: place(WEB),
        issue: Box::new(there()),
        arrived,
    }
}

/// A fetch of the old address was redirected to the new one.
fn followed(allowed: bool) -> Command {
    let seen = IssueLookup::Transferred {
        to: facts(WEB),
        issue: Box::new(there()),
        allowed,
    };
    record_issue(API, 1, seen)
}

async fn held(world: &World) -> Claim {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.mirror(WEB, [issue(8)]).await;
    world.claim("ann", API, 1).await
}

async fn goes_along(world: &World, told: Command) {
    let was = held(world).await;
    let seq = world.last_event().await;
    world.pass(1);
    world.note(told).await;
    let is = world.holder(WEB, 9).await.expect("it is held there");
    let (added, known) = is.history.split_last().expect("there is a history");
    assert_eq!((known, added.status), (&was.history[..], was.status));
    assert!(
        added
            .note
            .as_deref()
            .is_some_and(|note| note.contains("acme/api#1"))
    );
    let expected = Claim {
        repo: is.repo,
        repo_name: repo(WEB),
        number: number(9),
        labels: vec!["moved".to_owned()],
        history: is.history.clone(),
        ..was.clone()
    };
    assert_eq!(is, expected, "it is the same claim, without a heartbeat");
    let moved: Vec<Event> = world.events_after(seq).await;
    let moved: Vec<_> = moved
        .iter()
        .filter(|e| e.kind == EventKind::ClaimMoved)
        .collect();
    let [event] = &moved[..] else {
        panic!("one claim.moved: {moved:?}")
    };
    assert_eq!(
        (event.claim, event.repo.clone(), event.number),
        (Some(was.id), Some(repo(WEB)), Some(number(9)))
    );
    let Details::Transferred {
        from_repo,
        from_number,
        ..
    } = &event.details
    else {
        panic!("{event:?}")
    };
    assert_eq!((from_repo, *from_number), (&repo(API), number(1)));
    // The old issue is gone, the new one is claimed.
    assert_eq!(world.holder(API, 1).await, None);
    assert!(matches!(
        world.row(API, 1).await.withheld,
        Some((WithheldReason::Moved, _))
    ));
    let mut offered = world.offered(&IssueFilter::default()).await;
    offered.sort_unstable();
    assert_eq!(offered, [2, 8]);
    world.refused(claim("bob", WEB, 9)).await;
    // Further deliveries change nothing for the claim.
    for again in [
        deliver("again-1", transferred(false)),
        deliver("again-2", transferred(true)),
        followed(true),
        record_issue(API, 1, IssueLookup::Withheld(WithheldReason::Moved)),
        record_issues(WEB, [there()]),
    ] {
        world.note(again).await;
        assert_eq!(world.holder(WEB, 9).await.as_ref(), Some(&is));
    }
    // Its agent continues with the old claim id.
    let beaten = world
        .claimed(issuecommand_testkit::builders::beat(&was))
        .await
        .0;
    assert_eq!((beaten.id, beaten.repo_name), (was.id, repo(WEB)));
    assert_eq!(world.claims(&ClaimFilter::default()).await.len(), 1);
}

pub(super) async fn the_old_repositorys_delivery_moves_the_claim(world: &World) {
    goes_along(world, deliver("d", transferred(false))).await;
}

pub(super) async fn the_new_repositorys_delivery_moves_the_claim(world: &World) {
    goes_along(world, deliver("d", transferred(true))).await;
}

pub(super) async fn a_fetch_moves_the_claim(world: &World) {
    goes_along(world, followed(true)).await;
}

pub(super) async fn an_existing_claim_at_the_target_stays(world: &World) {
    let was = held(world).await;
    world
        .note(deliver("early", told(WEB, there(), "labeled")))
        .await;
    let bob = world.claim("bob", WEB, 9).await;
    for (n, news) in [transferred(false), transferred(true)]
        .into_iter()
        .enumerate()
    {
        world.note(deliver(&format!("d-{n}"), news)).await;
    }
    world.note(followed(true)).await;
    let is = world.holder(API, 1).await.expect("it is still held");
    let notice = is.notice.clone().expect("a notice");
    assert!(
        notice.contains("acme/web#9") && notice.contains("bob"),
        "{notice}"
    );
    assert_eq!(Claim { notice: None, ..is }, was);
    assert_eq!(world.holder(WEB, 9).await, Some(bob));
    // A delivery with less data does not remove the address.
    world
        .note(record_issue(
            API,
            1,
            IssueLookup::Withheld(WithheldReason::Moved),
        ))
        .await;
    let is = world.holder(API, 1).await.expect("it is still held");
    assert_eq!(is.notice, Some(notice));
}

pub(super) async fn a_transfer_out_of_sight_notifies_the_holder(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let was = world.claim("ann", API, 1).await;
    // To an unknown repository, and to one that is not allowed.
    let mut narrow = deliver("narrow", transferred(false));
    narrow.caller.scope = Scope::Only([repo(API)].into());
    for news in [deliver("d", transferred(false)), narrow, followed(false)] {
        world.note(news).await;
        let is = world.holder(API, 1).await.expect("it is still held");
        let notice = is.notice.clone().expect("a notice");
        assert!(notice.contains("acme/web#9"), "{notice}");
        assert_eq!((is.id, is.agent), (was.id, agent("ann")));
    }
    assert_eq!(world.offered(&IssueFilter::default()).await, [0; 0]);
    // When it appears there after all, the claim moves.
    world.note(followed(true)).await;
    assert_eq!(
        world.holder(WEB, 9).await.map(|claim| claim.id),
        Some(was.id)
    );
}

pub(super) async fn an_unclaimed_issue_is_offered_only_at_its_target(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.mirror(WEB, [issue(8)]).await;
    world.note(deliver("d", transferred(false))).await;
    let mut offered = world.offered(&IssueFilter::default()).await;
    offered.sort_unstable();
    assert_eq!(offered, [8, 9]);
    world.claim("bob", WEB, 9).await;
}

pub(super) async fn a_contradictory_transfer_moves_nothing(world: &World) {
    let was = held(world).await;
    let odd = |mut seen: RepoRef, id: &str| {
        if let Some(known) = &mut seen.facts {
            known.github_id = facts(id).github_id;
        }
        seen
    };
    for arrived in [false, true] {
        for (from, to) in [
            (odd(place(API), WEB), place(WEB)),
            (place(API), odd(place(WEB), API)),
        ] {
            let meaning = GithubEvent::Transferred {
                from,
                number: number(1),
                to,
                issue: Box::new(there()),
                arrived,
            };
            let (answer, look) = world.delivered(meaning).await;
            assert!(matches!(answer, WebhookAnswer::Ignored(_)), "{answer:?}");
            assert!(matches!(look, Some(Refetch::Repo(_))), "{look:?}");
            assert_eq!(world.holder(API, 1).await.as_ref(), Some(&was));
            assert_eq!(world.holder(WEB, 9).await, None);
        }
    }
}
