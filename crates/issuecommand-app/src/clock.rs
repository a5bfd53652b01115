//! The system's clock, and the database's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};

/// Wall-clock time, and tokio's timers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep(&self, length: Millis) {
        tokio::time::sleep(duration(length)).await;
    }
}

/// The time that all instances on one database agree on, whatever their machines' clocks say: this machine's clock, corrected by
/// how far the database's was ahead when that was last read. A file has no clock of its own.
#[derive(Debug)]
pub(crate) struct DatabaseClock {
    here: Arc<dyn Clock>,
    /// In milliseconds; negative while the database's clock is behind.
    ahead: AtomicI64,
}

impl DatabaseClock {
    /// Until the database's time is read, that of this clock.
    pub(crate) fn over(here: Arc<dyn Clock>) -> Self {
        let ahead = AtomicI64::new(0);
        Self { here, ahead }
    }

    /// Takes the database's time, read just now.
    pub(crate) fn read(&self, theirs: Timestamp) {
        let ahead = theirs.0.saturating_sub(self.here.now().0);
        self.ahead.store(ahead, Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead.load(Ordering::Relaxed);
        self.here.now().plus(Millis(ahead))
    }

    async fn sleep(&self, length: Millis) {
        self.here.sleep(length).await;
    }
}

/// A length as tokio takes it; a negative one is none.
pub(crate) fn duration(length: Millis) -> Duration {
    Duration::from_millis(u64::try_from(length.0).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use issuecommand_testkit::clock::TestClock;

    use super::*;

    #[test]
    fn machines_with_different_clocks_agree_on_the_databases_time() {
        let start = TestClock::default().now();
        let ahead = Arc::new(TestClock::at(start.plus(Millis::minutes(60))));
        let behind = Arc::new(TestClock::at(start.minus(Millis::minutes(365 * 24 * 60))));
        let clocks =
            [&ahead, &behind].map(|here| DatabaseClock::over(Arc::clone(here) as Arc<dyn Clock>));
        assert_eq!(clocks[0].now(), start.plus(Millis::minutes(60)));
        for clock in &clocks {
            clock.read(start);
            assert_eq!(clock.now(), start);
        }
        for here in [&ahead, &behind] {
            here.advance(Millis::minutes(29));
        }
        // A key that ends in half an hour is good on both, and then on neither.
        let end = start.plus(Millis::minutes(30));
        assert!(clocks.iter().all(|clock| clock.now() < end));
        ahead.advance(Millis::minutes(1));
        behind.advance(Millis::minutes(1));
        assert!(clocks.iter().all(|clock| clock.now() == end));
        // Its own clock is set right: what the next transaction reads corrects it.
        ahead.advance(Millis::minutes(-60));
        clocks[0].read(end);
        assert_eq!(clocks[0].now(), end);
    }
}
