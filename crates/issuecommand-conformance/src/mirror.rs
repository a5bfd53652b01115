//! The mirror follows GitHub's issues.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::{Details, EventKind, EventOrigin, SyncStats};
use issuecommand_core::domain::issue::{Issue, IssueFilter, IssueLookup, IssueState};
use issuecommand_core::domain::priority::Priority;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::engine::command::{Answer, Command, Missing};
use issuecommand_testkit::builders::{
    finish_poll, finish_sync, issue, number, record_issue, record_issues, repo,
};

use super::world::{API, World};

/// GitHub was asked for this one issue.
pub(super) fn asked(issue: impl Into<Issue>, etag: Option<&str>) -> Command {
    let issue = issue.into();
    let (n, etag) = (issue.number.get(), etag.map(str::to_owned));
    record_issue(
        API,
        n,
        IssueLookup::Issue {
            issue: Box::new(issue),
            etag,
        },
    )
}

/// The counts of a command: (newly open, closed, claims closed, claims updated).
async fn counted(world: &World, command: Command) -> (u64, u64, u64, u64) {
    match world.note(command).await {
        Answer::Tally {
            tally,
            closed,
            more: false,
        } => {
            let counts = (
                tally.newly_opened_issues,
                closed,
                tally.externally_closed_claims,
                tally.metadata_updates,
            );
            let rest = SyncStats {
                newly_opened_issues: 0,
                externally_closed_claims: 0,
                metadata_updates: 0,
                ..tally
            };
            assert_eq!(rest, SyncStats::default());
            counts
        }
        other => panic!("{other:?}"),
    }
}

pub(super) async fn rows_are_kept_as_github_gives_them(world: &World) {
    let mut full = issue(3)
        .title("Crash")
        .body("It crashes.\n\n* here\n")
        .labels(&["p1", "Bug"])
        .assignees(&["octocat", "hubot"])
        .milestone(4, "v1.0")
        .changed(7)
        .build();
    full.created_at.0 += 123;
    full.updated_at.0 += 456;
    let mut bare = issue(4).build();
    bare.author = None;
    world.mirror(API, [full.clone(), bare.clone()]).await;
    let known = world.repo(API).await.expect("it is known");
    for (facts, rank) in [(full, Priority::High), (bare, Priority::Medium)] {
        let row = world.row(API, facts.number.get()).await;
        assert_eq!((row.repo, &row.repo_name), (known.id, &repo(API)));
        assert_eq!((row.facts, row.rank), (facts, rank));
        assert_eq!(
            (row.withheld, row.etag, row.checked_at),
            (None, None, world.clock.now())
        );
    }
    let none = world.store.issue(&repo(API), number(5)).await;
    assert_eq!(none, Ok(None));
    let none = world.store.issue(&repo("acme/none"), number(3)).await;
    assert_eq!(none, Ok(None));
}

pub(super) async fn an_unknown_repository_is_asked_for(world: &World) {
    let missing = Missing::Repo(repo(API));
    for command in [
        record_issues(API, [issue(1)]),
        asked(issue(1), None),
        finish_poll(API, world.clock.now()),
    ] {
        assert_eq!(world.missing(command).await, missing);
    }
}

pub(super) async fn an_older_response_is_ignored(world: &World) {
    world.mirror(API, [issue(1).title("new").changed(10)]).await;
    world.claim("ann", API, 1).await;
    let before = (world.row(API, 1).await, world.everything().await);
    let old = issue(1).title("old").closed().changed(9);
    for command in [record_issues(API, [old.clone()]), asked(old, None)] {
        assert_eq!(counted(world, command).await, (0, 0, 0, 0));
        assert_eq!((world.row(API, 1).await, world.everything().await), before);
    }
    // An equally old row is applied, because GitHub's clock counts in seconds.
    world
        .note(record_issues(API, [issue(1).title("newer").changed(10)]))
        .await;
    assert_eq!(world.row(API, 1).await.facts.title, "newer");
}

