//! A claim: one agent holds one issue, from the moment it got it until the claim ends.

pub mod link;
pub mod pull_ref;
pub mod staleness;
pub mod status;
pub mod transition;

use serde::{Deserialize, Serialize};

pub use self::link::{Followed, Link, LinkOrigin, NamedPull};
pub use self::pull_ref::PullRef;
pub use self::status::ClaimStatus;
pub use self::transition::{Actor, NotPermitted};
use crate::domain::id::{AgentId, ClaimId, IssueKey, IssueNumber, Principal, PullKey, RepoId};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// One line of a claim's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEntry {
    /// The status it came to.
    pub status: ClaimStatus,
    /// When.
    pub timestamp: Timestamp,
    /// Why, in the words of whoever moved it.
    pub note: Option<String>,
}

/// One claim, active or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Names it for ever: `claim_id` on the wire.
    pub id: ClaimId,
    /// Who holds (or held) the issue.
    pub agent: AgentId,
    /// On whose authority it was made.
    pub principal: Principal,
    /// The repository of the issue.
    pub repo: RepoId,
    /// That repository's present name.
    pub repo_name: RepoName,
    /// The issue.
    pub number: IssueNumber,
    /// The issue's title; follows GitHub while the claim is active.
    pub title: String,
    /// The issue's labels; follow GitHub while the claim is active.
    pub labels: Vec<String>,
    /// The issue's assignees; follow GitHub while the claim is active.
    pub assignees: Vec<String>,
    /// Where it stands.
    pub status: ClaimStatus,
    /// The status that it had when it went stale; it may return straight to it.
    pub before_stale: Option<ClaimStatus>,
    /// When it was made.
    pub claimed_at: Timestamp,
    /// The last sign of life: made, moved, or told the same status again.
    pub last_updated: Timestamp,
    /// The statuses that it came to last, the oldest first: a store loads [`crate::domain::bounds::HISTORY_MAX`] at most.
    pub history: Vec<StatusEntry>,
    /// How many entries of the history were before those.
    #[serde(default)]
    pub earlier: usize,
    /// Its pull request, as the agent gave it.
    pub pr_url: Option<String>,
    /// The same as repository and number, where the address can be read and the repository is known.
    pub pull: Option<(RepoId, IssueNumber)>,
    /// Who says that it is, and what is needed to undo it; `None` without a pull request.
    #[serde(default)]
    pub link: Option<Link>,
    /// What the holder should know of the issue without having lost it: it was deleted, moved, or is out of sight.
    pub notice: Option<String>,
    /// The same of its pull request: that it was closed without being merged.
    pub pull_notice: Option<String>,
    /// When GitHub closed the issue, by GitHub's clock, where that ended the claim. `None` where it ended otherwise.
    #[serde(default)]
    pub github_closed_at: Option<Timestamp>,
}

impl Claim {
    /// What its holder is told of a repository in which nobody can work.
    pub const ARCHIVED: &str = "The repository is archived, or its issues are switched off: nothing can be pushed or closed there. Release the claim, or wait until the repository is opened again";

    /// The issue it is on.
    pub fn key(&self) -> IssueKey {
        (self.repo, self.number)
    }

    /// Who says that its pull request is its own. An address without a link was given before links were kept: by its agent.
    pub fn link_origin(&self) -> Option<LinkOrigin> {
        let named = self.pr_url.is_some().then_some(LinkOrigin::Agent);
        self.link.as_ref().map(|link| link.origin).or(named)
    }

    /// Whether its holder is still to be told that nobody can work in its repository (`archived`), or that this is over. Another
    /// notice of its issue says more.
    pub(crate) fn is_untold_of(&self, archived: bool) -> bool {
        match self.notice.as_deref() {
            None => archived,
            Some(notice) => !archived && notice == Self::ARCHIVED,
        }
    }

    /// The pull request that its agent named, where a derived one has taken its place.
    pub fn replaced_pull(&self) -> Option<PullKey> {
        self.link.as_ref()?.replaces.as_ref()?.pull
    }

    /// The status that it had before something derived moved it, while its status is a derived one.
    pub fn before_derived(&self) -> Option<ClaimStatus> {
        self.link.as_ref()?.before
    }

    /// Whether the issue is taken because of it.
    pub fn is_active(&self) -> bool {
        !self.status.is_terminal()
    }

