//! Labels and milestones. Their changes do not move the `updated_at` of their issues.

use serde_json::{Value, json};

use super::World;
use crate::model::{Label, Milestone, Repo};

impl World {
    /// Creates a label, or changes its colour and description, without a delivery.
    pub fn add_label(&mut self, repo: &str, name: &str, color: &str, description: &str) {
        let id = self.id_of(repo);
        self.ensure_label(id, name);
        self.change_repo(id, |repo| {
            if let Some(label) = repo.labels.get_mut(&name.to_lowercase()) {
                color.clone_into(&mut label.color);
                label.description = Some(description.to_owned());
            }
        });
    }

    /// Renames a label on all its issues: `label.edited` with `changes.name`, without deliveries for the issues.
    ///
    /// # Panics
    /// If there is no such label, or one with the new name.
    pub fn rename_label(&mut self, repo: &str, name: &str, new_name: &str) {
        let id = self.id_of(repo);
        let (key, new_key) = (name.to_lowercase(), new_name.to_lowercase());
        let mut renamed = None;
        self.change_repo(id, |repo| {
            assert!(
                key == new_key || !repo.labels.contains_key(&new_key),
                "there is a label {new_name} already"
            );
            let Some(mut label) = repo.labels.remove(&key) else {
                panic!("there is no label {name}")
            };
            new_name.clone_into(&mut label.name);
            renamed = Some(label.clone());
            repo.labels.insert(new_key, label);
            for label in repo
                .issues
                .values_mut()
                .flat_map(|issue| &mut issue.labels)
                .filter(|label| label.eq_ignore_ascii_case(name))
            {
                new_name.clone_into(label);
            }
        });
        let fields = json!({"changes": {"name": {"from": name}}});
        self.tell_label(id, renamed.as_ref(), "edited", fields);
    }

    /// Deletes a label and removes it from all issues: `label.deleted`, without deliveries for the issues.
    pub fn delete_label(&mut self, repo: &str, name: &str) {
        let id = self.id_of(repo);
        let mut deleted = None;
        self.change_repo(id, |repo| {
            deleted = repo.labels.remove(&name.to_lowercase());
            for issue in repo.issues.values_mut() {
                issue.labels.retain(|has| !has.eq_ignore_ascii_case(name));
            }
        });
        self.tell_label(id, deleted.as_ref(), "deleted", json!({}));
    }

    fn tell_label(&mut self, repo: u64, label: Option<&Label>, action: &str, mut fields: Value) {
        let Some((home, label)) = self.repos.get(&repo).zip(label) else {
            return;
        };
        fields["label"] = self.shape().label(home, label);
        self.send(repo, "label", action, fields, None);
    }

    /// Creates a milestone, or finds it by its title. Returns its number.
    pub fn add_milestone(&mut self, repo: &str, title: &str) -> u64 {
        let id = self.id_of(repo);
        self.ensure_milestone(id, title)
    }

    /// Renames a milestone: `milestone.edited` with `changes.title`.
    pub fn rename_milestone(&mut self, repo: &str, number: u64, title: &str) {
        let mut from = String::new();
        let id = self.change_milestone(repo, number, |milestone| {
            from = std::mem::replace(&mut milestone.title, title.to_owned());
        });
        let fields = json!({"changes": {"title": {"from": from}}});
        self.tell_milestone(id, number, "edited", fields);
    }

    /// Closes a milestone: `milestone.closed`. Its issues stay open.
    pub fn close_milestone(&mut self, repo: &str, number: u64) {
        let now = self.now();
        let id = self.change_milestone(repo, number, |m| m.closed_at = Some(now));
        self.tell_milestone(id, number, "closed", json!({}));
    }

    /// Reopens a milestone: `milestone.opened`.
    pub fn reopen_milestone(&mut self, repo: &str, number: u64) {
        let id = self.change_milestone(repo, number, |m| m.closed_at = None);
        self.tell_milestone(id, number, "opened", json!({}));
    }

    /// Deletes a milestone and removes it from its issues: `milestone.deleted`, without deliveries for the issues.
    pub fn delete_milestone(&mut self, repo: &str, number: u64) {
        let id = self.id_of(repo);
        self.tell_milestone(id, number, "deleted", json!({}));
        self.change_repo(id, |repo| {
            repo.milestones.retain(|m| m.number != number);
            for issue in repo.issues.values_mut() {
                issue.milestone = issue.milestone.filter(|has| *has != number);
            }
        });
    }

    fn change_milestone(
        &mut self,
        repo: &str,
        number: u64,
        change: impl FnOnce(&mut Milestone),
    ) -> u64 {
        let id = self.id_of(repo);
        let now = self.now();
        self.change_repo(id, |repo| {
            let milestone = repo.milestones.iter_mut().find(|m| m.number == number);
            let Some(milestone) = milestone else {
                panic!("there is no milestone {number}")
            };
            change(milestone);
            milestone.updated_at = milestone.updated_at.max(now);
        });
        id
    }

    fn tell_milestone(&mut self, repo: u64, number: u64, action: &str, mut fields: Value) {
        let home = self.repos.get(&repo);
        let Some((home, milestone)) = home.and_then(|repo| Some((repo, repo.milestone(number)?)))
        else {
            return;
        };
        fields["milestone"] = self.shape().milestone(home, milestone);
        self.send(repo, "milestone", action, fields, None);
    }

    pub(super) fn ensure_label(&mut self, repo: u64, name: &str) {
        let key = name.to_lowercase();
        let lacks = |repo: &Repo| !repo.labels.contains_key(&key);
        if self.repos.get(&repo).is_some_and(lacks) {
            let label = Label {
                id: self.fresh_id(),
                name: name.to_owned(),
                color: "ededed".to_owned(),
                description: None,
            };
            self.change_repo(repo, |repo| {
                repo.labels.insert(key, label);
            });
        }
    }

    pub(super) fn ensure_milestone(&mut self, repo: u64, title: &str) -> u64 {
        let milestones = self
            .repos
            .get(&repo)
            .map(|repo| repo.milestones.as_slice())
            .unwrap_or_default();
        if let Some(known) = milestones.iter().find(|milestone| milestone.title == title) {
            return known.number;
        }
        let number = milestones.iter().map(|m| m.number).max().unwrap_or(0) + 1;
        let milestone = Milestone {
            id: self.fresh_id(),
            number,
            title: title.to_owned(),
            created_at: self.now(),
            updated_at: self.now(),
            closed_at: None,
        };
        self.change_repo(repo, |repo| repo.milestones.push(milestone));
        number
    }
}
