//! What is counted of each day, and of each agent.

use serde::{Deserialize, Serialize};

use crate::domain::id::{AgentId, RepoId};
use crate::domain::time::{Millis, Timestamp};

/// A day in UTC, as whole days since 1970.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Day(pub i64);

impl Day {
    const LENGTH: i64 = 24 * 60 * 60 * 1000;

    /// The day of a moment.
    pub fn of(at: Timestamp) -> Self {
        Self(at.0.div_euclid(Self::LENGTH))
    }

    /// Its first moment.
    pub fn begin(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(Self::LENGTH))
    }

    /// The hour of a moment, 0 to 23.
    pub fn hour(at: Timestamp) -> i64 {
        at.0.rem_euclid(Self::LENGTH) / Millis::minutes(60).0
    }

    /// As `2026-11-30`.
    pub fn as_date(self) -> String {
        let mut text = self.begin().to_string();
        text.truncate(text.find('T').unwrap_or(text.len()));
        text
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Claims that were made.
    Claims,
    /// Claims whose pull request was merged, by the time from claim to merge.
    Merges,
    /// Claims that ended without a merge: given back, released after a silence, or closed.
    Released,
    /// Claims that went stale.
    Stale,
    /// Feedback that agents answered, by the time from its arrival to the answer.
    Answers,
    /// Issues that were ready, by the hour in which that was measured.
    Queue,
    /// Agents that had a claim, by the hour in which that was measured.
    Agents,
}

impl Measure {
    /// All measures.
    pub const ALL: [Self; 7] = [
        Self::Claims,
        Self::Merges,
        Self::Released,
        Self::Stale,
        Self::Answers,
        Self::Queue,
        Self::Agents,
    ];

    /// The measure as text, which is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claims => "claims",
            Self::Merges => "merges",
            Self::Released => "released",
            Self::Stale => "stale",
            Self::Answers => "answers",
            Self::Queue => "queue",
            Self::Agents => "agents",
        }
    }

    /// The measure with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|measure| measure.as_str() == text)
    }
}

/// The number of a day. A repository has its own, and all together have one without a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DailyKey {
    /// [`DailyKey::ALL`] for all together.
    pub repo_id: RepoId,
    /// The day.
    pub day: Day,
    /// What is counted.
    pub measure: Measure,
    /// The bucket of a duration, or the hour of a measurement; 0 for plain counts.
    pub bucket: i64,
}

impl DailyKey {
    /// Stands for all repositories together.
    pub const ALL: RepoId = RepoId(0);
    /// For how many days numbers are kept.
    pub const KEPT: i64 = 400;
}

/// What is counted of an agent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AgentTotalKey {
    /// The agent.
    pub agent_id: AgentId,
    /// What is counted.
    pub measure: Measure,
}

/// The bucket of a duration. Below 16 seconds each second has its own, above each power of two has 16, so that the middle of a bucket
/// is at most 3 percent from any duration in it.
pub fn bucket_of(length: Millis) -> i64 {
    let seconds = (length.0 / 1000).max(0);
    if seconds < 16 {
        return seconds;
    }
    let power = i64::from(63 - seconds.leading_zeros());
    power * 16 + ((seconds >> (power - 4)) & 15)
}

/// The middle of a bucket in seconds.
pub fn seconds_of(bucket: i64) -> u64 {
    let bucket = bucket.clamp(0, 62 * 16 + 15);
    let (power, step) = (bucket / 16, bucket % 16);
    if power < 4 {
        return bucket.unsigned_abs();
    }
    let width = 1i64 << (power - 4);
    (((16 + step) * width) + width / 2).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_near_to_what_is_in_it() {
        for seconds in (0..200_000).chain([10_000_000, 1 << 40]) {
            let middle = seconds_of(bucket_of(Millis::seconds(seconds)));
            let off = middle.abs_diff(seconds.unsigned_abs());
            assert!(
                off * 32 <= seconds.unsigned_abs(),
                "{seconds} became {middle}"
            );
        }
        assert_eq!(bucket_of(Millis(-5)), 0);
    }

    #[test]
    fn longer_durations_have_later_buckets() {
        let mut last = -1;
        for seconds in 0..100_000 {
            let bucket = bucket_of(Millis::seconds(seconds));
            assert!(bucket >= last, "{seconds}");
            last = bucket;
        }
    }

    #[test]
    fn a_day_is_a_date_in_utc() {
        let at = Timestamp::parse("2026-11-30T23:59:59.999Z").unwrap();
        assert_eq!(Day::of(at).as_date(), "2026-11-30");
        assert_eq!(Day::of(at.plus(Millis(1))).as_date(), "2026-12-01");
        assert_eq!(Day::hour(at), 23);
        assert_eq!(Day::of(Timestamp(-1)), Day(-1));
    }
}
