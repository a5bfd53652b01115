//! The sync state of the mirror: full syncs, comparisons with GitHub's count, and failures.

use std::collections::BTreeSet;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::event::{EventKind, SyncStats};
use issuecommand_core::domain::issue::{Issue, IssueFilter, IssueLookup, WithheldReason};
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::sync::{CountCheck, SyncFailure, SyncFault, SyncRun};
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::engine::command::{Action, Command, Missing};
use issuecommand_testkit::builders::{
    facts, finish_poll, finish_sync, issue, list_pulls, number, record_issue, record_issues,
    record_repos, repo,
};

use super::world::{API, World};

async fn row(world: &World) -> Repo {
    let found = world.store.repo(&repo(API)).await;
    found
        .expect("the store can be asked")
        .expect("it is mirrored")
}

fn compare(gap: i64) -> Command {
    let repo = repo(API);
    Command::system(Action::CompareCounts { repo, gap })
}

fn full_poll(began: Timestamp, full: bool) -> Command {
    let mut poll = finish_poll(API, began);
    if let Action::FinishPoll { reading, .. } = &mut poll.action {
        reading.full = full;
    }
    poll
}

pub(super) async fn a_full_reading_leaves_its_time(world: &World) {
    world.note(record_repos(&[facts(API)])).await;
    assert_eq!(row(world).await.full_at, None);
    let first = world.clock.now();
    world.pass(1);
    world.note(full_poll(first, true)).await;
    assert_eq!(row(world).await.full_at, Some(first));
    world.pass(1);
    world.note(full_poll(world.clock.now(), false)).await;
    assert_eq!(row(world).await.full_at, Some(first));
    let due = |row: &Repo, minutes| {
        let now = first.plus(Millis::minutes(minutes));
        row.is_due_for_full_reading(now, Millis::minutes(360))
    };
    let row = row(world).await;
    assert_eq!(
        [due(&row, 359), due(&row, 360), due(&row, -1)],
        [false, true, true]
    );
}

pub(super) async fn disagreements_are_counted(world: &World) {
    let missing = world.missing(compare(1)).await;
    assert_eq!(missing, Missing::Repo(repo(API)));
    world.mirror(API, [issue(1)]).await;
    for (gap, runs) in [(2, 1), (3, 2), (3, 3), (4, 1), (0, 0)] {
        world.note(compare(gap)).await;
        assert_eq!(row(world).await.counts, CountCheck { gap, runs });
    }
    assert_eq!(world.kinds_after(0).await, [], "that is no change");
}

pub(super) async fn the_mirror_counts_as_github_does(world: &World) {
    let counted = async || {
        world
            .store
            .open_count(&repo(API))
            .await
            .expect("the store can be asked")
    };
    let pulls = async || {
        world
            .store
            .open_pulls(&repo(API))
            .await
            .expect("the store can be asked")
    };
    assert_eq!(counted().await, 0);
    world.mirror(API, (1..=5).map(issue)).await;
    world.mirror("acme/web", [issue(1)]).await;
    assert_eq!(counted().await, 5);
    world.note(list_pulls("acme/web", &[(7, true)])).await;
    world
        .note(list_pulls(API, &[(20, true), (21, true), (22, false)]))
        .await;
    world
        .note(list_pulls(API, &[(20, true), (21, false)]))
        .await;
    assert_eq!((counted().await, pulls().await), (6, vec![number(20)]));
    world
        .note(record_issues(API, [issue(2).closed().changed(1)]))
        .await;
    for (n, reason) in [(3, WithheldReason::NotFound), (4, WithheldReason::Moved)] {
        world
            .note(record_issue(API, n, IssueLookup::Withheld(reason)))
            .await;
    }
    assert_eq!(counted().await, 3, "#1, #5 and a pull request");
}

pub(super) async fn open_rows_come_the_longest_unheard_first(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    world.pass(1);
    let seen = IssueLookup::Issue {
        issue: Box::new(issue(1).build()),
        etag: Some("\"one\"".to_owned()),
    };
    world.note(record_issue(API, 1, seen)).await;
    let reason = IssueLookup::Withheld(WithheldReason::Gone);
    world.note(record_issue(API, 3, reason)).await;
    world.claim("ann", API, 2).await;
    let rows = world
        .store
        .open_rows(&repo(API))
        .await
        .expect("the store can be asked");
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.number.get(), row.withheld, row.etag.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (2, None, None),
            (3, Some(WithheldReason::Gone), None),
            (1, None, Some("\"one\""))
        ]
    );
    assert_eq!(rows[2].checked_at, world.clock.now());
    let none = world
        .store
        .open_rows(&repo("acme/none"))
        .await
        .expect("the store can be asked");
    assert_eq!(none, []);
}

