//! Rate limits: every caller of the client waits, and no request is sent meanwhile.

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::ports::github::{Budget, GitHub, IssueList};
use issuecommand_github_emulator::Fault;
use tokio::task::JoinSet;

use crate::setup::{Setup, app, close, failed, number, small_world, through_gh};

crate::setup::both_ways! {
    the_hourly_limit_is_waited_out,
    a_limit_that_says_how_long_is_taken_at_its_word,
    a_limit_that_does_not_say_doubles_until_a_success,
    a_refusal_without_a_reason_waits_like_a_limit,
    a_limit_whose_end_has_passed_waits_like_one_that_does_not_say,
    a_broken_service_that_says_how_long_is_left_alone_too,
    the_last_request_of_the_hour_is_known_for_what_it_is,
    nothing_is_known_of_a_budget_before_the_first_answer,
    at_most_four_run_at_once_and_all_come_to_an_end,
    who_waits_for_a_turn_in_vain_is_told,
}

const ISSUE: &str = "GET /repos/acme/app/issues/1";

/// Triggers the fault, and checks that no request is sent until `wait` is over.
async fn keeps(setup: &Setup, fault: Fault, wait: Millis) {
    setup.github.fault(ISSUE, fault.times(1));
    setup.github.forget_requests();
    let limited = failed(
        setup.rest.issue(&app(), number(1), None).await,
        GithubErrorKind::Limited,
    );
    assert_eq!(limited.retry_after, Some(wait), "{limited}");
    setup.pass(Millis::seconds(1));
    let left = Some(Millis(wait.0 - 1000)).filter(|left| left.0 > 0);
    assert_eq!(setup.rest.budget().waiting, left);
    if left.is_some() {
        let refused = failed(setup.rest.repos().await, GithubErrorKind::Limited);
        assert_eq!(refused.retry_after, left);
        let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
        assert_eq!(failed(list, GithubErrorKind::Limited).retry_after, left);
        let closed = close(&setup.rest, 1).await;
        assert_eq!(failed(closed, GithubErrorKind::Limited).retry_after, left);
    }
    assert_eq!(
        setup.github.requests().len(),
        1,
        "a request left during the wait"
    );
    setup.pass(left.unwrap_or_default());
    assert_eq!(setup.rest.budget().waiting, None);
}

async fn the_hourly_limit_is_waited_out() {
    for status in [403, 429] {
        let setup = Setup::small().await;
        let reset = setup.github.world(|world| world.now()) + Duration::from_secs(1234);
        keeps(
            &setup,
            Fault::primary_limit(status, reset),
            Millis::seconds(1234),
        )
        .await;
        assert!(setup.rest.issue(&app(), number(1), None).await.is_ok());
    }
}

async fn a_limit_that_says_how_long_is_taken_at_its_word() {
    for status in [403, 429] {
        let setup = Setup::small().await;
        keeps(
            &setup,
            Fault::secondary_limit(status, Some(7)),
            Millis::seconds(7),
        )
        .await;
        keeps(
            &setup,
            Fault::secondary_limit(status, Some(1)),
            Millis::seconds(1),
        )
        .await;
        assert!(setup.rest.issue(&app(), number(1), None).await.is_ok());
    }
}

async fn a_limit_that_does_not_say_doubles_until_a_success() {
    for status in [403, 429] {
        let setup = Setup::small().await;
        for minutes in [1, 2, 4] {
            keeps(
                &setup,
                Fault::secondary_limit(status, None),
                Millis::minutes(minutes),
            )
            .await;
        }
        assert!(setup.rest.issue(&app(), number(1), None).await.is_ok());
        keeps(
            &setup,
            Fault::secondary_limit(status, None),
            Millis::minutes(1),
        )
        .await;
    }
}

async fn a_refusal_without_a_reason_waits_like_a_limit() {
    let setup = Setup::small().await;
    for minutes in [1, 2, 4] {
        keeps(&setup, Fault::empty(403), Millis::minutes(minutes)).await;
    }
    // A refusal with another reason affects only its own request.
    setup.github.fault(ISSUE, Fault::status(403).times(1));
    let refused = setup.rest.issue(&app(), number(1), None).await;
    assert_eq!(failed(refused, GithubErrorKind::Refused).retry_after, None);
    assert!(setup.rest.issue(&app(), number(1), None).await.is_ok());
}

