//! A limiter by key, on `governor`.

use std::num::NonZeroU32;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{Quota, RateLimiter};
use issuecommand_wire::ApiError;
use issuecommand_wire::error::LimitScope;

use super::bounded_store::BoundedStateStore;
use super::{BucketKey, LimitClock, NEVER_REFILLS, Rate, rate_limited};

type Limiter = RateLimiter<BucketKey, BoundedStateStore, LimitClock, NoOpMiddleware<Nanos>>;

/// The buckets of one scope.
#[derive(Debug)]
pub(super) struct KeyedLimiter {
    scope: LimitScope,
    /// `None`: a bucket that holds nothing.
    limiter: Option<Limiter>,
    refills: bool,
}

impl KeyedLimiter {
    /// Tells up to `most` keys apart.
    pub(super) fn new(scope: LimitScope, rate: Rate, most: usize, clock: LimitClock) -> Self {
        let limiter = NonZeroU32::new(rate.burst).map(|burst| {
            let quota = Quota::with_period(rate.period())
                .expect("a nanosecond at least")
                .allow_burst(burst);
            RateLimiter::new(quota, BoundedStateStore::new(most), clock)
        });
        Self {
            scope,
            limiter,
            refills: rate.per_minute > 0,
        }
    }

    /// Takes a token out of the key's bucket.
    pub(super) fn take(&self, key: BucketKey) -> Result<(), ApiError> {
        let wait = match &self.limiter {
            None => NEVER_REFILLS,
            Some(limiter) => match limiter.check_key(&key) {
                Ok(()) => return Ok(()),
                Err(_) if !self.refills => NEVER_REFILLS,
                Err(until) => until.wait_time_from(limiter.clock().now()),
            },
        };
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Err(rate_limited(self.scope, seconds.max(1)))
    }

    /// Forgets the keys whose buckets are full again.
    pub(super) fn forget_idle(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.limiter.as_ref().map_or(0, RateLimiter::len)
    }
}
