//! Repositories that GitHub shows without their issues: a credential that may not read them, or disabled issues. Warnings name
//! them with the remedy, and other repositories are unaffected.

use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::refusal::{Refusal, UnreadRepo};
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Action, Command, Reading};
use issuecommand_core::service::ServiceError;
use issuecommand_github_emulator::{Fault, NewIssue, NewRepo};
use issuecommand_testkit::builders::repo;
use serde_json::{Value, json};

use crate::world::{API, Http, Setup, caller, github_with};

const WEB: &str = "acme/web";
const LIST: &str = "/repos/acme/web/issues";

async fn with_web(issues: u64) -> Setup {
    let mut world = github_with(1);
    world.add_repo(NewRepo::named(WEB));
    for n in 1..=issues {
        world.open_issue(WEB, NewIssue::titled(&format!("Of the web {n}")));
    }
    Setup::new(world).await
}

fn of_web(repo: &str) -> IssueFilter {
    IssueFilter {
        repo: Some(issuecommand_testkit::builders::repo(repo)),
        ..IssueFilter::default()
    }
}

/// The one warning names the repository, GitHub's status and the remedy.
fn names(status: u16, warnings: &Value) {
    let warnings: Vec<&str> = warnings
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let [words] = warnings[..] else {
        panic!("{warnings:?}")
    };
    let remedy = if status == 410 {
        "switch its issues on"
    } else {
        "Issues permission"
    };
    for part in [WEB, &status.to_string(), remedy, "ALLOWED_REPOS"] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_list_is_named_wherever_issues_are_asked_for() {
    for status in [403, 404, 410] {
        for synced in [true, false] {
            let setup = with_web(1).await;
            let fault = setup.github.fault(LIST, Fault::status(status));
            if synced {
                let report = setup.sync().await;
                assert_eq!(report.failed.len(), 1, "{:?}", report.failed);
                assert_eq!(report.failed[0].repo, Some(repo(WEB)));
                names(status, &json!([report.failed[0].reason]));
            }
            let http = Http::serving(&setup).await;
            let listed = http.get("/api/repos").await.body;
            assert_eq!(listed["repos"].as_array().unwrap().len(), 2, "{listed}");
            names(status, &listed["warnings"]);
            let ann = json!({ "agent_id": "ann" });
            for path in ["/api/next", "/api/next-work"] {
                let given = http.json("POST", path, &ann).await.body;
                if given["ok"] == true {
                    assert_eq!(given["issue"]["repo"], API);
                } else {
                    assert_eq!(given["reason"], "invalid_issue", "{given}");
                }
                names(status, &given["warnings"]);
            }
            let only = json!({ "agent_id": "bob", "repo": WEB });
            let told = http.json("POST", "/api/next", &only).await;
            assert_eq!(told.status, 503, "{}", told.body);
            names(status, &json!([told.body["message"]]));
            let told = http.get("/api/repos/acme/web/issues").await;
            assert_eq!(told.status, 503, "{}", told.body);
            names(status, &json!([told.body["message"]]));
            // Other repositories are unaffected.
            let other = http.get("/api/repos/acme/api/issues").await.body;
            assert_eq!(other["warnings"], Value::Null, "{other}");
            let health = setup.service.health(&caller()).await.unwrap();
            names(status, &json!(health.warnings));

            setup.github.end_fault(fault);
            setup.pass(Millis::minutes(2));
            assert_eq!(setup.next("bob").await.unwrap().repo_name, repo(WEB));
            let listed = http.get("/api/repos").await.body;
            assert_eq!(listed["warnings"], Value::Null, "{listed}");
        }
    }
}

/// Callers do not repeat at each call a request that GitHub just refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_list_is_not_requested_by_every_call() {
    let setup = with_web(1).await;
    setup.github.fault(LIST, Fault::status(403));
    setup.next("ann").await.unwrap();
    for _ in 0..5 {
        let Err(ServiceError::NoWork { refusal, .. }) = setup.next("bob").await else {
            panic!("there is nothing to give")
        };
        let missing = vec![UnreadRepo {
            repo: repo(WEB),
            status: Some(403),
        }];
        assert_eq!(*refusal, Refusal::NothingAmongRead { missing });
    }
    assert_eq!(setup.asked(LIST).len(), 1);
}

/// If the right to read the issues is revoked later, known issues stay, with a warning.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_refused_later_keeps_known_issues() {
    let setup = with_web(1).await;
    setup.sync().await;
    setup.github.fault(LIST, Fault::status(403));
    assert_eq!(setup.sync().await.failed.len(), 1);
    assert_eq!(setup.offered(WEB).await, [1]);
    let http = Http::serving(&setup).await;
    let listed = http.get("/api/repos/acme/web/issues").await.body;
    assert_eq!(listed["issues"].as_array().unwrap().len(), 1);
    names(403, &listed["warnings"]);
    for who in ["ann", "bob"] {
        setup.next(who).await.unwrap();
    }
    assert!(matches!(
        setup.next("carl").await,
        Err(ServiceError::NoWork { refusal, .. }) if matches!(*refusal, Refusal::NothingAmongRead { .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_page_that_is_refused_is_a_failed_reading_and_loses_nothing() {
    for status in [403, 404, 410] {
        let setup = with_web(101).await;
        let fault = setup.github.fault(LIST, Fault::status(status).on_page(2));
        let report = setup.sync().await;
        assert_eq!(report.failed.len(), 1, "{:?}", report.failed);
        assert!(report.failed[0].reason.contains("page 2"));
        let row = setup.store.repo(&repo(WEB)).await.unwrap().unwrap();
        assert!(row.offered && row.synced_at.is_none(), "{status}");
        let open = setup
            .service
            .list_open_issues(&caller(), of_web(WEB), None)
            .await;
        assert!(
            matches!(open, Err(ServiceError::Failed(Failure::Github(_)))),
            "{open:?}"
        );
        assert_eq!(setup.service.warnings(), [""; 0]);
        setup.github.end_fault(fault);
        setup.sync().await;
        assert_eq!(setup.offered(WEB).await.len(), 101);
    }
}

/// Another process may read the issues when they are readable again.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_over_when_another_process_has_read_the_issues() {
    let setup = with_web(1).await;
    let fault = setup.github.fault(LIST, Fault::status(403));
    setup.service.list_repos(&caller(), true).await.unwrap();
    assert_eq!(setup.service.warnings().len(), 1);
    setup.github.end_fault(fault);
    setup.pass(Millis::minutes(2));
    let now = setup.clock.now();
    let poll = Command::system(Action::FinishPoll {
        repo: repo(WEB),
        began: now,
        watermark: Some(now),
        etag: None,
        reading: Reading::default(),
    });
    setup.store.transact(poll).await.unwrap();
    let health = setup.service.health(&caller()).await.unwrap();
    assert_eq!(health.warnings, [""; 0]);
    let told = setup.service.unreadable_warnings(&caller(), None).await;
    assert_eq!(told.unwrap(), [""; 0]);
}
