//! Halted work, and the limits of how much is given.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::halt::{HaltKind, HaltOf};
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::policy::{CapacityPolicy, Policy};
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::{Action, Answer, Command, HaltTarget, Outcome};
use issuecommand_testkit::builders::{
    agent, comment, issue, local, next, next_of, number, pull, release, repo, work,
};

use super::world::{API, World, at_once, claim_of, lenient};

const WEB: &str = "acme/web";

async fn halt(world: &World, target: HaltTarget, kind: Option<HaltKind>) {
    let action = Action::SetHalt {
        target,
        kind,
        note: Some("release day".to_owned()),
    };
    match world.note(by_hand(action)).await {
        Answer::Halt(halt) => assert_eq!(halt.map(|halt| halt.kind), kind),
        other => panic!("{other:?}"),
    }
}

fn by_hand(action: Action) -> Command {
    Command::new(&Caller::full(Principal::ApiKey), action)
}

async fn is_paused(world: &World, command: Command) -> bool {
    match world.ask(command).await {
        Outcome::Refused(Refusal::Paused { halt, .. }) => {
            assert_eq!(halt.note.as_deref(), Some("release day"));
            true
        }
        Outcome::Done(_) | Outcome::Refused(Refusal::NothingEligible) => false,
        other => panic!("{other:?}"),
    }
}

async fn given(world: &World, who: &str) -> Option<(String, i64)> {
    match world.ask(next(who)).await {
        Outcome::Done(answer) => {
            let claim = claim_of(answer).0;
            Some((claim.repo_name.to_string(), claim.number.get()))
        }
        Outcome::Refused(Refusal::NothingEligible) => None,
        other => panic!("{other:?}"),
    }
}

fn limited(capacity: CapacityPolicy) -> Policy {
    Policy {
        capacity,
        ..lenient()
    }
}

pub(super) async fn everything_is_paused_and_resumed(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let before = world.last_event().await;
    halt(world, HaltTarget::Everything, Some(HaltKind::Paused)).await;
    // A repetition changes nothing.
    halt(world, HaltTarget::Everything, Some(HaltKind::Paused)).await;
    assert!(is_paused(world, next("ann")).await);
    assert!(is_paused(world, work("ann")).await);
    // A person may still send an agent to an issue.
    assert!(world.claim("ann", API, 1).await.is_active());
    halt(world, HaltTarget::Everything, None).await;
    assert!(!is_paused(world, next("bob")).await);
    let kinds = world.kinds_after(before).await;
    let halts = kinds
        .into_iter()
        .filter(|kind| *kind != EventKind::ClaimCreated);
    let halts: Vec<EventKind> = halts.collect();
    assert_eq!(halts, [EventKind::WorkPaused, EventKind::WorkResumed]);
    assert_eq!(world.store.halts().await, Ok(Vec::new()));
}

pub(super) async fn draining_still_gives_feedback(world: &World) {
    world.authored("ann").await;
    let pull = world.asked(pull(API, 7).said(comment(1))).await;
    world.mirror(WEB, [issue(2)]).await;
    halt(world, HaltTarget::Everything, Some(HaltKind::Draining)).await;
    match world.note(work("ann")).await {
        Answer::Followup { item, .. } => assert_eq!(item.id, pull.id),
        other => panic!("{other:?}"),
    }
    assert!(is_paused(world, work("ann")).await);
}

