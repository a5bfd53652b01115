//! Dependencies and sub-issues, and their deliveries.
//!
//! Their changes do not move the `updated_at` of an issue, although the summaries in its row change. GitHub does not say whether
//! it moves it, so a client must not depend on that.

mod relation;

use serde_json::{Value, json};

use super::{Place, World};
use crate::model::{Feature, Issue, Repo, State};
pub(super) use relation::Relations;

impl World {
    /// Makes an issue wait for another one, its blocker: `issue_dependencies.blocked_by_added` for its repository and
    /// `blocking_added` for the blocker's.
    pub fn block(&mut self, repo: &str, number: u64, by: (&str, u64)) {
        let (waiting, blocker) = (self.place_of(repo, number), self.place_of(by.0, by.1));
        self.block_at(waiting, blocker);
    }

    pub(crate) fn block_at(&mut self, waiting: Place, blocker: Place) -> bool {
        let new = self.relations.blocked_by.add(waiting, blocker);
        if new {
            self.tell_dependency(waiting, blocker, "added");
        }
        new
    }

    /// Ends a dependency: `blocked_by_removed` and `blocking_removed`.
    pub fn unblock(&mut self, repo: &str, number: u64, by: (&str, u64)) {
        let (waiting, blocker) = (self.place_of(repo, number), self.place_of(by.0, by.1));
        self.unblock_at(waiting, blocker);
    }

    pub(crate) fn unblock_at(&mut self, waiting: Place, blocker: Place) -> bool {
        let known = self.relations.blocked_by.remove(waiting, blocker);
        if known {
            self.tell_dependency(waiting, blocker, "removed");
        }
        known
    }

    /// Makes an issue a sub-issue of another one, and of no other: `sub_issues.parent_issue_added` for its own repository and
    /// `sub_issue_added` for its parent's.
    pub fn add_sub_issue(&mut self, repo: &str, parent: u64, child: (&str, u64)) {
        let (parent, child) = (self.place_of(repo, parent), self.place_of(child.0, child.1));
        self.add_sub_issue_at(parent, child);
    }

    pub(crate) fn add_sub_issue_at(&mut self, parent: Place, child: Place) -> bool {
        let former = self.parent_of(child).filter(|former| *former != parent);
        if let Some(former) = former {
            self.remove_sub_issue_at(former, child);
        }
        let new = self.relations.sub_issues.add(parent, child);
        if new {
            self.tell_sub_issue(parent, child, "added");
        }
        new
    }

    /// Makes a sub-issue an issue of its own again: `parent_issue_removed` and `sub_issue_removed`.
    pub fn remove_sub_issue(&mut self, repo: &str, parent: u64, child: (&str, u64)) {
        let (parent, child) = (self.place_of(repo, parent), self.place_of(child.0, child.1));
        self.remove_sub_issue_at(parent, child);
    }

    pub(crate) fn remove_sub_issue_at(&mut self, parent: Place, child: Place) -> bool {
        let known = self.relations.sub_issues.remove(parent, child);
        if known {
            self.tell_sub_issue(parent, child, "removed");
        }
        known
    }

    /// The blockers of an issue.
    pub(crate) fn blockers_of(&self, place: Place) -> &[Place] {
        self.relations.blocked_by.to(place)
    }

    /// The issues that wait for this one.
    pub(crate) fn blocked_by(&self, place: Place) -> &[Place] {
        self.relations.blocked_by.from(place)
    }

    pub(crate) fn sub_issues_of(&self, place: Place) -> &[Place] {
        self.relations.sub_issues.to(place)
    }

    pub(crate) fn parent_of(&self, place: Place) -> Option<Place> {
        self.relations.sub_issues.from(place).first().copied()
    }

    /// How many of these issues are open.
    pub(crate) fn count_open(&self, places: &[Place]) -> usize {
        let open = |place: &&Place| {
            let issue = self.at_place(**place);
            issue.is_some_and(|issue| issue.state == State::Open)
        };
        places.iter().filter(open).count()
    }

    /// The place of the issue or pull request with this id.
    pub(crate) fn place_of_id(&self, id: u64) -> Option<Place> {
        self.repos.values().find_map(|repo| {
            let issue = repo.issues().find(|issue| issue.id == id)?;
            Some(Place {
                repo: repo.id,
                number: issue.number,
            })
        })
    }

    fn tell_dependency(&mut self, waiting: Place, blocker: Place, word: &str) {
        let ends = self.both_seen(Feature::Dependencies, waiting, blocker);
        let Some(((waiting_repo, waiting_issue), (blocking_repo, blocking_issue))) = ends else {
            return;
        };
        let shape = self.shape();
        let both = json!({
            "blocked_issue_id": waiting_issue.id,
            "blocked_issue": shape.issue(waiting_repo, waiting_issue),
            "blocking_issue_id": blocking_issue.id,
            "blocking_issue": shape.issue(blocking_repo, blocking_issue),
        });
        let told = [
            (waiting, "blocked_by", "blocking_issue_repo", blocking_repo),
            (blocker, "blocking", "blocked_issue_repo", waiting_repo),
        ];
        let told = told.map(|(place, action, field, other)| {
            let action = format!("{action}_{word}");
            (place, action, with_repo(&both, field, shape.repo(other)))
        });
        for (place, action, fields) in told {
            self.send(place.repo, "issue_dependencies", &action, fields, None);
        }
    }

    fn tell_sub_issue(&mut self, parent: Place, child: Place, word: &str) {
        let ends = self.both_seen(Feature::SubIssues, parent, child);
        let Some(((parent_repo, parent_issue), (child_repo, child_issue))) = ends else {
            return;
        };
        let shape = self.shape();
        let both = json!({
            "parent_issue_id": parent_issue.id,
            "parent_issue": shape.issue(parent_repo, parent_issue),
            "sub_issue_id": child_issue.id,
            "sub_issue": shape.issue(child_repo, child_issue),
        });
        let told = [
            (child, "parent_issue", "parent_issue_repo", parent_repo),
            (parent, "sub_issue", "sub_issue_repo", child_repo),
        ];
        let told = told.map(|(place, action, field, other)| {
            let action = format!("{action}_{word}");
            (place, action, with_repo(&both, field, shape.repo(other)))
        });
        for (place, action, fields) in told {
            self.send(place.repo, "sub_issues", &action, fields, None);
        }
    }

    /// Both issues, if the world has a hook that tells of this feature.
    #[expect(clippy::type_complexity, reason = "two issues with their repositories")]
    fn both_seen(
        &self,
        feature: Feature,
        one: Place,
        other: Place,
    ) -> Option<((&Repo, &Issue), (&Repo, &Issue))> {
        let tells = self.has_hook() && self.has_feature(feature);
        tells
            .then(|| self.seen(one).zip(self.seen(other)))
            .flatten()
    }
}

/// The fields of a delivery, with the repository of the issue at the other end.
fn with_repo(fields: &Value, name: &str, mut repo: Value) -> Value {
    if let Some(repo) = repo.as_object_mut() {
        repo.remove("permissions");
    }
    let mut fields = fields.clone();
    fields[name] = repo;
    fields
}
