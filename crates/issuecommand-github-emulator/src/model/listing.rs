//! The rows of a list and their order. A page of a repository with 100,000 issues must not sort them again, so the order of a
//! filter is cached until anything in the repository changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::{Issue, State};

/// The sort key of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Sort {
    #[default]
    Created,
    Updated,
    Comments,
}

/// The sort direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Direction {
    Ascending,
    #[default]
    Descending,
}

/// Only pull requests, or all as in `/issues`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Both,
    PullsOnly,
}

/// A condition on an optional field: GitHub's `none`, `*` or a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum FieldFilter<T> {
    #[default]
    Anything,
    Nothing,
    Something,
    Exactly(T),
}

/// The filter and order of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Filter {
    pub(crate) kind: Kind,
    pub(crate) state: Option<State>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) labels: Vec<String>,
    pub(crate) milestone: FieldFilter<u64>,
    pub(crate) assignee: FieldFilter<String>,
    pub(crate) creator: Option<String>,
    pub(crate) issue_type: FieldFilter<String>,
    pub(crate) sort: Sort,
    pub(crate) direction: Direction,
}

impl Filter {
    fn admits(&self, issue: &Issue) -> bool {
        let kind = match self.kind {
            Kind::Both => true,
            Kind::PullsOnly => issue.pull.is_some(),
        };
        kind && self.state.is_none_or(|state| state == issue.state)
            && self.since.is_none_or(|since| issue.updated_at >= since)
            && self.labels.iter().all(|wanted| {
                issue
                    .labels
                    .iter()
                    .any(|has| has.eq_ignore_ascii_case(wanted))
            })
            && match &self.milestone {
                FieldFilter::Anything => true,
                FieldFilter::Nothing => issue.milestone.is_none(),
                FieldFilter::Something => issue.milestone.is_some(),
                FieldFilter::Exactly(number) => issue.milestone == Some(*number),
            }
            && match &self.assignee {
                FieldFilter::Anything => true,
                FieldFilter::Nothing => issue.assignees.is_empty(),
                FieldFilter::Something => !issue.assignees.is_empty(),
                FieldFilter::Exactly(login) => issue
                    .assignees
                    .iter()
                    .any(|has| has.eq_ignore_ascii_case(login)),
            }
            && match &self.issue_type {
                FieldFilter::Anything => true,
                FieldFilter::Nothing => issue.kind.is_none(),
                FieldFilter::Something => issue.kind.is_some(),
                FieldFilter::Exactly(name) => issue
                    .kind
                    .as_ref()
                    .is_some_and(|has| has.eq_ignore_ascii_case(name)),
            }
            && self.creator.as_ref().is_none_or(|login| {
                issue
                    .author
                    .as_ref()
                    .is_some_and(|author| author.eq_ignore_ascii_case(login))
            })
    }

    /// The sort key of an issue; its number breaks ties.
    pub(crate) fn key(&self, issue: &Issue) -> (i64, u64) {
        let key = match self.sort {
            Sort::Created => issue.created_at.as_second(),
            Sort::Updated => issue.updated_at.as_second(),
            Sort::Comments => i64::try_from(issue.comments.len()).unwrap_or(i64::MAX),
        };
        (key, issue.number)
    }

    /// How many of `numbers`, which are in this filter's order, are at or before `key`.
    pub(crate) fn up_to(
        &self,
        key: (i64, u64),
        numbers: &[u64],
        issues: &BTreeMap<u64, Issue>,
    ) -> usize {
        numbers.partition_point(|number| {
            issues
                .get(number)
                .is_some_and(|issue| match self.direction {
                    Direction::Ascending => self.key(issue) <= key,
                    Direction::Descending => self.key(issue) >= key,
                })
        })
    }

    fn select(&self, issues: &BTreeMap<u64, Issue>) -> Vec<u64> {
        let mut rows: Vec<(i64, u64)> = issues
            .values()
            .filter(|issue| self.admits(issue))
            .map(|issue| self.key(issue))
            .collect();
        rows.sort_unstable();
        if self.direction == Direction::Descending {
            rows.reverse();
        }
        rows.into_iter().map(|(_, number)| number).collect()
    }
}

/// The cached lists of one repository, cleared at every change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listings {
    known: Vec<(Filter, Arc<[u64]>)>,
    milestones: OnceLock<HashMap<u64, (u64, u64)>>,
}

impl Listings {
    /// The most cached lists of one repository; clients use two or three.
    const KEPT: usize = 8;

    pub(crate) fn forget(&mut self) {
        self.known.clear();
        self.milestones.take();
    }

    /// The numbers of open and closed issues of a milestone.
    pub(crate) fn milestone_counts(
        &self,
        milestone: u64,
        issues: &BTreeMap<u64, Issue>,
    ) -> (u64, u64) {
        let counts = self.milestones.get_or_init(|| {
            let mut counts: HashMap<u64, (u64, u64)> = HashMap::new();
            for issue in issues.values() {
                let Some(number) = issue.milestone else {
                    continue;
                };
                let (open, closed) = counts.entry(number).or_default();
                match issue.state {
                    State::Open => *open += 1,
                    State::Closed => *closed += 1,
                }
            }
            counts
        });
        counts.get(&milestone).copied().unwrap_or_default()
    }

    /// The numbers in order, from the cache if nothing changed since.
    pub(crate) fn select(
        &mut self,
        filter: &Filter,
        issues: &BTreeMap<u64, Issue>,
        late: &BTreeSet<u64>,
    ) -> Arc<[u64]> {
        if let Some((_, numbers)) = self.known.iter().find(|(known, _)| known == filter) {
            return Arc::clone(numbers);
        }
        let mut numbers = filter.select(issues);
        if !late.is_empty() {
            numbers.retain(|number| !late.contains(number));
        }
        let numbers: Arc<[u64]> = numbers.into();
        if self.known.len() == Self::KEPT {
            self.known.remove(0);
        }
        self.known.push((filter.clone(), Arc::clone(&numbers)));
        numbers
    }
}
