//! Row look-ups that a view and the effects of a command on it have in common.

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

/// Rows by key. The required methods read single tables; the provided ones answer what the rules ask of several.
pub(crate) trait Rows {
    fn repos(&self) -> impl Iterator<Item = &Repo>;
    /// The repository that this name, present or former, leads to.
    fn repo_named(&self, name: &RepoName) -> Option<&Repo>;
    fn issue(&self, key: IssueKey) -> Option<&MirroredIssue>;
    fn claim(&self, id: ClaimId) -> Option<&Claim>;
    fn claims(&self) -> impl Iterator<Item = &Claim>;
    /// The active claim on an issue.
    fn active_on(&self, key: IssueKey) -> Option<&Claim>;
    fn pull(&self, key: PullKey) -> Option<&Pull>;
    fn pulls(&self) -> impl Iterator<Item = &Pull>;
    fn followup(&self, id: WorkItemId) -> Option<&Followup>;
    fn followups(&self) -> impl Iterator<Item = &Followup>;
    fn source(&self, id: &SourceId) -> Option<&KnownSource>;
    fn sources(&self) -> impl Iterator<Item = &KnownSource>;
    /// The text of an event that is in no open item, while it is kept.
    fn kept_text(&self, id: &SourceId) -> Option<&FeedbackEvent>;

    /// The whole of an event that is in an open item.
    fn text_in_item(&self, id: &SourceId) -> Option<&FeedbackEvent> {
        let item = self.source(id).and_then(|row| self.followup(row.item?));
        let sources = item
            .filter(|item| !item.status.is_terminal())
            .into_iter()
            .flat_map(|item| &item.sources);
        sources.into_iter().find(|source| source.id == *id)
    }

    /// The whole of an event, while it is kept.
    fn text(&self, id: &SourceId) -> Option<&FeedbackEvent> {
        self.text_in_item(id).or_else(|| self.kept_text(id))
    }

    fn repo_on_github(&self, github_id: i64) -> Option<&Repo> {
        self.repos().find(|repo| repo.facts.github_id == github_id)
    }

    /// The open follow-ups of a pull request, the oldest first.
    fn open_on(&self, key: PullKey) -> Vec<&Followup> {
        let mut open: Vec<&Followup> = self
            .followups()
            .filter(|item| item.pull() == key && !item.status.is_terminal())
            .collect();
        open.sort_by_key(|item| (item.created_at, item.id));
        open
    }

    /// The one agent that holds a pull request.
    fn holder_of(&self, key: PullKey) -> Option<&AgentId> {
        let mut held = self.followups().filter(|item| item.pull() == key);
        held.find_map(Followup::holder)
    }

    /// The active claims that name a pull request, the oldest first.
    fn claims_of(&self, key: PullKey) -> Vec<&Claim> {
        let mut claims: Vec<&Claim> = self
            .claims()
            .filter(|claim| claim.is_active() && claim.pull == Some(key))
            .collect();
        claims.sort_by_key(|claim| (claim.claimed_at, claim.id));
        claims
    }

    /// The claim that feedback is for: of those that name its pull request one that is not stale before others, then the one
    /// whose issue the feedback or the branch names, then the oldest.
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
    fn repos(&self) -> impl Iterator<Item = &Repo> {
        self.repos.values()
    }

    fn repo_named(&self, name: &RepoName) -> Option<&Repo> {
        let id: RepoId = *self.names.get(name.key())?;
        self.repos.get(&id)
    }

    fn issue(&self, key: IssueKey) -> Option<&MirroredIssue> {
        self.issues.get(&key)
    }

    fn claim(&self, id: ClaimId) -> Option<&Claim> {
        self.claims.get(&id).map(|slot| &slot.row)
    }

    fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.values().map(|slot| &slot.row)
    }

    fn active_on(&self, key: IssueKey) -> Option<&Claim> {
        self.claim(*self.active.get(&key)?)
    }

    fn pull(&self, key: PullKey) -> Option<&Pull> {
        self.pulls.get(&key)
    }

    fn pulls(&self) -> impl Iterator<Item = &Pull> {
        self.pulls.values()
    }

    fn followup(&self, id: WorkItemId) -> Option<&Followup> {
        self.followups.get(&id).map(|slot| &slot.row)
    }

    fn followups(&self) -> impl Iterator<Item = &Followup> {
        self.followups.values().map(|slot| &slot.row)
    }

    fn source(&self, id: &SourceId) -> Option<&KnownSource> {
        self.sources.get(id)
    }

    fn sources(&self) -> impl Iterator<Item = &KnownSource> {
        self.sources.values()
    }

    fn kept_text(&self, id: &SourceId) -> Option<&FeedbackEvent> {
        self.texts.get(id)
    }
}
