//! How often callers may call: three scopes, each with a bucket of tokens for every caller. What is refused costs nothing and
//! changes nothing.

mod bucket;
mod client;
mod clock;
mod shelf;

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Extensions, HeaderMap};
use issuecommand_core::id::{AgentId, Principal};
use issuecommand_wire::ApiError;
use issuecommand_wire::no::LimitScope;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use self::bucket::KeyedLimiter;
pub(crate) use self::client::caller as caller_at;
pub use self::clock::LimitClock;
use crate::settings::RateLimits;

/// How often callers who have all their tokens again are forgotten.
const SWEEP: Duration = Duration::from_secs(10);
/// How many callers a scope tells apart. Those beyond share one bucket until others are forgotten, so that memory is bounded
/// (some 5 MB a scope) whatever addresses and names are made up.
const CALLERS: usize = 100_000;

/// Whom a bucket belongs to: an address, or the digest of a name. Of one size, however long the name is.
pub(crate) type BucketKey = u128;

/// The buckets of all scopes. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Limits(Option<Arc<Scopes>>);

#[derive(Debug)]
struct Scopes {
    trust_proxy: bool,
    addresses: KeyedLimiter,
    /// Apart from the calls with a key, so that a stranger behind the same address or proxy cannot shut them out.
    unproven: KeyedLimiter,
    /// Apart from the agents, so that made-up agents never crowd them out.
    principals: KeyedLimiter,
    agents: KeyedLimiter,
    streams: KeyedLimiter,
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
            let buckets =
                |scope, rate| KeyedLimiter::new(scope, rate, callers, settings.clock.clone());
            Arc::new(Scopes {
                trust_proxy: settings.trust_proxy,
                addresses: buckets(LimitScope::Ip, settings.ip),
                unproven: buckets(LimitScope::Ip, settings.ip),
                principals: buckets(LimitScope::AgentMutation, settings.agent_mutation),
                agents: buckets(LimitScope::AgentMutation, settings.agent_mutation),
                streams: buckets(LimitScope::SseConnect, settings.sse_connect),
            })
        }))
    }

    /// Whom a request comes from.
    pub(crate) fn caller(&self, headers: &HeaderMap, extensions: &Extensions) -> BucketKey {
        let trust_proxy = self.0.as_ref().is_some_and(|scopes| scopes.trust_proxy);
        client::of(headers, extensions, trust_proxy)
    }

    /// A call under `/api`, by the address that it comes from.
    pub(crate) fn call(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<(), ApiError> {
        self.scopes(|scopes| {
            let client = client::of(headers, extensions, scopes.trust_proxy);
            scopes.addresses.take(client)
        })
    }

    /// A delivery without a key and without a good signature, by the address that it comes from.
    pub(crate) fn unproven(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<(), ApiError> {
        self.scopes(|scopes| {
            let client = client::of(headers, extensions, scopes.trust_proxy);
            scopes.unproven.take(client)
        })
    }

    /// A stream of events that is opened, by the address that it comes from.
    pub(crate) fn stream(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<(), ApiError> {
        self.scopes(|scopes| {
            let client = client::of(headers, extensions, scopes.trust_proxy);
            scopes.streams.take(client)
        })
    }

    /// A change, by the key that it comes with, and by its agent. The key is first: where it has no tokens left nobody's name
    /// is looked at.
    pub(crate) fn mutation(
        &self,
        principal: &Principal,
        agent: Option<&AgentId>,
    ) -> Result<(), ApiError> {
        self.scopes(|scopes| {
            let key = String::from(principal.clone());
            scopes.principals.take(digest(&key))?;
            agent.map_or(Ok(()), |agent| scopes.agents.take(digest(agent.as_str())))
        })
    }

    fn scopes(&self, take: impl FnOnce(&Scopes) -> Result<(), ApiError>) -> Result<(), ApiError> {
        self.0.as_deref().map_or(Ok(()), take)
    }
}

impl Scopes {
    fn forget_idle(&self) {
        for buckets in [
            &self.addresses,
            &self.unproven,
            &self.principals,
            &self.agents,
            &self.streams,
        ] {
            buckets.forget_idle();
        }
    }
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
