//! The end of a session that its client announces: what it holds without a pull request is given back after a while.

use issuecommand_core::domain::attempt::AttemptEnd;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::notice::NoticeKind;
use issuecommand_core::domain::policy::{Policy, SessionPolicy};
use issuecommand_core::domain::session::SessionEnd;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_testkit::builders::{agent, issue, local, number, sweep, update};

use super::world::session::{process, session, told, within};
use super::world::{API, World};

/// Ten minutes, the default of `SESSION_GRACE_MINUTES`.
const GRACE: i64 = 10;

impl World {
    /// The client of this session says that it is over.
    async fn is_over(&self, who: &str, id: &str) {
        let action = Action::EndSession {
            agent: agent(who),
            session: session(id),
            process: None,
            end: SessionEnd::Over,
        };
        self.note(Command::system(action)).await;
    }

    async fn swept(&self, minutes: i64) {
        self.pass(minutes);
        self.note(sweep()).await;
    }

    /// Who holds which issue.
    async fn holders(&self) -> Vec<(i64, String)> {
        let claims = self.store.claims(&ClaimFilter::default()).await;
        let claims = claims.expect("claims are read").into_iter();
        let mut held: Vec<_> = claims
            .map(|claim| (claim.number.get(), claim.agent.to_string()))
            .collect();
        held.sort();
        held
    }
}

async fn began(world: &World, who: &str, id: &str, n: i64, note: &str) -> Claim {
    let held = world.claim_in(who, id, n).await;
    let action = Action::UpdateClaim {
        claim: held.id,
        agent: held.agent.clone(),
        to: ClaimStatus::InProgress,
        note: Some(note.to_owned()),
        pr_url: None,
    };
    let command = Command::new(&local(), action);
    world.claimed(within(id, command)).await.0
}

pub(super) async fn what_a_session_left_is_given_back_with_its_last_note(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    began(world, "ann", "one", 1, "the parser is next").await;
    let submitted = began(world, "ann", "one", 2, "nearly there").await;
    let submit = Action::UpdateClaim {
        claim: submitted.id,
        agent: submitted.agent.clone(),
        to: ClaimStatus::PrSubmitted,
        note: None,
        pr_url: Some("https://github.com/acme/api/pull/7".to_owned()),
    };
    let submit = Command::new(&local(), submit);
    world.claimed(within("one", submit)).await;
    world.claim_in("ann", "other", 3).await;
    world.pass(1);
    world.is_over("ann", "one").await;
    world.swept(GRACE - 1).await;
    assert_eq!(world.holders().await.len(), 3);
    let seq = world.last_event().await;
    world.swept(1).await;
    let ann = || "ann".to_owned();
    assert_eq!(
        world.holders().await,
        [(2, ann()), (3, ann())],
        "a pull request is kept, and so is another session's"
    );
    assert_eq!(world.kinds_after(seq).await, [EventKind::ClaimAutoReleased]);
    let key = world.holder(API, 2).await.expect("held").repo;
    let attempts = world.store.attempts((key, number(1)), 5).await;
    let attempts = attempts.expect("attempts are read");
    let note = attempts[0].note.as_deref().expect("a note");
    assert_eq!(attempts[0].end, AttemptEnd::AutoReleased);
    assert_eq!(note, "Its session is over. Last note: the parser is next");
    assert!(!attempts[0].gave_back, "another agent's hand ended it");
    assert_eq!(
        told(&world.heard("ann", "other").await),
        [(1, NoticeKind::Lost)]
    );
    // A sweep does it once.
    world.swept(1).await;
    assert_eq!(world.holders().await.len(), 2);
}

pub(super) async fn a_session_that_is_heard_again_keeps_its_claims(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.claim_in("ann", "one", 1).await;
    world.claim_in("bob", "two", 2).await;
    world.is_over("ann", "one").await;
    world.is_over("bob", "two").await;
    world.pass(1);
    world.heard("ann", "one").await;
    // The same agent in a session after it.
    world.heard("bob", "three").await;
    world.swept(GRACE).await;
    assert_eq!(world.holders().await.len(), 2);
    // Until that one is over as well.
    world.is_over("bob", "three").await;
    world.swept(GRACE).await;
    assert_eq!(world.holders().await, [(1, "ann".to_owned())]);
}

pub(super) async fn the_clients_word_counts_whichever_end_comes_first(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    for (n, who, id) in [(1, "ann", "a"), (2, "bob", "b"), (3, "cat", "c")] {
        world.claim_in(who, id, n).await;
    }
    world.session_ends("ann", "a", process("a")).await;
    world.is_over("ann", "a").await;
    world.is_over("bob", "b").await;
    world.session_ends("bob", "b", process("b")).await;
    world.session_ends("cat", "c", process("c")).await;
    let ends = world.store.sessions(None).await.expect("sessions are read");
    let ends: Vec<_> = ends
        .iter()
        .map(|it| it.ended.map(|(_, end)| end.as_str()))
        .collect();
    assert_eq!(ends, [Some("over"), Some("over"), Some("left")]);
    world.swept(GRACE).await;
    assert_eq!(
        world.holders().await,
        [(3, "cat".to_owned())],
        "a client that only left may come back"
    );
}

pub(super) async fn a_second_word_does_not_begin_the_grace_anew(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim_in("ann", "one", 1).await;
    world.is_over("ann", "one").await;
    world.pass(GRACE - 1);
    world.is_over("ann", "one").await;
    world.swept(1).await;
    assert_eq!(world.holders().await, []);
}

pub(super) async fn without_a_grace_nothing_is_given_back(world: &World) {
    let policy = Policy {
        sessions: SessionPolicy {
            grace: None,
            ..SessionPolicy::default()
        },
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    world.mirror(API, [issue(1)]).await;
    let held = world.claim_in("ann", "one", 1).await;
    world
        .claimed(within("one", update(&held, ClaimStatus::InProgress)))
        .await;
    world.is_over("ann", "one").await;
    world.swept(GRACE * 3).await;
    assert_eq!(world.holders().await.len(), 1);
}
