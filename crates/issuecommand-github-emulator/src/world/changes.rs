//! The single function that changes issues: it moves `updated_at`, keeps the count of open issues and clears cached lists.

use super::World;
use super::webhooks::Before;
use crate::model::{Issue, State, StateReason, TimelineKind};

/// An issue by the repository's id and its number; it stays valid when the repository is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) repo: u64,
    pub(crate) number: u64,
}

/// The location of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IssueLocation {
    Here,
    Deleted,
    Moved(Place),
    Unknown,
}

impl World {
    /// Changes an issue that may not exist; returns whether it exists.
    pub(crate) fn change(&mut self, place: Place, change: impl FnOnce(&mut Issue)) -> bool {
        let now = self.now();
        let was = self
            .at_place(place)
            .filter(|_| self.has_hook())
            .map(Before::of);
        let Some(repo) = self.repos.get_mut(&place.repo) else {
            return false;
        };
        let Some(issue) = repo.issues.get_mut(&place.number) else {
            return false;
        };
        let was_open = issue.state == State::Open;
        change(issue);
        // GitHub's timestamps of an object never decrease, even if a test sets the world's clock back.
        issue.updated_at = issue.updated_at.max(now);
        let is_open = issue.state == State::Open;
        repo.open = repo.open + u64::from(is_open) - u64::from(was_open);
        repo.updated_at = repo.updated_at.max(now);
        repo.listings.forget();
        if let Some(was) = was {
            self.tell_change(place, was);
        }
        true
    }

    /// Closes an issue or pull request; a closed one stays unchanged.
    pub(crate) fn close_at(
        &mut self,
        place: Place,
        reason: Option<StateReason>,
        by: Option<&str>,
    ) -> bool {
        if self
            .at_place(place)
            .is_none_or(|issue| issue.state == State::Closed)
        {
            return false;
        }
        let now = self.now();
        self.happened(place, TimelineKind::Closed, by);
        self.change(place, |issue| {
            issue.state = State::Closed;
            issue.state_reason = if issue.pull.is_some() { None } else { reason };
            issue.closed_at = Some(now);
            issue.closed_by = by.map(str::to_owned);
        })
    }

    /// Reopens an issue or unmerged pull request.
    pub(crate) fn reopen_at(&mut self, place: Place) -> bool {
        let merged = |issue: &Issue| {
            issue
                .pull
                .as_ref()
                .is_some_and(|pull| pull.merged_at.is_some())
        };
        if self
            .at_place(place)
            .is_none_or(|issue| issue.state == State::Open || merged(issue))
        {
            return false;
        }
        self.happened(place, TimelineKind::Reopened, None);
        self.change(place, |issue| {
            issue.state = State::Open;
            issue.state_reason = issue.pull.is_none().then_some(StateReason::Reopened);
            issue.closed_at = None;
            issue.closed_by = None;
        })
    }

    /// Changes its title.
    pub(crate) fn retitle_at(&mut self, place: Place, title: &str) {
        let from = self.at_place(place).map(|issue| issue.title.clone());
        if let Some(from) = from.filter(|from| from != title) {
            let to = title.to_owned();
            self.happened(place, TimelineKind::Renamed { from, to }, None);
        }
        self.change(place, |issue| title.clone_into(&mut issue.title));
    }

    pub(crate) fn set_labels_at(&mut self, place: Place, labels: &[String]) -> bool {
        for label in labels {
            self.ensure_label(place.repo, label);
        }
        self.change(place, |issue| {
            issue.labels.clear();
            for label in labels {
                if !issue
                    .labels
                    .iter()
                    .any(|has| has.eq_ignore_ascii_case(label))
                {
                    issue.labels.push(label.clone());
                }
            }
        })
    }

    pub(crate) fn set_assignees_at(&mut self, place: Place, logins: &[String]) -> bool {
        for login in logins {
            self.add_user(login);
        }
        self.change(place, |issue| {
            issue.assignees.clear();
            for login in logins {
                if !issue
                    .assignees
                    .iter()
                    .any(|has| has.eq_ignore_ascii_case(login))
                {
                    issue.assignees.push(login.clone());
                }
            }
        })
    }
}
