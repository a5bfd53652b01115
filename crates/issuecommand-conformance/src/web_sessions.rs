//! Sessions of the dashboard, and the codes that begin them.

use issuecommand_core::domain::access_key::SecretHash;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::domain::web_session::{SignIn, SignInCode, WebSession};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_testkit::builders::sweep;

use super::world::{World, at_once};

fn hash(n: u16) -> SecretHash {
    let [high, low] = n.to_be_bytes();
    SecretHash(std::array::from_fn(|at| if at == 0 { high } else { low }))
}

async fn sign(world: &World, what: SignIn) -> Option<WebSession> {
    match world.note(Command::system(Action::SignIn(what))).await {
        Answer::SignedIn(session) => session.map(|session| *session),
        other => panic!("a session or none was expected, not {other:?}"),
    }
}

async fn known(world: &World, n: u16) -> Option<WebSession> {
    let found = world.store.web_session(&hash(n)).await;
    found.expect("sessions are read")
}

async fn make_code(world: &World, code: u16, principal: Principal) {
    let code = hash(code);
    assert_eq!(
        sign(world, SignIn::MakeCode { code, principal }).await,
        None
    );
}

async fn redeem(world: &World, code: u16, session: u16) -> Option<WebSession> {
    let (code, session) = (hash(code), hash(session));
    sign(world, SignIn::Redeem { code, session }).await
}

async fn begin(world: &World, n: u16) -> Option<WebSession> {
    let (session, principal) = (hash(n), Principal::ApiKey);
    sign(world, SignIn::Begin { session, principal }).await
}

pub(super) async fn a_code_signs_in_once(world: &World) {
    let key = Principal::Key("key_0123456789ab".to_owned());
    make_code(world, 1, key.clone()).await;
    make_code(world, 2, Principal::Local).await;
    assert_eq!(redeem(world, 3, 30).await, None);
    let now = world.clock.now();
    let session = WebSession {
        hash: hash(10),
        principal: key,
        made_at: now,
        used_at: now,
    };
    assert_eq!(redeem(world, 1, 10).await.as_ref(), Some(&session));
    assert_eq!(known(world, 10).await, Some(session));
    assert_eq!(redeem(world, 1, 11).await, None);
    assert_eq!(known(world, 11).await, None);
    let local = redeem(world, 2, 12).await.expect("the other code is good");
    assert_eq!(local.principal, Principal::Local);
}

pub(super) async fn of_sixteen_with_one_code_at_once_one_is_signed_in(world: &World) {
    make_code(world, 1, Principal::ApiKey).await;
    let tries = (0..16).map(|n| {
        let (code, session) = (hash(1), hash(100 + n));
        Command::system(Action::SignIn(SignIn::Redeem { code, session }))
    });
    let outcomes = at_once(&[world], tries).await;
    let is_in = |outcome: &&Outcome| matches!(outcome, Outcome::Done(Answer::SignedIn(Some(_))));
    assert_eq!(outcomes.iter().filter(is_in).count(), 1);
}

pub(super) async fn a_code_is_good_for_a_minute(world: &World) {
    make_code(world, 1, Principal::ApiKey).await;
    make_code(world, 2, Principal::ApiKey).await;
    world.clock.advance(Millis(SignInCode::LENGTH.0 - 1));
    assert!(redeem(world, 1, 10).await.is_some());
    world.clock.advance(Millis(1));
    assert_eq!(redeem(world, 2, 11).await, None);
    assert_eq!(known(world, 11).await, None);
}

pub(super) async fn a_session_is_used_and_ended(world: &World) {
    let begun = begin(world, 1).await.expect("it begins");
    world.clock.advance(Millis(WebSession::USED_EACH.0 - 1));
    sign(world, SignIn::Use(hash(1))).await;
    // A use is written once a minute at most.
    assert_eq!(known(world, 1).await.as_ref(), Some(&begun));
    world.clock.advance(Millis(1));
    let used = sign(world, SignIn::Use(hash(1))).await;
    let later = WebSession {
        used_at: world.clock.now(),
        ..begun.clone()
    };
    assert_eq!(used.as_ref(), Some(&later));
    assert_eq!(known(world, 1).await.as_ref(), Some(&later));
    world.note(sweep()).await;
    assert_eq!(known(world, 1).await.as_ref(), Some(&later));
    assert_eq!(sign(world, SignIn::End(hash(1))).await, Some(later));
    assert_eq!(known(world, 1).await, None);
    assert_eq!(sign(world, SignIn::End(hash(1))).await, None);
    assert_eq!(sign(world, SignIn::Use(hash(1))).await, None);
}

pub(super) async fn sessions_that_ended_leave_when_another_begins(world: &World) {
    begin(world, 1).await;
    world.clock.advance(Millis(WebSession::IDLE.0 - 1));
    begin(world, 2).await;
    assert!(known(world, 1).await.is_some());
    world.clock.advance(Millis(1));
    assert_eq!(sign(world, SignIn::Use(hash(1))).await, None);
    begin(world, 3).await;
    assert_eq!(known(world, 1).await, None);
    assert!(known(world, 2).await.is_some());
}

pub(super) async fn codes_are_bounded(world: &World) {
    for n in 0..=u16::try_from(SignInCode::MOST).expect("few") {
        make_code(world, n, Principal::ApiKey).await;
        world.clock.advance(Millis(1));
    }
    assert_eq!(redeem(world, 0, 1000).await, None);
    assert!(redeem(world, 1, 1001).await.is_some());
}
