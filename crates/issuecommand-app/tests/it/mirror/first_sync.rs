//! The first sync reads every page once, and misses nothing that moves between pages.

use std::time::Duration;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::{Refusal, UnreadRepo};
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::ServiceError;
use issuecommand_github_emulator::{Fault, NewIssue, NewPull, NewRepo};
use issuecommand_testkit::builders::{agent, repo};

use crate::world::{API, Http, Setup, StoreKind, caller, github, github_with};

const LIST: &str = "GET /repos/acme/api/issues";

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sync_reads_every_page_once() {
    let mut world = github_with(1050);
    for n in 0..130 {
        world.advance(Duration::from_mins(1));
        let pull = NewPull::from_branch(&format!("b{n}"), NewIssue::titled("A pull request"));
        world.open_pull(API, pull);
    }
    let setup = Setup::new(world).await;
    let report = setup.sync().await;
    assert_eq!(report.failed, []);
    assert_eq!(report.tally.open_issues_seen, 1050);
    assert_eq!(
        report.tally.newly_opened_issues, 0,
        "a first look is no news"
    );
    assert_eq!(setup.offered(API).await, (1..=1050).collect::<Vec<i64>>());
    // 1,180 rows are 12 pages, and one request for later changes.
    assert_eq!(setup.asked(LIST).len(), 13);
    let pulls = setup.asked("GET /repos/acme/api/pulls").len();
    assert_eq!(pulls, 2, "130 pull requests are 2 pages");
    assert_eq!(setup.asked("/**").len(), 16, "and the list of repositories");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_closes_meanwhile_hides_no_other() {
    let setup = Setup::new(github_with(350)).await;
    // Page 3 is delayed, so that an issue of page 1 can close before it: the first row of page 3 moves to page 2, unread.
    setup.github.fault(
        LIST,
        Fault::delay(Duration::from_millis(700)).on_page(3).times(1),
    );
    let closing = async {
        while !setup
            .github
            .requests_to(LIST)
            .iter()
            .any(|request| request.param("page") == Some("3"))
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        setup.pass(Millis::seconds(5));
        setup.github.world(|world| world.close_issue(API, 350));
    };
    let (report, ()) = tokio::join!(setup.sync(), closing);
    assert_eq!(report.failed, []);
    assert_eq!(setup.offered(API).await, (1..=349).collect::<Vec<i64>>());
    // Two passes of four pages and a request for changes; not a third pass.
    assert_eq!(setup.asked(LIST).len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_callers_share_one_first_sync() {
    let setup = Setup::new(github_with(250)).await;
    let mut asking = tokio::task::JoinSet::new();
    for n in 0..20 {
        let service = setup.service.clone();
        // Waiting callers poll by the clock.
        asking.spawn(async move {
            let filter = IssueFilter::default();
            service
                .next_issue(&caller(), agent(&format!("agent-{n}")), filter)
                .await
        });
    }
    let mut numbers = Vec::new();
    loop {
        tokio::select! {
            ended = asking.join_next() => match ended {
                Some(given) => numbers.push(given.unwrap().unwrap().claim.number.get()),
                None => break,
            },
            () = tokio::time::sleep(Duration::from_millis(10)) => setup.clock.advance(Millis(100)),
        }
    }
    numbers.sort_unstable();
    assert_eq!(
        numbers,
        (1..=20).collect::<Vec<i64>>(),
        "the oldest, each to one agent"
    );
    assert_eq!(
        setup.asked(LIST).len(),
        4,
        "three pages and a look at what changed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_first_sync_restarts_before_anything_is_answered() {
    let setup = Setup::new(github_with(250)).await;
    let http = Http::serving(&setup).await;
    let fault = setup.github.fault(LIST, Fault::status(500).on_page(3));
    // Known issues may be handed out; that nothing matches is only known after the whole sync.
    let next = serde_json::json!({ "agent_id": "ann", "label": "on none of them" });
    for _ in 0..2 {
        let reply = http.json("POST", "/api/next", &next).await;
        let error = reply.body["error"].as_str();
        assert_eq!((reply.status, error), (503, Some("github_unavailable")));
        assert!(reply.retry_after.is_some(), "{reply:?}");
        let report = setup.sync().await;
        assert_eq!(report.failed.len(), 1, "{report:?}");
    }
    setup.github.end_fault(fault);
    setup.pass(Millis::minutes(2));
    assert_eq!(setup.sync().await.failed, []);
    assert_eq!(setup.offered(API).await.len(), 250);
    let reply = http.json("POST", "/api/next", &next).await;
    assert_eq!(
        (reply.status, reply.body["reason"].as_str()),
        (409, Some("invalid_issue"))
    );
    assert_eq!(reply.body["message"], "No eligible unclaimed issues found");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_eligible_needs_every_repository_to_be_read() {
    let mut world = github();
    world.add_repo(NewRepo::named(API));
    world.add_repo(NewRepo::named("acme/web"));
    let setup = Setup::new(world).await;
    let fault = setup
        .github
        .fault("GET /repos/acme/web/issues", Fault::status(502));
    // One of two is not enough for "nothing eligible": the missing one is named.
    for _ in 0..2 {
        let Err(ServiceError::NoWork { refusal, .. }) = setup.next("ann").await else {
            panic!("there is nothing to give yet")
        };
        let missing = vec![UnreadRepo {
            repo: repo("acme/web"),
            status: None,
        }];
        assert_eq!(*refusal, Refusal::NothingAmongRead { missing });
        setup.sync().await;
    }
    setup.github.end_fault(fault);
    let Err(ServiceError::NoWork { refusal, .. }) = setup.next("ann").await else {
        panic!("there is nothing to give")
    };
    assert_eq!(*refusal, Refusal::NothingEligible);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_allowed_repositories_are_read_and_offered() {
    let mut world = github_with(2);
    world.add_repo(NewRepo::named("acme/secret"));
    world.open_issue("acme/secret", "Not for agents");
    let allowed = Scope::Only([repo("ACME/API")].into());
    let setup = Setup::with(StoreKind::Sqlite, world, Policy::default(), allowed).await;
    assert_eq!(setup.sync().await.failed, []);
    assert_eq!(setup.asked("/repos/acme/secret/**"), [""; 0]);
    assert_eq!(setup.asked("/user/repos"), [""; 0]);
    let no = setup.claim("ann", "acme/secret", 1).await.unwrap_err();
    assert!(
        matches!(no, ServiceError::Failed(Failure::RepoNotAllowed { .. })),
        "{no:?}"
    );
    assert_eq!(setup.offered(API).await, [1, 2]);
}
