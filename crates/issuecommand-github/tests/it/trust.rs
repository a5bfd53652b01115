//! The token is sent only to the configured GitHub, whatever a response says.

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::issue::{IssueLookup, WithheldReason};
use issuecommand_core::ports::github::{Fetched, GitHub, IssueList};
use issuecommand_github_emulator::{Fault, GithubEmulator, NewComment};

use crate::setup::{
    ManualClock, Setup, app, client, close, failed, number, small_world, through_gh,
};

crate::setup::both_ways! {
    a_redirect_to_another_host_is_not_followed,
    redirects_in_a_circle_end,
    a_next_page_is_read_from_our_own_base_whatever_host_the_link_names,
    no_page_of_a_list_is_read_twice,
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
        assert_eq!(seen, IssueLookup::Withheld(WithheldReason::Moved));
        setup.github.end_faults();
    }
    // gh follows redirects itself and decides where to send its login; the result is ignored.
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

async fn a_next_page_is_read_from_our_own_base_whatever_host_the_link_names() {
    let mut world = small_world();
    for n in 0..130 {
        world.comment("acme/app", 1, NewComment::saying(&format!("{n}")));
        world.open_issue("acme/app", "Another");
    }
    let setup = Setup::with(world).await;
    let thief = GithubEmulator::start(small_world()).await;
    for path in ["/repos/acme/app/issues", "/api/v3/repos/acme/app/issues"] {
        let elsewhere = format!("{}{path}?state=open&per_page=100&page=2", thief.url());
        let link = format!("<{elsewhere}>; rel=\"next\"");
        let fault = Fault::delay(Duration::ZERO)
            .header("link", &link)
            .on_page(1);
        let fault = setup.github.fault("GET /repos/*/*/issues", fault);
        let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
        let Ok(Fetched::New(first)) = list else {
            panic!("{list:?}")
        };
        let next = first.next.as_deref().expect("a second page");
        let page = setup
            .rest
            .issues(&app(), IssueList::Open, Some(next), None)
            .await;
        let Ok(Fetched::New(page)) = page else {
            panic!("no second page")
        };
        assert_eq!(page.issues.len(), 31, "{path}");
        // Also if a caller kept GitHub's link.
        let page = setup
            .rest
            .issues(&app(), IssueList::Open, Some(&elsewhere), None)
            .await;
        assert!(page.is_ok(), "{path}");
        setup.github.end_fault(fault);
    }
    let elsewhere = format!(
        "{}/repos/acme/app/issues/1/comments?per_page=100&page=2",
        thief.url()
    );
    let link = format!("<{elsewhere}>; rel=\"next\"");
    let fault = Fault::delay(Duration::ZERO)
        .header("link", &link)
        .on_page(1);
    setup
        .github
        .fault("GET /repos/*/*/issues/*/comments", fault);
    let comments = setup.rest.comments(&app(), number(1)).await.unwrap();
    assert_eq!((comments.comments.len(), comments.gap), (130, None));
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
        GithubErrorKind::Unexpected,
    );
}

async fn no_page_of_a_list_is_read_twice() {
    let mut world = small_world();
    for n in 0..250 {
        world.comment("acme/app", 1, NewComment::saying(&format!("{n}")));
    }
    let setup = Setup::with(world).await;
    // Three pages, of which the last links to the second.
    setup.rest.comments(&app(), number(1)).await.unwrap();
    let second = setup.github.requests()[1].clone();
    let (base, path) = (setup.github.url(), &second.path);
    let link = format!("<{base}{path}?per_page=100&page=2>; rel=\"next\"");
    setup.github.fault(
        "GET /**",
        Fault::delay(Duration::ZERO)
            .header("link", &link)
            .on_page(3),
    );
    setup.github.forget_requests();
    failed(
        setup.rest.comments(&app(), number(1)).await,
        GithubErrorKind::Unexpected,
    );
    assert_eq!(setup.github.requests().len(), 3);
}

async fn every_request_says_who_asks_and_in_which_form() {
    let setup = Setup::small().await;
    setup.rest.repos().await.unwrap();
    close(&setup.rest, 1).await.unwrap();
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
    let rest = client(
        &base,
        "test-token",
        &Arc::new(ManualClock::default()),
        |_| {},
    );
    assert!(rest.issue(&app(), number(1), None).await.is_ok());
    assert_eq!(github.requests()[0].path, "/repos/acme/app/issues/1");
}
