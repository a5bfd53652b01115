//! What people look at first: who works on what, and what does not go on.

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::attempt::ReleaseOutcome;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::{FollowupStatus, SourceKind};
use issuecommand_core::domain::park::ParkReason;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::session::ClientInfo;
use issuecommand_core::domain::time::{Clock as _, Millis, Timestamp};
use issuecommand_core::domain::webhook::{AuthMethod, Delivery, StoredDelivery};
use issuecommand_core::engine::command::{Action, Answer, Command, RetryOf};
use issuecommand_core::ports::read_model::{
    AttentionQuery, AttentionRows, WorkingClaim, WorkingCursor, WorkingQuery,
};
use issuecommand_testkit::builders::{
    agent, claim, failure, follow, issue, local, number, pull, repo, review, settle_with,
};

use super::outbox::{closing, waiting};
use super::world::session::{from, within};
use super::world::{API, World};

const WEB: &str = "acme/web";

async fn working(world: &World, query: &WorkingQuery) -> Vec<WorkingClaim> {
    let claims = world.store.working(query).await;
    claims.expect("claims are read")
}

fn all(limit: u32) -> WorkingQuery {
    WorkingQuery {
        agent: None,
        status: None,
        scope: Scope::All,
        after: None,
        limit,
    }
}

async fn rows(world: &World, scope: Scope, unclaimed_before: Option<Timestamp>) -> AttentionRows {
    let query = AttentionQuery {
        scope,
        unclaimed_before,
        most: 10,
    };
    let rows = world.store.attention(&query).await;
    rows.expect("rows are read")
}

fn only(name: &str) -> Scope {
    Scope::Only([repo(name)].into())
}

pub(super) async fn active_claims_come_page_by_page(world: &World) {
    assert_eq!(working(world, &all(5)).await, []);
    world.mirror(API, (1..=4).map(issue)).await;
    world.mirror(WEB, [issue(1)]).await;
    let mut made = Vec::new();
    for (who, name, n) in [
        ("ann", API, 1),
        ("bob", WEB, 1),
        ("ann", API, 2),
        ("cid", API, 3),
    ] {
        made.push(world.claim(who, name, n).await);
        world.pass(1);
    }
    let ids = |claims: &[WorkingClaim]| -> Vec<_> {
        claims.iter().map(|working| working.claim.id).collect()
    };
    let of = |places: &[usize]| -> Vec<_> { places.iter().map(|&n| made[n].id).collect() };
    let first = working(world, &all(3)).await;
    assert_eq!(ids(&first), of(&[0, 1, 2]));
    assert_eq!(first[0].claim, made[0]);
    let after = WorkingCursor {
        claimed_at: first[2].claim.claimed_at,
        claim: first[2].claim.id.to_string(),
    };
    let rest = WorkingQuery {
        after: Some(after),
        ..all(3)
    };
    assert_eq!(ids(&working(world, &rest).await), of(&[3]));
    let anns = WorkingQuery {
        agent: Some(agent("ann")),
        ..all(9)
    };
    assert_eq!(ids(&working(world, &anns).await), of(&[0, 2]));
    let webs = WorkingQuery {
        scope: only(WEB),
        ..all(9)
    };
    assert_eq!(ids(&working(world, &webs).await), of(&[1]));
    world.moved(&made[3], ClaimStatus::InProgress).await;
    let begun = WorkingQuery {
        status: Some(ClaimStatus::InProgress),
        ..all(9)
    };
    assert_eq!(ids(&working(world, &begun).await), of(&[3]));
    let counts = world.store.working_counts(None, &Scope::All).await;
    let counts = counts.expect("claims are counted");
    let by_status: Vec<_> = counts.claims.into_iter().collect();
    assert_eq!(
        by_status,
        [(ClaimStatus::Claimed, 3), (ClaimStatus::InProgress, 1)]
    );
    assert_eq!((counts.agents, counts.feedback_waiting), (3, 0));
    let anns = world
        .store
        .working_counts(Some(&agent("ann")), &only(API))
        .await;
    let anns = anns.expect("claims are counted");
    assert_eq!((anns.claims.values().sum::<u64>(), anns.agents), (2, 1));
    let none = world
        .store
        .working_counts(Some(&agent("ann")), &only(WEB))
        .await;
    assert_eq!(none.expect("claims are counted").agents, 0);
}

