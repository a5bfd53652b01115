//! What a caller may do in sessions, and when it is too late to take work: another key's session, a narrow key's end of a session, a
//! key that ended, a caller that left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::access_key::{AccessKey, KeyOutcome, NewKey};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::presence::Presence;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::session::{CallerSession, Session, SessionEnd, Transport};
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_testkit::builders::{
    agent, beat, claim, create_key, issue, local, new_key, next, release, repo, revoke_key, sweep,
    update, work,
};

use super::world::session::{from, session};
use super::world::{API, World};

const WEB: &str = "acme/web";
/// Ten minutes, the default of `SESSION_GRACE_MINUTES`.
const GRACE: i64 = 10;

impl World {
    async fn key(&self, new: NewKey) -> AccessKey {
        match self.note(create_key(new)).await {
            Answer::Key(key) => match *key {
                KeyOutcome::Made(key) => key,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    async fn only_session(&self) -> Session {
        let mut sessions = self.store.sessions(None).await.expect("sessions are read");
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        sessions.remove(0)
    }

    async fn held(&self) -> Vec<(String, i64)> {
        let claims = self.store.claims(&ClaimFilter::default()).await;
        let claims = claims.expect("claims are read").into_iter();
        let mut held: Vec<_> = claims
            .map(|claim| (claim.repo_name.to_string(), claim.number.get()))
            .collect();
        held.sort();
        held
    }
}

/// A caller over HTTP in this session.
fn in_session(caller: Caller, id: &str) -> Caller {
    Caller {
        session: Some(CallerSession {
            id: session(id),
            agent: None,
            client: None,
            transport: Transport::Http,
            process: None,
        }),
        ..caller
    }
}

fn hears(caller: &Caller, who: &str, resumes: bool) -> Command {
    let action = Action::Heard {
        agent: agent(who),
        beats: true,
        resumes,
        holds: false,
        recorded: false,
    };
    Command::new(caller, action)
}

fn ends(caller: &Caller, who: &str, id: &str, end: SessionEnd) -> Command {
    let action = Action::EndSession {
        agent: agent(who),
        session: session(id),
        process: None,
        end,
    };
    Command::new(caller, action)
}

fn by(caller: &Caller, command: Command) -> Command {
    let caller = caller.clone();
    Command { caller, ..command }
}

pub(super) async fn another_keys_session_is_neither_spoken_in_nor_ended(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let owner = in_session(world.key(new_key("owner", 1)).await.caller(), "one");
    let other = world.key(new_key("other", 2)).await.caller();
    let stranger = in_session(other.clone(), "one");
    world.note(hears(&owner, "ann", true)).await;
    let held = world.claimed(by(&owner, claim("ann", API, 1))).await.0;
    let refused = Refusal::SessionNotAllowed;
    for command in [
        hears(&stranger, "ann", true),
        by(&stranger, claim("ann", API, 2)),
        by(&stranger, next("ann")),
        by(&stranger, work("ann")),
        by(&stranger, beat(&held)),
        by(&stranger, release(&held)),
        by(&stranger, update(&held, ClaimStatus::InProgress)),
        ends(&other, "ann", "one", SessionEnd::Over),
        ends(&other, "ann", "one", SessionEnd::Left),
        ends(&stranger, "ann", "one", SessionEnd::Left),
    ] {
        assert_eq!(world.refused(command).await, refused);
    }
    // The same id is another session for another agent.
    world.note(hears(&stranger, "bob", true)).await;
    world
        .note(ends(&other, "bob", "one", SessionEnd::Over))
        .await;
    let sessions = world.store.sessions(Some(&agent("ann"))).await;
    let sessions = sessions.expect("sessions are read");
    assert_eq!(sessions[0].ended, None);
    assert_eq!(sessions[0].principal, owner.principal);
    world.pass(GRACE * 2);
    // Who has been silent for long keeps nothing from others of its name, but only its own key ends it.
    let over = ends(&other, "ann", "one", SessionEnd::Over);
    assert_eq!(world.refused(over).await, refused);
    world
        .note(ends(&owner, "ann", "one", SessionEnd::Over))
        .await;
}

pub(super) async fn the_operator_and_the_agents_own_key_speak_in_its_sessions(world: &World) {
    let owner = world.key(new_key("owner", 1)).await;
    let bound = NewKey {
        agent: Some(agent("ann")),
        ..new_key("bound", 2)
    };
    let bound = world.key(bound).await.caller();
    world
        .note(hears(&in_session(owner.caller(), "one"), "ann", true))
        .await;
    for caller in [from("one"), in_session(bound.clone(), "one")] {
        world.note(hears(&caller, "ann", true)).await;
        assert_eq!(
            world.only_session().await.principal,
            owner.caller().principal,
            "it stays whose it was"
        );
        world
            .note(ends(&caller, "ann", "one", SessionEnd::Over))
            .await;
        assert!(world.only_session().await.over_at().is_some());
    }
}

pub(super) async fn a_narrow_key_gives_back_only_what_it_may_change(world: &World) {
    for name in [API, WEB] {
        world.mirror(name, [issue(1)]).await;
    }
    let narrow = NewKey {
        scope: Scope::Only([repo("Acme/Web")].into()),
        ..new_key("web", 1)
    };
    let narrow = in_session(world.key(narrow).await.caller(), "one");
    world.note(hears(&narrow, "ann", true)).await;
    // The operator's own caller takes the other issue in the same session.
    for (caller, name) in [(&narrow, WEB), (&from("one"), API)] {
        world.claimed(by(caller, claim("ann", name, 1))).await;
    }
    world
        .note(ends(&narrow, "ann", "one", SessionEnd::Over))
        .await;
    world.pass(GRACE);
    world.note(sweep()).await;
    assert_eq!(world.held().await, [(API.to_owned(), 1)]);
    // The same word from who may change more is a word on the rest, and gives it a grace of its own.
    world
        .note(ends(&local(), "ann", "one", SessionEnd::Over))
        .await;
    let over = world.only_session().await;
    assert_eq!(over.gives_back, Scope::All);
    assert_eq!(over.over_at(), Some(world.clock.now()));
    world.pass(GRACE - 1);
    world
        .note(ends(&narrow, "ann", "one", SessionEnd::Over))
        .await;
    world.note(sweep()).await;
    assert_eq!(world.held().await.len(), 1);
    world.pass(1);
    world.note(sweep()).await;
    assert_eq!(world.held().await, []);
}

pub(super) async fn many_claims_elsewhere_do_not_hide_those_that_are_given_back(world: &World) {
    const MANY: i64 = 600;
    world.mirror(API, (1..=MANY).map(issue)).await;
    world.mirror(WEB, [issue(1)]).await;
    for n in 1..=MANY {
        let claim = by(&from("one"), claim("ann", API, n));
        world.claimed(claim).await;
    }
    let narrow = NewKey {
        agent: Some(agent("ann")),
        scope: Scope::Only([repo(WEB)].into()),
        ..new_key("web", 1)
    };
    let narrow = in_session(world.key(narrow).await.caller(), "one");
    world.note(hears(&narrow, "ann", true)).await;
    world.claimed(by(&narrow, claim("ann", WEB, 1))).await;
    world
        .note(ends(&narrow, "ann", "one", SessionEnd::Over))
        .await;
    world.pass(GRACE);
    let Answer::Tally { more, .. } = world.note(sweep()).await else {
        panic!("a sweep counts");
    };
    assert!(!more, "there is nothing left to do");
    let held = world.held().await;
    assert!(held.iter().all(|(name, _)| name == API));
    assert_eq!(held.len(), 600);
}

pub(super) async fn a_client_at_work_does_not_bring_back_a_session_that_is_over(world: &World) {
    let one = from("one");
    world.note(hears(&one, "ann", true)).await;
    world
        .note(ends(&local(), "ann", "one", SessionEnd::Over))
        .await;
    let over = world.only_session().await;
    world.pass(1);
    let late = world.note(hears(&one, "ann", false)).await;
    assert!(
        matches!(late, Answer::Heard { is_new: false, .. }),
        "{late:?}"
    );
    assert_eq!(world.only_session().await, over);
    world.note(hears(&one, "ann", true)).await;
    assert_eq!(world.only_session().await.ended, None);
    world.note(hears(&one, "ann", false)).await;
    assert_eq!(world.only_session().await.last_seen, world.clock.now());
}

pub(super) async fn a_key_that_has_ended_changes_nothing(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let expiring = NewKey {
        expires_at: Some(world.clock.now().plus(Millis::minutes(5))),
        ..new_key("short", 1)
    };
    let expiring = world.key(expiring).await.caller();
    let revoked = world.key(new_key("revoked", 2)).await.caller();
    for caller in [&expiring, &revoked] {
        let given = world.ask(by(caller, work("ann"))).await;
        assert!(matches!(given, Outcome::Done(_)), "{given:?}");
    }
    let held = world.claims(&ClaimFilter::default()).await.remove(0);
    world.note(revoke_key("revoked")).await;
    world.pass(5);
    for caller in [&expiring, &revoked] {
        for command in [
            work("ann"),
            next("ann"),
            release(&held),
            claim("ann", API, 2),
        ] {
            assert_eq!(world.refused(by(caller, command)).await, Refusal::KeyEnded);
        }
    }
}

pub(super) async fn a_caller_that_has_left_takes_nothing(world: &World) {
    world.mirror(API, (1..=6).map(issue)).await;
    let own = world.claim("ann", API, 6).await;
    let gone = Caller {
        presence: Presence::until(|| true),
        ..local()
    };
    for command in [claim("bob", API, 1), next("bob"), work("bob")] {
        let no = world.refused(by(&gone, command)).await;
        assert_eq!(no, Refusal::CallerLeft);
    }
    // What it has already goes on as it was asked for.
    world.note(by(&gone, release(&own))).await;
    // It may leave at any moment: it has the work, or is refused.
    for (n, looks) in (1..=4).zip(0..) {
        let looked = Arc::new(AtomicUsize::new(0));
        let leaving = Caller {
            presence: Presence::until(move || looked.fetch_add(1, Ordering::Relaxed) >= looks),
            ..local()
        };
        let outcome = world.ask(by(&leaving, claim("bob", API, n))).await;
        let held = world.holder(API, n).await.is_some();
        let taken = match outcome {
            Outcome::Done(_) => true,
            Outcome::Refused(Refusal::CallerLeft) => false,
            other => panic!("{other:?}"),
        };
        assert_eq!(taken, held, "after {looks} looks");
    }
}
