//! The limit by address of one kind of request, by `tower_governor`: as a layer in front of routes, and as a check for a handler
//! that knows only later whether a request counts.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::{Extensions, HeaderMap, Request};
use axum::response::IntoResponse;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use issuecommand_executor::limits::{BucketKey, NEVER_REFILLS, Rate, rate_limited};
use issuecommand_wire::ApiError;
use issuecommand_wire::error::LimitScope;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

use super::client_address;
use crate::error::ErrorResponse;

/// The layer of one limiter.
pub(crate) type AddressLayer = GovernorLayer<AddressKeys, NoOpMiddleware, Body>;

/// See the module. Its buckets refill by the machine's monotonic clock; `tower_governor` takes no other.
#[derive(Debug)]
pub(crate) struct AddressLimiter {
    scope: LimitScope,
    refills: bool,
    config: Arc<GovernorConfig<AddressKeys, NoOpMiddleware>>,
    keys: AddressKeys,
}

impl AddressLimiter {
    /// Tells up to `most` addresses apart; those beyond share one bucket.
    pub(super) fn new(scope: LimitScope, rate: Rate, trust_proxy: bool, most: usize) -> Self {
        let keys = AddressKeys {
            trust_proxy,
            closed: rate.burst == 0,
            most,
            known: Arc::default(),
            // Of no address: those of IPv6 are cut to their /64, those of IPv4 are mapped.
            others: Arc::new(BucketKey::MAX),
        };
        let burst = rate.burst.max(1);
        let config = GovernorConfigBuilder::default()
            .period(rate.period())
            .burst_size(burst)
            .key_extractor(keys.clone())
            .finish()
            .expect("neither the period nor the burst is zero");
        Self {
            scope,
            refills: rate.per_minute > 0 && rate.burst > 0,
            config: Arc::new(config),
            keys,
        }
    }

    /// Answers 429 instead of the routes behind it while the address has no tokens.
    pub(crate) fn layer(&self) -> AddressLayer {
        let (scope, refills) = (self.scope, self.refills);
        GovernorLayer::new(self.config.clone()).error_handler(move |error| {
            ErrorResponse(match error {
                GovernorError::TooManyRequests { wait_time, .. } => {
                    refusal(scope, refills, wait_time)
                }
                // `AddressKeys` knows a key for every request.
                GovernorError::UnableToExtractKey | GovernorError::Other { .. } => {
                    ApiError::internal()
                }
            })
            .into_response()
        })
    }

    /// Takes a token of the address that a request comes from.
    pub(crate) fn check(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<(), ApiError> {
        let Some(key) = self.keys.of(headers, extensions) else {
            return Err(refusal(self.scope, self.refills, 0));
        };
        let checked = self.config.limiter().check_key(&key);
        checked.map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            refusal(self.scope, self.refills, wait.as_secs())
        })
    }

    /// Forgets the addresses that have all their tokens again.
    pub(super) fn forget_idle(&self) {
        let limiter = self.config.limiter();
        limiter.retain_recent();
        limiter.shrink_to_fit();
        self.keys.forget_dropped();
    }

    #[cfg(test)]
    pub(super) fn callers(&self) -> usize {
        self.keys.known().len()
    }
}

/// The contract's 429. Of the wait the whole seconds are known here, as `tower_governor` counts them, so that the next one is told.
fn refusal(scope: LimitScope, refills: bool, whole_seconds: u64) -> ApiError {
    let seconds = if refills {
        whole_seconds.saturating_add(1)
    } else {
        NEVER_REFILLS.as_secs()
    };
    rate_limited(scope, seconds)
}

/// The key of a request is its address. `tower_governor` keeps a bucket for each key that it is given, so the number of different
/// keys is bounded here: addresses beyond `most` have one key together.
#[derive(Clone, Debug)]
pub(crate) struct AddressKeys {
    trust_proxy: bool,
    /// The burst is 0, for which governor has no quota: everything is refused.
    closed: bool,
    most: usize,
    /// The keys that the limiter has buckets for. It holds the same `Arc`, so that a key without another owner is one that the
    /// limiter has dropped.
    known: Arc<Mutex<HashSet<Arc<BucketKey>>>>,
    others: Arc<BucketKey>,
}

impl AddressKeys {
    /// `None` where every request is refused.
    fn of(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<Arc<BucketKey>> {
        if self.closed {
            return None;
        }
        let address = client_address::of(headers, extensions, self.trust_proxy);
        let mut known = self.known();
        if let Some(key) = known.get(&address) {
            return Some(key.clone());
        }
        if known.len() >= self.most {
            return Some(self.others.clone());
        }
        let key = Arc::new(address);
        known.insert(key.clone());
        Some(key)
    }

    fn forget_dropped(&self) {
        let mut known = self.known();
        known.retain(|key| Arc::strong_count(key) > 1);
        known.shrink_to_fit();
    }

    /// No statement under the lock leaves the set half changed.
    fn known(&self) -> MutexGuard<'_, HashSet<Arc<BucketKey>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyExtractor for AddressKeys {
    type Key = Arc<BucketKey>;

    fn extract<T>(&self, request: &Request<T>) -> Result<Self::Key, GovernorError> {
        self.of(request.headers(), request.extensions())
            .ok_or(GovernorError::TooManyRequests {
                wait_time: 0,
                headers: None,
            })
    }
}
