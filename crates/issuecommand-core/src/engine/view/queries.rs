//! Queries over several rows of a view.

use std::collections::BTreeSet;

use super::rows::Rows;
use super::{FollowupWindow, View, Window};
use crate::domain::claim::Claim;
use crate::domain::followup::WorkItemId;
use crate::domain::holding::Holding;
use crate::domain::id::{AgentId, ClaimId, IssueKey, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::pull_request::Pull;
use crate::domain::readiness::ReasonCode;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFailure;
use crate::engine::change::CountedAs;
use crate::engine::windows::{FollowupWindowNeed, WindowNeed};

/// A list of candidates, or that it cannot be used any more in this batch.
pub(crate) enum Candidates<'a, W> {
    /// A store would load the same list now, apart from what the batch took from it.
    Fresh(&'a W),
    /// An earlier command of the batch changed rows that the list depends on, or it was not loaded.
    Stale,
}

impl View {
    pub(crate) fn next_repo(&self) -> RepoId {
        RepoId(self.next_repo)
    }

    pub(crate) fn repo(&self, id: RepoId) -> Option<&Repo> {
        self.repos.get(&id)
    }

    /// Whether the mirror has the issue and nothing stands against handing it out.
    pub(crate) fn is_ready(&self, key: IssueKey) -> bool {
        let standing = self.tables.standings.get(&key);
        standing.is_some_and(|standing| standing.reasons.is_empty())
            && self.repos.get(&key.0).is_some_and(|repo| repo.offered)
            && !self.active.contains_key(&key)
            && !self.held.contains(&key)
    }

    /// The issues whose rows were asked for, whether there are any or not. A store loads their edges.
    pub fn named_issues(&self) -> &BTreeSet<IssueKey> {
        &self.named
    }

    /// These and the loaded pull requests. A store loads the edges that lead to them.
    pub fn named_ends(&self) -> BTreeSet<IssueKey> {
        let pulls = self.pulls.rows().map(Pull::key);
        pulls.chain(self.named.iter().copied()).collect()
    }

    /// Where an open issue counts among all open issues; `None` for one that has no standing.
    pub(super) fn counted_as(&self, key: IssueKey) -> Option<CountedAs> {
        let standing = self.tables.standings.get(&key)?;
        let is_held = self.active.contains_key(&key) || self.held.contains(&key);
        let held = is_held.then_some(ReasonCode::Held);
        Some(CountedAs {
            lane: standing.lane.clone(),
            first: held.or_else(|| standing.reasons.first()),
            repo: key.0,
        })
    }

    /// The ready issues that match.
    pub(crate) fn candidates(&self, need: &WindowNeed) -> Candidates<'_, Window> {
        match self.windows.get(need) {
            Some(window) if !self.dirty.candidates => Candidates::Fresh(window),
            Some(_) | None => Candidates::Stale,
        }
    }

    /// The follow-ups that an agent may be offered.
    pub(crate) fn followup_candidates(
        &self,
        need: &FollowupWindowNeed,
    ) -> Candidates<'_, FollowupWindow> {
        match self.followup_windows.get(need) {
            Some(window) if !self.dirty.feedback => Candidates::Fresh(window),
            Some(_) | None => Candidates::Stale,
        }
    }

    /// Whether the batch changed rows that the loading of its later commands depends on.
    pub(crate) fn is_outdated(&self) -> bool {
        self.dirty.ground
    }

    pub(crate) fn knows_repos(&self) -> bool {
        self.knows_repos
    }

    pub(crate) fn unsynced(&self) -> &[RepoName] {
        &self.unsynced
    }

    pub(crate) fn expired(&self) -> &[ClaimId] {
        &self.expired
    }

    pub(crate) fn left_behind(&self) -> &[ClaimId] {
        &self.left_behind
    }

    pub(crate) fn page(&self) -> &[IssueKey] {
        &self.page
    }

    pub(crate) fn sync_failures(&self) -> &[SyncFailure] {
        &self.sync_failures
    }

    /// The pull requests of the active claims in the view, and those that may become theirs. A store loads these too.
    pub fn linked(&self) -> BTreeSet<PullKey> {
        let claims = self.claims.rows();
        // A claim that its issue's closing ended may become active again.
        let live = claims.filter(|claim| claim.is_active() || claim.github_closed_at.is_some());
        let named = live.filter_map(|claim| claim.pull);
        named.chain(self.pulls.rows().map(Pull::key)).collect()
    }

    /// The issues that are or may be claimed, with the present and former pull requests of their claims.
    pub(crate) fn linkable(&self) -> Vec<(IssueKey, Vec<PullKey>)> {
        let pulls = |key: IssueKey| {
            let claim = self.active_on(key);
            let replaced = claim.and_then(Claim::replaced_pull);
            let own = claim.and_then(|claim| claim.pull);
            (key, own.into_iter().chain(replaced).collect())
        };
        let keys: BTreeSet<IssueKey> = self
            .issues
            .rows()
            .map(MirroredIssue::key)
            .chain(self.active.keys().copied())
            .collect();
        keys.into_iter().map(pulls).collect()
    }

    /// What an agent held before the batch.
    pub(crate) fn holdings_of(&self, agent: &AgentId) -> &[Holding] {
        self.holdings.get(agent).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn expired_followups(&self) -> &[WorkItemId] {
        &self.expired_followups
    }
}
