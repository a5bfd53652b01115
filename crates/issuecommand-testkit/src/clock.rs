//! A clock that only the test moves.

use async_trait::async_trait;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use tokio::sync::watch;

/// A clock that only the test moves. Works on any runtime.
#[derive(Debug)]
pub struct TestClock {
    now: watch::Sender<Timestamp>,
    moves_itself: bool,
}

impl TestClock {
    /// A clock that stands still until it is moved. A sleeper wakes when the clock passes its deadline.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now: watch::Sender::new(now),
            moves_itself: false,
        }
    }

    /// A clock that jumps to the deadline of each sleeper, so that waiting takes no time. Timeouts that race a sleep against
    /// slow work expire at once.
    pub fn jumping(now: Timestamp) -> Self {
        Self {
            moves_itself: true,
            ..Self::at(now)
        }
    }

    /// Sets the clock, also backwards.
    pub fn set(&self, now: Timestamp) {
        self.now.send_replace(now);
    }

    /// Advances the clock.
    pub fn advance(&self, length: Millis) {
        self.now.send_modify(|now| *now = now.plus(length));
    }
}

/// The morning of 1 March 2026.
impl Default for TestClock {
    fn default() -> Self {
        Self::at(Timestamp(1_772_352_000_000))
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep(&self, length: Millis) {
        let end = self.now().plus(length);
        if self.moves_itself {
            self.now.send_modify(|now| *now = end.max(*now));
        }
        // The sender lives as long as this borrow, so only the clock can end the wait.
        let _ = self.now.subscribe().wait_for(|now| *now >= end).await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn is_over(future: &mut (impl Future<Output = ()> + Unpin)) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        std::pin::Pin::new(future).poll(&mut context) == Poll::Ready(())
    }

    #[test]
    fn a_sleeper_wakes_when_the_clock_passes_its_hour() {
        let clock = TestClock::default();
        let mut sleep = pin!(clock.sleep(Millis::seconds(5)));
        assert!(!is_over(&mut sleep));
        clock.advance(Millis(4_999));
        assert!(!is_over(&mut sleep));
        clock.advance(Millis(1));
        assert!(is_over(&mut sleep));
    }

    #[test]
    fn a_jumping_clock_sleeps_in_no_time() {
        let clock = TestClock::jumping(Timestamp(1_000));
        assert!(is_over(&mut pin!(clock.sleep(Millis::minutes(60)))));
        assert_eq!(clock.now(), Timestamp(3_601_000));
    }
}