pub(super) async fn an_issue_never_seen_open_is_not_kept(world: &World) {
    world.mirror(API, [issue(1)]).await;
    assert_eq!(
        counted(world, record_issues(API, [issue(2).closed()])).await,
        (0, 0, 0, 0)
    );
    assert_eq!(world.store.issue(&repo(API), number(2)).await, Ok(None));
}

pub(super) async fn opened_and_closed_issues_are_counted(world: &World) {
    world.mirror(API, [issue(1), issue(2), issue(3)]).await;
    let rows = [
        issue(1),
        issue(2).closed().changed(1),
        issue(3).changed(1),
        issue(4),
    ];
    assert_eq!(counted(world, record_issues(API, rows)).await, (1, 1, 0, 0));
    assert_eq!(world.row(API, 2).await.facts.state, IssueState::Closed);
    assert_eq!(world.offered(&IssueFilter::default()).await, [1, 3, 4]);
    assert_eq!(
        counted(world, asked(issue(2).changed(2), None)).await,
        (1, 0, 0, 0)
    );
    assert_eq!(world.offered(&IssueFilter::default()).await, [1, 2, 3, 4]);
}

pub(super) async fn a_closed_issue_closes_its_claim(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let closed = |n| issue(n).closed().changed(1);
    for (n, command) in [
        (1, record_issues(API, [closed(1)])),
        (2, asked(closed(2), None)),
    ] {
        let claim = world.claim("ann", API, n).await;
        let seq = world.last_event().await;
        assert_eq!(counted(world, command).await, (0, 1, 1, 0));
        assert_eq!(world.holder(API, n).await, None);
        let ended = world.ended().await;
        let ended = ended
            .iter()
            .find(|ended| ended.id == claim.id)
            .expect("its history is kept");
        assert_eq!(
            (ended.status, ended.last_updated),
            (ClaimStatus::Closed, world.clock.now())
        );
        let note = ended.history.last().and_then(|entry| entry.note.clone());
        assert!(note.is_some(), "it says why");
        let events = world.events_after(seq).await;
        let [event] = events.as_slice() else {
            panic!("one event was expected, not {events:?}")
        };
        assert_eq!(
            (event.kind, event.claim),
            (EventKind::ClaimUpdated, Some(claim.id))
        );
        let (source, status) = (EventOrigin::Sync, ClaimStatus::Closed);
        assert_eq!(
            event.details,
            Details::Moved {
                source,
                status,
                note
            }
        );
        world.pass(0);
    }
    assert_eq!(world.offered(&IssueFilter::default()).await, [0; 0]);
}

pub(super) async fn a_row_that_stands_twice_counts_once(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim("ann", API, 1).await;
    let seq = world.last_event().await;
    let closed = issue(1).closed().changed(2);
    let rows = [closed.clone(), issue(1).title("old").changed(1), closed];
    assert_eq!(counted(world, record_issues(API, rows)).await, (0, 1, 1, 0));
    assert_eq!(world.kinds_after(seq).await, [EventKind::ClaimUpdated]);
    assert_eq!(world.ended().await.len(), 1);
}

pub(super) async fn a_stale_claim_is_closed_too(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.moved(&claim, ClaimStatus::Stale).await;
    world
        .note(record_issues(API, [issue(1).closed().changed(1)]))
        .await;
    assert_eq!(world.ended().await[0].status, ClaimStatus::Closed);
}

pub(super) async fn silence_closes_nothing(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.note(record_issues(API, [issue(2)])).await;
    world.note(record_issues(API, Vec::<Issue>::new())).await;
    world.poll(API).await;
    assert_eq!(world.holder(API, 1).await, Some(claim));
}