async fn a_limit_whose_end_has_passed_waits_like_one_that_does_not_say() {
    for status in [403, 429] {
        let setup = Setup::small().await;
        for minutes in [1, 2] {
            let past = setup.github.world(|world| world.now()) - Duration::from_secs(5);
            keeps(
                &setup,
                Fault::primary_limit(status, past),
                Millis::minutes(minutes),
            )
            .await;
        }
        keeps(
            &setup,
            Fault::secondary_limit(status, Some(0)),
            Millis::minutes(4),
        )
        .await;
        assert!(setup.rest.issue(&app(), number(1), None).await.is_ok());
    }
}

async fn a_broken_service_that_says_how_long_is_left_alone_too() {
    let setup = Setup::small().await;
    setup.github.fault(
        ISSUE,
        Fault::status(503).header("retry-after", "9").times(1),
    );
    let error = failed(
        setup.rest.issue(&app(), number(1), None).await,
        GithubErrorKind::Unreachable,
    );
    assert_eq!(error.retry_after, Some(Millis::seconds(9)));
    failed(
        setup.rest.issue(&app(), number(1), None).await,
        GithubErrorKind::Limited,
    );
    assert_eq!(setup.github.requests().len(), 1);
}

async fn the_last_request_of_the_hour_is_known_for_what_it_is() {
    let setup = Setup::small().await;
    setup.github.world(|world| world.set_rate_limit(3));
    for left in [2, 1, 0] {
        assert!(setup.rest.issue(&app(), number(1), None).await.is_ok());
        assert_eq!(setup.rest.budget().remaining, Some(left));
    }
    let hour = Millis::minutes(60);
    let budget = Budget {
        remaining: Some(0),
        limit: Some(3),
        resets_at: Some(Timestamp(hour.0)),
        waiting: Some(hour),
    };
    assert_eq!(setup.rest.budget(), budget);
    let limited = failed(
        setup.rest.issue(&app(), number(1), None).await,
        GithubErrorKind::Limited,
    );
    assert_eq!(limited.retry_after, Some(hour));
    assert_eq!(setup.github.requests().len(), 3);
    setup.pass(hour);
    assert_eq!(
        setup.rest.budget().remaining,
        Some(3),
        "the budget is full again"
    );
    assert!(setup.rest.issue(&app(), number(1), None).await.is_ok());
}

async fn nothing_is_known_of_a_budget_before_the_first_answer() {
    let setup = Setup::small().await;
    assert_eq!(setup.rest.budget(), Budget::default());
}

async fn at_most_four_run_at_once_and_all_come_to_an_end() {
    let setup = Arc::new(Setup::small().await);
    // Long enough for all permitted requests to run at once, also in processes.
    let length = Duration::from_millis(if through_gh() { 1500 } else { 150 });
    setup.github.fault(ISSUE, Fault::delay(length));
    let mut asking = JoinSet::new();
    for _ in 0..8 {
        let setup = Arc::clone(&setup);
        asking.spawn(async move { setup.rest.issue(&app(), number(1), None).await });
    }
    let (mut most, mut answered) = (0, 0);
    while answered < 8 {
        let requests = setup.github.requests();
        answered = requests
            .iter()
            .filter(|request| request.status.is_some())
            .count();
        most = most.max(requests.len() - answered);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(most, 4);
    assert!(asking.join_all().await.iter().all(Result::is_ok));
}

async fn who_waits_for_a_turn_in_vain_is_told() {
    let tune = |settings: &mut issuecommand_github::RestSettings| {
        settings.at_once = 1;
        settings.timeout = Duration::from_millis(200);
    };
    let setup = Setup::tuned(small_world(), tune).await;
    setup.github.fault(ISSUE, Fault::hang());
    let (app, one) = (app(), number(1));
    let ask = || setup.rest.issue(&app, one, None);
    let (a, b, c) = tokio::join!(ask(), ask(), ask());
    for answer in [a, b, c] {
        failed(answer, GithubErrorKind::Unreachable);
    }
    assert!(setup.github.requests().len() <= 2);
    setup.github.end_faults();
    assert!(ask().await.is_ok());
}
