//! One name in two sessions: what a live session holds is not for another one of its name.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::policy::{Policy, SessionPolicy};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::{Clock as _, Millis};
use issuecommand_testkit::builders::{
    agent, beat, claim, comment, follow, issue, next, pull, release, update, work,
};

use super::world::feedback::{got, item_of};
use super::world::session::{process, session, take_over, within};
use super::world::{API, World, claim_of};

/// The other session that the refusal names.
fn other(refusal: &Refusal) -> Option<String> {
    refusal.other_session().map(|other| other.id.to_string())
}

pub(super) async fn another_live_session_is_told_and_gets_another_issue(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    assert_eq!(held.session, Some(session("one")));
    world.pass(2);
    world.heard("ann", "two").await;
    let before = world.everything().await;
    let no = world.refused(within("two", claim("ann", API, 1))).await;
    let Refusal::AlreadyClaimed {
        claim: seen,
        session: Some(there),
        ..
    } = &no
    else {
        panic!("{no:?}");
    };
    assert_eq!((&**seen, there.id.as_str()), (&held, "one"));
    assert_eq!(Millis(there.silent), Millis::minutes(2));
    assert_eq!(world.everything().await, before);
    let given = claim_of(world.note(within("two", next("ann"))).await).0;
    assert_eq!(
        (given.number.get(), given.session),
        (2, Some(session("two")))
    );
    // Its own session has it still.
    assert_eq!(
        world.claimed(within("one", claim("ann", API, 1))).await,
        (held, true)
    );
}

pub(super) async fn a_second_sessions_status_call_is_refused(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    for command in [
        beat(&held),
        update(&held, ClaimStatus::InProgress),
        release(&held),
    ] {
        let no = world.refused(within("two", command)).await;
        assert!(matches!(no, Refusal::AgentMismatch { .. }), "{no:?}");
        assert_eq!(other(&no).as_deref(), Some("one"));
    }
    world
        .claimed(within("one", update(&held, ClaimStatus::InProgress)))
        .await;
}

pub(super) async fn ten_minutes_of_silence_are_enough(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    world.clock.advance(Millis(Millis::minutes(10).0 - 1));
    let no = world.refused(within("two", claim("ann", API, 1))).await;
    assert_eq!(other(&no).as_deref(), Some("one"));
    world.clock.advance(Millis(1));
    let (resumed, idempotent) = world.claimed(within("two", claim("ann", API, 1))).await;
    assert!(idempotent && resumed.id == held.id);
    assert_eq!(resumed.session, Some(session("two")));
    assert_eq!(resumed.alive_at(), world.clock.now());
    // The first one is back: it is the one that is refused now.
    world.heard("ann", "two").await;
    world.heard("ann", "one").await;
    let no = world.refused(within("one", beat(&held))).await;
    assert_eq!(other(&no).as_deref(), Some("two"));
}

pub(super) async fn an_ended_session_is_over_at_once(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    // Another process of the same session goes on.
    world.session_ends("ann", "one", process("elsewhere")).await;
    let no = world.refused(within("two", claim("ann", API, 1))).await;
    assert_eq!(other(&no).as_deref(), Some("one"));
    world.session_ends("ann", "one", process("one")).await;
    let (resumed, idempotent) = world.claimed(within("two", claim("ann", API, 1))).await;
    assert_eq!((resumed.id, idempotent), (held.id, true));
    // A later call begins the session again.
    world.heard("ann", "two").await;
    world.heard("ann", "one").await;
    let sessions = world.store.sessions(Some(&agent("ann"))).await;
    let sessions = sessions.expect("sessions are read");
    assert!(sessions.iter().all(|session| session.ended.is_none()));
}

pub(super) async fn without_sessions_nothing_differs(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    assert_eq!(
        world.claimed(claim("ann", API, 1)).await,
        (held.clone(), true)
    );
    let moved = world.moved(&held, ClaimStatus::InProgress).await;
    assert_eq!(
        moved.session,
        Some(session("one")),
        "it stays in its session"
    );
    // What is held in no session is the first one's that asks for it.
    let alone = world.claim("ann", API, 2).await;
    world.heard("ann", "two").await;
    let (joined, idempotent) = world.claimed(within("two", claim("ann", API, 2))).await;
    assert_eq!((joined.id, idempotent), (alone.id, true));
    assert_eq!(joined.session, Some(session("two")));
    assert_eq!(joined.history, alone.history);
}

