//! Issues wait for their blockers and sub-issues, and are freed in the transaction that learns of the last one's end.

use issuecommand_core::domain::edge::Cycle;
use issuecommand_core::domain::event::{Details, EventKind};
use issuecommand_core::domain::issue::{IssueLookup, RelatedIssue, WithheldReason};
use issuecommand_core::domain::policy::{Parents, Policy, ReadinessPolicy};
use issuecommand_core::domain::readiness::{NotReady, ReasonCode};
use issuecommand_core::domain::time::{Clock as _, Millis};
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_testkit::builders::{
    blocked_facts, child_facts, dependency, hear, issue, issue_place, number, record_blockers,
    record_issue, record_issues, related, release, sub_issue,
};

use super::readiness::{codes, offered, reasons};
use super::world::{API, World, at_once};

const WEB: &str = "acme/web";

fn open(n: i64) -> RelatedIssue {
    related(API, n, Some(true))
}

/// The first issue waits for the second one, as its repository is told.
fn blocked(of: i64, to: i64) -> Command {
    hear(dependency(API, open(of), open(to), true))
}

fn blocked_by(open: &[(&str, i64)], hidden: u32) -> NotReady {
    NotReady::BlockedBy {
        open: open.iter().map(|(repo, n)| issue_place(repo, *n)).collect(),
        hidden,
        cycle: false,
    }
}

/// The issues of which GitHub is to be asked by now what they wait for.
async fn due(world: &World) -> Vec<i64> {
    let rows = world.store.edges_due(world.clock.now(), 100).await;
    let rows = rows.expect("standings are read").into_iter();
    rows.map(|(_, number)| number.get()).collect()
}

pub(super) async fn a_number_of_blockers_alone_blocks(world: &World) {
    world
        .mirror(API, [issue(1).more(blocked_facts(2)), issue(2)])
        .await;
    assert_eq!(offered(world).await, [2]);
    assert_eq!(reasons(world, 1).await, [blocked_by(&[], 2)]);
    assert_eq!(due(world).await, [1]);
    // A message that does not say it changes nothing.
    world.note(record_issues(API, [issue(1).changed(5)])).await;
    assert_eq!(codes(world, 1).await, [ReasonCode::BlockedBy]);
    world
        .note(record_issues(
            API,
            [issue(1).changed(5).more(blocked_facts(0))],
        ))
        .await;
    assert_eq!(offered(world).await, [1, 2]);
}

pub(super) async fn what_github_lists_replaces_the_number(world: &World) {
    let issues = [issue(1).more(blocked_facts(2)), issue(2), issue(3)];
    world.mirror(API, issues).await;
    world
        .note(record_blockers(API, 1, vec![open(2), open(3)], 2))
        .await;
    assert_eq!(
        reasons(world, 1).await,
        [blocked_by(&[(API, 2), (API, 3)], 0)]
    );
    assert_eq!(due(world).await, Vec::<i64>::new());
    world.note(record_blockers(API, 1, vec![open(3)], 1)).await;
    assert_eq!(reasons(world, 1).await, [blocked_by(&[(API, 3)], 0)]);
    world.note(record_blockers(API, 1, Vec::new(), 0)).await;
    assert_eq!(offered(world).await, [1, 2, 3]);
}

pub(super) async fn the_last_blocker_frees_in_its_transaction(world: &World) {
    world.mirror(API, [issue(1), issue(2), issue(3)]).await;
    world.note(blocked(1, 2)).await;
    world.note(blocked(1, 3)).await;
    assert_eq!(offered(world).await, [2, 3]);
    world
        .note(record_issues(API, [issue(2).closed().changed(1)]))
        .await;
    assert_eq!(reasons(world, 1).await, [blocked_by(&[(API, 3)], 0)]);
    let before = world.last_event().await;
    world
        .note(record_issues(API, [issue(3).closed().changed(1)]))
        .await;
    assert_eq!(offered(world).await, [1]);
    assert_eq!(reasons(world, 1).await, []);
    let told = world.events_after(before).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].kind, EventKind::IssueUnblocked);
    assert_eq!(told[0].number, Some(number(3)));
    let freed = Details::Unblocked {
        dependents: 1,
        ready: 1,
    };
    assert_eq!(told[0].details, freed);
}

pub(super) async fn a_thousand_dependents_at_once(world: &World) {
    let all = (1..=1_001).map(issue);
    world.mirror(API, all).await;
    let told = at_once(&[world], (2..=1_001).map(|n| blocked(n, 1))).await;
    assert_eq!(told.len(), 1_000);
    assert_eq!(offered(world).await, [1]);
    world
        .note(record_issues(API, [issue(1).closed().changed(1)]))
        .await;
    let all: Vec<i64> = (2..=1_001).collect();
    assert_eq!(offered(world).await, all);
    assert_eq!(world.tally().await.ready, 1_000);
}

