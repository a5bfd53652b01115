//! A repository's own policy is read from its default branch with the mirror.

use std::sync::Arc;

use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::SyncReport;
use issuecommand_github::PolicyFile;
use issuecommand_github_emulator::{Fault, NewIssue, World};

use crate::world::{API, Setup, caller, github_with};

const PATH: &str = ".github/issuecommand.toml";
const FILE: &str = "GET /repos/acme/api/contents/**";

/// Three issues, of which the last two have a label each, and perhaps a file.
fn world(file: Option<&str>) -> World {
    let mut world = github_with(1);
    world.open_issue(API, NewIssue::titled("Draw it").label("design"));
    world.open_issue(API, NewIssue::titled("Some day").label("later"));
    if let Some(text) = file {
        world.put_file(API, PATH, text);
    }
    world
}

async fn setup(file: Option<&str>) -> Setup {
    let mut setup = Setup::new(world(file)).await;
    setup.service = setup.service.reading_policies(Arc::new(PolicyFile));
    setup
}

fn put(setup: &Setup, text: &str) {
    setup.github.world(|world| world.put_file(API, PATH, text));
}

async fn later(setup: &Setup, minutes: i64) -> SyncReport {
    setup.pass(Millis::minutes(minutes));
    setup.sync().await
}

fn told(report: &SyncReport) -> Vec<String> {
    let failed = report.failed.iter();
    failed
        .map(|fault| format!("{fault}: {}", fault.reason))
        .collect()
}

/// The events about policies.
async fn events(setup: &Setup) -> Vec<EventKind> {
    let events = setup.store.events_after(0, 1_000).await.unwrap();
    let kinds = events.into_iter().map(|event| event.kind);
    let of_policies = |kind: &EventKind| kind.as_str().starts_with("policy.");
    kinds.filter(of_policies).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_issue_is_handed_out_before_the_policy_is_read() {
    let setup = setup(Some("exclude_labels = [\"Design\"]\nmax_claims = 1\n")).await;
    // An agent asks before any sync.
    let claim = setup.next("ann").await.unwrap();
    assert_eq!(claim.number.get(), 1);
    assert_eq!(setup.offered(API).await, [3]);
    setup.next("bob").await.unwrap_err();
    assert_eq!(setup.asked(FILE).len(), 1);
    assert_eq!(told(&setup.sync().await), [""; 0]);
    assert_eq!(setup.asked(FILE).len(), 1, "it was read just now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_followed_and_an_unchanged_file_costs_nothing() {
    let setup = setup(None).await;
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [1, 2, 3]);
    later(&setup, 10).await;
    assert_eq!(setup.asked(FILE).len(), 1, "a file is not looked for often");
    put(&setup, "exclude_labels = ['design']");
    later(&setup, 21).await;
    assert_eq!(setup.offered(API).await, [1, 3]);
    setup.github.forget_requests();
    later(&setup, 4).await;
    later(&setup, 2).await;
    later(&setup, 6).await;
    let answers = ["GET /repos/acme/api/contents/.github/issuecommand.toml 304"; 2];
    assert_eq!(setup.asked(FILE), answers);
    put(&setup, "exclude_labels = ['later']");
    // Whoever asks for a sync does not wait.
    let now = setup.service.sync_now(&caller(), None, false).await;
    assert_eq!(told(&now.unwrap()), [""; 0]);
    assert_eq!(setup.offered(API).await, [1, 2]);
    setup.github.world(|world| world.remove_file(API, PATH));
    later(&setup, 6).await;
    assert_eq!(setup.offered(API).await, [1, 2, 3]);
    assert_eq!(events(&setup).await, [EventKind::PolicyChanged; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_broken_file_the_last_good_one_holds() {
    let setup = setup(Some("exclude_labels = ['design']")).await;
    setup.sync().await;
    let big = format!("# {}", "x".repeat(70_000));
    for (text, words) in [
        (
            "\n\nexclude_labels = 'design'",
            "line 3: exclude_labels must be a list",
        ),
        (
            "ready_authors = 'anyone'",
            "line 1: a repository's file may not set \"ready_authors\"",
        ),
        (&*big, "more than 64 KB"),
    ] {
        put(&setup, text);
        let report = later(&setup, 6).await;
        let told = told(&report);
        let begins = told[0].starts_with(&format!("acme/api: {PATH}: "));
        assert!(
            told.len() == 1 && begins && told[0].contains(words),
            "{told:?}"
        );
        assert_eq!(setup.offered(API).await, [1, 3]);
        // It is told as long as it lasts, by health too.
        let again = later(&setup, 1).await;
        assert_eq!(again.failed, report.failed);
        let health = setup.service.health(&caller()).await.unwrap();
        assert_eq!(health.store.sync_failures.len(), 1);
    }
    put(&setup, "exclude_labels = ['later']");
    assert_eq!(told(&later(&setup, 6).await), [""; 0]);
    assert_eq!(setup.offered(API).await, [1, 2]);
    let mut expected = vec![EventKind::PolicyBroken; 3];
    expected.insert(0, EventKind::PolicyChanged);
    expected.push(EventKind::PolicyChanged);
    assert_eq!(events(&setup).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_no_evidence_of_a_deletion() {
    let setup = setup(Some("exclude_labels = ['design']")).await;
    setup.sync().await;
    for code in [500, 403] {
        let fault = setup.github.fault(FILE, Fault::status(code));
        let report = later(&setup, 6).await;
        assert_eq!(report.failed.len(), 1, "{code}");
        assert_eq!(setup.offered(API).await, [1, 3], "{code}");
        setup.github.end_fault(fault);
    }
    // GitHub answers 404 where access to the repository was lost, too.
    let gone = setup.github.fault(FILE, Fault::status(404));
    let repo = setup
        .github
        .fault("GET /repos/acme/api", Fault::status(404));
    later(&setup, 6).await;
    assert_eq!(events(&setup).await, [EventKind::PolicyChanged]);
    setup.github.end_fault(repo);
    setup.github.end_fault(gone);
    later(&setup, 6).await;
    assert_eq!(setup.offered(API).await, [1, 3]);
    assert_eq!(events(&setup).await, [EventKind::PolicyChanged]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_read_files_is_told_of_once() {
    let setup = setup(Some("exclude_labels = ['design']")).await;
    let fault = setup.github.fault(FILE, Fault::status(403));
    assert_eq!(told(&setup.sync().await), [""; 0]);
    assert_eq!(setup.offered(API).await, [1, 2, 3]);
    later(&setup, 6).await;
    assert_eq!(setup.asked(FILE).len(), 1);
    let warnings = setup.service.new_warnings();
    assert!(
        warnings.len() == 1 && warnings[0].contains("Contents: read"),
        "{warnings:?}"
    );
    setup.github.end_fault(fault);
    later(&setup, 30).await;
    assert_eq!(setup.offered(API).await, [1, 3]);
    assert_eq!(setup.service.warnings(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_requests_branch_is_never_read() {
    let setup = setup(Some("exclude_labels = ['design']")).await;
    setup.sync().await;
    later(&setup, 7 * 60).await;
    later(&setup, 6).await;
    let asked = setup.github.requests_to(FILE);
    assert!(asked.len() >= 3 && asked.iter().all(|request| request.query.is_empty()));
}
