//! The order of follow-ups: the most urgent first, and before any new issue.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::{Details, EventKind};
use issuecommand_core::domain::followup::{Followup, FollowupStatus};
use issuecommand_core::domain::issue::{Issue, IssueFilter};
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_core::ports::store::{Backlog, FollowupFilter, StatusCounts};
use issuecommand_testkit::builders::{
    agent, comment, confined, issue, key, line_comment, number, pull, release, repo, review, work,
    work_of,
};

use FollowupStatus::{Claimed, Done, InProgress, Queued, Stale};

use super::world::feedback::got;
use super::world::{API, World};

fn pulls(items: &[Followup]) -> Vec<i64> {
    items.iter().map(|item| item.number.get()).collect()
}

pub(super) async fn the_most_urgent_first_and_of_those_the_oldest(world: &World) {
    world.quiet().await;
    for (n, said) in [
        (5, comment(1)),
        (6, line_comment(2)),
        (7, review(3)),
        (8, comment(4)),
        (9, review(5)),
    ] {
        world.asked(pull(API, n).said(said)).await;
        world.pass(1);
    }
    assert_eq!(pulls(&world.followups().await), [7, 9, 6, 5, 8]);
    // A follow-up gets the priority of joined feedback and keeps its age.
    world.joined(pull(API, 5).said(review(6))).await;
    assert_eq!(pulls(&world.followups().await), [5, 7, 9, 6, 8]);
    // A stale follow-up keeps the place of a queued one.
    let first = world.followups().await[0].clone();
    world.followed("ann", &first, Claimed).await;
    world.followed("ann", &first, Stale).await;
    for n in [5, 7, 9, 6, 8] {
        assert_eq!(world.given(&format!("agent-{n}")).await.number.get(), n);
    }
    world.given_nothing("ann").await;
}

pub(super) async fn open_followups_are_counted_by_status(world: &World) {
    assert_eq!(world.tally().await, StatusCounts::default());
    world.mirror(API, (1..=3).map(issue)).await;
    let first = world.claim("ann", API, 1).await;
    let second = world.claim("bob", API, 2).await;
    world.claim("ann", API, 3).await;
    world.moved(&first, ClaimStatus::Stale).await;
    world.note(release(&second)).await;
    world.pass(1);
    let since = world.clock.now();
    for (n, said) in [(5, comment(1)), (6, comment(2)), (7, comment(3))] {
        world.asked(pull(API, n).said(said)).await;
        world.pass(1);
    }
    let given = world.given("ann").await;
    let later = world.clock.now().plus(Millis::minutes(-2));
    let waiting = |count, since| Backlog { count, since };
    let expected = StatusCounts {
        claims: [(ClaimStatus::Claimed, 1), (ClaimStatus::Stale, 1)].into(),
        followups: [
            (Claimed, waiting(1, given.created_at)),
            (Queued, waiting(2, later)),
        ]
        .into(),
        ready: 1,
        ..StatusCounts::default()
    };
    assert_eq!((world.tally().await, given.created_at), (expected, since));
}

pub(super) async fn a_served_followup_is_claimed(world: &World) {
    world.quiet().await;
    let before = world.asked(pull(API, 7).said(comment(1))).await;
    world.pass(1);
    let seq = world.last_event().await;
    let after = world.given("ann").await;
    let now = world.clock.now();
    let mut expected = Followup {
        status: Claimed,
        last_updated: now,
        owner: Some(agent("ann")),
        claimed_at: Some(now),
        ..before
    };
    let entry = after.history.last().expect("it has a history").clone();
    assert_eq!((entry.status, entry.timestamp), (Claimed, now));
    expected.history.push(entry);
    assert_eq!(after, expected);
    assert_eq!(world.followups().await, std::slice::from_ref(&after));
    let [event] = &world.events_after(seq).await[..] else {
        panic!("one event was expected")
    };
    assert_eq!(
        (event.kind, event.item),
        (EventKind::FollowupClaimed, Some(after.id))
    );
    assert_eq!(event.agent, Some(agent("ann")));
    assert_eq!(event.details, Details::FollowupClaimed { by: agent("ann") });
}

