//! Commits and branches with their ancestry, as far as GitHub's API shows them.

use std::collections::{BTreeSet, VecDeque};

use super::{Place, World};
use crate::builders::{NewPush, Pushed};
use crate::model::{Commit, HeadRepo, Pull, Repo, TimelineKind};

/// The committer of commits by GitHub's web pages.
pub(super) const WEB_FLOW: &str = "web-flow";

/// The commits between two commits, oldest first.
#[derive(Debug)]
pub(crate) struct CommitRange<'w> {
    pub(crate) merge_base: &'w Commit,
    pub(crate) ahead: Vec<&'w Commit>,
    pub(crate) behind: usize,
}

impl World {
    /// Pushes one commit to a branch of the repository itself, created if missing. Returns its hash.
    pub fn push_to_branch(&mut self, repo: &str, branch: &str) -> String {
        let id = self.id_of(repo);
        let parent = self.ensure_branch(id, branch);
        let by = self.acting().to_owned();
        let sha = self.add_commit(id, None, vec![parent], Some(&by));
        self.set_branch(id, branch, &sha);
        sha
    }

    /// Pushes one commit to the branch of a pull request. Returns its hash.
    pub fn push(&mut self, repo: &str, number: u64) -> String {
        self.push_as(repo, number, NewPush::commit())
    }

    /// Pushes to the branch of a pull request: `pull_request.synchronize` with `before` and `after`. Returns the new tip.
    pub fn push_as(&mut self, repo: &str, number: u64, push: NewPush) -> String {
        let place = self.place_of(repo, number);
        self.push_at(place, push)
    }

    pub(crate) fn push_at(&mut self, place: Place, push: NewPush) -> String {
        let Some(pull) = self.at_place(place).and_then(|issue| issue.pull.as_ref()) else {
            return String::new();
        };
        let (old, base_ref) = (pull.head_sha.clone(), pull.base_ref.clone());
        let mut base = self.ensure_branch(place.repo, &base_ref);
        let parents = match &push.what {
            Pushed::Commit => vec![old],
            Pushed::Force => vec![base.clone()],
            Pushed::Base { .. } => {
                if self.descends(place.repo, &old, &base) {
                    // Without a new commit there would be nothing to merge.
                    let by = self.acting().to_owned();
                    base = self.add_commit(place.repo, None, vec![base], Some(&by));
                    self.set_branch(place.repo, &base_ref, &base);
                }
                vec![old, base.clone()]
            }
            Pushed::Branch(branch) => {
                let tip = self.ensure_branch(place.repo, branch);
                let by = self.acting().to_owned();
                let tip = self.add_commit(place.repo, None, vec![tip], Some(&by));
                self.set_branch(place.repo, branch, &tip);
                vec![old, tip]
            }
        };
        let web_flow = matches!(push.what, Pushed::Base { web_flow: true });
        let forced = matches!(push.what, Pushed::Force);
        let merges_base = matches!(push.what, Pushed::Base { .. });
        let by = push.by.unwrap_or_else(|| self.acting().to_owned());
        self.add_user(&by);
        let sha = self.add_commit(place.repo, push.sha, parents, Some(&by));
        if web_flow {
            self.add_user(WEB_FLOW);
        }
        self.change_commit(place.repo, &sha, |commit| {
            if web_flow {
                commit.committer = Some(WEB_FLOW.to_owned());
                commit.message = format!("Merge branch '{base_ref}'");
            }
            commit.date = push.date.unwrap_or(commit.date);
        });
        if forced {
            let what = TimelineKind::ForcePushed(sha.clone());
            self.happened(place, what, Some(&by));
        }
        let now = self.now();
        self.acting_as(&by, |world| {
            world.change_pull(place, |pull| {
                pull.head_sha.clone_from(&sha);
                pull.base_sha = base;
                pull.pushes += 1;
                pull.pushed_at = now;
                for comment in &mut pull.review_comments {
                    comment.outdated |= match &push.touches {
                        Some(paths) => paths.contains(&comment.path),
                        None => !merges_base,
                    };
                }
            });
        });
        self.follow_head(place);
        sha
    }

    /// Moves the repository's own branch to the head of the pull request from it.
    pub(super) fn follow_head(&mut self, place: Place) {
        let head = self
            .at_place(place)
            .and_then(|issue| issue.pull.as_ref())
            .filter(|pull| pull.head_repo == HeadRepo::Base)
            .map(|pull| (pull.head_ref.clone(), pull.head_sha.clone()));
        if let Some((branch, sha)) = head {
            self.set_branch(place.repo, &branch, &sha);
        }
    }

