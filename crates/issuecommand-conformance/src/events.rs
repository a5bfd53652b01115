//! The event log: ordered, without duplicates or losses.

use std::time::Duration;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::event::{EventFilter, EventKind, Seq};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_core::service::{EventPage, EventQuery, GapReason, event_page};
use issuecommand_testkit::builders::{agent, claim, issue, release, repo, sweep};

use super::world::{API, World, at_once};

pub(super) async fn the_log_is_read_by_place(world: &World) {
    assert_eq!(
        (world.last_event().await, world.events().await.len()),
        (0, 0)
    );
    world.mirror(API, (1..=5).map(issue)).await;
    for n in 1..=5 {
        world.claim("ann", API, n).await;
    }
    let all = world.events().await;
    assert_eq!(all.len(), 5);
    assert!(all[0].seq > 0);
    assert!(all.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    assert_eq!(world.last_event().await, all[4].seq);
    assert_eq!(world.events_after(all[1].seq).await, all[2..]);
    assert_eq!(world.events_after(all[4].seq).await, []);
    assert_eq!(world.events_after(i64::MAX).await, []);
    for limit in 0..=6 {
        let some = world.store.events_after(all[0].seq, limit).await;
        let expected: Vec<_> = all[1..].iter().take(limit as usize).cloned().collect();
        assert_eq!(some, Ok(expected), "at most {limit}");
    }
    let numbers: Vec<_> = all
        .iter()
        .filter_map(|event| event.number)
        .map(IssueNumber::get)
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

pub(super) async fn the_log_says_where_it_begins(world: &World) {
    let place = async || {
        let oldest = world
            .store
            .oldest_event()
            .await
            .expect("a log that can be read");
        (oldest, world.last_event().await)
    };
    assert_eq!(place().await, (1, 0), "nothing happened yet");
    world.mirror(API, (1..=3).map(issue)).await;
    world.claim("ann", API, 1).await;
    world.claim("ann", API, 2).await;
    let (oldest, old) = place().await;
    assert_eq!((oldest, old), (world.events().await[0].seq, 2));
    // A refusal uses no sequence number, so a gap means that events were trimmed.
    world.refused(claim("bob", API, 1)).await;
    world.pass(8 * 24 * 60);
    world.poll(API).await;
    world.claim("ann", API, 3).await;
    world.note(sweep()).await;
    let (oldest, last) = place().await;
    assert_eq!(oldest, old + 1);
    let left: Vec<_> = world.events().await.iter().map(|event| event.seq).collect();
    assert_eq!(left, (oldest..=last).collect::<Vec<_>>());
    for _ in 0..4 {
        world.pass(100 * 24 * 60);
        world.note(sweep()).await;
    }
    assert_eq!(world.events().await, []);
    let (oldest, last) = place().await;
    assert_eq!(oldest, last + 1, "the place of the next one");
}

pub(super) async fn every_change_at_once_has_its_line(world: &World) {
    world.mirror(API, (1..=64).map(issue)).await;
    at_once(&[world], (1..=64).map(|n| claim("ann", API, n))).await;
    let mut claims = world.claims(&ClaimFilter::default()).await;
    at_once(&[world], claims.iter().map(release)).await;
    let events = world.events().await;
    assert!(events.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    assert_eq!(world.last_event().await, events[127].seq);
    claims.sort_by_key(|claim| claim.id);
    for kind in [EventKind::ClaimCreated, EventKind::ClaimReleased] {
        let of_kind = events.iter().filter(|event| event.kind == kind);
        let mut told: Vec<_> = of_kind.filter_map(|event| event.claim).collect();
        told.sort();
        let expected: Vec<_> = claims.iter().map(|claim| claim.id).collect();
        assert_eq!(told, expected, "{kind:?}");
    }
}

pub(super) async fn a_refusal_logs_no_event(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim("ann", API, 1).await;
    let last = world.last_event().await;
    world.refused(claim("bob", API, 1)).await;
    assert_eq!(world.last_event().await, last);
}

pub(super) async fn a_waiter_for_changes_is_woken(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let woken = async {
        world.store.changed().await;
        world.last_event().await
    };
    let write = world.claim("ann", API, 1);
    let both = async { tokio::join!(woken, write) };
    // A wake-up may be spurious or a little late, but it arrives.
    let (_, claim) = tokio::time::timeout(Duration::from_secs(20), both)
        .await
        .expect("a change wakes whoever waits for one");
    assert_eq!(world.holder(API, 1).await, Some(claim));
}

async fn page(
    world: &World,
    sight: &Scope,
    after: Option<Seq>,
    limit: usize,
    filter: EventFilter,
) -> EventPage {
    let query = EventQuery {
        after,
        limit,
        filter,
    };
    let page = event_page(&*world.store, sight, &query).await;
    page.expect("a log that can be read")
}

pub(super) async fn the_log_is_read_in_filtered_pages(world: &World) {
    const WEB: &str = "acme/web";
    world.mirror(API, (1..=4).map(issue)).await;
    world.mirror(WEB, (1..=4).map(issue)).await;
    for n in 1..=4 {
        world
            .claim(if n % 2 == 0 { "ann" } else { "bob" }, API, n)
            .await;
        let claim = world.claim("ann", WEB, n).await;
        world.note(release(&claim)).await;
    }
    let all = world.events().await;
    let filters = [
        EventFilter::default(),
        EventFilter {
            repo: Some(repo("ACME/Api")),
            ..EventFilter::default()
        },
        EventFilter {
            agent: Some(agent("bob")),
            ..EventFilter::default()
        },
        EventFilter {
            kinds: Some(vec![EventKind::ClaimReleased]),
            ..EventFilter::default()
        },
    ];
    for (filter, count) in filters.into_iter().zip([12, 4, 2, 4]) {
        for sight in [Scope::All, Scope::Only([repo(API)].into())] {
            let wanted: Vec<_> = all
                .iter()
                .filter(|event| event.is_in(&sight) && filter.has(event))
                .cloned()
                .collect();
            if sight == Scope::All {
                assert_eq!(wanted.len(), count, "{filter:?}");
            }
            let (mut got, mut after) = (Vec::new(), None);
            loop {
                let next = page(world, &sight, after, 3, filter.clone()).await;
                assert_eq!(next.gap, None);
                assert!(next.events.len() == 3 || !next.more);
                got.extend(next.events);
                after = Some(next.last);
                if !next.more {
                    break;
                }
            }
            assert_eq!(got, wanted, "{filter:?} {sight:?}");
            let end = page(world, &sight, after, 3, filter.clone()).await;
            assert_eq!(
                (end.events, Some(end.last), end.more),
                (vec![], after, false)
            );
        }
    }
}

pub(super) async fn a_page_says_what_is_missing(world: &World) {
    let any = EventFilter::default;
    let empty = page(world, &Scope::All, None, 9, any()).await;
    assert_eq!((empty.events.len(), empty.last, empty.gap), (0, 0, None));
    world.mirror(API, (1..=3).map(issue)).await;
    world.claim("ann", API, 1).await;
    world.claim("ann", API, 2).await;
    let beyond = page(world, &Scope::All, Some(99), 9, any()).await;
    let gap = beyond.gap.expect("an id beyond the end is of another log");
    assert_eq!((gap.reason, beyond.last), (GapReason::Unknown, 2));
    assert_eq!(beyond.events, []);
    world.pass(8 * 24 * 60);
    world.poll(API).await;
    world.claim("ann", API, 3).await;
    world.note(sweep()).await;
    let left = world.events().await;
    let oldest = left[0].seq;
    assert!(oldest > 2, "the first two are trimmed");
    for after in [0, 1, oldest - 2] {
        let trimmed = page(world, &Scope::All, Some(after), 99, any()).await;
        let gap = trimmed.gap.expect("events are missing");
        assert_eq!((gap.reason, gap.oldest), (GapReason::Trimmed, oldest));
        assert_eq!(trimmed.events, left);
    }
    for after in [None, Some(oldest - 1)] {
        let whole = page(world, &Scope::All, after, 99, any()).await;
        assert_eq!((whole.events, whole.gap), (left.clone(), None));
    }
}
