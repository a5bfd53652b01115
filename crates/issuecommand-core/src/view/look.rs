//! Looking at a view, by the engine.

use super::{FollowupWindow, View, Window};
use crate::change::Remembered;
use crate::claim::{Claim, ClaimStatus};
use crate::followup::{Author, Followup, SourceId, SourceRow, WorkItemId};
use crate::id::{AgentId, ClaimId, IssueKey, Principal, PullKey, RepoId};
use crate::issue::{IssueState, MirroredIssue};
use crate::key::Key;
use crate::lease::Lease;
use crate::needs::{FollowupWindowNeed, WindowNeed};
use crate::outbox::{OutboxEntry, OutboxId};
use crate::pull::Pull;
use crate::repo::{Repo, RepoName};
use crate::webhook::DeliveryRow;

impl View {
    pub(crate) fn repo_named(&self, name: &RepoName) -> Option<&Repo> {
        self.repos.get(self.names.get(name.key())?)
    }

    pub(crate) fn all_repos(&self) -> impl Iterator<Item = &Repo> {
        self.repos.values()
    }

    pub(crate) fn next_repo(&self) -> RepoId {
        RepoId(self.next_repo)
    }

    pub(crate) fn issue(&self, key: IssueKey) -> Option<&MirroredIssue> {
        self.issues.get(&key)
    }

    pub(crate) fn claim(&self, id: ClaimId) -> Option<&Claim> {
        self.claims.get(&id).map(|slot| &slot.row)
    }

    pub(crate) fn active_on(&self, key: IssueKey) -> Option<&Claim> {
        self.claim(*self.active.get(&key)?)
    }

    /// Open, offered, undoubted, held by nobody.
    pub(crate) fn is_ready(&self, key: IssueKey) -> bool {
        self.issues
            .get(&key)
            .is_some_and(|issue| issue.facts.state == IssueState::Open && issue.doubt.is_none())
            && self.repos.get(&key.0).is_some_and(|repo| repo.offered)
            && !self.active.contains_key(&key)
    }

    pub(crate) fn window(&self, need: &WindowNeed) -> Option<&Window> {
        self.windows.get(need)
    }

    /// Whether the lists of candidates are still what a store would load now, but for what was taken from them.
    pub(crate) fn has_good_windows(&self) -> bool {
        !self.touched.candidates
    }

    /// The same for lists of follow-ups.
    pub(crate) fn has_good_followup_windows(&self) -> bool {
        !self.touched.feedback
    }

    /// Whether the batch changed what its later commands were loaded by.
    pub(crate) fn is_outdated(&self) -> bool {
        self.touched.ground
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

    pub(crate) fn page(&self) -> &[IssueKey] {
        &self.page
    }

    pub(crate) fn outbox(&self, id: OutboxId) -> Option<&OutboxEntry> {
        self.outbox.get(&id)
    }

    pub(crate) fn remembered(&self, principal: &Principal, key: &str) -> Option<&Remembered> {
        self.remembered.get(&(principal.clone(), key.to_owned()))
    }

    pub(crate) fn lease(&self, name: &str) -> Option<&Lease> {
        self.leases.get(name)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }

    pub(crate) fn repo_on_github(&self, github_id: i64) -> Option<&Repo> {
        self.repos
            .values()
            .find(|repo| repo.facts.github_id == github_id)
    }

    pub(crate) fn pull(&self, key: PullKey) -> Option<&Pull> {
        self.pulls.get(&key)
    }

    pub(crate) fn followup(&self, id: WorkItemId) -> Option<&Followup> {
        self.followups.get(&id).map(|slot| &slot.row)
    }

    /// The open follow-ups of a pull request, the first first.
    pub(crate) fn open_on(&self, key: PullKey) -> Vec<&Followup> {
        let rows = self.followups.values().map(|slot| &slot.row);
        let mut open: Vec<&Followup> = rows
            .filter(|item| item.pull() == key && !item.status.is_terminal())
            .collect();
        open.sort_by_key(|item| (item.created_at, item.id));
        open
    }

    /// The one agent that holds a pull request.
    pub(crate) fn holder_of(&self, key: PullKey) -> Option<&AgentId> {
        let mut rows = self.followups.values().map(|slot| &slot.row);
        rows.find_map(|item| item.holder().filter(|_| item.pull() == key))
    }

    /// The active claims that name a pull request, the oldest first.
    pub(crate) fn claims_of(&self, key: PullKey) -> Vec<&Claim> {
        let rows = self.claims.values().map(|slot| &slot.row);
        let mut claims: Vec<&Claim> = rows
            .filter(|claim| claim.is_active() && claim.pull == Some(key))
            .collect();
        claims.sort_by_key(|claim| (claim.claimed_at, claim.id));
        claims
    }

    /// Whose pull request it is: that of the oldest claim that is not stale, else of the oldest.
    pub(crate) fn author_of(&self, key: PullKey) -> Option<Author> {
        let claims = self.claims_of(key);
        let alive = claims
            .iter()
            .find(|claim| claim.status != ClaimStatus::Stale);
        let claim = alive.or(claims.first())?;
        let preferred = alive.map(|claim| claim.agent.clone());
        Some(Author {
            claim: claim.id,
            number: claim.number,
            preferred,
        })
    }

    pub(crate) fn source(&self, id: &SourceId) -> Option<&SourceRow> {
        self.sources.get(id)
    }

    pub(crate) fn delivery(&self, id: &str) -> Option<&DeliveryRow> {
        self.deliveries.get(id)
    }

    pub(crate) fn followup_window(&self, need: &FollowupWindowNeed) -> Option<&FollowupWindow> {
        self.followup_windows.get(need)
    }

    pub(crate) fn expired_followups(&self) -> &[WorkItemId] {
        &self.expired_followups
    }
}
