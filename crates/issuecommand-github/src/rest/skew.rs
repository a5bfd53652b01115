//! The difference between GitHub's clock and ours, from the `Date` header.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use issuecommand_core::domain::time::{Millis, Timestamp};

/// The last measurement.
#[derive(Debug, Default)]
pub(super) struct Skew(Mutex<Option<Measured>>);

#[derive(Clone, Copy, Debug)]
struct Measured {
    skew: Millis,
    ours: Timestamp,
    at: Instant,
}

impl Skew {
    /// Records a measurement made at this time of our clock.
    pub(super) fn measured(&self, skew: Millis, ours: Timestamp) {
        let at = Instant::now();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Measured { skew, ours, at });
    }

    /// GitHub's clock minus ours. If our clock was set back since the measurement, the difference is corrected. A jump forward
    /// is not, because the machine may have slept while both clocks went on.
    pub(super) fn at(&self, now: Timestamp) -> Millis {
        let measured = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Measured { skew, ours, at }) = measured else {
            return Millis(0);
        };
        let passed = i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX);
        let expected = ours.plus(Millis(passed));
        let back = expected.0.saturating_sub(now.0);
        if back > 2_000 {
            Millis(skew.0.saturating_add(back))
        } else {
            skew
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_does_not_take_githubs_time_along() {
        let skew = Skew::default();
        let now = Timestamp(1_772_352_000_000);
        assert_eq!(skew.at(now), Millis(0));
        skew.measured(Millis(5_000), now);
        assert_eq!(skew.at(now), Millis(5_000));
        assert_eq!(skew.at(now.plus(Millis::minutes(60))), Millis(5_000));
        let back = skew.at(now.minus(Millis::minutes(60))).0 - Millis::minutes(60).0;
        assert!((5_000..6_000).contains(&back), "{back}");
    }
}
