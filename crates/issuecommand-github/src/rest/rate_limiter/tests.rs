//! Waits, budgets and slots of a rate limiter.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

#[derive(Debug, Default)]
struct Hand(AtomicI64);

impl Hand {
    fn turn(&self, by: Millis) {
        self.0.fetch_add(by.0, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    async fn sleep(&self, length: Millis) {
        self.turn(length);
    }
}

fn limiter() -> (Arc<Hand>, RateLimiter) {
    let clock = Arc::new(Hand::default());
    let limiter = RateLimiter::new(
        Arc::clone(&clock) as Arc<dyn Clock>,
        2,
        Duration::from_millis(20),
    );
    (clock, limiter)
}

fn left(remaining: i64, until_reset: Millis) -> RateLimitHeaders {
    RateLimitHeaders {
        limit: Some(5000),
        remaining: Some(remaining),
        until_reset: Some(until_reset),
        retry_after: None,
        date: None,
        wants_sign_on: false,
    }
}

#[tokio::test]
async fn no_request_is_sent_before_the_wait_ends() {
    let (clock, limiter) = limiter();
    let wait = Wait::For(Millis::seconds(30));
    assert_eq!(
        limiter.learn(&RateLimitHeaders::default(), wait, false),
        Some(Millis::seconds(30))
    );
    clock.turn(Millis::seconds(29));
    assert_eq!(
        limiter.enter().await.map(drop),
        Err(Blocked::Waiting(Millis::seconds(1)))
    );
    assert_eq!(limiter.budget().waiting, Some(Millis::seconds(1)));
    clock.turn(Millis::seconds(1));
    assert!(limiter.enter().await.is_ok());
    assert_eq!(limiter.budget().waiting, None);
}

#[tokio::test]
async fn a_running_wait_is_not_shortened() {
    let (_, limiter) = limiter();
    limiter.learn(
        &RateLimitHeaders::default(),
        Wait::For(Millis::minutes(10)),
        false,
    );
    let still = Some(Millis::minutes(10));
    assert_eq!(
        limiter.learn(
            &RateLimitHeaders::default(),
            Wait::For(Millis::seconds(5)),
            false
        ),
        still
    );
    assert_eq!(
        limiter.learn(&RateLimitHeaders::default(), Wait::None, true),
        still
    );
}

#[tokio::test]
async fn waits_from_headers_are_bounded() {
    for (said, believed) in [
        (Millis(0), Millis::seconds(1)),
        (Millis::minutes(99_999), Millis::minutes(120)),
    ] {
        let (_, limiter) = limiter();
        assert_eq!(
            limiter.learn(&RateLimitHeaders::default(), Wait::For(said), false),
            Some(believed)
        );
    }
}

#[tokio::test]
async fn unspecified_waits_double_until_a_success() {
    let (clock, limiter) = limiter();
    for minutes in [1, 2, 4, 8, 15, 15] {
        let wait = limiter.learn(&RateLimitHeaders::default(), Wait::Unsaid, false);
        assert_eq!(wait, Some(Millis::minutes(minutes)));
        // A second answer of the same burst, and a success of a request sent before, change nothing.
        assert_eq!(
            limiter.learn(&RateLimitHeaders::default(), Wait::Unsaid, false),
            wait
        );
        assert_eq!(
            limiter.learn(&RateLimitHeaders::default(), Wait::None, true),
            wait
        );
        clock.turn(Millis::minutes(minutes));
    }
    assert_eq!(
        limiter.learn(&RateLimitHeaders::default(), Wait::None, true),
        None
    );
    assert_eq!(
        limiter.learn(&RateLimitHeaders::default(), Wait::Unsaid, false),
        Some(Millis::minutes(1))
    );
}

#[tokio::test]
async fn no_more_run_at_once_than_there_are_slots() {
    let (_, limiter) = limiter();
    let first = limiter.enter().await.unwrap();
    let second = limiter.enter().await.unwrap();
    assert_eq!(limiter.enter().await.map(drop), Err(Blocked::Crowded));
    drop(first);
    assert!(limiter.enter().await.is_ok());
    drop(second);
}

#[tokio::test]
async fn queued_requests_wait_when_a_limit_arrives() {
    let (_, limiter) = limiter();
    let held = (
        limiter.enter().await.unwrap(),
        limiter.enter().await.unwrap(),
    );
    let meet = async {
        limiter.learn(
            &RateLimitHeaders::default(),
            Wait::For(Millis::seconds(5)),
            false,
        );
        drop(held);
    };
    let (queued, ()) = tokio::join!(biased; async { limiter.enter().await.map(drop) }, meet);
    assert_eq!(queued, Err(Blocked::Waiting(Millis::seconds(5))));
}

#[tokio::test]
async fn answers_that_overtake_each_other_do_not_give_requests_back() {
    let (clock, limiter) = limiter();
    let hour = Millis::minutes(60);
    limiter.learn(&left(40, hour), Wait::None, true);
    limiter.learn(&left(42, Millis(hour.0 - 1000)), Wait::None, true);
    let budget = limiter.budget();
    assert_eq!(
        (budget.remaining, budget.limit, budget.resets_at),
        (Some(40), Some(5000), Some(Timestamp(hour.0)))
    );
    clock.turn(Millis::minutes(30));
    limiter.learn(&left(4999, hour), Wait::None, true);
    assert_eq!(limiter.budget().remaining, Some(4999), "a new window");
    limiter.learn(&left(39, Millis::minutes(30)), Wait::None, true);
    assert_eq!(
        limiter.budget().remaining,
        Some(4999),
        "the old one is over"
    );
    clock.turn(hour);
    let full = Budget {
        remaining: Some(5000),
        limit: Some(5000),
        resets_at: None,
        waiting: None,
    };
    assert_eq!(limiter.budget(), full);
}

#[test]
fn waits_follow_a_clock_that_goes_back() {
    for step in [Millis::minutes(60), Millis::minutes(365 * 24 * 60)] {
        let (clock, limiter) = limiter();
        clock.turn(step);
        limiter.learn(
            &left(7, Millis::minutes(50)),
            Wait::For(Millis::seconds(30)),
            false,
        );
        clock.turn(Millis(-step.0));
        assert_eq!(limiter.budget().waiting, Some(Millis::seconds(30)));
        let reset = limiter.budget().resets_at.map(|at| at.0 - clock.now().0);
        assert_eq!(reset, Some(Millis::minutes(50).0));
        clock.turn(Millis::seconds(30));
        assert_eq!(limiter.budget().waiting, None);
        // The next answer's headers count.
        limiter.learn(&left(5, Millis::minutes(49)), Wait::None, true);
        assert_eq!(limiter.budget().remaining, Some(5));
    }
}
