//! What happened on each day, on the wire.

use issuecommand_core::domain::daily::{Day, Measure};
use issuecommand_core::service::{DayStatistics, Level, Spread, Statistics};
use schemars::JsonSchema;
use serde::Serialize;

/// The numbers of some days.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StatisticsRecord {
    /// Each day, the oldest first; the last one is today and not over.
    pub days: Vec<DayRecord>,
    /// All of these days together.
    pub all: DayRecord,
}

/// The numbers of a day in UTC, or of all days together.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DayRecord {
    /// The date, such as `2026-11-30`, or `all`.
    pub day: String,
    /// Claims that were made.
    pub claims: u64,
    /// Claims whose pull request was merged. An issue that GitHub closed while its claim had a pull request counts too.
    pub merges: u64,
    /// Claims that ended without a merge.
    pub released: u64,
    /// Claims that went stale.
    pub stale: u64,
    /// Feedback that agents answered.
    pub answers: u64,
    /// The time from a claim to its merge, for merges of the day; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_to_merge: Option<SpreadRecord>,
    /// The time from feedback to its answer, for answers of the day; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_to_answer: Option<SpreadRecord>,
    /// Issues that were ready; absent where that was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<LevelRecord>,
    /// Agents that had a claim; absent where that was not measured. For a key that sees some repositories only, an agent counts in each
    /// of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents: Option<LevelRecord>,
}

/// How long something took, within 5 percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SpreadRecord {
    /// How often.
    pub count: u64,
    /// Half of the times it took no longer.
    pub median_seconds: u64,
    /// Nine times of ten it took no longer.
    pub p90_seconds: u64,
}

/// A level, measured once an hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LevelRecord {
    /// The average.
    pub average: f64,
    /// The highest.
    pub most: u64,
}

impl From<&Statistics> for StatisticsRecord {
    fn from(statistics: &Statistics) -> Self {
        Self {
            days: statistics.days.iter().map(Into::into).collect(),
            all: (&statistics.all).into(),
        }
    }
}

impl From<&DayStatistics> for DayRecord {
    fn from(day: &DayStatistics) -> Self {
        let count = |measure| day.counts.get(&measure).copied().unwrap_or_default();
        Self {
            day: day.day.map_or_else(|| "all".to_owned(), Day::as_date),
            claims: count(Measure::Claims),
            merges: count(Measure::Merges),
            released: count(Measure::Released),
            stale: count(Measure::Stale),
            answers: count(Measure::Answers),
            claim_to_merge: day.claim_to_merge.map(Into::into),
            review_to_answer: day.review_to_answer.map(Into::into),
            queue: day.queue.map(Into::into),
            agents: day.agents.map(Into::into),
        }
    }
}

impl From<Spread> for SpreadRecord {
    fn from(spread: Spread) -> Self {
        Self {
            count: spread.count,
            median_seconds: spread.median,
            p90_seconds: spread.p90,
        }
    }
}

impl From<Level> for LevelRecord {
    fn from(level: Level) -> Self {
        Self {
            average: (level.average * 10.0).round() / 10.0,
            most: level.most,
        }
    }
}
