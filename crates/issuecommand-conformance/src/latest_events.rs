//! The event log, newest first: all of it, of an agent, and of an issue with its pull requests.

use issuecommand_core::domain::event::{Event, EventKind};
use issuecommand_core::ports::read_model::EventPlace;
use issuecommand_testkit::builders::{agent, issue, number, pull, release, repo, review, sweep};

use super::world::{API, World};

async fn before(world: &World, place: &EventPlace, seq: i64, limit: u32) -> Vec<Event> {
    let events = world.store.events_before(place, seq, limit).await;
    events.expect("events are read")
}

fn subjects(of: &[(&str, i64)]) -> EventPlace {
    let key = |(name, n): &(&str, i64)| (repo(name).key().to_owned(), number(*n));
    EventPlace::Subjects(of.iter().map(key).collect())
}

fn reversed(events: &[Event], keep: impl Fn(&&Event) -> bool) -> Vec<Event> {
    events.iter().rev().filter(keep).cloned().collect()
}

pub(super) async fn the_log_is_read_backwards(world: &World) {
    assert_eq!(before(world, &EventPlace::All, i64::MAX, 5).await, []);
    world.mirror(API, (1..=6).map(issue)).await;
    for n in 1..=6 {
        world.claim("ann", API, n).await;
    }
    let all = world.events().await;
    let newest = reversed(&all, |_| true);
    assert_eq!(before(world, &EventPlace::All, i64::MAX, 9).await, newest);
    let page = before(world, &EventPlace::All, i64::MAX, 4).await;
    assert_eq!(page, newest[..4]);
    let rest = before(world, &EventPlace::All, page[3].seq, 4).await;
    assert_eq!(rest, newest[4..]);
    assert_eq!(before(world, &EventPlace::All, all[0].seq, 4).await, []);
}

pub(super) async fn of_an_agent(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    let first = world.claim("ann", API, 1).await;
    world.claim("bob", API, 2).await;
    world.note(release(&first)).await;
    world.claim("bob", API, 1).await;
    world.claim("ann", API, 3).await;
    let all = world.events().await;
    for who in ["ann", "bob", "cid"] {
        let place = EventPlace::Agent(agent(who));
        let own = reversed(&all, |event| event.agent == Some(agent(who)));
        assert_eq!(before(world, &place, i64::MAX, 9).await, own, "{who}");
        let newest: Vec<Event> = own.iter().take(1).cloned().collect();
        assert_eq!(before(world, &place, i64::MAX, 1).await, newest, "{who}");
    }
}

pub(super) async fn of_an_issue_and_its_pull_request(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.mirror("acme/web", [issue(1)]).await;
    world.claim("ann", API, 1).await;
    world.claim("bob", API, 2).await;
    world.claim("cid", "acme/web", 1).await;
    world
        .happens(pull(API, 7).closes(&[(API, 1)]).opened())
        .await;
    world.asked(pull(API, 7).said(review(1))).await;
    let all = world.events().await;
    let of = |name: &'static str, numbers: &'static [i64]| {
        reversed(&all, move |event| {
            let subject = event.number.or(event.pull);
            event.repo == Some(repo(name)) && subject.is_some_and(|n| numbers.contains(&n.get()))
        })
    };
    let own = before(world, &subjects(&[(API, 1), (API, 7)]), i64::MAX, 50).await;
    assert_eq!(own, of(API, &[1, 7]));
    let kinds: Vec<EventKind> = own.iter().map(|event| event.kind).collect();
    assert!(
        kinds.contains(&EventKind::ClaimCreated) && kinds.contains(&EventKind::FollowupCreated),
        "{kinds:?}"
    );
    let other = before(world, &subjects(&[("Acme/Web", 1)]), i64::MAX, 50).await;
    assert_eq!(other, of("acme/web", &[1]));
    let two = before(world, &subjects(&[(API, 1), (API, 2)]), i64::MAX, 2).await;
    assert_eq!(two, of(API, &[1, 2])[..2]);
    assert_eq!(before(world, &subjects(&[]), i64::MAX, 9).await, []);
}

pub(super) async fn trimmed_events_are_gone(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.claim("ann", API, 1).await;
    world.pass(8 * 24 * 60);
    world.poll(API).await;
    world.claim("ann", API, 2).await;
    world.note(sweep()).await;
    let place = EventPlace::Agent(agent("ann"));
    let left = before(world, &place, i64::MAX, 50).await;
    assert_eq!(
        left,
        reversed(&world.events().await, |event| event.agent
            == Some(agent("ann")))
    );
    // The first one was the oldest claim.
    let first = left.iter().map(|event| event.seq).min();
    assert!(first.is_some_and(|first| first > 1), "{left:?}");
}
