//! Authorization: which keys are accepted, and which commands the engine refuses for them on every surface.

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::access_key::{AccessKey, KeyOutcome, KeyState, NewKey};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Answer, Command, Outcome};
use issuecommand_core::ports::store::{ClaimFilter, StoreHealth};
use issuecommand_testkit::builders::{
    agent, beat, claim, create_key, follow, issue, key, local, new_key, next, pull, release, repo,
    review, revoke_key, sweep, work,
};

use super::withheld_issues::called_closed;
use super::world::{API, World, at_once};

const WEB: &str = "acme/web";

async fn keyed(world: &World, command: Command) -> KeyOutcome {
    match world.note(command).await {
        Answer::Key(keyed) => *keyed,
        other => panic!("a word on a key was expected, not {other:?}"),
    }
}

async fn made(world: &World, new: NewKey) -> AccessKey {
    match keyed(world, create_key(new)).await {
        KeyOutcome::Made(key) => key,
        other => panic!("a new key was expected, not {other:?}"),
    }
}

async fn keys(world: &World) -> Vec<AccessKey> {
    world.store.keys().await.expect("keys are read")
}

async fn known(world: &World, key: &AccessKey) -> Option<AccessKey> {
    let found = world.store.key_by_hash(&key.hash).await;
    found.expect("keys are read")
}

fn by(caller: &Caller, command: Command) -> Command {
    let caller = caller.clone();
    Command { caller, ..command }
}

pub(super) async fn a_key_is_kept_as_it_was_made(world: &World) {
    assert_eq!(keys(world).await, []);
    let plain = made(world, new_key("ci", 1)).await;
    world.pass(1);
    let bound = NewKey {
        agent: Some(agent("Änn \"1\"")),
        read_only: true,
        scope: Scope::Only([repo("Acme/Api"), repo(WEB)].into()),
        expires_at: Some(world.clock.now().plus(Millis::minutes(5))),
        ..new_key("für 'Ann', \u{1F511}", 2)
    };
    let bound = made(world, bound).await;
    assert_eq!(
        (&plain.agent, plain.read_only, &plain.scope),
        (&None, false, &Scope::All)
    );
    assert_eq!((plain.expires_at, plain.revoked_at), (None, None));
    assert!(plain.id.starts_with(AccessKey::ID_PREFIX) && plain.id != bound.id);
    assert_eq!(bound.created_at, world.clock.now());
    assert_eq!(keys(world).await, [plain.clone(), bound.clone()]);
    for key in [&plain, &bound] {
        assert_eq!(known(world, key).await.as_ref(), Some(key));
    }
    let other = new_key("none", 3).hash;
    assert_eq!(world.store.key_by_hash(&other).await, Ok(None));
    let Scope::Only(repos) = &bound.scope else {
        panic!("it sees everything")
    };
    assert_eq!(repos.iter().next().map(RepoName::as_str), Some("Acme/Api"));

    let now = world.clock.now();
    assert_eq!(bound.state(now), KeyState::Good);
    assert_eq!(bound.state(now.plus(Millis::minutes(5))), KeyState::Expired);
    assert_eq!(plain.state(now.plus(Millis::minutes(5))), KeyState::Good);
    let caller = bound.caller();
    assert_eq!(caller.principal, Principal::Key(bound.id));
    assert_eq!((caller.agent, caller.read_only), (bound.agent, true));
    assert_eq!(caller.scope, bound.scope);
}

pub(super) async fn a_name_is_one_keys_until_it_is_revoked(world: &World) {
    let first = made(world, new_key("ci", 1)).await;
    let before = keys(world).await;
    let taken = keyed(world, create_key(new_key("ci", 2))).await;
    assert_eq!(taken, KeyOutcome::NameTaken(first.clone()));
    assert_eq!(keys(world).await, before);
    // Case matters, as in agent ids.
    made(world, new_key("CI", 3)).await;
    world.pass(1);
    keyed(world, revoke_key("ci")).await;
    let second = made(world, new_key("ci", 2)).await;
    assert_ne!(second.id, first.id);
    assert_eq!(keys(world).await.len(), 3);
}

pub(super) async fn a_key_is_revoked_by_id_or_name(world: &World) {
    let (a, b) = (
        made(world, new_key("a", 1)).await,
        made(world, new_key("b", 2)).await,
    );
    world.pass(1);
    let at = world.clock.now();
    for (key, which) in [(&a, a.id.clone()), (&b, "b".to_owned())] {
        let KeyOutcome::Revoked {
            key: gone,
            idempotent: false,
        } = keyed(world, revoke_key(&which)).await
        else {
            panic!("{which} was good")
        };
        let expected = AccessKey {
            revoked_at: Some(at),
            ..key.clone()
        };
        assert_eq!(gone, expected);
        assert_eq!(gone.state(at), KeyState::Revoked);
        assert_eq!(known(world, key).await, Some(expected));
    }
    // A second revocation by either name or id changes nothing.
    world.pass(1);
    let before = keys(world).await;
    for which in [&a.id, "a", &b.id, "b"] {
        let KeyOutcome::Revoked {
            key,
            idempotent: true,
        } = keyed(world, revoke_key(which)).await
        else {
            panic!("{which} was revoked")
        };
        assert_eq!(key.revoked_at, Some(at));
    }
    for which in ["c", "key_ffffffffffff", ""] {
        assert_eq!(keyed(world, revoke_key(which)).await, KeyOutcome::Unknown);
    }
    assert_eq!(keys(world).await, before);
    // A name means the key that has it now.
    let again = made(world, new_key("a", 3)).await;
    let KeyOutcome::Revoked { key, .. } = keyed(world, revoke_key("a")).await else {
        panic!("a was good")
    };
    assert_eq!(key.id, again.id);
}

