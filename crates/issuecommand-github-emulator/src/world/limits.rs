//! GitHub's hourly budget of requests, one for each user and kind of resource.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::World;

/// What a request is counted against.
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

/// How much of a budget is left.
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
    /// Sets how many requests each user has an hour (5,000 at first). Answers 304 cost nothing.
    pub fn set_rate_limit(&mut self, requests_an_hour: u64) {
        self.limits.core = requests_an_hour;
    }

    /// Sets how many searches each user has a minute (30 at first).
    pub fn set_search_limit(&mut self, searches_a_minute: u64) {
        self.limits.search = searches_a_minute;
    }

    /// How many requests this user has used in the current hour.
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

    /// Lets time pass until every budget is new.
    pub fn await_rate_limit(&mut self) {
        self.advance(Duration::from_hours(1));
    }
}
