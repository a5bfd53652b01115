//! Times in whole milliseconds, and their text form.

mod steps;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::steps::{
    ClockSteps, Correction, MAX_PAUSE, MAX_STEP_BACK, Noticed, Step, StoreTime, read_clock,
};

/// A time in UTC, as whole milliseconds since 1970.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A duration in whole milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// A duration of `n` seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n * 1000)
    }

    /// A duration of `n` minutes.
    pub const fn minutes(n: i64) -> Self {
        Self(n * 60_000)
    }
}

impl Timestamp {
    /// Parses RFC 3339 with any offset, and truncates to milliseconds.
    pub fn parse(text: &str) -> Option<Self> {
        let moment: jiff::Timestamp = text.parse().ok()?;
        Some(Self(moment.as_millisecond()))
    }

    /// The time as GitHub writes it: whole seconds have no fraction.
    pub fn as_github(self) -> String {
        if self.0 % 1000 == 0 {
            self.instant().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        } else {
            self.to_string()
        }
    }

    /// The time that much later, saturating.
    #[must_use]
    pub fn plus(self, length: Millis) -> Self {
        Self(self.0.saturating_add(length.0))
    }

    /// The time that much earlier, saturating.
    #[must_use]
    pub fn minus(self, length: Millis) -> Self {
        Self(self.0.saturating_sub(length.0))
    }

    fn instant(self) -> jiff::Timestamp {
        let (least, most) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
        let inside = self
            .0
            .clamp(least.as_millisecond() + 1, most.as_millisecond());
        jiff::Timestamp::from_millisecond(inside).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

/// RFC 3339 in UTC with milliseconds and `Z`, the form of all our own times.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.instant().strftime("%Y-%m-%dT%H:%M:%S.%3fZ"))
    }
}

/// The source of time. The engine and the use cases read no other clock.
#[async_trait::async_trait]
pub trait Clock: Send + Sync + fmt::Debug {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// Waits for that duration.
    async fn sleep(&self, length: Millis);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_times_have_milliseconds_and_github_times_have_none() {
        let moment = Timestamp::parse("2022-09-23T10:00:00+02:00").unwrap();
        assert_eq!(moment.to_string(), "2022-09-23T08:00:00.000Z");
        assert_eq!(moment.as_github(), "2022-09-23T08:00:00Z");
        assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
        assert_eq!(Timestamp::parse("yesterday"), None);
        assert_eq!(
            Timestamp(i64::MIN).to_string().len(),
            Timestamp(i64::MIN).to_string().trim().len()
        );
    }
}
