//! Pull requests: open, edit, merge.

use std::collections::BTreeSet;

use super::commits::WEB_FLOW;
use super::{Place, World};
use crate::builders::{Author, Head, NewPull};
use crate::keywords::closing;
use crate::model::{HeadRepo, Pull, Repo, State, StateReason, TimelineKind};

impl World {
    /// Opens a pull request. Returns its number.
    pub fn open_pull(&mut self, repo: &str, pull: impl Into<NewPull>) -> u64 {
        let repo = self.id_of(repo);
        self.open_pull_in(repo, pull.into())
    }

    pub(crate) fn open_pull_in(&mut self, repo: u64, new: NewPull) -> u64 {
        let Some(home) = self.repos.get(&repo) else {
            return 0;
        };
        let home_owner = home.owner.clone();
        let base_ref = new.base_ref.unwrap_or_else(|| home.default_branch.clone());
        let (head_owner, head_repo) = match new.head {
            Head::Base => (home_owner, HeadRepo::Base),
            Head::Fork(owner) if owner.eq_ignore_ascii_case(&home_owner) => {
                (home_owner, HeadRepo::Base)
            }
            Head::Fork(owner) => {
                let fork = self.fork_of(repo, &owner);
                (owner, HeadRepo::Fork(fork))
            }
            Head::Gone(owner) => (owner, HeadRepo::Gone),
        };
        self.account(&head_owner, true);
        let base_sha = self.ensure_branch(repo, &base_ref);
        let by = match &new.issue.author {
            Author::Viewer => Some(self.acting().to_owned()),
            Author::Login(login) => Some(login.clone()),
            Author::Ghost => None,
        };
        let parents = vec![base_sha.clone()];
        let head_sha = self.add_commit(repo, new.head_sha, parents, by.as_deref());
        let pull = Pull {
            head_ref: new.head_ref,
            head_owner,
            head_repo,
            head_sha,
            base_ref,
            base_sha,
            draft: new.draft,
            merged_at: None,
            merged_by: None,
            merge_commit_sha: None,
            pushes: 1,
            pushed_at: new.issue.created_at.unwrap_or_else(|| self.now()),
            reviews: Vec::new(),
            review_comments: Vec::new(),
            resolved: BTreeSet::new(),
        };
        let number = self.insert(repo, new.issue, Some(Box::new(pull)));
        self.follow_head(Place { repo, number });
        number
    }

    /// The id of this owner's fork of a repository, created if missing.
    fn fork_of(&mut self, repo: u64, owner: &str) -> u64 {
        let key = owner.to_lowercase();
        let known = self.repos.get(&repo).and_then(|repo| repo.forks.get(&key));
        if let Some(known) = known {
            return *known;
        }
        let id = self.fresh_id();
        if let Some(repo) = self.repos.get_mut(&repo) {
            repo.forks.insert(key, id);
        }
        id
    }

    /// Deletes the fork of a pull request: its `head.repo` becomes `null`.
    pub fn delete_fork(&mut self, repo: &str, number: u64) {
        let place = self.place_of(repo, number);
        self.change_pull(place, |pull| {
            if pull.head_repo != HeadRepo::Base {
                pull.head_repo = HeadRepo::Gone;
            }
        });
    }

    /// Changes the base branch of a pull request: `pull_request.edited` with `changes.base`.
    pub fn change_base(&mut self, repo: &str, number: u64, base_ref: &str) {
        let place = self.place_of(repo, number);
        self.change_base_at(place, base_ref);
    }

    pub(crate) fn change_base_at(&mut self, place: Place, base_ref: &str) {
        let tip = self.ensure_branch(place.repo, base_ref);
        self.happened(place, TimelineKind::BaseChanged, None);
        self.change_pull(place, |pull| {
            base_ref.clone_into(&mut pull.base_ref);
            pull.base_sha = tip;
        });
    }

    /// Makes a pull request a draft: `pull_request.converted_to_draft`.
    pub fn convert_to_draft(&mut self, repo: &str, number: u64) {
        self.set_draft(repo, number, true);
    }

    /// Makes a draft ready: `pull_request.ready_for_review`.
    pub fn ready_for_review(&mut self, repo: &str, number: u64) {
        self.set_draft(repo, number, false);
    }

    fn set_draft(&mut self, repo: &str, number: u64, draft: bool) {
        let place = self.place_of(repo, number);
        let what = if draft {
            TimelineKind::BecameDraft
        } else {
            TimelineKind::BecameReady
        };
        self.happened(place, what, None);
        self.change_pull(place, |pull| pull.draft = draft);
    }

