//! The system's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use issuecommand_core::time::{Clock, Millis, Timestamp};

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

/// A length as tokio takes it; a negative one is none.
pub(crate) fn duration(length: Millis) -> Duration {
    Duration::from_millis(u64::try_from(length.0).unwrap_or(0))
}
