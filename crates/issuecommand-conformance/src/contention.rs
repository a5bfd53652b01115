//! Many concurrent agents, and never two of them on one pull request.

use std::collections::BTreeMap;

use issuecommand_core::domain::event::{Event, EventKind};
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::engine::command::Outcome;
use issuecommand_testkit::builders::{comment, follow, pull, work};

use FollowupStatus::{Claimed, Done, InProgress};

use super::world::feedback::got;
use super::world::{API, World, at_once};

/// Checks by the log that no two agents held one pull request at the same time.
fn never_two_on_one(events: &[Event]) -> usize {
    let mut held: BTreeMap<IssueNumber, BTreeMap<String, AgentId>> = BTreeMap::new();
    let mut given = 0;
    for event in events {
        let (Some(item), Some(pull)) = (event.item, event.pull) else {
            continue;
        };
        let on = held.entry(pull).or_default();
        match event.kind {
            EventKind::FollowupClaimed => {
                let who = event.agent.clone().expect("it names its agent");
                given += 1;
                on.insert(item.to_string(), who.clone());
                assert!(on.values().all(|other| *other == who), "{pull}: {on:?}");
            }
            EventKind::FollowupDone => drop(on.remove(&item.to_string())),
            _ => {}
        }
    }
    given
}

/// Twenty concurrent agents work until there is no more work.
async fn worked_off(worlds: &[&World], events: i64) {
    let world = worlds[0];
    world.quiet().await;
    let (mut rounds, mut came) = (0, 0);
    loop {
        // More feedback arrives while they work.
        for _ in 0..(events / 4).min(events - came) {
            came += 1;
            world
                .delivered(pull(API, 1 + came % 5).said(comment(came)))
                .await;
        }
        let held = world.followups().await;
        let held = held.iter().filter(|item| item.status.is_held());
        let mut commands: Vec<_> = held
            .map(|item| {
                let owner = item.owner.as_ref().expect("it is held");
                follow(owner.as_str(), item.id, Done)
            })
            .collect();
        commands.extend((0..20).map(|n| work(&format!("agent-{n}"))));
        commands.rotate_left(rounds % 7);
        let outcomes = at_once(worlds, commands).await;
        let given = outcomes.iter().filter_map(|outcome| got(outcome));
        let given = given.filter(|item| item.status == Claimed).count();
        rounds += 1;
        if came == events && given == 0 && world.followups().await.is_empty() {
            return;
        }
        assert!(rounds < 500, "it does not end");
    }
}

pub(super) async fn twenty_agents_at_once_and_never_two_on_one_pull_request(world: &World) {
    worked_off(&[world], 100).await;
    assert!(never_two_on_one(&world.events().await) > 5);
}

pub(super) async fn the_same_where_each_event_is_one_followup(world: &World) {
    let policy = Policy {
        coalesce: false,
        ..Policy::default()
    };
    let (one, other) = (world.under(policy.clone()).await, world.under(policy).await);
    worked_off(&[&one, &other], 100).await;
    assert_eq!(never_two_on_one(&world.events().await), 100);
}

pub(super) async fn twenty_agents_at_once_get_twenty_pull_requests(world: &World) {
    world.quiet().await;
    for n in 1..=20 {
        world.asked(pull(API, n).said(comment(n))).await;
    }
    let outcomes = at_once(&[world], (0..20).map(|n| work(&format!("agent-{n}")))).await;
    let given = outcomes.iter().filter_map(|outcome| got(outcome));
    let mut given: Vec<_> = given.map(|item| item.number.get()).collect();
    given.sort_unstable();
    assert_eq!(given, (1..=20).collect::<Vec<_>>());
}

pub(super) async fn one_of_many_concurrent_agents_gets_it(world: &World) {
    world.quiet().await;
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    let asked = (0..40).map(|n| follow(&format!("agent-{n}"), item.id, InProgress));
    let outcomes = at_once(&[world], asked).await;
    let yes = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Done(_)))
        .count();
    assert_eq!(yes, 1);
    let owner = world
        .followup(item.id)
        .await
        .owner
        .expect("somebody got it");
    for outcome in outcomes {
        if let Outcome::Refused(no) = outcome {
            let Refusal::FollowupMismatch { owner: told, .. } = no else {
                panic!("{no:?}")
            };
            assert_eq!(told, owner);
        }
    }
}
