//! The buckets of one scope.

use std::num::NonZeroU32;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{Quota, RateLimiter};
use issuecommand_wire::ApiError;
use issuecommand_wire::no::LimitScope;

use super::shelf::BoundedStateStore;
use super::{BucketKey, LimitClock, NEVER_REFILLS, period, rate_limited};
use crate::settings::Rate;

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
                Quota::with_period(period(rate.per_minute, rate.burst))
                    .expect("a nanosecond at least")
                    .allow_burst(burst),
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
            None => NEVER_REFILLS,
            Some(limiter) => match limiter.check_key(&caller) {
                Ok(()) => return Ok(()),
                Err(_) if !self.refills => NEVER_REFILLS,
                Err(until) => until.wait_time_from(limiter.clock().now()),
            },
        };
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Err(rate_limited(self.scope, seconds.max(1)))
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