pub(super) async fn a_claim_says_its_client_and_its_feedback(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let mut caller = from("s1");
    if let Some(session) = &mut caller.session {
        session.client = Some(ClientInfo {
            name: "claude-code".to_owned(),
            version: "2.1.0".to_owned(),
        });
    }
    let heard = Command {
        caller: caller.clone(),
        ..Command::new(
            &local(),
            Action::Heard {
                agent: agent("ann"),
                beats: false,
                holds: false,
            },
        )
    };
    world.note(heard).await;
    world.claimed(within("s1", claim("ann", API, 1))).await;
    world.claim("bob", API, 2).await;
    world
        .happens(pull(API, 7).closes(&[(API, 1)]).opened())
        .await;
    world.asked(pull(API, 7).said(review(1))).await;
    let claims = working(world, &all(9)).await;
    let [anns, bobs] = &claims[..] else {
        panic!("{claims:?}");
    };
    let client = anns.client.as_ref().map(|client| client.name.as_str());
    assert_eq!((client, anns.feedback), (Some("claude-code"), 1));
    assert_eq!((&bobs.client, bobs.feedback), (&None, 0));
    let counts = world.store.working_counts(None, &Scope::All).await;
    assert_eq!(counts.expect("claims are counted").feedback_waiting, 1);
}

pub(super) async fn parked_issues_that_nobody_has(world: &World) {
    let world = &world.under(super::attempts::policy()).await;
    world.mirror(API, [issue(1).title("Flaky"), issue(2)]).await;
    world.mirror(WEB, [issue(1)]).await;
    assert_eq!(
        rows(world, Scope::All, None).await,
        AttentionRows::default()
    );
    let held = world.claim("ann", API, 1).await;
    world.pass(5);
    let give_back = Action::ReleaseClaim {
        claim: held.id,
        agent: held.agent.clone(),
        reason: Some("cannot reproduce".to_owned()),
        outcome: Some(ReleaseOutcome::NotReproducible),
    };
    world.claimed(Command::new(&local(), give_back)).await;
    world.pass(1);
    let park = Action::ParkIssue {
        repo: repo(WEB),
        number: number(1),
        note: "wait for the design".to_owned(),
    };
    world.note(Command::new(&local(), park)).await;
    let parked = rows(world, Scope::All, None).await.parked;
    let [first, second] = &parked[..] else {
        panic!("{parked:?}");
    };
    assert_eq!(
        (first.repo.as_str(), first.number, first.title.as_str()),
        (API, number(1), "Flaky")
    );
    assert_eq!(
        first.parked.why,
        ParkReason::Outcome(ReleaseOutcome::NotReproducible)
    );
    assert_eq!(first.parked.note.as_deref(), Some("cannot reproduce"));
    assert_eq!(
        (second.repo.as_str(), second.parked.why),
        (WEB, ParkReason::Person)
    );
    assert_eq!(rows(world, only(WEB), None).await.parked, parked[1..]);
    // Whoever was sent to it by number has it.
    world.claimed(claim("bob", API, 1)).await;
    assert_eq!(rows(world, Scope::All, None).await.parked, parked[1..]);
}

pub(super) async fn feedback_that_nobody_takes(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim("ann", API, 1).await;
    world
        .happens(pull(API, 7).closes(&[(API, 1)]).opened())
        .await;
    let item = world.asked(pull(API, 7).said(review(1))).await;
    let since = item.window_from;
    let before = |minutes: i64| Some(since.plus(Millis::minutes(minutes)));
    assert_eq!(rows(world, Scope::All, before(0)).await.unclaimed, []);
    assert_eq!(rows(world, Scope::All, None).await.unclaimed, []);
    let waiting = rows(world, Scope::All, before(1)).await.unclaimed;
    let [line] = &waiting[..] else {
        panic!("{waiting:?}");
    };
    assert_eq!((line.id, line.since), (item.id, since));
    assert_eq!(
        (line.repo.as_str(), line.number, line.kind, line.status),
        (
            API,
            number(7),
            SourceKind::ReviewChangesRequested,
            FollowupStatus::Queued
        )
    );
    assert_eq!(line.author, Some(agent("ann")));
    assert_eq!(rows(world, only(WEB), before(1)).await.unclaimed, []);
    world
        .note(follow("ann", item.id, FollowupStatus::Claimed))
        .await;
    assert_eq!(rows(world, Scope::All, before(1)).await.unclaimed, []);
}

pub(super) async fn writes_that_failed_for_good(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    let due = [waiting(world, 1).await, waiting(world, 2).await];
    let outbox = world.store.outbox(&Scope::All, 9).await;
    let outbox = outbox.expect("the outbox is read");
    assert_eq!(outbox.len(), 2);
    assert!(due.iter().all(|entry| outbox.contains(entry)));
    let refused = failure("GitHub answers 403", Some(403));
    world.note(settle_with(&due[1], Some(refused))).await;
    let failed = rows(world, Scope::All, None).await.failed_writes;
    let [entry] = &failed[..] else {
        panic!("{failed:?}");
    };
    assert_eq!(entry.id, due[1].id);
    assert_eq!(rows(world, only(API), None).await.failed_writes, failed);
    assert_eq!(rows(world, only(WEB), None).await.failed_writes, []);
    let outbox = world.store.outbox(&only(API), 9).await;
    assert_eq!(outbox, Ok(vec![entry.clone(), due[0].clone()]));
    let first = world.store.outbox(&Scope::All, 1).await;
    assert_eq!(first, Ok(failed));
    assert_eq!(world.store.outbox(&only(WEB), 9).await, Ok(Vec::new()));
}

