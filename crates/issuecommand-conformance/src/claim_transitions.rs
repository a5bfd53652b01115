//! Moving a claim: the contract's table, and the effects of every move.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Details, EventKind, EventOrigin};
use issuecommand_core::domain::id::{ClaimId, IdGenerator};
use issuecommand_core::domain::issue::{IssueFilter, WithheldReason};
use issuecommand_core::domain::refusal::{Ended, Refusal};
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Action, Command, Outcome};
use issuecommand_testkit::builders::{
    agent, beat, claim, confined, issue, local, release, repo, update,
};
use issuecommand_testkit::ids::TestIds;

use ClaimStatus::{Claimed, Closed, InProgress, PrMerged, PrSubmitted, Released, Stale};

use super::world::{API, World};

/// The contract's table of an agent's transitions. A stale claim, here one that was `claimed`, may also return.
const TABLE: [(ClaimStatus, &[ClaimStatus]); 7] = [
    (Claimed, &[InProgress, Released, Stale]),
    (InProgress, &[PrSubmitted, Released, Stale]),
    (PrSubmitted, &[PrMerged, Released, Stale]),
    (PrMerged, &[Closed, Released, Stale]),
    (Closed, &[]),
    (Released, &[]),
    (Stale, &[Claimed, InProgress, Released]),
];

/// The statuses from `claimed` to each status.
fn way(to: ClaimStatus) -> &'static [ClaimStatus] {
    match to {
        Claimed => &[],
        InProgress => &[InProgress],
        PrSubmitted => &[InProgress, PrSubmitted],
        PrMerged => &[InProgress, PrSubmitted, PrMerged],
        Closed => &[InProgress, PrSubmitted, PrMerged, Closed],
        Released => &[Released],
        Stale => &[Stale],
    }
}

/// A command that moves the claim, with a pull request URL.
fn with_pull(claim: &Claim, to: ClaimStatus) -> Command {
    let action = Action::UpdateClaim {
        claim: claim.id,
        agent: claim.agent.clone(),
        to,
        note: Some(format!("to {to}")),
        pr_url: Some(format!("https://github.com/acme/api/pull/{}", claim.number)),
    };
    Command::new(&local(), action)
}

/// A claim of `ann` that was moved to this status.
async fn brought_to(world: &World, number: i64, status: ClaimStatus) -> Claim {
    let mut claim = world.claim("ann", API, number).await;
    for to in way(status) {
        (claim, _) = world.claimed(with_pull(&claim, *to)).await;
    }
    claim
}

pub(super) async fn the_whole_table(world: &World) {
    world.mirror(API, (1..=49).map(issue)).await;
    let mut number = 0;
    for (from, allowed) in TABLE {
        for to in ClaimStatus::ALL {
            number += 1;
            let before = brought_to(world, number, from).await;
            world.poll(API).await;
            world.pass(1);
            let (seq, everything) = (world.last_event().await, world.everything().await);
            let outcome = world.ask(with_pull(&before, to)).await;
            if from.is_terminal() {
                assert!(
                    matches!(
                        outcome,
                        Outcome::Refused(Refusal::ClaimNotFound { ended: Some(_), .. })
                    ),
                    "{from} to {to}: {outcome:?}"
                );
            } else if from == to {
                assert_eq!(
                    world.last_event().await,
                    seq + i64::from(before.pr_url.is_none())
                );
                continue;
            } else if allowed.contains(&to) {
                moved(world, &before, to, seq).await;
                continue;
            } else {
                let Outcome::Refused(Refusal::InvalidTransition {
                    claim,
                    to: wanted,
                    allowed: told,
                }) = outcome
                else {
                    panic!("{from} to {to}: {outcome:?}")
                };
                assert_eq!((*claim, wanted), (before, to));
                assert_eq!(told.len(), allowed.len(), "{from}: {told:?}");
                assert!(
                    allowed.iter().all(|status| told.contains(status)),
                    "{from}: {told:?}"
                );
            }
            assert_eq!(world.everything().await, everything, "{from} to {to}");
        }
    }
}

/// Checks the effects of a move.
async fn moved(world: &World, before: &Claim, to: ClaimStatus, seq: i64) {
    let now = world.clock.now();
    let stored = if to.is_terminal() {
        let ended = world.ended().await;
        ended
            .into_iter()
            .find(|claim| claim.id == before.id)
            .expect("its history is kept")
    } else {
        world
            .holder(API, before.number.get())
            .await
            .expect("it is held")
    };
    assert_eq!(
        (stored.status, stored.last_updated, stored.claimed_at),
        (to, now, before.claimed_at)
    );
    assert_eq!(stored.history[..before.history.len()], before.history);
    let [entry] = &stored.history[before.history.len()..] else {
        panic!(
            "one more line of history was expected: {:?}",
            stored.history
        )
    };
    let note = Some(format!("to {to}"));
    assert_eq!(
        (entry.status, entry.timestamp, &entry.note),
        (to, now, &note)
    );
    assert_eq!(stored.before_stale, (to == Stale).then_some(before.status));
    let kind = match to {
        Released => EventKind::ClaimReleased,
        Stale => EventKind::ClaimStale,
        Claimed | InProgress | PrSubmitted | PrMerged | Closed => EventKind::ClaimUpdated,
    };
    let events = world.events_after(seq).await;
    let [event] = events.as_slice() else {
        panic!("one event was expected, not {events:?}")
    };
    assert_eq!(
        (event.kind, event.claim, event.timestamp),
        (kind, Some(before.id), now)
    );
    let details = Details::Moved {
        source: EventOrigin::Agent,
        status: to,
        note,
    };
    assert_eq!(event.details, details);
}

