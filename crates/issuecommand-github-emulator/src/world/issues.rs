//! Issues: open, edit, close, delete, transfer.

use serde_json::json;

use super::{Place, World};
use crate::builders::NewIssue;
use crate::model::{FormerIssue, Issue, Pull, State, StateReason, TimelineKind};

impl World {
    /// Opens an issue; a title alone is enough. Returns its number.
    pub fn open_issue(&mut self, repo: &str, issue: impl Into<NewIssue>) -> u64 {
        let repo = self.id_of(repo);
        self.insert(repo, issue.into(), None)
    }

    pub(crate) fn insert(&mut self, repo: u64, new: NewIssue, pull: Option<Box<Pull>>) -> u64 {
        let id = new.id.unwrap_or_else(|| self.fresh_id());
        let author = self.author(new.author);
        for label in &new.labels {
            self.ensure_label(repo, label);
        }
        for login in &new.assignees {
            self.add_user(login);
        }
        self.optional.know(new.kind.as_deref(), &new.fields);
        let milestone = new
            .milestone
            .map(|title| self.ensure_milestone(repo, &title));
        let now = new.created_at.unwrap_or_else(|| self.now());
        let Some(home) = self.repos.get(&repo) else {
            return 0;
        };
        let association = new
            .association
            .unwrap_or_else(|| self.association(home, author.as_deref()));
        let number = new.number.unwrap_or(home.next_number);
        let issue = Issue {
            id,
            number,
            title: new.title,
            body: new.body.filter(|body| !body.is_empty()),
            author,
            association,
            state: State::Open,
            state_reason: None,
            labels: new.labels,
            assignees: new.assignees,
            milestone,
            comments: Vec::new(),
            created_at: now,
            updated_at: now,
            closed_at: None,
            closed_by: None,
            timeline: Vec::new(),
            pull,
            kind: new.kind,
            fields: new.fields,
        };
        self.change_repo(repo, |repo| {
            repo.next_number = repo.next_number.max(number + 1);
            if repo
                .issues
                .insert(number, issue)
                .is_none_or(|old| old.state == State::Closed)
            {
                repo.open += 1;
            }
        });
        let place = Place { repo, number };
        let by = self.at_place(place).and_then(|issue| issue.author.clone());
        self.tell_itself(place, "opened", json!({}), by.as_deref());
        number
    }

    /// Skips the repository's numbers below this one.
    pub(crate) fn reserve_numbers(&mut self, repo: u64, below: u64) {
        self.change_repo(repo, |repo| repo.next_number = repo.next_number.max(below));
    }

    /// Closes an issue as completed.
    pub fn close_issue(&mut self, repo: &str, number: u64) {
        self.close_issue_as(repo, number, StateReason::Completed);
    }

    /// Closes an issue for this reason.
    pub fn close_issue_as(&mut self, repo: &str, number: u64, reason: StateReason) {
        let place = self.place_of(repo, number);
        let by = self.acting().to_owned();
        self.close_at(place, Some(reason), Some(&by));
    }

    /// Reopens a closed issue or unmerged pull request.
    pub fn reopen(&mut self, repo: &str, number: u64) {
        let place = self.place_of(repo, number);
        self.reopen_at(place);
    }

    /// Changes its title.
    pub fn edit_title(&mut self, repo: &str, number: u64, title: &str) {
        let place = self.place_of(repo, number);
        self.retitle_at(place, title);
    }

    /// Changes its text; an empty one becomes GitHub's `null`.
    pub fn edit_body(&mut self, repo: &str, number: u64, body: &str) {
        let place = self.place_of(repo, number);
        self.change(place, |issue| {
            issue.body = Some(body.to_owned()).filter(|body| !body.is_empty());
        });
    }