pub(super) async fn the_pull_requests_of_an_issue(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let row = world.row(API, 1).await;
    let pulls = async || {
        let pulls = world.store.pulls_of_issue(row.key()).await;
        let pulls = pulls.expect("pull requests are read").into_iter();
        let line = |pull: issuecommand_core::ports::read_model::PullOfIssue| {
            let merged = pull.facts.is_some_and(|facts| facts.merged);
            (pull.number.get(), merged)
        };
        pulls.map(line).collect::<Vec<_>>()
    };
    assert_eq!(pulls().await, []);
    world
        .happens(pull(API, 5).closes(&[(API, 1)]).opened())
        .await;
    world
        .happens(pull(API, 6).closes(&[(API, 2)]).opened())
        .await;
    assert_eq!(pulls().await, [(5, false)]);
    let held = world.claim("ann", API, 1).await;
    world.moved(&held, ClaimStatus::InProgress).await;
    world
        .happens(pull(API, 7).closes(&[(API, 1)]).opened())
        .await;
    assert_eq!(pulls().await, [(5, false), (7, false)]);
    let linked = world.holder(API, 1).await.and_then(|claim| claim.pull);
    let (_, linked) = linked.expect("a pull request");
    let merge = pull(API, linked.get()).at(2).closes(&[(API, 1)]);
    world.happens(merge.ended_by_merge()).await;
    let all = pulls().await;
    assert!(all.contains(&(linked.get(), true)), "{all:?}");
}

pub(super) async fn what_failed_is_tried_again(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1)]).await;
    let entry = waiting(world, 1).await;
    let refused = failure("GitHub answers 403", Some(403));
    world.note(settle_with(&entry, Some(refused))).await;
    let retry = |what| Command::new(&local(), Action::Retry(what));
    let write = RetryOf::Write(entry.id);
    assert_eq!(
        world.note(retry(write.clone())).await,
        Answer::Retried(true)
    );
    let due = world.store.due_outbox(world.clock.now(), 9).await;
    let due = due.expect("the outbox is read");
    assert_eq!((due.len(), due[0].attempts, due[0].failed_at), (1, 0, None));
    assert_eq!(rows(world, Scope::All, None).await.failed_writes, []);
    world.note(settle_with(&due[0], None)).await;
    assert_eq!(world.note(retry(write)).await, Answer::Retried(false));
    let unknown = RetryOf::Delivery("none".to_owned());
    assert_eq!(world.note(retry(unknown)).await, Answer::Retried(false));
    let bound = Command {
        caller: Caller {
            agent: Some(agent("ann")),
            ..local()
        },
        ..retry(RetryOf::Delivery("none".to_owned()))
    };
    assert!(matches!(
        world.refused(bound).await,
        Refusal::AgentNotAllowed { .. }
    ));
}

pub(super) async fn a_dead_delivery_is_tried_again(world: &World) {
    let delivery = |n: u32| {
        let action = Action::DeferDelivery {
            delivery: Delivery {
                id: Some("gh-1".to_owned()),
                event: "push".to_owned(),
                auth: AuthMethod::Signature,
            },
            id: "gh-1".to_owned(),
            body: "{}".to_owned(),
            error: format!("it failed {n} times"),
        };
        Command::system(action)
    };
    for n in 1..=StoredDelivery::MAX_ATTEMPTS {
        world.note(delivery(n)).await;
    }
    let waiting = async || {
        let waiting = world.store.waiting_deliveries(9).await;
        waiting.expect("deliveries are read")
    };
    let dead = waiting().await;
    let [row] = &dead[..] else {
        panic!("{dead:?}");
    };
    assert_eq!(
        (row.id.as_str(), row.event.as_str(), row.attempts),
        ("gh-1", "push", StoredDelivery::MAX_ATTEMPTS)
    );
    assert_eq!(row.error.as_deref(), Some("it failed 5 times"));
    assert_eq!(world.health().await.dead_deliveries, 1);
    let retry = Action::Retry(RetryOf::Delivery("gh-1".to_owned()));
    let retried = world.note(Command::new(&local(), retry)).await;
    assert_eq!(retried, Answer::Retried(true));
    assert_eq!(waiting().await[0].attempts, 0);
    let health = world.health().await;
    assert_eq!((health.dead_deliveries, health.deferred_deliveries), (0, 1));
    let deferred = world.store.deferred_deliveries(9).await;
    let deferred = deferred.expect("deliveries are read");
    assert_eq!(deferred[0].body.as_deref(), Some("{}"), "the body is kept");
}
