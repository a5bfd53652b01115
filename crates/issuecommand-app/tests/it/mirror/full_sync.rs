//! Wrong lists are detected: by time, by GitHub's own count, and by fetching single issues.

use std::time::Duration;

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::Details;
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::lease::LeaseOutcome;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::service::ServiceError;
use issuecommand_github_emulator::{Fault, NewRepo};
use issuecommand_testkit::builders::{agent, repo};

use crate::world::{API, Setup, StoreKind, github_with};

const LIST: &str = "GET /repos/acme/api/issues";

on_each_store! {
    a_first_list_that_was_wrongly_empty_is_found_out_by_the_second_sync,
    an_issue_that_the_list_showed_late_is_not_lost,
    an_issue_that_no_list_shows_is_asked_about,
    a_bad_row_is_named_and_tried_again_until_it_can_be_read,
    what_fails_is_told_and_a_run_that_read_nothing_is_no_success,
}

async fn failures(setup: &Setup) -> Vec<String> {
    let health = setup.store.health(&Scope::All).await.unwrap();
    let failures = health.sync_failures.iter();
    failures.map(|failure| failure.fault.to_string()).collect()
}

async fn a_first_list_that_was_wrongly_empty_is_found_out_by_the_second_sync(kind: StoreKind) {
    let setup = Setup::with(kind, github_with(30), Policy::default(), Scope::All).await;
    let lie = setup.github.fault(LIST, Fault::text("[]"));
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [0; 0]);
    setup.github.end_fault(lie);
    setup.pass(Millis::minutes(15));
    let report = setup.sync().await;
    assert_eq!(report.failed, []);
    assert_eq!(setup.offered(API).await, (1..=30).collect::<Vec<i64>>());
    // From now on a quiet repository costs as little as before.
    setup.pass(Millis::minutes(15));
    setup.sync().await;
    setup.pass(Millis::minutes(15));
    setup.github.forget_requests();
    setup.sync().await;
    assert_eq!(setup.asked("/repos/**"), ["GET /repos/acme/api/issues 304"]);
}

async fn an_issue_that_the_list_showed_late_is_not_lost(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(3)).await;
    setup.pass(Millis::minutes(15));
    // The list shows issue 5, and issue 4 not yet.
    setup.github.world(|world| {
        world.open_issue(API, "Late");
        world.advance(std::time::Duration::from_mins(1));
        world.open_issue(API, "Early");
    });
    setup.github.fault(
        LIST,
        Fault::text(
            r#"[{"number": 5, "title": "Early", "state": "open", "created_at": "2026-03-01T08:16:00Z",
                "updated_at": "2026-03-01T08:16:00Z", "html_url": "https://github.test/acme/api/issues/5"}]"#,
        )
        .times(1),
    );
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [1, 2, 3, 5]);
    setup.pass(Millis::minutes(15));
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [1, 2, 3, 4, 5]);
}

async fn an_issue_that_no_list_shows_is_asked_about(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(4)).await;
    let (kept, closed) = (
        setup.claim("ann", API, 1).await.unwrap().claim,
        setup.claim("ann", API, 2).await.unwrap().claim,
    );
    setup.pass(Millis::minutes(15));
    setup.github.world(|world| {
        world.close_issue(API, 2);
        world.delete_issue(API, 3);
    });
    // The lists are empty for longer than any overlap, although issues 1 and 4 are open.
    let lie = setup.github.fault(LIST, Fault::text("[]"));
    for _ in 0..8 {
        setup.sync().await;
        setup.pass(Millis::minutes(15));
    }
    setup.github.end_fault(lie);
    let lie = setup.github.fault(LIST, Fault::text("[]"));
    setup.pass(Millis::minutes(6 * 60));
    let report = setup.sync().await;
    assert_eq!(report.failed, []);
    let held = setup.held(API, 1).await.map(|claim| claim.id);
    assert_eq!(held, Some(kept.id), "it was requested");
    assert_eq!(
        setup.held(API, 2).await,
        None,
        "GitHub said that it is closed"
    );
    let last = setup.told_of(&closed).await.pop().unwrap();
    let Details::Moved { status, .. } = last.details else {
        panic!("{last:?}")
    };
    assert_eq!(status, ClaimStatus::Closed);
    assert_eq!(setup.offered(API).await, [4]);
    setup.github.end_fault(lie);
}

