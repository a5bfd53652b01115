//! The buckets of one scope.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{Quota, RateLimiter};
use issuecommand_wire::ApiError;
use issuecommand_wire::no::LimitScope;
use metrics::counter;

use super::shelf::BoundedStateStore;
use super::{BucketKey, LimitClock};
use crate::settings::Rate;

const MINUTE: Duration = Duration::from_mins(1);
/// What a caller is told to wait who may wait as long as he likes.
const NEVER: Duration = MINUTE;
/// The longest span that is reckoned with, in nanoseconds: 146 years, which leaves the sums of the limiter room.
const LONGEST: u64 = u64::MAX / 4;

type Limiter = RateLimiter<BucketKey, BoundedStateStore, LimitClock, NoOpMiddleware<Nanos>>;

/// See the module.
#[derive(Debug)]
pub(super) struct KeyedLimiter {
    scope: LimitScope,
    /// `None`: a bucket that holds nothing.
    limiter: Option<Limiter>,
    refills: bool,
}

impl KeyedLimiter {
    /// Buckets for as many callers.
    pub(super) fn new(scope: LimitScope, rate: Rate, callers: usize, clock: LimitClock) -> Self {
        let limiter = NonZeroU32::new(rate.burst).map(|burst| {
            RateLimiter::new(
                quota(rate.per_minute, burst),
                BoundedStateStore::for_callers(callers),
                clock,
            )
        });
        Self {
            scope,
            limiter,
            refills: rate.per_minute > 0,
        }
    }

    /// Takes a token out of the caller's bucket; the "no" where it has none.
    pub(super) fn take(&self, caller: BucketKey) -> Result<(), ApiError> {
        let wait = match &self.limiter {
            None => NEVER,
            Some(limiter) => match limiter.check_key(&caller) {
                Ok(()) => return Ok(()),
                Err(_) if !self.refills => NEVER,
                Err(until) => until.wait_time_from(limiter.clock().now()),
            },
        };
        counter!("issuecommand_rate_limited_total", "scope" => self.scope.as_str()).increment(1);
        tracing::debug!(name: "http.rate_limited", scope = ?self.scope, "a caller has used up its tokens");
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        // A bucket that refuses to give one token has none: tokens are whole.
        Err(ApiError::rate_limited(self.scope, seconds.max(1), 0))
    }

    /// Forgets the callers who have all their tokens again.
    pub(super) fn forget_idle(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    #[cfg(test)]
    pub(super) fn callers(&self) -> usize {
        self.limiter.as_ref().map_or(0, RateLimiter::len)
    }
}

/// The limiter knows no bucket that never refills: one that takes years for a token is none the worse.
fn quota(per_minute: u32, burst: NonZeroU32) -> Quota {
    let longest = Duration::from_nanos(LONGEST / u64::from(burst.get()));
    let period = MINUTE.checked_div(per_minute).unwrap_or(longest);
    Quota::with_period(period.min(longest).max(Duration::from_nanos(1)))
        .expect("a nanosecond at least")
        .allow_burst(burst)
}
