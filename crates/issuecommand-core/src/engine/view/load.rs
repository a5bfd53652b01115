//! Loads a view from a store.

use std::sync::Arc;

use super::{FollowupWindow, View, Window};
use crate::domain::claim::Claim;
use crate::domain::followup::{FeedbackEvent, Followup, KnownSource, WorkItemId};
use crate::domain::holding::Holding;
use crate::domain::id::{AgentId, ClaimId, IssueKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFailure;
use crate::engine::windows::{FollowupWindowNeed, WindowNeed};

impl View {
    /// An empty view. `next_repo` is the lowest repository number that was never given.
    pub fn new(next_repo: i64) -> Self {
        Self {
            next_repo,
            ..Self::default()
        }
    }

    /// Adds a repository.
    pub fn load_repo(&mut self, repo: Repo) {
        self.repos.load(repo);
    }

    /// Adds a present or former name of a repository. Names are loaded separately, because a repository's own name may belong
    /// to another one by now.
    pub fn load_name(&mut self, key: String, repo: RepoId) {
        self.names.insert(key, repo);
    }

    /// Adds a mirrored issue.
    pub fn load_issue(&mut self, issue: MirroredIssue) {
        self.issues.load(issue);
    }

    /// Adds a claim with its whole history.
    pub fn load_claim(&mut self, claim: Claim) {
        if claim.is_active() {
            self.active.insert(claim.key(), claim.id);
        }
        self.claims.load(claim);
    }

    /// Notes that the row of an issue is asked for, whether there is one or not.
    pub fn name_issue(&mut self, issue: IssueKey) {
        self.named.insert(issue);
    }

    /// Adds an issue that an agent holds by a claim which is not loaded.
    pub fn load_held(&mut self, issue: IssueKey) {
        self.held.insert(issue);
    }

    /// Adds what an agent holds, in order.
    pub fn load_holding(&mut self, agent: AgentId, holding: Holding) {
        self.holdings.entry(agent).or_default().push(holding);
    }

    /// Adds a list of candidates, whose rows are loaded too. Several agents may share it.
    pub fn load_window(&mut self, need: WindowNeed, window: Arc<Window>) {
        self.windows.insert(need, window);
    }

    /// Sets whether GitHub ever showed any repository, and the offered ones that were never synced.
    pub fn load_unsynced(&mut self, knows_repos: bool, unsynced: Vec<RepoName>) {
        self.knows_repos = knows_repos;
        self.unsynced = unsynced;
    }

    /// Sets the expired claims, whose rows are loaded too.
    pub fn load_expired(&mut self, mut expired: Vec<ClaimId>) {
        // The list is sorted and may have a claim twice.
        expired.dedup();
        self.expired = expired;
    }

    /// Sets the claims of sessions that are over, whose rows are loaded too.
    pub fn load_left_behind(&mut self, claims: Vec<ClaimId>) {
        self.left_behind = claims;
    }

    /// Sets a page of the mirror, whose rows are loaded too.
    pub fn load_page(&mut self, page: Vec<IssueKey>) {
        self.page = page;
    }

    /// Sets what the latest sync runs could not read.
    pub fn load_sync_failures(&mut self, failures: Vec<SyncFailure>) {
        self.sync_failures = failures;
    }

    /// Adds a pull request.
    pub fn load_pull(&mut self, pull: Pull) {
        self.pulls.load(pull);
    }

    /// Adds an open follow-up with its whole history and all its feedback events. If
    /// [`ReadSet::is_light`](crate::engine::read_set::ReadSet::is_light) left them out, it gets those in the view.
    pub fn load_followup(&mut self, mut item: Followup) {
        if let Some(unloaded) = &mut item.unloaded {
            let of_it = self.sources.rows().filter(|row| row.item == Some(item.id));
            let whole = of_it.filter_map(|row| Some(self.texts.get(&row.id)?.clone().with(row)));
            item.sources.extend(whole);
            unloaded.loaded = item.sources.len();
        }
        self.followups.load(item);
    }

    /// Adds a feedback event, with its text if that is kept.
    pub fn load_source(&mut self, source: KnownSource, text: Option<FeedbackEvent>) {
        if let Some(text) = text {
            self.texts.load(text);
        }
        self.sources.load(source);
    }

    /// Adds a list of follow-ups, whose rows are loaded too.
    pub fn load_followup_window(&mut self, need: FollowupWindowNeed, window: FollowupWindow) {
        self.followup_windows.insert(need, window);
    }

    /// Sets the expired follow-ups, whose rows are loaded too.
    pub fn load_expired_followups(&mut self, expired: Vec<WorkItemId>) {
        self.expired_followups = expired;
    }
}
