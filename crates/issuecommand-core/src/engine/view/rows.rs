//! Row look-ups shared by a view and the effects of a command on it.

use super::View;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::followup::{
    FeedbackEvent, Followup, KnownSource, PullRequestOwner, SourceId, WorkItemId,
};
use crate::domain::id::{AgentId, ClaimId, IssueKey, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::engine::table::Lookup;

/// Rows by key. The required methods give single tables; the provided ones are the rules' queries.
pub(crate) trait Rows {
    fn repo_table(&self) -> &impl Lookup<Repo>;
    fn issue_table(&self) -> &impl Lookup<MirroredIssue>;
    fn claim_table(&self) -> &impl Lookup<Claim>;
    fn pull_table(&self) -> &impl Lookup<Pull>;
    fn followup_table(&self) -> &impl Lookup<Followup>;
    fn source_table(&self) -> &impl Lookup<KnownSource>;
    /// Kept texts of feedback events that are in no open item.
    fn text_table(&self) -> &impl Lookup<FeedbackEvent>;
    /// The repository with this present or former name.
    fn repo_named(&self, name: &RepoName) -> Option<&Repo>;
    /// The active claim on an issue.
    fn active_on(&self, key: IssueKey) -> Option<&Claim>;

    fn repos(&self) -> impl Iterator<Item = &Repo> {
        self.repo_table().rows()
    }

    fn repo_by_id(&self, id: RepoId) -> Option<&Repo> {
        self.repo_table().get(&id)
    }

    fn issue(&self, key: IssueKey) -> Option<&MirroredIssue> {
        self.issue_table().get(&key)
    }

    fn claim(&self, id: ClaimId) -> Option<&Claim> {
        self.claim_table().get(&id)
    }

    fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.claim_table().rows()
    }

    fn pull(&self, key: PullKey) -> Option<&Pull> {
        self.pull_table().get(&key)
    }

    fn pulls(&self) -> impl Iterator<Item = &Pull> {
        self.pull_table().rows()
    }

    fn followup(&self, id: WorkItemId) -> Option<&Followup> {
        self.followup_table().get(&id)
    }

    fn followups(&self) -> impl Iterator<Item = &Followup> {
        self.followup_table().rows()
    }

    fn source(&self, id: &SourceId) -> Option<&KnownSource> {
        self.source_table().get(id)
    }

    fn sources(&self) -> impl Iterator<Item = &KnownSource> {
        self.source_table().rows()
    }

    /// The kept text of a feedback event that is in no open item.
    fn kept_text(&self, id: &SourceId) -> Option<&FeedbackEvent> {
        self.text_table().get(id)
    }

    /// The full text of a feedback event in an open item.
    fn text_in_item(&self, id: &SourceId) -> Option<&FeedbackEvent> {
        let item = self.source(id).and_then(|row| self.followup(row.item?));
        let sources = item
            .filter(|item| !item.status.is_terminal())
            .into_iter()
            .flat_map(|item| &item.sources);
        sources.into_iter().find(|source| source.id == *id)
    }

    /// The full text of a feedback event, while it is kept.
    fn text(&self, id: &SourceId) -> Option<&FeedbackEvent> {
        self.text_in_item(id).or_else(|| self.kept_text(id))
    }

    fn repo_on_github(&self, github_id: i64) -> Option<&Repo> {
        self.repos().find(|repo| repo.facts.github_id == github_id)
    }

    /// The open follow-ups of a pull request, oldest first.
    fn open_on(&self, key: PullKey) -> Vec<&Followup> {
        let mut open: Vec<&Followup> = self
            .followups()
            .filter(|item| item.pull() == key && !item.status.is_terminal())
            .collect();
        open.sort_by_key(|item| (item.created_at, item.id));
        open
    }

    /// The agent that holds a pull request; at most one.
    fn holder_of(&self, key: PullKey) -> Option<&AgentId> {
        let mut held = self.followups().filter(|item| item.pull() == key);
        held.find_map(Followup::holder)
    }

    /// The active claims of a pull request, oldest first.
    fn claims_of(&self, key: PullKey) -> Vec<&Claim> {
        let mut claims: Vec<&Claim> = self
            .claims()
            .filter(|claim| claim.is_active() && claim.pull == Some(key))
            .collect();
        claims.sort_by_key(|claim| (claim.claimed_at, claim.id));
        claims
    }

    /// The claim that feedback is for, among those of its pull request: not stale before stale, then the one whose issue the
    /// feedback or branch names, then the oldest.
    fn author_of(&self, item: &Followup) -> Option<PullRequestOwner> {
        let mut claims = self.claims_of(item.pull());
        claims.sort_by_key(|claim| {
            let issue = Some(claim.number).filter(|_| claim.repo == item.repo);
            issue.map_or(u8::MAX, |issue| item.concerns.rank(issue))
        });
        let alive = claims
            .iter()
            .find(|claim| claim.status != ClaimStatus::Stale);
        let claim = alive.or(claims.first())?;
        let preferred = alive.map(|claim| claim.agent.clone());
        Some(PullRequestOwner {
            claim: claim.id,
            number: claim.number,
            preferred,
        })
    }
}

impl Rows for View {
    fn repo_table(&self) -> &impl Lookup<Repo> {
        &self.repos
    }

    fn issue_table(&self) -> &impl Lookup<MirroredIssue> {
        &self.issues
    }

    fn claim_table(&self) -> &impl Lookup<Claim> {
        &self.claims
    }

    fn pull_table(&self) -> &impl Lookup<Pull> {
        &self.pulls
    }

    fn followup_table(&self) -> &impl Lookup<Followup> {
        &self.followups
    }

    fn source_table(&self) -> &impl Lookup<KnownSource> {
        &self.sources
    }

    fn text_table(&self) -> &impl Lookup<FeedbackEvent> {
        &self.texts
    }

    fn repo_named(&self, name: &RepoName) -> Option<&Repo> {
        self.repos.get(self.names.get(name.key())?)
    }

    fn active_on(&self, key: IssueKey) -> Option<&Claim> {
        self.claims.get(self.active.get(&key)?)
    }
}
