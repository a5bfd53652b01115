//! The rate limiter of a credential, shared by all callers of a client: requests left, concurrent requests, and waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use issuecommand_core::domain::time::{Clock, MAX_STEP_BACK, Millis, Timestamp};
use issuecommand_core::ports::github::Budget;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::rate_limit_headers::{RateLimitHeaders, Wait};

/// The shortest wait if GitHub specifies none (at least one minute by its documentation), and the longest after repetition.
const UNSAID: (Millis, Millis) = (Millis::minutes(1), Millis::minutes(15));
/// The bounds of waits that GitHub specifies. Its longest window is an hour; a wrong header must not block requests for days.
const SAID: (Millis, Millis) = (Millis::seconds(1), Millis::minutes(120));
/// Answers whose resets differ by no more than this belong to the same window. GitHub's servers differ by a second or two.
const SAME_WINDOW: i64 = 60_000;

#[derive(Debug)]
pub(super) struct RateLimiter {
    clock: Arc<dyn Clock>,
    slots: Semaphore,
    timeout: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    limit: Option<i64>,
    remaining: Option<i64>,
    resets_at: Option<Timestamp>,
    leave_alone_until: Option<Timestamp>,
    /// Consecutive limits without a specified wait, with no success between them.
    strikes: u32,
    /// The latest time that the clock returned.
    seen: Timestamp,
}

/// Why no request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// A wait is in force, with its remaining length.
    Waiting(Millis),
    /// All slots are in use, and none became free in time.
    Crowded,
}

impl RateLimiter {
    /// `timeout` is how long a request may queue for one of the `slots`.
    pub(super) fn new(clock: Arc<dyn Clock>, slots: usize, timeout: Duration) -> Self {
        Self {
            clock,
            slots: Semaphore::new(slots.max(1)),
            timeout,
            state: Mutex::default(),
        }
    }

    /// Admits one request for as long as the permit is held.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>, Blocked> {
        self.open()?;
        let Ok(Ok(permit)) = tokio::time::timeout(self.timeout, self.slots.acquire()).await else {
            return Err(Blocked::Crowded);
        };
        // A request ahead in the queue may have met a limit.
        self.open()?;
        Ok(permit)
    }

    fn open(&self) -> Result<(), Blocked> {
        let now = self.clock.now();
        match self.at(now).waiting(now) {
            Some(length) => Err(Blocked::Waiting(length)),
            None => Ok(()),
        }
    }

    /// The present time of the clock that measures waits.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Records the rate-limit headers of an answer. Returns the wait that is then in force, if any.
    pub(super) fn learn(
        &self,
        signs: &RateLimitHeaders,
        wait: Wait,
        success: bool,
    ) -> Option<Millis> {
        let now = self.clock.now();
        let mut state = self.at(now);
        state.count(signs, now);
        let waiting = state.waiting(now).is_some();
        let length = match wait {
            Wait::None => None,
            Wait::For(length) => Some(length.clamp(SAID.0, SAID.1)),
            // Concurrent requests meet the same limit together, so it counts once.
            Wait::Unsaid if waiting => None,
            Wait::Unsaid => {
                let length = UNSAID.0.0.saturating_mul(1 << state.strikes.min(10));
                state.strikes += 1;
                Some(Millis(length).min(UNSAID.1))
            }
        };
        if let Some(length) = length {
            state.leave_alone_until = state.leave_alone_until.max(Some(now.plus(length)));
        } else if success && !waiting {
            state.strikes = 0;
        }
        state.waiting(now)
    }

    pub(super) fn budget(&self) -> Budget {
        let now = self.clock.now();
        let state = self.at(now);
        let waiting = state.waiting(now);
        if state.resets_at.is_some_and(|reset| reset <= now) {
            return Budget {
                remaining: state.limit,
                limit: state.limit,
                resets_at: None,
                waiting,
            };
        }
        Budget {
            remaining: state.remaining,
            limit: state.limit,
            resets_at: state.resets_at,
            waiting,
        }
    }

    /// The state at this time.
    fn at(&self, now: Timestamp) -> MutexGuard<'_, State> {
        // A panic cannot leave this state inconsistent.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.follow(now);
        state
    }
}

impl State {
    /// If the clock was set back, times in the future move with it, so that a wait keeps its length.
    fn follow(&mut self, now: Timestamp) {
        let back = Millis(self.seen.0.saturating_sub(now.0));
        if back > MAX_STEP_BACK {
            for until in [&mut self.resets_at, &mut self.leave_alone_until] {
                *until = until.map(|until| until.minus(back));
            }
            self.seen = now;
        }
        self.seen = self.seen.max(now);
    }

    fn waiting(&self, now: Timestamp) -> Option<Millis> {
        let until = self.leave_alone_until?;
        (until > now).then(|| Millis(until.0.saturating_sub(now.0)))
    }

    /// Answers can arrive out of order: within one window the lowest count is right, and counts of an older window are ignored.
    fn count(&mut self, signs: &RateLimitHeaders, now: Timestamp) {
        let (Some(remaining), Some(until_reset)) = (signs.remaining, signs.until_reset) else {
            return;
        };
        let reset = now.plus(until_reset);
        let known = self
            .resets_at
            .filter(|known| *known > now && self.limit == signs.limit);
        match known.map(|known| reset.0.saturating_sub(known.0)) {
            Some(later) if later.abs() <= SAME_WINDOW => {
                self.remaining = self
                    .remaining
                    .map(|known| known.min(remaining))
                    .or(Some(remaining));
            }
            Some(later) if later < 0 => {}
            _ => {
                self.limit = signs.limit;
                self.remaining = Some(remaining);
                self.resets_at = Some(reset);
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
    async fn nothing_leaves_until_the_wait_is_over() {
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
    async fn a_wait_that_runs_is_not_shortened() {
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
    async fn what_is_said_is_believed_within_bounds() {
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
    async fn unsaid_waits_double_until_a_success_comes_between() {
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
    async fn who_queued_while_a_limit_came_does_not_leave() {
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
    fn a_clock_that_goes_back_takes_its_waits_along() {
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
}
