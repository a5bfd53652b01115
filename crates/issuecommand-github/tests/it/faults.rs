//! Each kind of GitHub failure is an error of its own kind, and none looks like a response.

use std::time::Duration;

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::ports::github::{GitHub, IssueList};
use issuecommand_github::RestSettings;
use issuecommand_github_emulator::Fault;
use tokio::net::TcpListener;

use crate::setup::{ManualClock, Setup, app, client, failed, number, small_world};

crate::setup::both_ways! {
    statuses_are_errors_of_their_kind,
    a_single_failure_is_tried_once_more_and_a_second_is_told,
    a_refusal_is_not_tried_again,
    silence_ends_by_itself_and_is_not_asked_for_twice,
    nobody_there_is_unreachable,
    what_cannot_be_read_is_no_answer,
    an_answer_without_end_is_not_read_to_its_end,
}

fn impatient(settings: &mut RestSettings) {
    settings.timeout = Duration::from_millis(300);
}

const LIST: &str = "GET /repos/acme/app/issues";

async fn statuses_are_errors_of_their_kind() {
    let setup = Setup::small().await;
    for (status, kind) in [
        (400, GithubErrorKind::Unexpected),
        (401, GithubErrorKind::Refused),
        (403, GithubErrorKind::Refused),
        (404, GithubErrorKind::NotFound),
        (410, GithubErrorKind::NotFound),
        (422, GithubErrorKind::Unexpected),
        (451, GithubErrorKind::Refused),
        (500, GithubErrorKind::Unreachable),
        (502, GithubErrorKind::Unreachable),
        (503, GithubErrorKind::Unreachable),
        (204, GithubErrorKind::Unexpected),
        (302, GithubErrorKind::Unexpected),
        (304, GithubErrorKind::Unexpected),
    ] {
        let fault = setup.github.fault(LIST, Fault::status(status));
        let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
        let error = failed(list, kind);
        assert!(
            error.detail.starts_with("GET /repos/acme/app/issues: "),
            "{error}"
        );
        assert!(error.detail.contains(&status.to_string()), "{error}");
        assert_eq!(error.retry_after, None, "{error}");
        setup.github.end_fault(fault);
    }
    assert!(
        setup
            .rest
            .issues(&app(), IssueList::Open, None, None)
            .await
            .is_ok()
    );
}

async fn a_single_failure_is_tried_once_more_and_a_second_is_told() {
    let setup = Setup::small().await;
    for fault in [Fault::status(502), Fault::break_off()] {
        setup.github.forget_requests();
        setup.github.fault(LIST, fault.clone().times(1));
        assert!(
            setup
                .rest
                .issues(&app(), IssueList::Open, None, None)
                .await
                .is_ok()
        );
        assert_eq!(setup.github.requests().len(), 2);
        setup.github.forget_requests();
        let lasting = setup.github.fault(LIST, fault);
        let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
        failed(list, GithubErrorKind::Unreachable);
        assert_eq!(setup.github.requests().len(), 2);
        setup.github.end_fault(lasting);
    }
}

async fn a_refusal_is_not_tried_again() {
    let setup = Setup::small().await;
    for fault in [
        Fault::status(401),
        Fault::status(403),
        Fault::status(422),
        Fault::wrong_json(),
    ] {
        setup.github.forget_requests();
        let fault = setup.github.fault(LIST, fault);
        setup
            .rest
            .issues(&app(), IssueList::Open, None, None)
            .await
            .unwrap_err();
        assert_eq!(setup.github.requests().len(), 1);
        setup.github.end_fault(fault);
    }
}

async fn silence_ends_by_itself_and_is_not_asked_for_twice() {
    let setup = Setup::tuned(small_world(), impatient).await;
    for fault in [Fault::hang(), Fault::delay(Duration::from_secs(5))] {
        setup.github.forget_requests();
        let fault = setup.github.fault("GET /repos/acme/app/issues/1", fault);
        let issue = setup.rest.issue(&app(), number(1), None).await;
        failed(issue, GithubErrorKind::Unreachable);
        assert_eq!(setup.github.requests().len(), 1);
        setup.github.end_fault(fault);
    }
    assert!(setup.rest.issue(&app(), number(1), None).await.is_ok());
}

async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let rest = client(
        &base,
        "test-token",
        &std::sync::Arc::new(ManualClock::default()),
        |_| {},
    );
    failed(rest.repos().await, GithubErrorKind::Unreachable);
    failed(
        rest.issue(&app(), number(1), None).await,
        GithubErrorKind::Unreachable,
    );
}

async fn what_cannot_be_read_is_no_answer() {
    let setup = Setup::small().await;
    let row = r#"{"number": 1, "title": "a", "state": "open", "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z", "html_url": "u"}"#;
    let other = row.replace("\"number\": 1", "\"number\": 2");
    let pathless = row.replace("\"html_url\": \"u\"", "\"extra\": 1");
    for text in [
        "",
        "<html>Sign in</html>",
        "null",
        "{}",
        "[{\"number\": 1, \"title\": ",
        &other,
        &pathless,
    ] {
        let fault = setup
            .github
            .fault("GET /repos/acme/app/issues/1", Fault::text(text));
        let issue = setup.rest.issue(&app(), number(1), None).await;
        failed(issue, GithubErrorKind::Unexpected);
        setup.github.end_fault(fault);
    }
    for text in [
        "",
        "null",
        "{}",
        "[{\"number\": 1,",
        "{\"message\": \"hello\"}",
    ] {
        let fault = setup.github.fault(LIST, Fault::text(text));
        let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
        failed(list, GithubErrorKind::Unexpected);
        setup.github.end_fault(fault);
    }
    let fault = setup.github.fault(LIST, Fault::text(&format!("[{row}]")));
    assert!(
        setup
            .rest
            .issues(&app(), IssueList::Open, None, None)
            .await
            .is_ok()
    );
    setup.github.end_fault(fault);
}

async fn an_answer_without_end_is_not_read_to_its_end() {
    let setup = Setup::tuned(small_world(), |settings| settings.answer_cap = 10_000).await;
    assert!(setup.rest.issue(&app(), number(1), None).await.is_ok());
    setup
        .github
        .world(|world| world.edit_body("acme/app", 1, &"x".repeat(10_001)));
    let error = failed(
        setup.rest.issue(&app(), number(1), None).await,
        GithubErrorKind::Unexpected,
    );
    assert!(error.detail.contains("too long"), "{error}");
}
