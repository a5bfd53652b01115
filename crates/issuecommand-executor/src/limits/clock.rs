//! The clock that buckets refill by. It never goes back, as the time of day may.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use governor::clock::Clock;
use governor::nanos::Nanos;

/// The time since some moment, of the machine or moved by a test.
#[derive(Clone)]
pub struct LimitClock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl LimitClock {
    /// A clock that reads `elapsed`, which must never go back.
    pub fn new(elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(elapsed))
    }
}

impl Default for LimitClock {
    /// The machine's monotonic clock.
    fn default() -> Self {
        let start = Instant::now();
        Self::new(move || start.elapsed())
    }
}

impl fmt::Debug for LimitClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LimitClock").field(&self.0()).finish()
    }
}

impl Clock for LimitClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0().into()
    }
}