pub(super) async fn a_heartbeat_changes_only_last_updated(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let mut claim = world.claim("ann", API, 1).await;
    for status in [Claimed, InProgress] {
        if claim.status != status {
            claim = world.moved(&claim, status).await;
        }
        world.pass(5);
        let events = world.events().await;
        let (after, idempotent) = world.claimed(beat(&claim)).await;
        assert!(idempotent);
        claim.last_updated = world.clock.now();
        assert_eq!(after, claim);
        assert_eq!(world.holder(API, 1).await, Some(after));
        assert_eq!(world.events().await, events);
    }
}

pub(super) async fn only_its_own_agent_moves_a_claim(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let ann = world.claim("ann", API, 1).await;
    let mut bobs = ann.clone();
    bobs.agent = agent("Ann");
    for command in [
        update(&bobs, InProgress),
        beat(&bobs),
        release(&bobs),
        update(&bobs, Closed),
    ] {
        let no = world.refused(command).await;
        assert_eq!(
            no,
            Refusal::AgentMismatch {
                claim: Box::new(ann.clone()),
                session: None,
            }
        );
    }
}

pub(super) async fn an_id_that_was_never_given_is_not_found(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let mut claim = world.claim("ann", API, 1).await;
    claim.id = ClaimId(TestIds::seeded(99).uuid());
    for command in [beat(&claim), release(&claim)] {
        let no = world.refused(command).await;
        assert_eq!(
            no,
            Refusal::ClaimNotFound {
                id: claim.id,
                ended: None
            }
        );
    }
}

pub(super) async fn a_claim_out_of_sight_is_not_found(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    for command in [beat(&claim), release(&claim)] {
        let asked = Command {
            caller: confined(&["acme/web"]),
            ..command
        };
        let no = world.refused(asked).await;
        assert_eq!(
            no,
            Refusal::ClaimNotFound {
                id: claim.id,
                ended: None
            }
        );
    }
}

pub(super) async fn an_ended_claim_says_how_it_ended_and_who_has_the_issue(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.pass(1);
    let action = Action::ReleaseClaim {
        claim: claim.id,
        agent: agent("ann"),
        reason: Some("too hard".to_owned()),
        outcome: None,
    };
    let (gone, _) = world.claimed(Command::new(&local(), action)).await;
    assert_eq!(gone.status, Released);
    let mut ended = Ended {
        status: Released,
        at: world.clock.now(),
        note: Some("too hard".to_owned()),
        repo: repo(API),
        number: claim.number,
        holder: None,
    };
    let not_found = |ended: &Ended| Refusal::ClaimNotFound {
        id: claim.id,
        ended: Some(Box::new(ended.clone())),
    };
    assert_eq!(world.refused(beat(&claim)).await, not_found(&ended));
    world.claim("bob", API, 1).await;
    ended.holder = Some(agent("bob"));
    assert_eq!(world.refused(beat(&claim)).await, not_found(&ended));
    assert_eq!(world.refused(release(&claim)).await, not_found(&ended));
    // An ended claim has no holder, so every agent gets the same answer.
    let mut bobs = claim.clone();
    bobs.agent = agent("bob");
    assert_eq!(world.refused(beat(&bobs)).await, not_found(&ended));
}

pub(super) async fn a_released_issue_is_offered_again(world: &World) {
    world.mirror(API, [issue(1)]).await;
    for status in [Claimed, InProgress, PrSubmitted, PrMerged, Stale] {
        let claim = brought_to(world, 1, status).await;
        assert_eq!(
            world.offered(&IssueFilter::default()).await,
            [0; 0],
            "{status}"
        );
        world.note(release(&claim)).await;
        assert_eq!(
            world.offered(&IssueFilter::default()).await,
            [1],
            "{status}"
        );
    }
    assert_eq!(world.ended().await.len(), 5);
}

pub(super) async fn an_issue_reported_closed_is_not_offered(world: &World) {
    world.mirror(API, [issue(1)]).await;
    brought_to(world, 1, Closed).await;
    assert_eq!(world.holder(API, 1).await, None);
    assert_eq!(world.offered(&IssueFilter::default()).await, [0; 0]);
    let reason = world.row(API, 1).await.withheld;
    assert_eq!(
        reason,
        Some((WithheldReason::CalledClosed, world.clock.now()))
    );
    // Claiming by number also needs fresh evidence first.
    world.missing(claim("bob", API, 1)).await;
}

pub(super) async fn a_claims_time_never_goes_back(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.clock.set(claim.claimed_at.minus(Millis::minutes(5)));
    let (beaten, _) = world.claimed(beat(&claim)).await;
    assert_eq!(beaten.last_updated, claim.claimed_at);
    let moved = world.moved(&claim, InProgress).await;
    assert_eq!(moved.last_updated, claim.claimed_at);
    assert_eq!(moved.history[1].timestamp, claim.claimed_at);
    assert_eq!(world.holder(API, 1).await, Some(moved));
    let times = world.event_times().await;
    assert!(times.is_sorted(), "{times:?}");
}
