//! The rate limiters of the credentials, shared by all callers of a client: requests left, concurrent requests, and waits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use issuecommand_core::domain::time::{Clock, MAX_STEP_BACK, Millis, Timestamp};
use issuecommand_core::ports::github::Budget;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::credentials::CredentialId;
use super::rate_limit_headers::{RateLimitHeaders, Wait};

/// The shortest wait if GitHub specifies none (at least one minute by its documentation), and the longest after repetition.
const UNSAID: (Millis, Millis) = (Millis::minutes(1), Millis::minutes(15));
/// The bounds of waits that GitHub specifies. Its longest window is an hour; a wrong header must not block requests for days.
const SAID: (Millis, Millis) = (Millis::seconds(1), Millis::minutes(120));
/// Answers whose resets differ by no more than this belong to the same window. GitHub's servers differ by a second or two.
const SAME_WINDOW: i64 = 60_000;

/// The rate limiters of a client, one for each credential that was used, whatever route it takes.
#[derive(Debug)]
pub(super) struct RateLimiters {
    clock: Arc<dyn Clock>,
    slots: usize,
    timeout: Duration,
    by_credential: Mutex<BTreeMap<CredentialId, Arc<RateLimiter>>>,
}

impl RateLimiters {
    /// `timeout` is how long a request may queue for one of the `slots` of its credential.
    pub(super) fn new(clock: Arc<dyn Clock>, slots: usize, timeout: Duration) -> Self {
        Self {
            clock,
            slots,
            timeout,
            by_credential: Mutex::default(),
        }
    }

    pub(super) fn of(&self, credential: &CredentialId) -> Arc<RateLimiter> {
        // A panic cannot leave this map inconsistent.
        let mut limiters = (self.by_credential.lock()).unwrap_or_else(PoisonError::into_inner);
        if let Some(limiter) = limiters.get(credential) {
            return Arc::clone(limiter);
        }
        let clock = Arc::clone(&self.clock);
        let limiter = Arc::new(RateLimiter::new(clock, self.slots, self.timeout));
        limiters.insert(credential.clone(), Arc::clone(&limiter));
        limiter
    }
}

#[derive(Debug)]
pub(super) struct RateLimiter {
    clock: Arc<dyn Clock>,
    slots: Semaphore,
    timeout: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    limit: Option<i64>,
    remaining: Option<i64>,
    resets_at: Option<Timestamp>,
    leave_alone_until: Option<Timestamp>,
    /// Consecutive limits without a specified wait, with no success between them.
    strikes: u32,
    /// The latest time that the clock returned.
    seen: Timestamp,
}

/// Why no request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// A wait is in force, with its remaining length.
    Waiting(Millis),
    /// All slots are in use, and none became free in time.
    Crowded,
}

impl RateLimiter {
    fn new(clock: Arc<dyn Clock>, slots: usize, timeout: Duration) -> Self {
        Self {
            clock,
            slots: Semaphore::new(slots.max(1)),
            timeout,
            state: Mutex::default(),
        }
    }

    /// Admits one request for as long as the permit is held.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>, Blocked> {
        self.open()?;
        let Ok(Ok(permit)) = tokio::time::timeout(self.timeout, self.slots.acquire()).await else {
            return Err(Blocked::Crowded);
        };
        // A request ahead in the queue may have met a limit.
        self.open()?;
        Ok(permit)
    }

    fn open(&self) -> Result<(), Blocked> {
        let now = self.clock.now();
        match self.at(now).waiting(now) {
            Some(length) => Err(Blocked::Waiting(length)),
            None => Ok(()),
        }
    }

    /// Records the rate-limit headers of an answer. Returns the wait that is then in force, if any.
    pub(super) fn learn(
        &self,
        signs: &RateLimitHeaders,
        wait: Wait,
        success: bool,
    ) -> Option<Millis> {
        let now = self.clock.now();
        let mut state = self.at(now);
        state.count(signs, now);
        let waiting = state.waiting(now).is_some();
        let length = match wait {
            Wait::None => None,
            Wait::For(length) => Some(length.clamp(SAID.0, SAID.1)),
            // Concurrent requests meet the same limit together, so it counts once.
            Wait::Unsaid if waiting => None,
            Wait::Unsaid => {
                let length = UNSAID.0.0.saturating_mul(1 << state.strikes.min(10));
                state.strikes += 1;
                Some(Millis(length).min(UNSAID.1))
            }
        };
        if let Some(length) = length {
            state.leave_alone_until = state.leave_alone_until.max(Some(now.plus(length)));
        } else if success && !waiting {
            state.strikes = 0;
        }
        state.waiting(now)
    }

    pub(super) fn budget(&self) -> Budget {
        let now = self.clock.now();
        let state = self.at(now);
        let waiting = state.waiting(now);
        if state.resets_at.is_some_and(|reset| reset <= now) {
            return Budget {
                remaining: state.limit,
                limit: state.limit,
                resets_at: None,
                waiting,
            };
        }
        Budget {
            remaining: state.remaining,
            limit: state.limit,
            resets_at: state.resets_at,
            waiting,
        }
    }

    /// The state at this time.
    fn at(&self, now: Timestamp) -> MutexGuard<'_, State> {
        // A panic cannot leave this state inconsistent.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.follow(now);
        state
    }
}

impl State {
    /// If the clock was set back, times in the future move with it, so that a wait keeps its length.
    fn follow(&mut self, now: Timestamp) {
        let back = Millis(self.seen.0.saturating_sub(now.0));
        if back > MAX_STEP_BACK {
            for until in [&mut self.resets_at, &mut self.leave_alone_until] {
                *until = until.map(|until| until.minus(back));
            }
            self.seen = now;
        }
        self.seen = self.seen.max(now);
    }

    fn waiting(&self, now: Timestamp) -> Option<Millis> {
        let until = self.leave_alone_until?;
        (until > now).then(|| Millis(until.0.saturating_sub(now.0)))
    }

    /// Answers can arrive out of order: within one window the lowest count is right, and counts of an older window are ignored.
    fn count(&mut self, signs: &RateLimitHeaders, now: Timestamp) {
        let (Some(remaining), Some(until_reset)) = (signs.remaining, signs.until_reset) else {
            return;
        };
        let reset = now.plus(until_reset);
        let known = self
            .resets_at
            .filter(|known| *known > now && self.limit == signs.limit);
        match known.map(|known| reset.0.saturating_sub(known.0)) {
            Some(later) if later.abs() <= SAME_WINDOW => {
                self.remaining = self
                    .remaining
                    .map(|known| known.min(remaining))
                    .or(Some(remaining));
            }
            Some(later) if later < 0 => {}
            _ => {
                self.limit = signs.limit;
                self.remaining = Some(remaining);
                self.resets_at = Some(reset);
            }
        }
    }
}

#[cfg(test)]
mod tests;