pub(super) async fn a_paused_repository_makes_way(world: &World) {
    world.authored("ann").await;
    let pull = world.asked(pull(API, 7).said(comment(1))).await;
    world.mirror(API, [issue(5), issue(6)]).await;
    world
        .mirror(WEB, [issue(7).opened(Timestamp(i64::MAX / 2))])
        .await;
    halt(world, HaltTarget::Repo(repo(API)), Some(HaltKind::Paused)).await;
    let halts = world.store.halts().await.expect("halts are read");
    assert!(matches!(halts[0].of, HaltOf::Repo(_)));
    assert_eq!(given(world, "bob").await, Some((WEB.to_owned(), 7)));
    assert_eq!(given(world, "bob").await, None);
    let by_number = Action::ClaimIssue {
        agent: agent("bob"),
        repo: repo(API),
        number: number(5),
        unreachable: true,
        take_over: false,
    };
    match world.refused(Command::new(&local(), by_number)).await {
        Refusal::NotReady { reasons, .. } => assert_eq!(reasons[0].code(), ReasonCode::RepoPaused),
        other => panic!("{other:?}"),
    }
    let in_api = IssueFilter::new(Some(repo(API)), None, None);
    assert!(is_paused(world, next_of("bob", in_api)).await);
    // Its feedback is not given either.
    assert!(!is_paused(world, work("ann")).await);
    let item = world.followup(pull.id).await;
    assert!(item.waits());
    halt(world, HaltTarget::Repo(repo(API)), Some(HaltKind::Draining)).await;
    match world.note(work("ann")).await {
        Answer::Followup { .. } => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(given(world, "bob").await, None);
}

pub(super) async fn a_paused_agent_alone_waits(world: &World) {
    world.mirror(API, [issue(1)]).await;
    halt(
        world,
        HaltTarget::Agent(agent("ann")),
        Some(HaltKind::Paused),
    )
    .await;
    assert!(is_paused(world, next("ann")).await);
    assert_eq!(given(world, "bob").await, Some((API.to_owned(), 1)));
}

pub(super) async fn a_full_agent_gets_no_issue_but_feedback(world: &World) {
    let world = &world
        .under(limited(CapacityPolicy {
            per_agent: Some(1),
            counts_pr: true,
            per_repo: None,
        }))
        .await;
    world.authored("ann").await;
    let pull = world.asked(pull(API, 7).said(comment(1))).await;
    world.mirror(API, [issue(5)]).await;
    match world.refused(next("ann")).await {
        Refusal::AtCapacity { held: 1, limit: 1 } => {}
        other => panic!("{other:?}"),
    }
    match world.note(work("ann")).await {
        Answer::Followup { item, .. } => assert_eq!(item.id, pull.id),
        other => panic!("{other:?}"),
    }
    assert_eq!(given(world, "bob").await, Some((API.to_owned(), 5)));
}

pub(super) async fn claims_that_wait_on_their_pull_request_do_not_count(world: &World) {
    let world = &world
        .under(limited(CapacityPolicy {
            per_agent: Some(1),
            ..CapacityPolicy::default()
        }))
        .await;
    world.mirror(API, [issue(1), issue(2), issue(3)]).await;
    let claim = world.claim("ann", API, 1).await;
    assert!(matches!(
        world.refused(next("ann")).await,
        Refusal::AtCapacity { .. }
    ));
    world.happens(pull(API, 7).opened()).await;
    let claim = world.names_its_pull(&claim, 7).await;
    world.moved(&claim, ClaimStatus::PrSubmitted).await;
    assert_eq!(given(world, "ann").await, Some((API.to_owned(), 2)));
}

pub(super) async fn a_full_repository_makes_way(world: &World) {
    let world = &world
        .under(limited(CapacityPolicy {
            per_repo: Some(2),
            ..CapacityPolicy::default()
        }))
        .await;
    world.mirror(API, (1..=20).map(issue)).await;
    world
        .mirror(WEB, [issue(30).opened(Timestamp(i64::MAX / 2))])
        .await;
    assert_eq!(given(world, "ann").await, Some((API.to_owned(), 1)));
    assert_eq!(given(world, "bob").await, Some((API.to_owned(), 2)));
    assert_eq!(given(world, "cid").await, Some((WEB.to_owned(), 30)));
    assert_eq!(given(world, "dee").await, None);
    let first = world.holder(API, 1).await.expect("ann has it");
    world.claimed(release(&first)).await;
    assert_eq!(given(world, "dee").await, Some((API.to_owned(), 1)));
}

pub(super) async fn commands_of_one_batch_keep_the_limits(world: &World) {
    let world = &world
        .under(limited(CapacityPolicy {
            per_agent: Some(2),
            per_repo: Some(5),
            ..CapacityPolicy::default()
        }))
        .await;
    world.mirror(API, (1..=40).map(issue)).await;
    let agents = ["ann", "bob", "cid", "dee"];
    let asked = agents.iter().cycle().take(32).map(|who| next(who));
    let outcomes = at_once(&[world], asked).await;
    let taken = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Done(answer) => Some(claim_of(answer).0.agent),
        _ => None,
    });
    let taken: Vec<_> = taken.collect();
    assert_eq!(taken.len(), 5);
    for who in agents {
        let own = taken.iter().filter(|held| **held == agent(who));
        assert!(own.count() <= 2, "{who}: {taken:?}");
    }
}

pub(super) async fn bound_keys_halt_nothing(world: &World) {
    let caller = Caller {
        agent: Some(agent("ann")),
        ..Caller::full(Principal::Key("k1".to_owned()))
    };
    let action = Action::SetHalt {
        target: HaltTarget::Everything,
        kind: Some(HaltKind::Paused),
        note: None,
    };
    let refusal = world.refused(Command::new(&caller, action)).await;
    assert!(matches!(refusal, Refusal::AgentNotAllowed { .. }));
    assert_eq!(world.store.halts().await, Ok(Vec::new()));
}