    /// The tip of a branch of the repository itself; a new branch begins at the tip of the default branch.
    pub(super) fn ensure_branch(&mut self, repo: u64, branch: &str) -> String {
        let Some(home) = self.repos.get(&repo) else {
            return String::new();
        };
        if let Some(tip) = home.branches.get(branch) {
            return tip.clone();
        }
        let default = home.default_branch.clone();
        let tip = if default == branch {
            self.add_commit(repo, None, Vec::new(), None)
        } else {
            self.ensure_branch(repo, &default)
        };
        self.set_branch(repo, branch, &tip);
        tip
    }

    pub(super) fn set_branch(&mut self, repo: u64, branch: &str, tip: &str) {
        if let Some(repo) = self.repos.get_mut(&repo) {
            repo.branches.insert(branch.to_owned(), tip.to_owned());
        }
    }

    /// Creates a commit dated now, or finds the one with this hash. Returns its hash.
    pub(super) fn add_commit(
        &mut self,
        repo: u64,
        sha: Option<String>,
        parents: Vec<String>,
        by: Option<&str>,
    ) -> String {
        let sha = sha.unwrap_or_else(|| self.fresh_sha());
        let commit = Commit {
            sha: sha.clone(),
            parents,
            author: by.map(str::to_owned),
            committer: by.map(str::to_owned),
            date: self.now(),
            message: "Work".to_owned(),
        };
        if let Some(repo) = self.repos.get_mut(&repo) {
            repo.commits.entry(sha.clone()).or_insert(commit);
        }
        sha
    }

    pub(super) fn change_commit(&mut self, repo: u64, sha: &str, change: impl FnOnce(&mut Commit)) {
        let repo = self.repos.get_mut(&repo);
        if let Some(commit) = repo.and_then(|repo| repo.commits.get_mut(sha)) {
            change(commit);
        }
    }

    fn descends(&self, repo: u64, sha: &str, from: &str) -> bool {
        self.repos
            .get(&repo)
            .is_some_and(|repo| repo.ancestry(sha).any(|commit| commit.sha == from))
    }

    /// A new unique commit hash.
    pub(super) fn fresh_sha(&mut self) -> String {
        let id = self.fresh_id();
        // Multiplied by a fixed odd factor, so that hashes do not look like counters; the id at the end makes them unique.
        let spread = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        format!("{spread:016x}{:016x}{id:08x}", spread.rotate_left(29))
    }
}

impl Repo {
    /// A commit by its hash, by a branch, or by `owner:branch` of a pull request from a fork.
    pub(crate) fn commit(&self, name: &str) -> Option<&Commit> {
        let by_fork = || {
            let (owner, branch) = name.split_once(':')?;
            if owner.eq_ignore_ascii_case(&self.owner) {
                return self.branches.get(branch);
            }
            let mut pulls = self
                .issues
                .values()
                .filter_map(|issue| issue.pull.as_deref());
            let of_it = |pull: &&Pull| {
                pull.head_ref == branch && pull.head_owner.eq_ignore_ascii_case(owner)
            };
            pulls.rfind(of_it).map(|pull| &pull.head_sha)
        };
        self.commits.get(name).or_else(|| {
            let tip = self.branches.get(name).or_else(by_fork)?;
            self.commits.get(tip)
        })
    }

    /// A commit and its ancestors, the nearest first.
    pub(crate) fn ancestry(&self, sha: &str) -> impl Iterator<Item = &Commit> {
        let mut waiting: VecDeque<&Commit> = self.commits.get(sha).into_iter().collect();
        let mut seen: BTreeSet<&str> = waiting.iter().map(|commit| commit.sha.as_str()).collect();
        std::iter::from_fn(move || {
            let commit = waiting.pop_front()?;
            for parent in &commit.parents {
                if let Some(parent) = self.commits.get(parent)
                    && seen.insert(parent.sha.as_str())
                {
                    waiting.push_back(parent);
                }
            }
            Some(commit)
        })
    }

    /// The commits that only `head` has, and the number that only `base` has; `None` without a common ancestor.
    pub(crate) fn between(&self, base: &str, head: &str) -> Option<CommitRange<'_>> {
        let before: BTreeSet<&str> = self.ancestry(base).map(|c| c.sha.as_str()).collect();
        let after: BTreeSet<&str> = self.ancestry(head).map(|c| c.sha.as_str()).collect();
        let merge_base = self
            .ancestry(head)
            .find(|commit| before.contains(commit.sha.as_str()))?;
        let mut ahead: Vec<&Commit> = self
            .ancestry(head)
            .filter(|commit| !before.contains(commit.sha.as_str()))
            .collect();
        ahead.reverse();
        let behind = before.iter().filter(|sha| !after.contains(*sha)).count();
        Some(CommitRange {
            merge_base,
            ahead,
            behind,
        })
    }
}