pub(super) async fn rows_missing_from_a_full_sync_stay_unchanged(world: &World) {
    world.mirror(API, (1..=2).map(issue)).await;
    let claim = world.claim("ann", API, 1).await;
    world.note(record_issues(API, Vec::<Issue>::new())).await;
    world.note(full_poll(world.clock.now(), true)).await;
    assert_eq!(world.holder(API, 1).await, Some(claim));
    assert_eq!(world.offered(&IssueFilter::default()).await, [2]);
}

fn fault(subject: &str, reason: &str) -> SyncFault {
    let (name, n) = subject.split_once('#').unwrap_or((subject, ""));
    let name = (name != "repositories").then(|| repo(name));
    let n = n.parse().ok().map(number);
    SyncFault::new(name.as_ref(), n, reason)
}

fn told(failures: &[SyncFailure]) -> Vec<(String, Timestamp, &str)> {
    let told = failures.iter().map(|failure| {
        let SyncFailure { fault, since } = failure;
        (fault.to_string(), *since, fault.reason.as_str())
    });
    told.collect()
}

pub(super) async fn a_failure_is_reported_since_its_first_time(world: &World) {
    let first = world.clock.now();
    let faults = [
        fault("repositories", "401"),
        fault("acme/web", "500"),
        fault("acme/api#7", "no title"),
    ];
    world.note(finish_sync(SyncStats::default(), &faults)).await;
    world.pass(15);
    let later = world.clock.now();
    let faults = [
        fault("acme/old", "404"),
        fault("acme/web", "502"),
        fault("Acme/Web", "once more"),
    ];
    world.note(finish_sync(SyncStats::default(), &faults)).await;
    let health = world.health().await;
    let web = ("acme/web".to_owned(), first, "502");
    let old = ("acme/old".to_owned(), later, "404");
    assert_eq!(told(&health.sync_failures), [web.clone(), old]);
    let scope = Scope::Only(BTreeSet::from([repo("ACME/WEB")]));
    let seen = world
        .store
        .health(&scope)
        .await
        .expect("the store can be asked");
    assert_eq!(told(&seen.sync_failures), [web]);
    world.note(finish_sync(SyncStats::default(), &[])).await;
    assert_eq!(world.health().await.sync_failures, []);
}

pub(super) async fn a_failed_repository_list_has_no_repository(world: &World) {
    let faults = [fault("repositories", "401")];
    world.note(finish_sync(SyncStats::default(), &faults)).await;
    assert_eq!(world.health().await.sync_failures.len(), 1);
    let scope = Scope::Only(BTreeSet::from([repo(API)]));
    let seen = world
        .store
        .health(&scope)
        .await
        .expect("the store can be asked");
    assert_eq!(seen.sync_failures, []);
}

pub(super) async fn a_sync_that_read_nothing_is_no_success(world: &World) {
    let finish = |read, only: Option<&str>, faults: &[SyncFault]| {
        let run = SyncRun {
            scope: only.map_or(Scope::All, |name| Scope::Only([repo(name)].into())),
            read,
            faults: faults.to_vec(),
        };
        let (tally, run) = (SyncStats::default(), Box::new(run));
        Command::system(Action::FinishSync { tally, run })
    };
    let good = world.clock.now();
    let broken = [fault("acme/web", "500"), fault(API, "500")];
    world.note(finish(true, None, &broken)).await;
    world.pass(15);
    world.note(finish(false, None, &broken)).await;
    assert_eq!(world.health().await.last_sync, Some(good));
    // A sync of one repository reports only that one.
    world.note(finish(true, Some(API), &[])).await;
    let health = world.health().await;
    assert_eq!(health.last_sync, Some(good));
    assert_eq!(
        told(&health.sync_failures),
        [("acme/web".to_owned(), good, "500")]
    );
    assert_eq!(world.kinds_after(0).await, [EventKind::SyncReconciled; 3]);
}

pub(super) async fn a_flood_of_failures_is_bounded(world: &World) {
    let long = "x".repeat(5_000);
    let faults: Vec<SyncFault> = (1..=500)
        .map(|n| fault(&format!("acme/api#{n}"), &long))
        .collect();
    world.note(finish_sync(SyncStats::default(), &faults)).await;
    let failures = world.health().await.sync_failures;
    assert_eq!(failures.len(), SyncFailure::MAX);
    assert!(
        failures
            .iter()
            .all(|f| f.fault.reason.len() == SyncFault::REASON)
    );
}
