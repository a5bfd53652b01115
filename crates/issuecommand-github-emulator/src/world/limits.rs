//! GitHub's hourly rate limits, one for each user and kind of resource.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::World;

/// The limit that a request counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Resource {
    Core,
    Search,
}

impl Resource {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Search => "search",
        }
    }

    fn window(self) -> SignedDuration {
        match self {
            Self::Core => SignedDuration::from_hours(1),
            Self::Search => SignedDuration::from_mins(1),
        }
    }
}

/// The state of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimitStatus {
    pub(crate) limit: u64,
    pub(crate) used: u64,
    pub(crate) reset: Timestamp,
}

impl RateLimitStatus {
    pub(crate) fn remaining(self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Limits {
    core: u64,
    search: u64,
    used: HashMap<(String, Resource), (u64, Timestamp)>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            core: 5_000,
            search: 30,
            used: HashMap::new(),
        }
    }
}

impl World {
    /// Sets the hourly limit of each user (5,000 by default). Answers with 304 cost nothing.
    pub fn set_rate_limit(&mut self, requests_an_hour: u64) {
        self.limits.core = requests_an_hour;
    }

    /// Sets the limit of searches per minute of each user (30 by default).
    pub fn set_search_limit(&mut self, searches_a_minute: u64) {
        self.limits.search = searches_a_minute;
    }

    /// The requests of this user in the current hour.
    pub fn rate_limit_used(&self, login: &str) -> u64 {
        self.rate_limit(login, Resource::Core).used
    }

    pub(crate) fn rate_limit(&self, login: &str, resource: Resource) -> RateLimitStatus {
        let limit = match resource {
            Resource::Core => self.limits.core,
            Resource::Search => self.limits.search,
        };
        let now = self.now();
        match self.limits.used.get(&(login.to_lowercase(), resource)) {
            Some((used, reset)) if now < *reset => RateLimitStatus {
                limit,
                used: *used,
                reset: *reset,
            },
            _ => RateLimitStatus {
                limit,
                used: 0,
                reset: now.saturating_add(resource.window()).unwrap_or(now),
            },
        }
    }

    pub(crate) fn spend(&mut self, login: &str, resource: Resource) {
        let rate_limit = self.rate_limit(login, resource);
        self.limits.used.insert(
            (login.to_lowercase(), resource),
            (rate_limit.used + 1, rate_limit.reset),
        );
    }

    /// Advances the clock until every limit is reset.
    pub fn await_rate_limit(&mut self) {
        self.advance(Duration::from_hours(1));
    }
}