pub(super) async fn of_sixteen_with_one_name_at_once_one_is_made(world: &World) {
    let other = world.under(Policy::default()).await;
    let asked = (0..16).map(|n| create_key(new_key("ci", n)));
    let outcomes = at_once(&[world, &other], asked).await;
    let is_new = |outcome: &&Outcome| matches!(outcome, Outcome::Done(Answer::Key(keyed)) if matches!(**keyed, KeyOutcome::Made(_)));
    assert_eq!(outcomes.iter().filter(is_new).count(), 1);
    assert_eq!(keys(&other).await.len(), 1);
}

pub(super) async fn a_sweep_keeps_every_key(world: &World) {
    let key = made(world, new_key("ci", 1)).await;
    keyed(world, revoke_key("ci")).await;
    world.pass(100 * 24 * 60);
    world.note(sweep()).await;
    let kept: Vec<_> = keys(world).await.into_iter().map(|key| key.id).collect();
    assert_eq!(kept, [key.id]);
}

pub(super) async fn the_log_says_by_which_key(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let key = made(world, new_key("ci", 1)).await;
    let seq = world.last_event().await;
    let (claim, _) = world.claimed(by(&key.caller(), claim("ann", API, 1))).await;
    let principal = Principal::Key(key.id);
    assert_eq!(claim.principal, principal);
    let events = world.events_after(seq).await;
    assert_eq!(
        events
            .iter()
            .map(|event| &event.principal)
            .collect::<Vec<_>>(),
        [&principal]
    );
    let held = world.claims(&ClaimFilter::default()).await;
    assert_eq!(held[0].principal, principal);
}

/// One command for every change that an agent can make; each would succeed.
async fn wishes(world: &World) -> Vec<Command> {
    world.mirror(API, (1..=3).map(issue)).await;
    let (held, given) = (
        world.claim("ann", API, 1).await,
        world.claim("ann", API, 2).await,
    );
    let item = world.asked(pull(API, 7).said(review(1))).await;
    vec![
        claim("ann", API, 3),
        next("ann"),
        work("ann"),
        beat(&held),
        release(&given),
        follow("ann", item.id, FollowupStatus::InProgress),
    ]
}

pub(super) async fn a_read_only_caller_changes_nothing(world: &World) {
    let caller = Caller {
        read_only: true,
        ..local()
    };
    for wish in wishes(world).await {
        let keyed = wish.clone().keyed(Some(key("k", "d")));
        for wish in [by(&caller, wish), by(&caller, keyed)] {
            assert_eq!(world.refused(wish).await, Refusal::ReadOnlyKey);
        }
    }
    // Commands that no agent may send are refused too.
    for command in [sweep(), create_key(new_key("more", 1))] {
        let no = world.refused(by(&caller, command)).await;
        assert_eq!(no, Refusal::ReadOnlyKey);
    }
}

pub(super) async fn a_caller_bound_to_an_agent_acts_only_as_that_agent(world: &World) {
    let as_agent = |name: &str| Caller {
        agent: Some(agent(name)),
        ..local()
    };
    let own = agent("bob");
    for wish in wishes(world).await {
        let no = world.refused(by(&as_agent("bob"), wish.clone())).await;
        assert_eq!(no, Refusal::AgentNotAllowed { own: own.clone() });
        let outcome = world.ask(by(&as_agent("ann"), wish)).await;
        assert!(
            matches!(
                outcome,
                Outcome::Done(_) | Outcome::Refused(Refusal::NothingEligible)
            ),
            "{outcome:?}"
        );
    }
    for command in [sweep(), create_key(new_key("more", 1)), revoke_key("more")] {
        let no = world.refused(by(&as_agent("bob"), command)).await;
        assert_eq!(no, Refusal::AgentNotAllowed { own: own.clone() });
    }
}

pub(super) async fn health_counts_visible_repositories(world: &World) {
    world.mirror(API, (1..=4).map(issue)).await;
    world.mirror(WEB, (1..=3).map(issue)).await;
    for (who, name, n) in [("ann", API, 1), ("ann", API, 2), ("bob", WEB, 1)] {
        world.claim(who, name, n).await;
    }
    let stale = world.claim("cid", API, 3).await;
    world.moved(&stale, ClaimStatus::Stale).await;
    let gone = world.claim("bob", WEB, 2).await;
    world.note(release(&gone)).await;
    world.asked(pull(WEB, 7).said(review(1))).await;
    let of = async |names: &[&str]| {
        let scope = Scope::Only(names.iter().copied().map(repo).collect());
        let health = world.store.health(&scope).await;
        health.expect("health is read")
    };
    let whole = world.health().await;
    let api = StoreHealth {
        total_claims: 3,
        active_claims: 3,
        active_agents: 2,
        stale_claims: 1,
        ..StoreHealth::default()
    };
    let web = StoreHealth {
        total_claims: 2,
        active_claims: 1,
        active_agents: 1,
        open_followups: 1,
        ..StoreHealth::default()
    };
    assert_eq!(of(&[API]).await, api);
    assert_eq!(of(&["ACME/web"]).await, web);
    assert_eq!(of(&[API, WEB]).await, whole);
    assert_eq!(of(&[]).await, StoreHealth::default());
    // Deferred deliveries are visible only to unrestricted callers; an outbox entry is visible with its claim.
    let closing = world
        .under(Policy {
            auto_close: true,
            ..Policy::default()
        })
        .await;
    called_closed(&closing, 4).await;
    let counts = [of(&[API]).await.outbox, of(&[WEB]).await.outbox];
    assert_eq!((counts, world.health().await.outbox), ([1, 0], 1));
}
