//! What a run of the sync could not read, and how a mirror compares with GitHub's own count.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::access::Scope;
use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// Something that a run of the sync could not read. What is known of it stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncFault {
    /// The repository; `None` for the list of repositories.
    pub repo: Option<RepoName>,
    /// The issue or pull request; `None` where the whole repository is meant.
    pub number: Option<IssueNumber>,
    /// Why, for operators; holds no secret.
    pub reason: String,
}

impl SyncFault {
    /// The most characters of a reason that are kept.
    pub const REASON: usize = 300;

    /// A fault, its reason cut to what is kept.
    pub fn new(repo: Option<&RepoName>, number: Option<IssueNumber>, reason: &str) -> Self {
        Self {
            repo: repo.cloned(),
            number,
            reason: reason.chars().take(Self::REASON).collect(),
        }
    }

    /// Whether both are about the same thing, whatever the reason.
    pub fn same_subject(&self, other: &Self) -> bool {
        self.repo == other.repo && self.number == other.number
    }
}

/// What could not be read, as people name it: `repositories`, `acme/api`, `acme/api#7`.
impl fmt::Display for SyncFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.repo, self.number) {
            (None, _) => f.write_str("repositories"),
            (Some(repo), None) => write!(f, "{repo}"),
            (Some(repo), Some(number)) => write!(f, "{repo}#{number}"),
        }
    }
}

/// A [`SyncFault`] that the latest run still had, with the time of the first run that had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncFailure {
    /// What could not be read, and why.
    pub fault: SyncFault,
    /// When it first failed; every run since then failed too.
    pub since: Timestamp,
}

impl SyncFailure {
    /// The most failures that are kept.
    pub const MAX: usize = 200;
}

/// What a run of the sync came to, beyond its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRun {
    /// The repositories that it was about.
    pub scope: Scope,
    /// Whether anything could be read. A run that read nothing is no success.
    pub read: bool,
    /// What could not be read.
    pub faults: Vec<SyncFault>,
}

/// How many open issues and pull requests GitHub counts in a repository beyond those that the mirror has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountCheck {
    /// GitHub's count less ours, when they were last compared.
    pub gap: i64,
    /// How many comparisons one after the other found a gap.
    pub runs: u32,
}

impl CountCheck {
    /// After one more comparison. Up to the second any gap counts, since what opens and closes meanwhile moves it. Later
    /// another gap than the one that a full reading left is new, and counts from the start.
    #[must_use]
    pub fn compared(self, gap: i64) -> Self {
        let runs = match gap {
            0 => 0,
            _ if gap == self.gap || self.runs < 2 => self.runs.saturating_add(1),
            _ => 1,
        };
        Self { gap, runs }
    }

    /// Whether the repository is to be read whole: at the second disagreement in a row. A gap that stays is left alone for
    /// twice as many comparisons each time, because GitHub's count can be the wrong one.
    pub fn asks_for_full_reading(self) -> bool {
        self.runs >= 2 && self.runs.is_power_of_two()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these comparisons, counted from 1, ask for a full reading.
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
    fn a_gap_that_stays_is_left_alone_ever_longer_and_a_new_one_is_not() {
        assert_eq!(readings(&[7; 20]), [2, 4, 8, 16]);
        assert_eq!(readings(&[7, 7, 7, 8, 8]), [2, 5]);
    }
}