pub(super) async fn feedback_comes_before_new_issues(world: &World) {
    world.mirror(API, [issue(1).labels(&["p0"])]).await;
    world.asked(pull(API, 7).said(comment(1))).await;
    // Label and milestone filter only issues.
    let filter = IssueFilter::new(Some(repo(API)), Some("p0"), None);
    let outcome = world.ask(work_of("ann", filter.clone())).await;
    assert_eq!(got(&outcome).map(|item| item.number), Some(number(7)));
    match world.ask(work_of("ann", filter)).await {
        Outcome::Done(Answer::Claim { claim, issue, .. }) => {
            assert_eq!(claim.number, number(1));
            assert_eq!(issue, Some(Box::new(world.row(API, 1).await)));
        }
        other => panic!("{other:?}"),
    }
    world.given_nothing("ann").await;
}

pub(super) async fn only_the_requested_repository_is_served(world: &World) {
    world.quiet().await;
    world.mirror("acme/web", [] as [Issue; 0]).await;
    world.asked(pull(API, 7).said(review(1))).await;
    world.pass(1);
    world.asked(pull("acme/web", 8).said(comment(2))).await;
    let web = IssueFilter::new(Some(repo("ACME/Web")), None, None);
    let outcome = world.ask(work_of("ann", web.clone())).await;
    assert_eq!(got(&outcome).map(|item| item.number), Some(number(8)));
    assert_eq!(got(&world.ask(work_of("bob", web)).await), None);
    let mut command = work("bob");
    command.caller = confined(&["acme/web"]);
    assert_eq!(got(&world.ask(command.clone()).await), None);
    command.caller = confined(&[API]);
    assert_eq!(
        got(&world.ask(command).await).map(|item| item.number),
        Some(number(7))
    );
}

pub(super) async fn followups_by_every_filter(world: &World) {
    let held = world.asked(pull(API, 7).said(comment(1))).await;
    world.followed("ann", &held, InProgress).await;
    world.pass(1);
    world.asked(pull(API, 7).said(comment(2))).await;
    world.pass(1);
    world.asked(pull("acme/web", 7).said(comment(3))).await;
    world.pass(1);
    let stale = world.asked(pull("acme/web", 9).said(comment(4))).await;
    world.followed("bob", &stale, Claimed).await;
    world.followed("bob", &stale, Stale).await;
    let is = async |filter: FollowupFilter, expected: &[&str]| {
        let items = world.followups_of(&filter).await;
        let ids: Vec<_> = items
            .iter()
            .map(|item| item.sources[0].id.to_string())
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|n| format!("issue_comment:{n}"))
            .collect();
        assert_eq!(ids, expected, "{filter:?}");
    };
    let filter = FollowupFilter::default;
    let mut cases: Vec<(FollowupFilter, &[&str])> = vec![(filter(), &["1", "2", "3", "4"])];
    for (name, expected) in [("ACME/api", &["1", "2"][..]), ("acme/none", &[])] {
        let repo = Some(repo(name));
        cases.push((FollowupFilter { repo, ..filter() }, expected));
    }
    for (status, expected) in [(Queued, &["2", "3"][..]), (Stale, &["4"]), (Done, &[])] {
        let status = Some(status);
        cases.push((FollowupFilter { status, ..filter() }, expected));
    }
    for (owner, expected) in [("ann", &["1"][..]), ("bob", &["4"]), ("Ann", &[])] {
        let owner = Some(agent(owner));
        cases.push((FollowupFilter { owner, ..filter() }, expected));
    }
    let of_seven = FollowupFilter {
        number: Some(number(7)),
        ..filter()
    };
    cases.push((of_seven.clone(), &["1", "2", "3"]));
    let all_at_once = FollowupFilter {
        repo: Some(repo(API)),
        status: Some(Queued),
        ..of_seven
    };
    cases.push((all_at_once, &["2"]));
    let scope = Scope::Only([repo("acme/web")].into());
    cases.push((FollowupFilter { scope, ..filter() }, &["3", "4"]));
    for (filter, expected) in cases {
        is(filter, expected).await;
    }
}

pub(super) async fn a_key_gets_the_same_followup_again(world: &World) {
    world.quiet().await;
    world.asked(pull(API, 7).said(comment(1))).await;
    world.asked(pull(API, 8).said(comment(2))).await;
    let asked = || work("ann").keyed(Some(key("k", "digest")));
    let first = world.note(asked()).await;
    assert_eq!(world.note(asked()).await, first);
    let held = world
        .followups()
        .await
        .iter()
        .filter(|item| item.status.is_held())
        .count();
    assert_eq!(held, 1);
}
