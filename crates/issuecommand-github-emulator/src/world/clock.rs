//! GitHub's own clock: the `Date` of every response and the time of every event. It is independent of the clock of the program
//! under test, and a test moves both.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::World;

#[derive(Debug, Clone)]
pub(super) enum Clock {
    Still(Timestamp),
    /// This far ahead of the system's clock.
    System(SignedDuration),
}

impl World {
    /// The current time in whole seconds.
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

    /// Stops the clock at this time.
    pub fn set_now(&mut self, now: Timestamp) {
        self.clock = Clock::Still(whole_seconds(now));
    }

    /// Advances the time by whole seconds. A clock that followed the system stops.
    pub fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.set_now(self.now().saturating_add(by).unwrap_or(Timestamp::MAX));
    }

    /// Follows the system's clock from now on.
    pub fn follow_system_clock(&mut self) {
        self.clock = Clock::System(SignedDuration::ZERO);
    }

    /// Moves the clock forward or back without changing its mode. Past events keep their times, and `updated_at` never
    /// decreases.
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
