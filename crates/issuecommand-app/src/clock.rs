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

/// The time shared by all instances on one database, independent of their machines' clocks: the local clock plus the offset of
/// the database's clock at its last reading. SQLite has no clock of its own.
#[derive(Debug)]
pub(crate) struct DatabaseClock {
    here: Arc<dyn Clock>,
    /// In milliseconds; negative while the database's clock is behind.
    ahead: AtomicI64,
}

impl DatabaseClock {
    /// Uses this clock until the database's time is read.
    pub(crate) fn over(here: Arc<dyn Clock>) -> Self {
        let ahead = AtomicI64::new(0);
        Self { here, ahead }
    }

    /// Stores the offset of the database's time, which was read just now.
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

/// A length as tokio's type; a negative one becomes zero.
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
        // A key that expires in half an hour is valid on both clocks, and then on neither.
        let end = start.plus(Millis::minutes(30));
        assert!(clocks.iter().all(|clock| clock.now() < end));
        ahead.advance(Millis::minutes(1));
        behind.advance(Millis::minutes(1));
        assert!(clocks.iter().all(|clock| clock.now() == end));
        // The local clock is corrected, and the next transaction corrects the offset.
        ahead.advance(Millis::minutes(-60));
        clocks[0].read(end);
        assert_eq!(clocks[0].now(), end);
    }
}
