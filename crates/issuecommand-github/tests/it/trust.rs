//! The token goes to the configured GitHub and nowhere else, whatever an answer says.

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::failure::GithubErrorKind;
use issuecommand_core::github::{GitHub, IssueList, Seen};
use issuecommand_core::issue::Doubt;
use issuecommand_testkit::github::{Fault, GithubEmulator};

use crate::setup::{Hand, Setup, app, client, failed, number, small_world, through_gh};

crate::setup::both_ways! {
    a_redirect_to_another_host_is_not_followed,
    redirects_in_a_circle_end,
    a_next_page_on_another_host_is_an_error_and_not_the_end_of_the_list,
    a_list_in_a_circle_ends,
    every_request_says_who_asks_and_in_which_form,
    a_slash_at_the_end_of_the_base_does_no_harm,
}

async fn a_redirect_to_another_host_is_not_followed() {
    let setup = Setup::small().await;
    let thief = GithubEmulator::start(small_world()).await;
    for status in [301, 307, 308] {
        let location = format!("{}/repos/acme/app", thief.url());
        let fault = Fault::status(status).header("location", &location);
        setup.github.fault("GET /repos/acme/app", fault.clone());
        setup.github.fault("GET /repos/acme/app/**", fault);
        failed(setup.rest.repo(&app()).await, GithubErrorKind::Unexpected);
        let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
        failed(list, GithubErrorKind::Unexpected);
        let seen = setup.rest.issue(&app(), number(1), None).await.unwrap();
        assert_eq!(seen, Seen::Doubtful(Doubt::Moved));
        setup.github.end_faults();
    }
    // Gh follows redirects by itself: whom it gives its login is for it to judge, what it found there is not believed.
    assert!(through_gh() || thief.requests().is_empty());
}

async fn redirects_in_a_circle_end() {
    let setup = Setup::small().await;
    let location = format!("{}/repos/acme/app", setup.github.url());
    setup.github.fault(
        "GET /repos/acme/app",
        Fault::status(301).header("location", &location),
    );
    failed(setup.rest.repo(&app()).await, GithubErrorKind::Unexpected);
    assert!(setup.github.requests().len() <= 10);
}

async fn a_next_page_on_another_host_is_an_error_and_not_the_end_of_the_list() {
    let setup = Setup::small().await;
    let thief = GithubEmulator::start(small_world()).await;
    let elsewhere = format!("{}/repos/acme/app/issues?page=2", thief.url());
    let link = format!("<{elsewhere}>; rel=\"next\"");
    setup.github.fault(
        "GET /**",
        Fault::delay(Duration::ZERO).header("link", &link),
    );
    let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
    failed(list, GithubErrorKind::Unexpected);
    let page = setup
        .rest
        .issues(&app(), IssueList::Open, Some(&elsewhere), None)
        .await;
    failed(page, GithubErrorKind::Unexpected);
    failed(setup.rest.repos().await, GithubErrorKind::Unexpected);
    failed(
        setup.rest.comments(&app(), number(1)).await,
        GithubErrorKind::Unexpected,
    );
    assert!(thief.requests().is_empty());
}

async fn a_list_in_a_circle_ends() {
    let setup = Setup::small().await;
    let page = format!("{}/repos/acme/app/issues?page=1", setup.github.url());
    let link = format!("<{page}>; rel=\"next\"");
    setup.github.fault(
        "GET /**",
        Fault::delay(Duration::ZERO).header("link", &link),
    );
    let list = setup
        .rest
        .issues(&app(), IssueList::Open, Some(&page), None)
        .await;
    failed(list, GithubErrorKind::Unexpected);
    failed(
        setup.rest.comments(&app(), number(1)).await,
        GithubErrorKind::TooMany,
    );
}

async fn every_request_says_who_asks_and_in_which_form() {
    let setup = Setup::small().await;
    setup.rest.repos().await.unwrap();
    setup.rest.close_issue(&app(), number(1)).await.unwrap();
    assert_eq!(setup.github.requests().len(), 3);
    for request in setup.github.requests() {
        assert_eq!(
            request.header("accept"),
            Some("application/vnd.github+json")
        );
        assert_eq!(request.header("x-github-api-version"), Some("2022-11-28"));
        let scheme = if through_gh() { "token" } else { "Bearer" };
        let credential = format!("{scheme} test-token");
        assert_eq!(request.header("authorization"), Some(credential.as_str()));
        assert!(
            request
                .header("user-agent")
                .unwrap()
                .starts_with("issuecommand/")
        );
    }
}

async fn a_slash_at_the_end_of_the_base_does_no_harm() {
    let github = GithubEmulator::start(small_world()).await;
    let base = format!("{}/", github.url());
    let rest = client(&base, "test-token", &Arc::new(Hand::default()), |_| {});
    assert!(rest.issue(&app(), number(1), None).await.is_ok());
    assert_eq!(github.requests()[0].path, "/repos/acme/app/issues/1");
}