async fn a_bad_row_is_named_and_tried_again_until_it_can_be_read(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(3)).await;
    setup.pass(Millis::minutes(15));
    setup.github.world(|world| {
        world.open_issue(API, "Bad");
        world.close_issue(API, 1);
    });
    let now = jiff::Timestamp::from_millisecond(setup.clock.now().0).unwrap();
    let (closed, bad) = (
        format!(
            r#"{{"number": 1, "title": "Issue 1", "state": "closed", "created_at": "2025-12-01T08:00:00Z",
               "updated_at": "{now}", "html_url": "https://github.test/acme/api/issues/1"}}"#
        ),
        format!(r#"{{"number": 4, "title": null, "state": "open", "updated_at": "{now}"}}"#),
    );
    let list = setup
        .github
        .fault(LIST, Fault::text(&format!("[{bad}, {closed}]")));
    let one = setup
        .github
        .fault("GET /repos/acme/api/issues/4", Fault::text(&bad));
    let before = setup.store.repo(&repo(API)).await.unwrap().unwrap();
    let report = setup.sync().await;
    let [fault] = &report.failed[..] else {
        panic!("{report:?}")
    };
    assert_eq!(fault.to_string(), "acme/api#4");
    assert_eq!(
        setup.offered(API).await,
        [2, 3],
        "the rest of the page counts"
    );
    let after = setup.store.repo(&repo(API)).await.unwrap().unwrap();
    assert!(after.watermark > before.watermark, "the watermark moved");
    // It is retried although no list shows it.
    setup.github.end_fault(list);
    setup.github.fault(LIST, Fault::text("[]"));
    setup.pass(Millis::minutes(15));
    setup.sync().await;
    assert_eq!(failures(&setup).await, ["acme/api#4"]);
    setup.github.end_fault(one);
    setup.pass(Millis::minutes(15));
    assert_eq!(setup.sync().await.failed, []);
    assert_eq!(failures(&setup).await, [""; 0]);
    assert_eq!(setup.offered(API).await, [2, 3, 4]);
}

