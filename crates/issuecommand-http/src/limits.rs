//! How often callers may call: three scopes, each with a bucket of tokens for every caller. The scopes by address (`ip`,
//! `sse_connect`) are `tower_governor`'s; `agent_mutation`, whose agent stands in the body, is counted where the call is run.

mod address_limiter;
mod client_address;

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Extensions, HeaderMap};
use issuecommand_executor::limits::{BucketKey, ChangeLimits, MOST_CALLERS};
use issuecommand_wire::ApiError;
use issuecommand_wire::error::LimitScope;
use tokio_util::sync::CancellationToken;

use self::address_limiter::{AddressLayer, AddressLimiter};
pub(crate) use self::client_address::bucket_key;
use crate::settings::RateLimits;

/// The interval at which callers with full buckets are forgotten.
const FORGET_IDLE_INTERVAL: Duration = Duration::from_secs(10);

/// The kinds of request that are counted by address, each with tokens of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByAddress {
    /// A call under `/api`, or a delivery with the key.
    Call,
    /// A delivery without a key and without a good signature. Apart from the calls, so that a stranger behind the same address or
    /// proxy cannot shut them out.
    UnprovenDelivery,
    /// A stream of events that is opened.
    Stream,
}

/// The buckets of all scopes. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Limits(Option<Arc<Scopes>>);

#[derive(Debug)]
struct Scopes {
    trust_proxy: bool,
    calls: AddressLimiter,
    unproven: AddressLimiter,
    streams: AddressLimiter,
    changes: ChangeLimits,
}

impl Limits {
    /// None without settings. With them a task forgets idle callers, until `shutdown`.
    #[expect(
        clippy::disallowed_methods,
        reason = "upkeep, ended with what it keeps"
    )]
    pub(crate) fn start(settings: Option<&RateLimits>, shutdown: &CancellationToken) -> Self {
        let limits = Self::new(settings, MOST_CALLERS);
        if let Self(Some(scopes)) = &limits {
            let (scopes, shutdown) = (scopes.clone(), shutdown.clone());
            tokio::spawn(async move {
                while tokio::time::timeout(FORGET_IDLE_INTERVAL, shutdown.cancelled())
                    .await
                    .is_err()
                {
                    scopes.forget_idle();
                }
            });
        }
        limits
    }

    fn new(settings: Option<&RateLimits>, callers: usize) -> Self {
        Self(settings.map(|settings| {
            let addresses =
                |scope, rate| AddressLimiter::new(scope, rate, settings.trust_proxy, callers);
            Arc::new(Scopes {
                trust_proxy: settings.trust_proxy,
                calls: addresses(LimitScope::Ip, settings.ip),
                unproven: addresses(LimitScope::Ip, settings.ip),
                streams: addresses(LimitScope::SseConnect, settings.sse_connect),
                changes: ChangeLimits::new(settings.agent_mutation, callers, &settings.clock),
            })
        }))
    }

    /// The limits on changes, for the executor; `None` without limits.
    pub(crate) fn changes(&self) -> Option<ChangeLimits> {
        self.0.as_deref().map(|scopes| scopes.changes.clone())
    }

    /// The address that a request comes from.
    pub(crate) fn caller(&self, headers: &HeaderMap, extensions: &Extensions) -> BucketKey {
        let trust_proxy = self.0.as_ref().is_some_and(|scopes| scopes.trust_proxy);
        client_address::of(headers, extensions, trust_proxy)
    }

    /// The layer that counts the requests to the routes behind it; `None` without limits.
    pub(crate) fn layer(&self, of: ByAddress) -> Option<AddressLayer> {
        self.0
            .as_deref()
            .map(|scopes| scopes.by_address(of).layer())
    }

    /// Counts one request, by the address that it comes from.
    pub(crate) fn check(
        &self,
        of: ByAddress,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<(), ApiError> {
        self.0.as_deref().map_or(Ok(()), |scopes| {
            scopes.by_address(of).check(headers, extensions)
        })
    }
}

impl Scopes {
    fn by_address(&self, of: ByAddress) -> &AddressLimiter {
        match of {
            ByAddress::Call => &self.calls,
            ByAddress::UnprovenDelivery => &self.unproven,
            ByAddress::Stream => &self.streams,
        }
    }

    fn forget_idle(&self) {
        for addresses in [&self.calls, &self.unproven, &self.streams] {
            addresses.forget_idle();
        }
        self.changes.forget_idle();
    }
}

#[cfg(test)]
mod tests;