pub(super) async fn an_active_claim_follows_its_issue(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let mut claim = world.claim("ann", API, 1).await;
    let seq = world.last_event().await;
    world.pass(5);
    let told = issue(1)
        .title("Renamed")
        .labels(&["p0"])
        .assignees(&["hubot"])
        .changed(1);
    assert_eq!(
        counted(world, record_issues(API, [told.clone()])).await,
        (0, 0, 0, 1)
    );
    "Renamed".clone_into(&mut claim.title);
    claim.labels = vec!["p0".to_owned()];
    claim.assignees = vec!["hubot".to_owned()];
    // Time and history stay, because this is no heartbeat of the agent.
    assert_eq!(world.holder(API, 1).await, Some(claim.clone()));
    assert_eq!(world.kinds_after(seq).await, [EventKind::ClaimUpdated]);
    // Fields that the claim does not have change nothing in it.
    assert_eq!(
        counted(world, record_issues(API, [told.body("more").changed(2)])).await,
        (0, 0, 0, 0)
    );
    assert_eq!(world.kinds_after(seq).await.len(), 1);
    let (ended, _) = world
        .claimed(issuecommand_testkit::builders::release(&claim))
        .await;
    world
        .note(record_issues(API, [issue(1).title("Again").changed(3)]))
        .await;
    assert_eq!(world.ended().await, [ended]);
}

pub(super) async fn a_new_label_moves_an_issue_in_the_queue(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world
        .note(record_issues(
            API,
            [issue(2).labels(&["urgent"]).changed(1)],
        ))
        .await;
    assert_eq!(world.offered(&IssueFilter::default()).await, [2, 1]);
    world
        .note(record_issues(API, [issue(2).labels(&["low"]).changed(2)]))
        .await;
    assert_eq!(world.offered(&IssueFilter::default()).await, [1, 2]);
    let low = IssueFilter::new(None, Some("low"), None);
    assert_eq!(world.offered(&low).await, [2]);
}

pub(super) async fn a_validator_lives_as_long_as_what_it_validates(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let etag = async || world.row(API, 1).await.etag;
    world.note(asked(issue(1), Some("\"a\""))).await;
    assert_eq!(etag().await.as_deref(), Some("\"a\""));
    world.pass(1);
    let checked = world.row(API, 1).await.checked_at;
    // The row in a list is unchanged, so nothing is written.
    world.note(record_issues(API, [issue(1)])).await;
    assert_eq!(
        (etag().await.as_deref(), world.row(API, 1).await.checked_at),
        (Some("\"a\""), checked)
    );
    world
        .note(record_issue(API, 1, IssueLookup::Unchanged))
        .await;
    assert_eq!(etag().await.as_deref(), Some("\"a\""));
    assert_eq!(world.row(API, 1).await.checked_at, world.clock.now());
    world.note(asked(issue(1), None)).await;
    assert_eq!(etag().await.as_deref(), Some("\"a\""));
    world
        .note(record_issues(API, [issue(1).title("other").changed(1)]))
        .await;
    assert_eq!(etag().await, None);
    world
        .note(asked(issue(1).title("more").changed(2), Some("\"b\"")))
        .await;
    assert_eq!(etag().await.as_deref(), Some("\"b\""));
    // A response about a row that is not there.
    world
        .note(record_issue(API, 9, IssueLookup::Unchanged))
        .await;
    assert_eq!(world.store.issue(&repo(API), number(9)).await, Ok(None));
}

pub(super) async fn a_run_of_the_sync_is_told(world: &World) {
    let tally = SyncStats {
        repos_scanned: 1,
        open_issues_seen: 2,
        newly_opened_issues: 3,
        externally_closed_claims: 4,
        metadata_updates: 5,
        stale_marked: 6,
        stale_auto_released: 7,
    };
    assert_eq!(world.health().await.last_sync, None);
    world.note(finish_sync(tally, &[])).await;
    assert_eq!(world.health().await.last_sync, Some(world.clock.now()));
    let [event] = &world.events().await[..] else {
        panic!("one event was expected")
    };
    assert_eq!(
        (event.kind, event.timestamp),
        (EventKind::SyncReconciled, world.clock.now())
    );
    assert_eq!(
        (event.claim, &event.repo, event.number, &event.agent),
        (None, &None, None, &None)
    );
    assert_eq!(event.details, Details::Reconciled(tally));
}