async fn what_fails_is_told_and_a_run_that_read_nothing_is_no_success(kind: StoreKind) {
    let mut world = github_with(2);
    world.add_repo(NewRepo::named("acme/web"));
    world.open_issue("acme/web", "One");
    let setup = Setup::synced_on(kind, world).await;
    let first = setup.clock.now();
    setup.pass(Millis::minutes(15));
    let one = setup.github.fault(LIST, Fault::status(500));
    setup.sync().await;
    let since = setup.clock.now();
    let health = setup.store.health(&Scope::All).await.unwrap();
    assert_eq!(health.last_sync, Some(since), "acme/web could be read");
    assert_eq!(failures(&setup).await, [API]);
    setup.github.end_fault(one);
    setup.pass(Millis::minutes(15));
    setup.github.fault("/**", Fault::status(401));
    for _ in 0..2 {
        setup.sync().await;
        setup.pass(Millis::minutes(15));
    }
    let health = setup.store.health(&Scope::All).await.unwrap();
    assert_eq!(health.last_sync, Some(since), "the token is revoked");
    assert!(first < since);
    let oldest = &health.sync_failures[0];
    assert_eq!(
        (oldest.fault.to_string().as_str(), oldest.since),
        (API, since)
    );
    assert!(oldest.fault.reason.contains("401"), "{oldest:?}");
    assert!(!format!("{health:?}").contains("test-token"));
    assert_eq!(health.sync_failures.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_in_a_circle_end_and_change_nothing() {
    let setup = Setup::synced(github_with(250)).await;
    setup.pass(Millis::minutes(7 * 60));
    let link = format!(
        "<{}/repos/acme/api/issues?state=open&per_page=100&page=2>; rel=\"next\"",
        setup.github.url()
    );
    let circle = Fault::delay(std::time::Duration::ZERO).header("link", &link);
    setup.github.fault(LIST, circle.on_page(3));
    setup.github.forget_requests();
    let before = setup.store.repo(&repo(API)).await.unwrap().unwrap();
    let report = setup.sync().await;
    assert_eq!(report.failed.len(), 1, "{report:?}");
    assert!(setup.asked(LIST).len() <= 4, "{:?}", setup.asked(LIST));
    let after = setup.store.repo(&repo(API)).await.unwrap().unwrap();
    assert_eq!(
        (after.watermark, after.full_at),
        (before.watermark, before.full_at)
    );
    assert_eq!(setup.offered(API).await.len(), 250);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requested_sync_reads_the_requested_repository() {
    let mut world = github_with(3);
    world.add_repo(NewRepo::named("acme/web"));
    world.open_issue("acme/web", "One");
    let setup = Setup::synced(world).await;
    setup.pass(Millis::minutes(1));
    setup.github.world(|world| {
        world.close_issue(API, 1);
        world.close_issue("acme/web", 1);
    });
    let all = Caller::full(Principal::ApiKey);
    let sync = async |caller: &Caller, name: Option<&str>, full| {
        setup.service.sync_now(caller, name.map(repo), full).await
    };
    setup.github.forget_requests();
    let report = sync(&all, Some(API), false).await.unwrap();
    assert_eq!((report.tally.repos_scanned, report.failed.len()), (1, 0));
    assert_eq!(setup.offered(API).await, [2, 3]);
    assert_eq!(setup.offered("acme/web").await, [1], "it was not requested");
    assert!(setup.asked("/repos/acme/web/**").is_empty());
    setup.github.forget_requests();
    sync(&all, Some(API), true).await.unwrap();
    assert!(
        setup
            .github
            .requests_to(LIST)
            .iter()
            .any(|request| request.param("state") == Some("open")),
        "all open issues are read again"
    );
    let report = sync(&all, None, false).await.unwrap();
    assert_eq!(report.tally.repos_scanned, 2);
    assert_eq!(setup.offered("acme/web").await, [0; 0]);

    let bound = Caller {
        scope: Scope::Only([repo("acme/web")].into()),
        ..all.clone()
    };
    assert_eq!(
        sync(&bound, None, true).await.unwrap().tally.repos_scanned,
        1
    );
    let no = sync(&bound, Some(API), false).await.unwrap_err();
    assert!(
        matches!(no, ServiceError::Failed(Failure::RepoNotAllowed { .. })),
        "{no:?}"
    );
    let reader = Caller {
        read_only: true,
        ..all.clone()
    };
    let agents = Caller {
        agent: Some(agent("ann")),
        ..all.clone()
    };
    for (caller, wanted) in [
        (reader, Refusal::ReadOnlyKey),
        (agents, Refusal::AgentNotAllowed { own: agent("ann") }),
    ] {
        let no = sync(&caller, None, false).await.unwrap_err();
        assert_eq!(no, ServiceError::Refused(Box::new(wanted)));
    }
}

/// Another call of the same process reads the repository, which is no other process.
#[tokio::test(flavor = "multi_thread")]
async fn a_repository_in_another_sync_is_reported_as_such() {
    let setup = Setup::new(github_with(1)).await;
    setup.next("ann").await.unwrap();
    setup.github.world(|world| {
        world.add_repo(NewRepo::named("acme/web"));
    });
    let length = Millis::minutes(60);
    let reading = setup.service.acquire_lease("first-sync:acme/web", length);
    assert!(matches!(reading.await.unwrap(), LeaseOutcome::Acquired(_)));
    let sync = setup.sync();
    tokio::pin!(sync);
    let report = loop {
        tokio::select! {
            report = &mut sync => break report,
            () = tokio::time::sleep(Duration::from_millis(20)) => setup.clock.advance(Millis(150)),
        }
    };
    let [fault] = &report.failed[..] else {
        panic!("{:?}", report.failed)
    };
    assert_eq!(fault.reason, "another sync reads it now");
}
