//! How often callers may call: three scopes, each with a bucket of tokens for every caller. What is refused costs nothing and
//! changes nothing. The scopes by address (`ip`, `sse_connect`) are `tower_governor`'s; `agent_mutation`, whose agent stands in the
//! body, is `governor`'s, the crate below it.

mod address_limiter;
mod bucket;
mod client;
mod clock;
mod shelf;

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Extensions, HeaderMap};
use issuecommand_core::domain::id::{AgentId, Principal};
use issuecommand_wire::ApiError;
use issuecommand_wire::no::LimitScope;
use metrics::counter;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use self::address_limiter::{AddressLayer, AddressLimiter};
use self::bucket::KeyedLimiter;
pub(crate) use self::client::caller as caller_at;
pub use self::clock::LimitClock;
use crate::settings::RateLimits;

/// How often callers who have all their tokens again are forgotten.
const SWEEP: Duration = Duration::from_secs(10);
/// How many callers a scope tells apart. Those beyond share one bucket until others are forgotten, so that memory is bounded
/// (some 10 MB a scope) whatever addresses and names are made up.
const CALLERS: usize = 100_000;

/// Whom a bucket belongs to: an address, or the digest of a name. Of one size, however long the name is.
pub(crate) type BucketKey = u128;

/// `Retry-After` for a bucket that never refills.
const NEVER_REFILLS: Duration = Duration::from_mins(1);
/// The longest span that is reckoned with, in nanoseconds: 146 years, which leaves the sums of governor room.
const LONGEST: u64 = u64::MAX / 4;

/// What is counted by address, each with tokens of its own.
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
    /// Apart from the agents, so that made-up agents never crowd them out.
    principals: KeyedLimiter,
    agents: KeyedLimiter,
}

impl Limits {
    /// None without settings. With them a task forgets idle callers, until `shutdown`.
    pub(crate) fn start(settings: Option<&RateLimits>, shutdown: &CancellationToken) -> Self {
        let limits = Self::new(settings, CALLERS);
        if let Self(Some(scopes)) = &limits {
            let (scopes, shutdown) = (scopes.clone(), shutdown.clone());
            tokio::spawn(async move {
                while tokio::time::timeout(SWEEP, shutdown.cancelled())
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
            let names = |rate| {
                KeyedLimiter::new(
                    LimitScope::AgentMutation,
                    rate,
                    callers,
                    settings.clock.clone(),
                )
            };
            Arc::new(Scopes {
                trust_proxy: settings.trust_proxy,
                calls: addresses(LimitScope::Ip, settings.ip),
                unproven: addresses(LimitScope::Ip, settings.ip),
                streams: addresses(LimitScope::SseConnect, settings.sse_connect),
                principals: names(settings.agent_mutation),
                agents: names(settings.agent_mutation),
            })
        }))
    }

    /// The address that a request comes from.
    pub(crate) fn caller(&self, headers: &HeaderMap, extensions: &Extensions) -> BucketKey {
        let trust_proxy = self.0.as_ref().is_some_and(|scopes| scopes.trust_proxy);
        client::of(headers, extensions, trust_proxy)
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

    /// Counts a change by the key that it comes with, then by its agent. An agent pays nothing for a key without tokens.
    pub(crate) fn mutation(
        &self,
        principal: &Principal,
        agent: Option<&AgentId>,
    ) -> Result<(), ApiError> {
        self.0.as_deref().map_or(Ok(()), |scopes| {
            let key = String::from(principal.clone());
            scopes.principals.take(digest(&key))?;
            agent.map_or(Ok(()), |agent| scopes.agents.take(digest(agent.as_str())))
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
        for names in [&self.principals, &self.agents] {
            names.forget_idle();
        }
    }
}

/// The time in which one token comes back. governor knows no bucket that never refills: one that takes years for a token serves
/// as well.
fn period(per_minute: u32, burst: u32) -> Duration {
    let longest = Duration::from_nanos(LONGEST / u64::from(burst.max(1)));
    let period = Duration::from_mins(1)
        .checked_div(per_minute)
        .unwrap_or(longest);
    period.min(longest).max(Duration::from_nanos(1))
}

/// The 429 of a caller without tokens, counted. A bucket that refuses one token has none, since tokens are whole.
fn rate_limited(scope: LimitScope, retry_after_seconds: u64) -> ApiError {
    counter!("issuecommand_rate_limited_total", "scope" => scope.as_str()).increment(1);
    tracing::debug!(name: "http.rate_limited", ?scope, "a caller has used up its tokens");
    ApiError::rate_limited(scope, retry_after_seconds, 0)
}

/// Half of SHA-256 is enough for nobody to find a name that shares the bucket of another.
pub(crate) fn digest(name: &str) -> BucketKey {
    let digest: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    digest
        .iter()
        .take(16)
        .fold(0, |caller, byte| caller << 8 | BucketKey::from(*byte))
}

#[cfg(test)]
mod tests;
