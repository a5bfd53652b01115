//! Repositories: add, rename, transfer, delete.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::json;

use super::World;
use crate::builders::NewRepo;
use crate::model::listing::{Filter, Listings};
use crate::model::{ListErrors, Repo};

impl World {
    /// Adds a repository; its name alone is enough. Returns its id.
    ///
    /// # Panics
    /// If the name is not `owner/name`, or is taken.
    pub fn add_repo(&mut self, repo: impl Into<NewRepo>) -> u64 {
        let new: NewRepo = repo.into();
        let Some((owner, name)) = new.full_name.split_once('/') else {
            panic!("{} is not owner/name", new.full_name)
        };
        let key = new.full_name.to_lowercase();
        let taken = self.names.get(&key).and_then(|id| self.repos.get(id));
        assert!(
            taken.is_none_or(|repo| repo.full_name().to_lowercase() != key),
            "there is a repository {} already",
            new.full_name
        );
        self.account(owner, true);
        let id = self.fresh_id();
        let now = self.now();
        self.names.insert(key, id);
        self.repos.insert(
            id,
            Repo {
                id,
                owner: owner.to_owned(),
                name: name.to_owned(),
                description: new.description,
                private: new.private,
                archived: false,
                has_issues: true,
                default_branch: "main".to_owned(),
                created_at: now,
                updated_at: now,
                refused: None,
                writable: true,
                cursor_pages: false,
                members: HashMap::new(),
                permissions: HashMap::new(),
                contributors: BTreeSet::new(),
                forks: BTreeMap::new(),
                branches: BTreeMap::new(),
                commits: HashMap::new(),
                files: BTreeMap::new(),
                labels: BTreeMap::new(),
                milestones: Vec::new(),
                issues: BTreeMap::new(),
                departed: BTreeMap::new(),
                next_number: 1,
                open: 0,
                lies: ListErrors::default(),
                listings: Listings::default(),
            },
        );
        id
    }

    /// Changes the name or the owner of a repository, or both. The old name answers 301 to `/repositories/ID` until another
    /// repository takes it.
    ///
    /// # Panics
    /// If the new name is not `owner/name`.
    pub fn rename_repo(&mut self, repo: &str, new_full_name: &str) {
        let Some((owner, name)) = new_full_name.split_once('/') else {
            panic!("{new_full_name} is not owner/name")
        };
        let id = self.id_of(repo);
        let old = self
            .repos
            .get(&id)
            .map(|repo| (repo.owner.clone(), repo.name.clone()));
        self.account(owner, true);
        self.names.insert(new_full_name.to_lowercase(), id);
        self.change_repo(id, |repo| {
            owner.clone_into(&mut repo.owner);
            name.clone_into(&mut repo.name);
        });
        let Some((old_owner, old_name)) = old else {
            return;
        };
        if old_owner != owner {
            let from = json!({"organization": {"login": old_owner}});
            self.tell_repo(
                id,
                "transferred",
                json!({"changes": {"owner": {"from": from}}}),
            );
        }
        if old_name != name {
            let from = json!({"name": {"from": old_name}});
            self.tell_repo(id, "renamed", json!({"changes": {"repository": from}}));
        }
    }

    /// Archives a repository, or undoes that.
    pub fn set_archived(&mut self, repo: &str, archived: bool) {
        let id = self.id_of(repo);
        self.change_repo(id, |repo| repo.archived = archived);
        let action = if archived { "archived" } else { "unarchived" };
        self.tell_repo(id, action, json!({}));
    }

    /// Deletes a repository: all its paths answer 404.
    pub fn delete_repo(&mut self, repo: &str) {
        let id = self.id_of(repo);
        self.tell_repo(id, "deleted", json!({}));
        self.remove_access(repo);
    }

    /// Hides the repository from all tokens: all its paths answer 404, as GitHub does. Hooks still cover it.
    pub fn remove_access(&mut self, repo: &str) {
        self.refuse_repo(repo, 404);
    }

    /// The same with another status: 403 (for example for single sign-on) or 451 (blocked for legal reasons).
    pub fn refuse_repo(&mut self, repo: &str, status: u16) {
        let id = self.id_of(repo);
        self.change_repo(id, |repo| repo.refused = Some(status));
    }

    /// Shows it to tokens again.
    pub fn restore_access(&mut self, repo: &str) {
        let id = self.id_of(repo);
        self.change_repo(id, |repo| repo.refused = None);
    }

    /// Adds so many empty repositories `OWNER/repo-1` and on, cheaply.
    pub fn add_repos(&mut self, owner: &str, count: u64) {
        for n in 1..=count {
            self.add_repo(format!("{owner}/repo-{n}").as_str());
        }
    }

    /// Whether the token may write to the repository; otherwise writes answer 403.
    pub fn set_writable(&mut self, repo: &str, writable: bool) {
        let id = self.id_of(repo);
        self.change_repo(id, |repo| repo.writable = writable);
    }

    /// Enables or disables issues; without them the lists answer 410.
    pub fn set_has_issues(&mut self, repo: &str, has_issues: bool) {
        let id = self.id_of(repo);
        self.change_repo(id, |repo| repo.has_issues = has_issues);
    }

    /// Whether the issue lists of this repository use cursors, as GitHub's do for the biggest ones: `Link` continues by
    /// `after`, there is no `last`, and a page by number answers 422.
    pub fn set_cursor_pages(&mut self, repo: &str, cursor_pages: bool) {
        let id = self.id_of(repo);
        self.change_repo(id, |repo| repo.cursor_pages = cursor_pages);
    }

    /// Sets the default branch (`main` at first), whose merges close issues.
    pub fn set_default_branch(&mut self, repo: &str, branch: &str) {
        let id = self.id_of(repo);
        self.change_repo(id, |repo| branch.clone_into(&mut repo.default_branch));
    }

    pub(super) fn change_repo(&mut self, id: u64, change: impl FnOnce(&mut Repo)) {
        let now = self.now();
        if let Some(repo) = self.repos.get_mut(&id) {
            change(repo);
            repo.updated_at = now;
            repo.listings.forget();
        }
    }

    /// The numbers in a list of this repository, in order.
    pub(crate) fn select(&mut self, repo: u64, filter: &Filter) -> Arc<[u64]> {
        match self.repos.get_mut(&repo) {
            Some(repo) if !repo.lies.empty => {
                repo.listings.select(filter, &repo.issues, &repo.lies.late)
            }
            _ => Arc::new([]),
        }
    }
}