    /// The moment a change made at `now` gets: a claim's time never goes back, whatever clocks do.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        now.max(self.last_updated)
    }

    /// This claim at its next status.
    ///
    /// # Errors
    /// [`NotPermitted`] when the table does not let this actor go there.
    pub fn advance(
        mut self,
        to: ClaimStatus,
        actor: Actor,
        note: Option<String>,
        now: Timestamp,
    ) -> Result<Self, NotPermitted> {
        self.permit(to, actor)?;
        if let Some(link) = &mut self.link {
            link.on_move(self.before_stale, to, actor);
        }
        self.before_stale = (to == ClaimStatus::Stale).then_some(self.status);
        self.status = to;
        self.last_updated = self.moment(now);
        self.record(note, now);
        Ok(self)
    }

    /// Lets a move pass or names what stands against it. What was derived never narrows what an agent may do: from a status
    /// reached by derivation it may go wherever it could have gone from the status before.
    ///
    /// # Errors
    /// [`NotPermitted`].
    pub fn permit(&self, to: ClaimStatus, actor: Actor) -> Result<(), NotPermitted> {
        let from = self.status;
        let as_before = |before: ClaimStatus| {
            let stale = self.before_stale;
            before == to || transition::permit(before, to, Actor::Agent, stale).is_ok()
        };
        let undone = actor == Actor::Agent && to != from;
        if undone && self.before_derived().is_some_and(as_before) {
            return Ok(());
        }
        transition::permit(from, to, actor, self.before_stale)
    }

    /// Everywhere this actor may go from here, in the order of the contract.
    pub fn allowed(&self, actor: Actor) -> Vec<ClaimStatus> {
        let all = ClaimStatus::ALL.into_iter();
        all.filter(|to| self.permit(*to, actor).is_ok()).collect()
    }

    /// This claim at a status that GitHub's facts suggest, with what it takes to undo that. Without a link, or where the
    /// table has no such move, it stays where it is.
    #[must_use]
    pub(crate) fn derive(self, to: ClaimStatus, note: &str, now: Timestamp) -> Self {
        let (was, before_stale) = (self.status, self.before_stale);
        let moved = self
            .clone()
            .advance(to, Actor::System, Some(note.to_owned()), now);
        let Ok(mut claim) = moved else { return self };
        let before = claim
            .link
            .as_mut()
            .map(|link| *link.before.get_or_insert(was));
        // A stale claim that is undone is as stale as before.
        claim.before_stale = before_stale.filter(|_| before == Some(ClaimStatus::Stale));
        claim
    }

    /// This claim without its link, at the status that it had before something derived moved it.
    #[must_use]
    pub(crate) fn unlink(mut self, note: &str, now: Timestamp) -> Self {
        let link = self.link.take();
        (self.pr_url, self.pull, self.pull_notice) = (None, None, None);
        let Some(before) = link.and_then(|link| link.before) else {
            return self;
        };
        if self.status == ClaimStatus::Stale {
            // Time has moved it since: it is as stale, and returns to where it would have been.
            self.before_stale = Some(before);
            return self;
        }
        self.before_stale = self.before_stale.filter(|_| before == ClaimStatus::Stale);
        self.status = before;
        self.last_updated = self.moment(now);
        self.record(Some(note.to_owned()), now);
        self
    }

    /// This claim with the status that it had before it went stale. `None` where it is not stale.
    pub(crate) fn undo_stale(mut self, note: &str, now: Timestamp) -> Option<Self> {
        let stale = self.status == ClaimStatus::Stale;
        self.status = self.before_stale.take().filter(|_| stale)?;
        self.last_updated = self.moment(now);
        self.record(Some(note.to_owned()), now);
        Some(self)
    }

    fn record(&mut self, note: Option<String>, now: Timestamp) {
        self.history.push(StatusEntry {
            status: self.status,
            timestamp: self.moment(now),
            note,
        });
    }

    /// The claim that GitHub's closing of its issue ended, active again with the status that it had. `None` where its history
    /// has no status to return to.
    pub fn give_back(mut self, note: &str, now: Timestamp) -> Option<Self> {
        let statuses = self.history.iter().rev().map(|entry| entry.status);
        let mut active = statuses.filter(|status| !status.is_terminal());
        let status = active.next()?;
        let working = active.find(|status| *status != ClaimStatus::Stale);
        let was_stale = status == ClaimStatus::Stale;
        let returns = was_stale || self.before_derived() == Some(ClaimStatus::Stale);
        self.before_stale = working.filter(|_| returns);
        let timestamp = self.moment(now);
        (self.status, self.last_updated) = (status, timestamp);
        self.github_closed_at = None;
        self.history.push(StatusEntry {
            status,
            timestamp,
            note: Some(note.to_owned()),
        });
        Some(self)
    }

    /// This claim with a sign of life and nothing else.
    #[must_use]
    pub fn heartbeat(mut self, now: Timestamp) -> Self {
        self.last_updated = self.moment(now);
        self
    }
}
