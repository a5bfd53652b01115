//! How often callers may change something, and what limits on callers have in common: buckets of tokens, whose 429 is told and
//! counted in one way. A refused request costs no token and changes nothing.

mod bounded_store;
mod clock;
mod keyed_limiter;

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::access::Caller;
use issuecommand_wire::error::LimitScope;
use issuecommand_wire::params::{Param, ParamType};
use issuecommand_wire::{ApiError, Params};
use metrics::counter;
use sha2::{Digest, Sha256};

pub use self::clock::LimitClock;
use self::keyed_limiter::KeyedLimiter;

/// How many callers a scope tells apart. Those beyond share one bucket until others are forgotten, so that memory is bounded
/// (some 10 MB a scope) whatever addresses and names are made up.
pub const MOST_CALLERS: usize = 100_000;
/// `Retry-After` for a bucket that never refills.
pub const NEVER_REFILLS: Duration = Duration::from_mins(1);
/// The longest span that is reckoned with, in nanoseconds: 146 years, which leaves the sums of governor room.
const LONGEST: u64 = u64::MAX / 4;

/// The key of a bucket: an address, or the digest of a name. It has one size, however long the name is.
pub type BucketKey = u128;

/// The key of the address that a request comes from, as a surface tells another that is mounted in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub BucketKey);

/// A bucket of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come back in a minute; 0: none ever does.
    pub per_minute: u32,
    /// Tokens that it holds; 0: everything is refused.
    pub burst: u32,
}

impl Rate {
    /// The time in which one token comes back, a nanosecond at least. governor knows no bucket that never refills: one that takes
    /// years for a token serves as well.
    pub fn period(self) -> Duration {
        let longest = Duration::from_nanos(LONGEST / u64::from(self.burst.max(1)));
        let period = Duration::from_mins(1).checked_div(self.per_minute);
        let period = period.unwrap_or(longest).min(longest);
        period.max(Duration::from_nanos(1))
    }
}

/// The agent that makes a change, for the limit alone; the call reads its own parameters.
const AGENT: Param = Param::optional("agent_id", ParamType::String, "who makes the change");

/// The scope `agent_mutation`: changes, by the key and by the agent. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ChangeLimits(Arc<Limiters>);

#[derive(Debug)]
struct Limiters {
    /// Apart from the agents, so that made-up agents never crowd them out.
    principals: KeyedLimiter,
    agents: KeyedLimiter,
}

impl ChangeLimits {
    /// Limits that tell up to `most` keys and as many agents apart.
    pub fn new(rate: Rate, most: usize, clock: &LimitClock) -> Self {
        let limiter = || KeyedLimiter::new(LimitScope::AgentMutation, rate, most, clock.clone());
        Self(Arc::new(Limiters {
            principals: limiter(),
            agents: limiter(),
        }))
    }

    /// Counts a change by the key that it comes with, then by its agent, who pays nothing for a key that has no tokens or may not
    /// speak as that agent. A name that is none is refused by the call itself; it counts for the key alone.
    pub(crate) fn check(&self, caller: &Caller, params: &Params) -> Result<(), ApiError> {
        let key = String::from(caller.principal.clone());
        self.0.principals.take(digest(&key))?;
        let agent = params.agent(&AGENT).ok().flatten();
        let agent = agent.filter(|agent| !caller.read_only && caller.may_be(agent).is_ok());
        agent.map_or(Ok(()), |agent| self.0.agents.take(digest(agent.as_str())))
    }

    /// Forgets the callers who have all their tokens again. To be called from time to time, since their number is bounded.
    pub fn forget_idle(&self) {
        self.0.principals.forget_idle();
        self.0.agents.forget_idle();
    }
}

/// The scope `sign_in`: attempts to sign in to the dashboard, by address. They are counted even where other limits are off, since
/// anybody may try.
#[derive(Debug)]
pub struct SignInLimits(KeyedLimiter);

impl SignInLimits {
    /// 10 at once, and 10 a minute.
    pub const RATE: Rate = Rate {
        per_minute: 10,
        burst: 10,
    };

    /// Limits that tell up to `most` addresses apart.
    pub fn new(rate: Rate, most: usize, clock: LimitClock) -> Self {
        Self(KeyedLimiter::new(LimitScope::SignIn, rate, most, clock))
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// The 429 of an address without tokens.
    pub fn take(&self, address: ClientAddress) -> Result<(), ApiError> {
        self.0.take(address.0)
    }

    /// Forgets the addresses that have all their tokens again.
    pub fn forget_idle(&self) {
        self.0.forget_idle();
    }
}

/// The 429 of a caller without tokens, counted. A bucket that refuses one token has none, since tokens are whole.
pub fn rate_limited(scope: LimitScope, retry_after_seconds: u64) -> ApiError {
    counter!("issuecommand_rate_limited_total", "scope" => scope.as_str()).increment(1);
    tracing::debug!(name: "http.rate_limited", ?scope, "a caller has used up its tokens");
    ApiError::rate_limited(scope, retry_after_seconds, 0)
}

/// The key of a name: half of its SHA-256, so that a name which shares the bucket of another cannot be found.
pub fn digest(name: &str) -> BucketKey {
    let digest: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    digest
        .iter()
        .take(16)
        .fold(0, |caller, byte| caller << 8 | BucketKey::from(*byte))
}

#[cfg(test)]
mod tests;
