//! GitHub's own clock. It says the `Date` of every answer and the time of whatever happens, and owes nothing to the clock
//! of the program that is tested: a test moves each of the two as it likes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::World;

#[derive(Debug, Clone)]
pub(super) enum Clock {
    Still(Timestamp),
    /// So much ahead of the system's.
    System(SignedDuration),
}

impl World {
    /// What time it is, in whole seconds.
    pub fn now(&self) -> Timestamp {
        match self.clock {
            Clock::Still(now) => now,
            Clock::System(ahead) => whole_seconds(
                Timestamp::now()
                    .saturating_add(ahead)
                    .unwrap_or(Timestamp::MAX),
            ),
        }
    }

    /// Makes it this time, until told otherwise.
    pub fn set_now(&mut self, now: Timestamp) {
        self.clock = Clock::Still(whole_seconds(now));
    }

    /// Moves the time on by whole seconds; a clock that followed the system stands still from then on.
    pub fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.set_now(self.now().saturating_add(by).unwrap_or(Timestamp::MAX));
    }

    /// From now on it is what the system says.
    pub fn follow_system_clock(&mut self) {
        self.clock = Clock::System(SignedDuration::ZERO);
    }

    /// Sets the clock forward, or back, and lets it go on as it went: standing, or with the system. What happened keeps
    /// its times, and nothing that changes later gets an older `updated_at` than it has.
    pub fn shift_clock(&mut self, by: SignedDuration) {
        self.clock = match self.clock {
            Clock::Still(now) => Clock::Still(whole_seconds(now.saturating_add(by).unwrap_or(now))),
            Clock::System(ahead) => Clock::System(ahead.saturating_add(by)),
        };
    }
}

pub(super) fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
