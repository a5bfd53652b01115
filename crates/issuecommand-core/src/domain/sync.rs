//! Failures of sync runs, and the comparison of the mirror with GitHub's counts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::access::Scope;
use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// Something that a sync run could not read. The known data of it stays unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncFault {
    /// The repository; `None` for the list of repositories.
    pub repo: Option<RepoName>,
    /// The issue or pull request; `None` for the whole repository.
    pub number: Option<IssueNumber>,
    /// The reason, for operators, without secrets.
    pub reason: String,
}

impl SyncFault {
    /// The most characters of a reason.
    pub const REASON: usize = 300;

    /// Creates a fault, and truncates the reason.
    pub fn new(repo: Option<&RepoName>, number: Option<IssueNumber>, reason: &str) -> Self {
        Self {
            repo: repo.cloned(),
            number,
            reason: reason.chars().take(Self::REASON).collect(),
        }
    }

    /// Whether both concern the same subject, for any reason.
    pub fn same_subject(&self, other: &Self) -> bool {
        self.repo == other.repo && self.number == other.number
    }
}

/// The subject, for people: `repositories`, `acme/api`, `acme/api#7`.
impl fmt::Display for SyncFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.repo, self.number) {
            (None, _) => f.write_str("repositories"),
            (Some(repo), None) => write!(f, "{repo}"),
            (Some(repo), Some(number)) => write!(f, "{repo}#{number}"),
        }
    }
}

/// A [`SyncFault`] of the latest run, with the time since which every run had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncFailure {
    /// The latest fault.
    pub fault: SyncFault,
    /// The first of its consecutive failures.
    pub since: Timestamp,
}

impl SyncFailure {
    /// The most failures that are kept.
    pub const MAX: usize = 200;
}

/// The result of a sync run, apart from its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRun {
    /// The repositories that it covered.
    pub scope: Scope,
    /// Whether it read anything. A run that read nothing does not count as a success.
    pub read: bool,
    /// The subjects that it could not read.
    pub faults: Vec<SyncFault>,
}

/// By how many open issues and pull requests GitHub's count of a repository exceeds the mirror's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountCheck {
    /// GitHub's count minus ours at the last comparison.
    pub gap: i64,
    /// How many consecutive comparisons found a gap.
    pub runs: u32,
}

impl CountCheck {
    /// The state after another comparison. The first two count any gap, because issues open and close meanwhile. Later a gap
    /// that differs from the one a full read left is new, and counting restarts.
    #[must_use]
    pub fn compared(self, gap: i64) -> Self {
        let runs = match gap {
            0 => 0,
            _ if gap == self.gap || self.runs < 2 => self.runs.saturating_add(1),
            _ => 1,
        };
        Self { gap, runs }
    }

    /// Whether to read the whole repository: at the second disagreement in a row. For a gap that stays, the wait doubles each
    /// time, because GitHub's count can be wrong.
    pub fn asks_for_full_reading(self) -> bool {
        self.runs >= 2 && self.runs.is_power_of_two()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these comparisons, counted from 1, ask for a full read.
    fn readings(gaps: &[i64]) -> Vec<usize> {
        let mut check = CountCheck::default();
        let mut asked = Vec::new();
        for (n, gap) in (1..).zip(gaps) {
            check = check.compared(*gap);
            if check.asks_for_full_reading() {
                asked.push(n);
            }
        }
        asked
    }

    #[test]
    fn two_disagreements_in_a_row_ask_for_a_full_reading() {
        assert_eq!(readings(&[3, 3]), [2]);
        assert_eq!(readings(&[3, -1]), [2], "also where the gap moved");
        assert_eq!(readings(&[3, 0, 3, 0]), [0; 0]);
        assert_eq!(readings(&[0, 5, 5, 0, 5, 5]), [3, 6]);
    }

    #[test]
    fn a_persistent_disagreement_backs_off_exponentially() {
        assert_eq!(readings(&[7; 20]), [2, 4, 8, 16]);
        assert_eq!(readings(&[7, 7, 7, 8, 8]), [2, 5]);
    }
}
