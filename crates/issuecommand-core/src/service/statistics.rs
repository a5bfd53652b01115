//! What happened on each day: numbers that are kept with every change, so that no log is read.

use std::collections::{BTreeMap, BTreeSet};

use super::{Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::daily::{DailyKey, Day, Measure, seconds_of};
use crate::domain::repo_name::RepoName;
use crate::ports::read_model::DailyNumber;

/// How long something took, within 3 percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How often.
    pub count: u64,
    /// Half of the times it took so many seconds at most.
    pub median: u64,
    /// Nine times of ten it took so many seconds at most.
    pub p90: u64,
}

/// A level that was measured once an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The average.
    pub average: f64,
    /// The highest.
    pub most: u64,
}

/// The numbers of a day, or of several.
#[derive(Clone, Debug, PartialEq)]
pub struct DayStatistics {
    /// The day; `None` for several.
    pub day: Option<Day>,
    /// How often what happened.
    pub counts: BTreeMap<Measure, u64>,
    /// The time from claim to merge.
    pub claim_to_merge: Option<Spread>,
    /// The time from the arrival of feedback to its answer.
    pub review_to_answer: Option<Spread>,
    /// Issues that were ready.
    pub queue: Option<Level>,
    /// Agents that had a claim. One that has claims in several repositories of a limited caller counts in each.
    pub agents: Option<Level>,
}

/// The numbers of some days.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Each day, the oldest first.
    pub days: Vec<DayStatistics>,
    /// All days together.
    pub all: DayStatistics,
}

impl Service {
    /// The numbers of the last days, today included, as far as the caller may see them or of one repository.
    pub async fn statistics(
        &self,
        caller: &Caller,
        repo: Option<&RepoName>,
        days: u32,
    ) -> ServiceResult<Statistics> {
        let scope = match repo {
            Some(_) => self.within(&self.scoped(caller), repo).await?,
            None => self.sight(caller),
        };
        let to = Day::of(self.clock.now());
        let from = Day(to.0 - i64::from(days.max(1)) + 1);
        let numbers = self.store.daily(&scope, from, to).await?;
        // Only the numbers of all repositories say in which hours there was a measurement.
        let measured = match &scope {
            Scope::All => hours(&numbers),
            Scope::Only(_) => hours(&self.store.daily(&Scope::All, from, to).await?),
        };
        let of_day = |day: Day| {
            let numbers = numbers.iter().filter(|number| number.key.day == day);
            let hours = measured.iter().filter(|(of, _)| *of == day);
            day_statistics(Some(day), numbers, hours)
        };
        Ok(Statistics {
            days: (from.0..=to.0).map(|day| of_day(Day(day))).collect(),
            all: day_statistics(None, numbers.iter(), measured.iter()),
        })
    }
}

/// The hours in which the queue was measured.
fn hours(numbers: &[DailyNumber]) -> BTreeSet<(Day, i64)> {
    let queue = numbers.iter().filter(|number| {
        number.key.measure == Measure::Queue && number.key.repo_id == DailyKey::ALL
    });
    queue
        .map(|number| (number.key.day, number.key.bucket))
        .collect()
}

fn day_statistics<'n>(
    day: Option<Day>,
    numbers: impl Iterator<Item = &'n DailyNumber> + Clone,
    hours: impl Iterator<Item = &'n (Day, i64)> + Clone,
) -> DayStatistics {
    let of = |measure: Measure| {
        let numbers = numbers.clone();
        numbers.filter(move |number| number.key.measure == measure)
    };
    let counted = [
        Measure::Claims,
        Measure::Merges,
        Measure::Released,
        Measure::Stale,
        Measure::Answers,
    ];
    let counts = counted.map(|measure| (measure, of(measure).map(|number| number.n).sum()));
    let level = |measure: Measure| {
        let mut levels: BTreeMap<(Day, i64), u64> = hours.clone().map(|hour| (*hour, 0)).collect();
        for number in of(measure) {
            if let Some(level) = levels.get_mut(&(number.key.day, number.key.bucket)) {
                *level += number.n;
            }
        }
        Level::of(&levels)
    };
    DayStatistics {
        day,
        counts: counts.into_iter().collect(),
        claim_to_merge: Spread::of(of(Measure::Merges)),
        review_to_answer: Spread::of(of(Measure::Answers)),
        queue: level(Measure::Queue),
        agents: level(Measure::Agents),
    }
}

impl Spread {
    fn of<'n>(numbers: impl Iterator<Item = &'n DailyNumber>) -> Option<Self> {
        let mut buckets: BTreeMap<i64, u64> = BTreeMap::new();
        for number in numbers {
            *buckets.entry(number.key.bucket).or_default() += number.n;
        }
        let count: u64 = buckets.values().sum();
        // The first bucket at whose end there are so many tenths of all.
        let at = |tenths: u64| {
            let mut before = 0;
            let mut buckets = buckets.iter();
            let found = buckets.find(|(_, n)| {
                before += **n;
                before * 10 >= count * tenths
            });
            found.map(|(bucket, _)| seconds_of(*bucket))
        };
        (count > 0).then_some(())?;
        Some(Self {
            count,
            median: at(5)?,
            p90: at(9)?,
        })
    }
}

impl Level {
    fn of(levels: &BTreeMap<(Day, i64), u64>) -> Option<Self> {
        let most = levels.values().copied().max()?;
        let sum: u64 = levels.values().sum();
        #[expect(
            clippy::cast_precision_loss,
            reason = "an average for people, of numbers far below 2^52"
        )]
        let average = sum as f64 / levels.len() as f64;
        Some(Self { average, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::daily::bucket_of;
    use crate::domain::id::RepoId;
    use crate::domain::time::Millis;

    fn number(day: i64, measure: Measure, bucket: i64, n: u64) -> DailyNumber {
        let key = DailyKey {
            repo_id: RepoId(7),
            day: Day(day),
            measure,
            bucket,
        };
        DailyNumber { key, n }
    }

    #[test]
    fn a_spread_is_that_of_all_durations() {
        let minutes = |n: i64| bucket_of(Millis::minutes(n));
        let merges: Vec<DailyNumber> = (1..=100)
            .map(|n| number(1, Measure::Merges, minutes(n), 1))
            .collect();
        let spread = Spread::of(merges.iter()).unwrap();
        assert_eq!(spread.count, 100);
        assert!(
            spread.median.abs_diff(50 * 60) <= 50 * 60 / 20,
            "{spread:?}"
        );
        assert!(spread.p90.abs_diff(90 * 60) <= 90 * 60 / 20, "{spread:?}");
        assert_eq!(Spread::of([].iter()), None);
        let one = [number(1, Measure::Merges, 5, 1)];
        let spread = Spread::of(one.iter()).unwrap();
        assert_eq!((spread.median, spread.p90), (5, 5));
    }

    #[test]
    fn an_hour_without_a_number_counts_as_none_where_it_was_measured() {
        let numbers = [
            number(1, Measure::Queue, 3, 4),
            number(1, Measure::Queue, 3, 2),
            number(1, Measure::Queue, 9, 50),
        ];
        let hours = [(Day(1), 3), (Day(1), 4), (Day(1), 5)];
        let statistics = day_statistics(Some(Day(1)), numbers.iter(), hours.iter());
        let queue = statistics.queue.unwrap();
        // What was not measured for all is left out.
        assert!((queue.average - 2.0).abs() < f64::EPSILON, "{queue:?}");
        assert_eq!(queue.most, 6);
        let nothing = day_statistics(None, [].iter(), [].iter());
        assert_eq!((nothing.queue, nothing.claim_to_merge), (None, None));
    }
}
