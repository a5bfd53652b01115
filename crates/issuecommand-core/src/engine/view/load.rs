//! Loading a view, by a store.

use super::{FollowupWindow, View, Window};
use crate::domain::claim::Claim;
use crate::domain::followup::{FeedbackEvent, Followup, KnownSource, WorkItemId};
use crate::domain::id::{ClaimId, IssueKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFailure;
use crate::engine::windows::{FollowupWindowNeed, WindowNeed};

impl View {
    /// A view in which a new repository will get this number, the lowest that was never given.
    pub fn new(next_repo: i64) -> Self {
        Self {
            next_repo,
            ..Self::default()
        }
    }

    /// A repository.
    pub fn load_repo(&mut self, repo: Repo) {
        self.repos.load(repo);
    }

    /// A name under which a repository is or was known. What the repository calls itself proves nothing: another one may have
    /// taken the name since.
    pub fn load_name(&mut self, key: String, repo: RepoId) {
        self.names.insert(key, repo);
    }

    /// A mirrored issue.
    pub fn load_issue(&mut self, issue: MirroredIssue) {
        self.issues.load(issue);
    }

    /// A claim with its whole history.
    pub fn load_claim(&mut self, claim: Claim) {
        if claim.is_active() {
            self.active.insert(claim.key(), claim.id);
        }
        self.claims.load(claim);
    }

    /// A list of candidates; their rows are loaded too.
    pub fn load_window(&mut self, need: WindowNeed, window: Window) {
        self.windows.insert(need, window);
    }

    /// Whether GitHub ever showed any repository, and the offered ones that were never synced.
    pub fn load_unsynced(&mut self, knows_repos: bool, unsynced: Vec<RepoName>) {
        self.knows_repos = knows_repos;
        self.unsynced = unsynced;
    }

    /// Expired claims, loaded too.
    pub fn load_expired(&mut self, mut expired: Vec<ClaimId>) {
        // One claim may be asked for twice; they come in order.
        expired.dedup();
        self.expired = expired;
    }

    /// A page of the mirror, loaded too.
    pub fn load_page(&mut self, page: Vec<IssueKey>) {
        self.page = page;
    }

    /// All that the latest runs of the sync could not read.
    pub fn load_sync_failures(&mut self, failures: Vec<SyncFailure>) {
        self.sync_failures = failures;
    }

    /// A pull request.
    pub fn load_pull(&mut self, pull: Pull) {
        self.pulls.load(pull);
    }

    /// An open follow-up with its whole history and all of its events; where these are not loaded with it, see
    /// [`ReadSet::is_light`](crate::engine::read_set::ReadSet::is_light), with those that are in the view.
    pub fn load_followup(&mut self, mut item: Followup) {
        if let Some(unloaded) = &mut item.unloaded {
            let of_it = self.sources.rows().filter(|row| row.item == Some(item.id));
            let whole = of_it.filter_map(|row| Some(self.texts.get(&row.id)?.clone().with(row)));
            item.sources.extend(whole);
            unloaded.loaded = item.sources.len();
        }
        self.followups.load(item);
    }

    /// What became of an event, with its text where that is kept.
    pub fn load_source(&mut self, source: KnownSource, text: Option<FeedbackEvent>) {
        if let Some(text) = text {
            self.texts.load(text);
        }
        self.sources.load(source);
    }

    /// A list of follow-ups; their rows are loaded too.
    pub fn load_followup_window(&mut self, need: FollowupWindowNeed, window: FollowupWindow) {
        self.followup_windows.insert(need, window);
    }

    /// Expired follow-ups, loaded too.
    pub fn load_expired_followups(&mut self, expired: Vec<WorkItemId>) {
        self.expired_followups = expired;
    }
}
