//! Enough randomness for a show, and the same each time.

use std::time::Duration;

/// A sequence that its seed decides.
pub(super) struct Random(u64);

impl Random {
    /// The sequence of one who is told apart by `who`.
    pub(super) fn new(seed: u64, who: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (who + 1))
    }

    /// A number below the limit.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 33) % u64::from(limit)).unwrap_or(0)
    }

    /// Waits about so many milliseconds, at this pace.
    pub(super) async fn pause(&mut self, millis: u32, pace: f64) {
        let spread = 0.5 + f64::from(self.below(1000)) / 1000.0;
        let seconds = f64::from(millis) / 1000.0 * spread * pace;
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }
}