    /// Adds a label, created in the repository if missing.
    pub fn label(&mut self, repo: &str, number: u64, label: &str) {
        let place = self.place_of(repo, number);
        let mut labels = self
            .at_place(place)
            .map(|issue| issue.labels.clone())
            .unwrap_or_default();
        labels.push(label.to_owned());
        self.set_labels_at(place, &labels);
    }

    /// Removes a label.
    pub fn unlabel(&mut self, repo: &str, number: u64, label: &str) {
        let place = self.place_of(repo, number);
        self.change(place, |issue| {
            issue.labels.retain(|has| !has.eq_ignore_ascii_case(label));
        });
    }

    /// Assigns a login.
    pub fn assign(&mut self, repo: &str, number: u64, login: &str) {
        let place = self.place_of(repo, number);
        let mut logins = self
            .at_place(place)
            .map(|issue| issue.assignees.clone())
            .unwrap_or_default();
        logins.push(login.to_owned());
        self.set_assignees_at(place, &logins);
    }

    /// Removes an assignee.
    pub fn unassign(&mut self, repo: &str, number: u64, login: &str) {
        let place = self.place_of(repo, number);
        self.change(place, |issue| {
            issue
                .assignees
                .retain(|has| !has.eq_ignore_ascii_case(login));
        });
    }

    /// Sets the milestone with this title (created if missing), or none.
    pub fn set_milestone(&mut self, repo: &str, number: u64, title: Option<&str>) {
        let place = self.place_of(repo, number);
        let milestone = title.map(|title| self.ensure_milestone(place.repo, title));
        self.change(place, |issue| issue.milestone = milestone);
    }

    /// Deletes an issue: it answers 410 and disappears from all lists.
    pub fn delete_issue(&mut self, repo: &str, number: u64) {
        let place = self.place_of(repo, number);
        self.tell_itself(place, "deleted", json!({}), None);
        self.relations.remove_all(place);
        self.depart(place, FormerIssue::Deleted);
    }

    /// Transfers an issue to another repository, where it gets the returned number. The old address answers 301.
    pub fn transfer_issue(&mut self, repo: &str, number: u64, to: &str) -> u64 {
        let place = self.place_of(repo, number);
        let target = self.id_of(to);
        let Some(mut issue) = self.at_place(place).cloned() else {
            return 0;
        };
        let new_number = self.repos.get(&target).map_or(1, |repo| repo.next_number);
        let old = self.seen(place).map(|(repo, issue)| {
            let shape = self.shape();
            json!({"old_issue": shape.issue_in_delivery(repo, issue), "old_repository": shape.repo(repo)})
        });
        issue.number = new_number;
        issue.id = self.fresh_id();
        issue.milestone = None;
        issue.updated_at = issue.updated_at.max(self.now());
        for label in issue.labels.clone() {
            self.ensure_label(target, &label);
        }
        let new = self.repos.get(&target).map(|repo| {
            let shape = self.shape();
            json!({"new_issue": shape.issue_in_delivery(repo, &issue), "new_repository": shape.repo(repo)})
        });
        self.tell_itself(place, "transferred", json!({"changes": new}), None);
        self.depart(
            place,
            FormerIssue::Moved {
                repo: target,
                number: new_number,
            },
        );
        self.change_repo(target, |repo| {
            repo.next_number = new_number + 1;
            repo.open += u64::from(issue.state == State::Open);
            repo.issues.insert(new_number, issue);
        });
        let arrived = Place {
            repo: target,
            number: new_number,
        };
        self.relations.transfer(place, arrived);
        self.happened(arrived, TimelineKind::Transferred, None);
        self.tell_itself(arrived, "opened", json!({"changes": old}), None);
        new_number
    }

    fn depart(&mut self, place: Place, departed: FormerIssue) {
        self.change_repo(place.repo, |repo| {
            if let Some(issue) = repo.issues.remove(&place.number) {
                repo.open -= u64::from(issue.state == State::Open);
                repo.departed.insert(place.number, departed);
            }
        });
    }
}
