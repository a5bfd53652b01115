//! Faults and limits.

use std::time::{Duration, Instant};

use issuecommand_github_emulator::Fault;

use super::emulator_with;
use crate::raw::get;

const LIST: &str = "/repos/acme/app/issues?per_page=2";

#[tokio::test]
async fn a_fault_lasts_until_it_is_ended_and_strikes_its_route_alone() {
    let github = emulator_with(3).await;
    let fault = github.fault(
        "GET /repos/acme/app/issues",
        Fault::status(502).header("x-why", "test"),
    );
    for _ in 0..2 {
        let answer = get(github.url(), LIST).await;
        assert_eq!((answer.status, answer.header("x-why")), (502, Some("test")));
    }
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues/1").await.status,
        200
    );
    github.end_fault(fault);
    assert_eq!(get(github.url(), LIST).await.status, 200);
}

#[tokio::test]
async fn a_fault_may_last_for_some_requests_or_begin_after_some() {
    let github = emulator_with(1).await;
    github.fault("/user", Fault::status(500).after(1).times(2));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(github.url(), "/user").await.status);
    }
    assert_eq!(statuses, [200, 500, 500, 200]);
}

#[tokio::test]
async fn a_page_of_a_list_breaks_off() {
    let github = emulator_with(5).await;
    github.fault("GET /repos/acme/app/issues", Fault::break_off().on_page(2));
    let first = get(github.url(), LIST).await;
    assert!(!first.is_broken_off());
    let second = get(github.url(), &first.link("next").unwrap()).await;
    assert_eq!(second.status, 200);
    assert!(second.is_broken_off() && !second.body.is_empty());
    github.end_faults();
    assert_eq!(
        get(github.url(), &first.link("next").unwrap())
            .await
            .numbers(),
        [3, 2]
    );
}

#[tokio::test]
async fn a_hanging_route_never_answers_and_others_do() {
    let github = emulator_with(1).await;
    github.fault("GET /repos/acme/app", Fault::hang());
    let hanging = tokio::time::timeout(
        Duration::from_millis(200),
        get(github.url(), "/repos/acme/app"),
    )
    .await;
    assert!(hanging.is_err());
    assert_eq!(get(github.url(), LIST).await.status, 200);
    let record = &github.requests_to("GET /repos/acme/app")[0];
    assert_eq!(
        record.status, None,
        "the log shows that it was never answered"
    );
    assert_eq!(record.header("user-agent"), Some("raw-test"));
}

#[tokio::test]
async fn answers_may_be_late_or_nonsense() {
    let github = emulator_with(1).await;
    github.fault("/user", Fault::delay(Duration::from_millis(80)).times(1));
    let begin = Instant::now();
    assert_eq!(get(github.url(), "/user").await.status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(80));

    github.fault("/user", Fault::wrong_json().times(1));
    let nonsense = get(github.url(), "/user").await;
    assert_eq!(nonsense.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&nonsense.body).is_err());
    github.fault(LIST.split('?').next().unwrap(), Fault::text("[]"));
    assert_eq!(
        get(github.url(), LIST).await.body,
        "[]",
        "an empty list proves nothing"
    );
}

#[tokio::test]
async fn limits_look_as_github_s() {
    let github = emulator_with(1).await;
    let reset = github.world(|world| world.now()) + jiff::SignedDuration::from_secs(90);
    github.fault("/user", Fault::primary_limit(403, reset).times(1));
    let primary = get(github.url(), "/user").await;
    assert_eq!(
        (primary.status, primary.header("x-ratelimit-remaining")),
        (403, Some("0"))
    );
    assert_eq!(
        primary.header("x-ratelimit-reset"),
        Some(reset.as_second().to_string().as_str())
    );

    github.fault("/user", Fault::secondary_limit(429, Some(7)).times(1));
    let secondary = get(github.url(), "/user").await;
    assert_eq!(
        (secondary.status, secondary.header("retry-after")),
        (429, Some("7"))
    );
    assert_ne!(secondary.header("x-ratelimit-remaining"), Some("0"));
    github.fault("/user", Fault::secondary_limit(403, None).times(1));
    let silent = get(github.url(), "/user").await;
    assert_eq!((silent.status, silent.header("retry-after")), (403, None));
    assert!(silent.body.contains("secondary rate limit"));
}

#[tokio::test]
async fn the_hourly_budget_runs_out_and_comes_back() {
    let github = emulator_with(1).await;
    github.world(|world| world.set_rate_limit(3));
    let mut remaining = Vec::new();
    for _ in 0..3 {
        let answer = get(github.url(), "/user").await;
        remaining.push(answer.header("x-ratelimit-remaining").unwrap().to_owned());
    }
    assert_eq!(remaining, ["2", "1", "0"]);
    let over = get(github.url(), "/user").await;
    assert_eq!(over.status, 403);
    assert!(over.body.contains("API rate limit exceeded"));
    let now = github.world(|world| world.now()).as_second();
    let reset: i64 = over.header("x-ratelimit-reset").unwrap().parse().unwrap();
    assert!((now + 1..=now + 3_600).contains(&reset));
    let status = get(github.url(), "/rate_limit").await;
    assert_eq!(
        (
            status.status,
            status.json()["resources"]["core"]["remaining"].as_u64()
        ),
        (200, Some(0))
    );

    github.world(issuecommand_github_emulator::World::await_rate_limit);
    assert_eq!(get(github.url(), "/user").await.status, 200);
}