pub(super) async fn closed_and_reopened_again(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.note(blocked(1, 2)).await;
    for minute in [10, 30] {
        let closed = issue(2).closed().changed(minute);
        world.note(record_issues(API, [closed])).await;
        assert_eq!(offered(world).await, [1]);
        let reopened = issue(2).changed(minute + 10);
        world.note(record_issues(API, [reopened])).await;
        assert_eq!(offered(world).await, [2]);
    }
}

pub(super) async fn one_edge_told_twice_is_one(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.mirror(WEB, [issue(2)]).await;
    let (of, to) = (open(1), related(WEB, 2, None));
    world
        .note(hear(dependency(API, of.clone(), to.clone(), true)))
        .await;
    world.note(hear(dependency(WEB, of, to, true))).await;
    assert_eq!(reasons(world, 1).await, [blocked_by(&[(WEB, 2)], 0)]);
    world
        .note(record_issues(WEB, [issue(2).closed().changed(1)]))
        .await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn a_removed_edge_frees_and_is_asked_about(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.note(blocked(1, 2)).await;
    let removed = || hear(dependency(API, open(1), open(2), false));
    world.note(removed()).await;
    assert_eq!(offered(world).await, [1, 2]);
    // It may have been told late, so that GitHub is asked what holds now.
    assert_eq!(due(world).await, [1]);
    world.note(record_blockers(API, 1, vec![open(2)], 1)).await;
    assert_eq!(offered(world).await, [2]);
    assert_eq!(due(world).await, Vec::<i64>::new());
    // What was never known is removed all the same.
    world.note(removed()).await;
    world.note(removed()).await;
    assert_eq!(offered(world).await, [1, 2]);
}

pub(super) async fn blockers_in_other_repositories(world: &World) {
    world.mirror(API, [issue(1), issue(3)]).await;
    let elsewhere = |open| related("other/place", 7, Some(open));
    world
        .note(hear(dependency(API, open(1), elsewhere(true), true)))
        .await;
    assert_eq!(
        reasons(world, 1).await,
        [blocked_by(&[("other/place", 7)], 0)]
    );
    world
        .note(record_blockers(API, 1, vec![elsewhere(false)], 0))
        .await;
    assert_eq!(offered(world).await, [1, 3]);
    // Once the repository is known, its mirror has the last word.
    world
        .note(record_blockers(API, 1, vec![elsewhere(true)], 1))
        .await;
    world.mirror("other/place", [issue(7)]).await;
    world
        .note(record_blockers(API, 1, vec![elsewhere(true)], 1))
        .await;
    assert_eq!(
        reasons(world, 1).await,
        [blocked_by(&[("other/place", 7)], 0)]
    );
    world
        .note(record_issues("other/place", [issue(7).closed().changed(1)]))
        .await;
    assert_eq!(offered(world).await, [1, 3]);
}

pub(super) async fn a_hidden_blocker_is_counted(world: &World) {
    world
        .mirror(API, [issue(1).more(blocked_facts(2)), issue(2)])
        .await;
    world.note(record_blockers(API, 1, vec![open(2)], 2)).await;
    let [reason] = &reasons(world, 1).await[..] else {
        panic!("one reason");
    };
    assert_eq!(*reason, blocked_by(&[(API, 2)], 1));
    let words =
        "It is blocked by acme/api#2, and 1 issue that cannot be seen here and count as open";
    assert_eq!(reason.words(), words);
    world
        .note(record_issues(API, [issue(2).closed().changed(1)]))
        .await;
    assert_eq!(reasons(world, 1).await, [blocked_by(&[], 1)]);
    assert_eq!(offered(world).await, Vec::<i64>::new());
}

pub(super) async fn edges_that_cannot_be_seen_are_due_again(world: &World) {
    world
        .mirror(API, [issue(1).more(blocked_facts(1)), issue(2)])
        .await;
    world.note(record_blockers(API, 1, Vec::new(), 1)).await;
    assert_eq!(due(world).await, Vec::<i64>::new());
    // The same number again is no news.
    world
        .note(record_issues(
            API,
            [issue(1).changed(2).more(blocked_facts(1))],
        ))
        .await;
    assert_eq!(due(world).await, Vec::<i64>::new());
    world.clock.advance(Millis::minutes(10));
    assert_eq!(due(world).await, [1]);
}

pub(super) async fn a_blocker_that_went_is_asked_about(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.note(blocked(1, 2)).await;
    for gone in [WithheldReason::Moved, WithheldReason::Gone] {
        world
            .note(record_issue(API, 2, IssueLookup::Withheld(gone)))
            .await;
        assert_eq!(codes(world, 1).await, [ReasonCode::BlockedBy], "{gone:?}");
        assert_eq!(due(world).await, [1], "{gone:?}");
        world.note(record_blockers(API, 1, vec![open(2)], 1)).await;
    }
    world.note(record_blockers(API, 1, Vec::new(), 0)).await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn a_closed_blocker_that_was_never_mirrored(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.note(blocked(1, 9)).await;
    assert_eq!(reasons(world, 1).await, [blocked_by(&[(API, 9)], 0)]);
    // Lists name many issues that were closed long ago. They get no row.
    world
        .note(record_issues(API, [issue(9).closed().changed(1)]))
        .await;
    assert_eq!(offered(world).await, [1]);
    world.note(record_issues(API, [issue(9).changed(5)])).await;
    assert_eq!(offered(world).await, [9]);
}

pub(super) async fn children_keep_their_parent_back(world: &World) {
    world.mirror(API, [issue(1), issue(2), issue(3)]).await;
    for child in [2, 3] {
        world
            .note(hear(sub_issue(API, open(1), open(child), true)))
            .await;
    }
    assert_eq!(offered(world).await, [2, 3]);
    let waits = NotReady::HasOpenChildren {
        open: vec![issue_place(API, 2), issue_place(API, 3)],
        hidden: 0,
    };
    assert_eq!(reasons(world, 1).await, [waits]);
    let done = [2, 3].map(|n| issue(n).closed().changed(1));
    world.note(record_issues(API, done)).await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn a_child_tells_of_its_parent(world: &World) {
    let child = |n| issue(n).more(child_facts(issue_place(API, 1)));
    world.mirror(API, [child(2), issue(1)]).await;
    assert_eq!(offered(world).await, [2]);
    world
        .note(record_issues(API, [child(2).closed().changed(1)]))
        .await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn parents_may_be_offered(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world
        .note(hear(sub_issue(API, open(1), open(2), true)))
        .await;
    let offering = world
        .under(Policy {
            readiness: ReadinessPolicy {
                parents: Parents::Offer,
                ..ReadinessPolicy::default()
            },
            ..Policy::default()
        })
        .await;
    offering.note(Command::system(Action::Rerank(None))).await;
    assert_eq!(offered(&offering).await, [1, 2]);
    world.note(Command::system(Action::Rerank(None))).await;
    assert_eq!(offered(world).await, [2]);
}

pub(super) async fn a_reopened_issue_counts_anew(world: &World) {
    world.mirror(API, [issue(1), issue(2), issue(3)]).await;
    world.note(blocked(1, 2)).await;
    world.note(blocked(1, 3)).await;
    world
        .note(record_issues(API, [issue(1).closed().changed(1)]))
        .await;
    world
        .note(record_issues(API, [issue(2).closed().changed(1)]))
        .await;
    world.note(record_issues(API, [issue(1).changed(9)])).await;
    assert_eq!(reasons(world, 1).await, [blocked_by(&[(API, 3)], 0)]);
}

pub(super) async fn a_held_dependent_is_not_queued(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.note(blocked(1, 2)).await;
    let claim = world.claim("ann", API, 1).await;
    world
        .note(record_issues(API, [issue(2).closed().changed(1)]))
        .await;
    assert_eq!(offered(world).await, Vec::<i64>::new());
    assert_eq!(codes(world, 1).await, [ReasonCode::Held]);
    world.claimed(release(&claim)).await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn circles_are_told_once(world: &World) {
    world.mirror(API, [issue(1), issue(2), issue(3)]).await;
    world.note(blocked(1, 2)).await;
    world.note(blocked(2, 1)).await;
    world.note(blocked(3, 2)).await;
    let edges = world.store.open_dependencies().await;
    let edges = edges.expect("edges are read");
    assert_eq!(edges.len(), 3);
    let found = issuecommand_core::domain::dependency_cycles::cycles(&edges);
    let found: Vec<Cycle> = found.into_iter().map(|issues| Cycle { issues }).collect();
    assert_eq!(found.len(), 1);
    let record = |found: &[Cycle]| Command::system(Action::RecordCycles(found.to_vec()));
    let before = world.last_event().await;
    world.note(record(&found)).await;
    world.note(record(&found)).await;
    assert_eq!(
        world.kinds_after(before).await,
        [EventKind::DependencyCycle]
    );
    let known = world.store.dependency_cycles().await;
    assert_eq!(known.expect("circles are read"), found);
    let is_told = |reason: &NotReady| matches!(reason, NotReady::BlockedBy { cycle: true, .. });
    assert!(reasons(world, 1).await.iter().any(is_told));
    assert!(!reasons(world, 3).await.iter().any(is_told));
    world.note(record(&[])).await;
    let known = world.store.dependency_cycles().await;
    assert_eq!(known.expect("circles are read"), []);
}
