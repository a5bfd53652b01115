//! Requests with an idempotency key are executed once.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::halt::HaltKind;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::engine::command::{Action, Answer, Command, HaltTarget, Outcome};

use super::world::{API, World, at_once, claim_of};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_testkit::builders::{
    agent, claim, follow, issue, key, local, next, number, pull, release, repo, review, update,
};

fn keyed(command: Command, name: &str, request: &str) -> Command {
    command.keyed(Some(key(name, request)))
}

fn by(principal: Principal, command: Command) -> Command {
    let caller = Caller::full(principal);
    Command { caller, ..command }
}

pub(super) async fn the_same_answer_comes_again(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    let asked = keyed(next("ann"), "k", "digest");
    let first = world.note(asked.clone()).await;
    let Answer::Claim {
        claim,
        issue: Some(_),
        idempotent: false,
        outbox: None,
        ..
    } = &first
    else {
        panic!("{first:?}")
    };
    // The same answer even after the claim moved on, because the first answer may have been lost.
    world.pass(1);
    world.moved(claim, ClaimStatus::InProgress).await;
    let before = world.everything().await;
    assert_eq!(world.note(asked.clone()).await, first);
    world.pass(23 * 60);
    assert_eq!(world.note(asked).await, first);
    assert_eq!(world.everything().await, before);
    let (other, _) = claim_of(world.note(keyed(next("ann"), "k2", "digest")).await);
    assert_ne!(other.id, claim.id);
}

pub(super) async fn another_request_with_the_key_is_refused(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    world.note(keyed(claim("ann", API, 1), "k", "digest")).await;
    let no = world
        .refused(keyed(claim("ann", API, 2), "k", "other"))
        .await;
    assert_eq!(no, Refusal::IdempotencyMismatch);
}

pub(super) async fn a_refusal_is_not_remembered(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let bob = world.claim("bob", API, 1).await;
    let asked = keyed(claim("ann", API, 1), "k", "digest");
    assert!(matches!(
        world.refused(asked.clone()).await,
        Refusal::AlreadyClaimed { .. }
    ));
    world.note(release(&bob)).await;
    let (claim, idempotent) = world.claimed(asked).await;
    assert_eq!((claim.agent.as_str(), idempotent), ("ann", false));
    let unknown = keyed(
        issuecommand_testkit::builders::claim("ann", "acme/none", 1),
        "k3",
        "digest",
    );
    world.missing(unknown.clone()).await;
    world.mirror("acme/none", [issue(1)]).await;
    world.claimed(unknown).await;
}

pub(super) async fn keys_of_different_callers_are_different(world: &World) {
    world.mirror(API, (1..=6).map(issue)).await;
    let principals = [
        Principal::Local,
        Principal::ApiKey,
        Principal::System,
        Principal::Key("ci".to_owned()),
        Principal::Key("Ci".to_owned()),
    ];
    let mut got = Vec::new();
    for principal in principals.clone() {
        let asked = by(principal.clone(), keyed(next("ann"), "k", "digest"));
        let (claim, _) = world.claimed(asked).await;
        assert_eq!(claim.principal, principal);
        got.push(claim.id);
    }
    for (principal, id) in principals.into_iter().zip(&got) {
        let asked = by(principal, keyed(next("ann"), "k", "digest"));
        assert_eq!(world.claimed(asked).await.0.id, *id);
    }
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 5);
}

pub(super) async fn keys_are_compared_byte_by_byte(world: &World) {
    world.mirror(API, (1..=5).map(issue)).await;
    let mut got = Vec::new();
    for name in ["k", "K", "k ", "ключ", "k\u{301}"] {
        let (claim, _) = world.claimed(keyed(next("ann"), name, "digest")).await;
        got.push(claim.number.get());
    }
    assert_eq!(got, [1, 2, 3, 4, 5]);
}

pub(super) async fn the_same_key_at_once_is_one_request(world: &World) {
    world.mirror(API, (1..=20).map(issue)).await;
    let asked = (0..16).map(|_| keyed(next("ann"), "k", "digest"));
    let outcomes = at_once(&[world], asked).await;
    assert!(matches!(&outcomes[0], Outcome::Done(Answer::Claim { .. })));
    assert!(
        outcomes.iter().all(|outcome| *outcome == outcomes[0]),
        "{outcomes:?}"
    );
    assert_eq!(world.health().await.total_claims, 1);
}

pub(super) async fn a_sign_of_life_with_a_key_counts_once(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    let asked = || Command {
        caller: local(),
        ..keyed(update(&claim, ClaimStatus::Claimed), "k", "digest")
    };
    world.pass(1);
    let (first, _) = world.claimed(asked()).await;
    world.pass(1);
    let (second, _) = world.claimed(asked()).await;
    assert_eq!(first, second);
    assert_eq!(world.holder(API, 1).await, Some(first));
}

pub(super) async fn every_change_that_is_asked_for_is_made_once(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    let held = world.claim("ann", API, 1).await;
    let item = world.asked(pull(API, 7).said(review(1))).await;
    let note = || Some("why".to_owned());
    let by_people = [
        Action::ParkIssue {
            repo: repo(API),
            number: number(3),
            note: "why".to_owned(),
        },
        Action::OfferIssue {
            repo: repo(API),
            number: number(3),
            note: note(),
        },
        Action::SetHalt {
            target: HaltTarget::Everything,
            kind: Some(HaltKind::Draining),
            note: note(),
        },
        Action::GiveFollowup {
            item: item.id,
            to: agent("ann"),
            note: note(),
        },
        Action::GiveClaim {
            claim: held.id,
            to: agent("bob"),
            note: note(),
        },
    ];
    let given = Command::new(
        &local(),
        Action::ReleaseClaim {
            claim: held.id,
            agent: agent("bob"),
            reason: note(),
            outcome: None,
        },
    );
    let commands = [update(&held, ClaimStatus::InProgress)]
        .into_iter()
        .chain(by_people.map(|action| Command::new(&local(), action)))
        .chain([follow("ann", item.id, FollowupStatus::Done), given]);
    for (n, command) in commands.enumerate() {
        assert!(command.action.is_asked_for(), "{command:?}");
        let key = format!("k{n}");
        let asked = keyed(command, &key, "digest");
        world.pass(1);
        let first = world.note(asked.clone()).await;
        let before = world.everything().await;
        world.pass(1);
        assert_eq!(world.note(asked.clone()).await, first, "{asked:?}");
        assert_eq!(world.everything().await, before, "{asked:?}");
        let other = keyed(asked, &key, "other");
        assert_eq!(world.refused(other).await, Refusal::IdempotencyMismatch);
    }
}

pub(super) async fn the_callers_key_is_for_what_was_asked_for(world: &World) {
    world.mirror(API, (1..=2).map(issue)).await;
    let caller = Caller {
        idempotency: Some(key("k", "digest")),
        ..local()
    };
    let by = |action| Command::new(&caller, action);
    // What goes along with the request uses nothing up.
    world
        .note(by(Action::Heard {
            agent: agent("ann"),
            beats: false,
            resumes: true,
            holds: false,
            recorded: false,
        }))
        .await;
    let asked = by(claim("ann", API, 1).action);
    let first = world.note(asked.clone()).await;
    assert_eq!(world.note(asked).await, first);
    let again = by(Action::Heard {
        agent: agent("ann"),
        beats: false,
        resumes: true,
        holds: false,
        recorded: false,
    });
    assert!(matches!(world.note(again).await, Answer::Heard { .. }));
}