pub(super) async fn take_over_moves_the_claim(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    world.heard("ann", "two").await;
    let seq = world.last_event().await;
    let (taken, idempotent) = world.claimed(within("two", take_over("ann", 1))).await;
    assert_eq!(
        (taken.id, idempotent, taken.session.as_ref()),
        (held.id, true, Some(&session("two")))
    );
    assert_eq!(taken.history.len(), held.history.len() + 1);
    assert_eq!(world.kinds_after(seq).await, [EventKind::ClaimUpdated]);
    assert_eq!(world.holder(API, 1).await, Some(taken));
    let no = world.refused(within("one", beat(&held))).await;
    assert_eq!(other(&no).as_deref(), Some("two"));
    // It takes nothing from another agent that is at work.
    let no = world.refused(within("three", take_over("bob", 1))).await;
    assert!(matches!(no, Refusal::AlreadyClaimed { session: None, .. }));
}

pub(super) async fn sessions_are_not_told_apart_where_it_is_switched_off(world: &World) {
    let policy = Policy {
        sessions: SessionPolicy {
            alive: Millis(0),
            ..SessionPolicy::default()
        },
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    world.mirror(API, [issue(1)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    let (same, idempotent) = world.claimed(within("two", claim("ann", API, 1))).await;
    assert_eq!((same.id, idempotent), (held.id, true));
}

pub(super) async fn feedback_goes_to_the_session_that_holds(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    let held = world
        .claimed(within("one", update(&held, ClaimStatus::InProgress)))
        .await
        .0;
    let submit = issuecommand_core::engine::command::Action::UpdateClaim {
        claim: held.id,
        agent: held.agent.clone(),
        to: ClaimStatus::PrSubmitted,
        note: None,
        pr_url: Some("https://github.com/acme/api/pull/7".to_owned()),
    };
    let submit = issuecommand_core::engine::command::Command::new(
        &issuecommand_testkit::builders::local(),
        submit,
    );
    world.claimed(within("one", submit)).await;
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    world.heard("ann", "two").await;
    let outcome = world.ask(within("two", work("ann"))).await;
    assert_eq!(
        got(&outcome),
        None,
        "it is for the session that made the pull request"
    );
    let outcome = world.ask(within("one", work("ann"))).await;
    let given = got(&outcome).expect("feedback").clone();
    assert_eq!((given.id, given.session), (item.id, Some(session("one"))));
    let to = FollowupStatus::InProgress;
    let no = world
        .refused(within("two", follow("ann", item.id, to)))
        .await;
    assert_eq!(other(&no).as_deref(), Some("one"));
    let (moved, _) = item_of(world.note(within("one", follow("ann", item.id, to))).await);
    assert_eq!(moved.status, to);
    // Its session is silent: the other one goes on with it.
    world.pass(10);
    world.heard("ann", "two").await;
    let (moved, _) = item_of(world.note(within("two", follow("ann", item.id, to))).await);
    assert_eq!(moved.session, Some(session("two")));
}

pub(super) async fn agents_and_sessions_are_listed_and_forgotten(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim_in("ann", "one", 1).await;
    world.heard("bob", "two").await;
    world.heard_alone("cat").await;
    let names = async || {
        let agents = world.store.agents(None).await.expect("agents are read");
        let agents: Vec<String> = agents.iter().map(|it| it.id.to_string()).collect();
        let sessions = world.store.sessions(None).await.expect("sessions are read");
        let sessions: Vec<String> = sessions.iter().map(|it| it.id.to_string()).collect();
        (agents.join(" "), sessions.join(" "))
    };
    assert_eq!(
        names().await,
        ("ann bob cat".to_owned(), "one two".to_owned())
    );
    world.pass(60 * 24 * 7 + 1);
    world.note(issuecommand_testkit::builders::sweep()).await;
    assert_eq!(names().await, ("ann bob cat".to_owned(), String::new()));
    world.pass(60 * 24 * 24);
    world.note(issuecommand_testkit::builders::sweep()).await;
    assert_eq!(names().await.0, "ann", "whoever holds something is kept");
}