    /// Merges a pull request, and closes the issues named by its keywords if it targets the default branch.
    pub fn merge_pull(&mut self, repo: &str, number: u64) {
        let place = self.place_of(repo, number);
        let by = self.acting().to_owned();
        self.merge_at(place, Some(&by));
        self.close_promised(place, &by);
    }

    /// Closes a pull request without merging it.
    pub fn close_pull(&mut self, repo: &str, number: u64) {
        self.close_issue(repo, number);
    }

    /// Marks a pull request as merged without closing issues. Returns the merge commit.
    pub(crate) fn merge_at(&mut self, place: Place, by: Option<&str>) -> Option<String> {
        let issue = self.at_place(place)?;
        if issue.pull.as_ref()?.merged_at.is_some() {
            return None;
        }
        let author = issue.author.as_ref().map(|author| author.to_lowercase());
        let pull = issue.pull.as_ref()?;
        let (head, base_ref) = (pull.head_sha.clone(), pull.base_ref.clone());
        let now = self.now();
        let tip = self.ensure_branch(place.repo, &base_ref);
        let sha = self.add_commit(place.repo, None, vec![tip, head], by);
        self.add_user(WEB_FLOW);
        self.change_commit(place.repo, &sha, |commit| {
            commit.committer = Some(WEB_FLOW.to_owned());
            commit.message = format!("Merge pull request #{}", place.number);
        });
        self.set_branch(place.repo, &base_ref, &sha);
        self.happened(place, TimelineKind::Merged(sha.clone()), by);
        self.change_pull(place, |pull| {
            pull.merged_at = Some(now);
            pull.merged_by = by.map(str::to_owned);
            pull.merge_commit_sha = Some(sha.clone());
        });
        // Closed last, because the delivery must show the merge.
        self.close_at(place, None, by);
        self.change_repo(place.repo, |repo| repo.contributors.extend(author));
        Some(sha)
    }

    /// Closes the issues that a merged pull request closes by keyword.
    pub(crate) fn close_promised(&mut self, place: Place, by: &str) {
        let Some(issue) = self.at_place(place) else {
            return;
        };
        let default_branch = self
            .repos
            .get(&place.repo)
            .map(|repo| repo.default_branch.as_str());
        if issue.pull.as_ref().map(|pull| pull.base_ref.as_str()) != default_branch {
            return;
        }
        for closing in closing(issue.body.as_deref().unwrap_or_default()) {
            let repo = match closing.repo {
                None => Some(place.repo),
                Some(name) => self.repo(&name).map(|repo| repo.id),
            };
            let Some(target) = repo.map(|repo| Place {
                repo,
                number: closing.number,
            }) else {
                continue;
            };
            let open_issue = self
                .at_place(target)
                .is_some_and(|issue| issue.pull.is_none() && issue.state == State::Open);
            if open_issue {
                self.close_at(target, Some(StateReason::Completed), Some(by));
            }
        }
    }

    /// Whether an open pull request from this branch exists.
    pub(crate) fn has_open_pull(
        repo: &Repo,
        head_owner: &str,
        head_ref: &str,
        base_ref: &str,
    ) -> bool {
        repo.issues()
            .filter(|issue| issue.state == State::Open)
            .filter_map(|issue| issue.pull.as_ref())
            .any(|pull| {
                pull.head_ref == head_ref
                    && pull.base_ref == base_ref
                    && pull.head_owner.eq_ignore_ascii_case(head_owner)
            })
    }

    pub(super) fn change_pull(&mut self, place: Place, change: impl FnOnce(&mut Pull)) -> bool {
        let is_pull = self
            .at_place(place)
            .is_some_and(|issue| issue.pull.is_some());
        is_pull
            && self.change(place, |issue| {
                if let Some(pull) = &mut issue.pull {
                    change(pull);
                }
            })
    }

    /// Makes an invisible change: no `updated_at` moves and no delivery is sent.
    pub(super) fn change_quietly(&mut self, place: Place, change: impl FnOnce(&mut Pull)) {
        let issue = self
            .repos
            .get_mut(&place.repo)
            .and_then(|repo| repo.issues.get_mut(&place.number));
        if let Some(pull) = issue.and_then(|issue| issue.pull.as_mut()) {
            change(pull);
        }
    }
}
