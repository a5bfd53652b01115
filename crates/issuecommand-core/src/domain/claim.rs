//! A claim: one agent holds one issue until the claim ends.

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
use crate::domain::session::SessionId;
use crate::domain::time::Timestamp;

/// An entry of a claim's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEntry {
    /// The new status.
    pub status: ClaimStatus,
    /// When the status changed.
    pub timestamp: Timestamp,
    /// A note of the agent or system that changed it.
    pub note: Option<String>,
}

// Claims are stored as JSON in remembered answers, so a new field that is not an `Option` needs `#[serde(default)]`.
/// A claim, active or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The permanent id: `claim_id` on the wire.
    pub id: ClaimId,
    /// The agent that holds or held the issue.
    pub agent: AgentId,
    /// The caller that made it.
    pub principal: Principal,
    /// The issue's repository.
    pub repo: RepoId,
    /// That repository's present name.
    pub repo_name: RepoName,
    /// The issue's number.
    pub number: IssueNumber,
    /// The issue's title, updated from GitHub while the claim is active.
    pub title: String,
    /// The issue's labels, updated from GitHub while the claim is active.
    pub labels: Vec<String>,
    /// The issue's assignees, updated from GitHub while the claim is active.
    pub assignees: Vec<String>,
    /// The present status.
    pub status: ClaimStatus,
    /// The status before it went stale, to which it may return.
    pub before_stale: Option<ClaimStatus>,
    /// When it was made.
    pub claimed_at: Timestamp,
    /// The last heartbeat or status change.
    pub last_updated: Timestamp,
    /// The last status entries, oldest first. A store loads at most [`crate::domain::bounds::HISTORY_MAX`].
    pub history: Vec<StatusEntry>,
    /// How many entries came before `history`.
    #[serde(default)]
    pub earlier: usize,
    /// The pull request's address, or the agent's text if it is not one.
    pub pr_url: Option<String>,
    /// The pull request's key, if the address is valid and its repository is known.
    pub pull: Option<(RepoId, IssueNumber)>,
    /// The origin of the link and how to undo it; `None` without a pull request.
    #[serde(default)]
    pub link: Option<Link>,
    /// A notice for the holder about the issue: deleted, moved or not visible. The claim stays.
    pub notice: Option<String>,
    /// A notice for the holder about the pull request, such as that it was closed without a merge.
    pub pull_notice: Option<String>,
    /// When GitHub closed the issue, on GitHub's clock, if that ended the claim. `None` otherwise.
    #[serde(default)]
    pub github_closed_at: Option<Timestamp>,
    /// The session that holds it, if its agent said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The last sign of life other than a heartbeat or status change. It counts if it is later than `last_updated`.
    #[serde(skip)]
    pub signed_at: Timestamp,
    /// When it goes stale without a sign of life, or when it went stale. Set where a claim is shown; no store keeps it.
    #[serde(skip)]
    pub stale_at: Option<Timestamp>,
}

impl Claim {
    /// The notice about an archived repository.
    pub const ARCHIVED: &str = "The repository is archived, or its issues are switched off: nothing can be pushed or closed there. Release the claim, or wait until the repository is opened again";

    /// A claim as it is taken, with the issue's title, labels and assignees left empty. Callers
    /// that know them set these fields.
    pub fn begin(
        id: ClaimId,
        agent: AgentId,
        principal: Principal,
        (repo, repo_name): (RepoId, RepoName),
        number: IssueNumber,
        at: Timestamp,
    ) -> Self {
        let status = ClaimStatus::Claimed;
        Self {
            id,
            agent,
            principal,
            repo,
            repo_name,
            number,
            title: String::new(),
            labels: Vec::new(),
            assignees: Vec::new(),
            status,
            before_stale: None,
            claimed_at: at,
            last_updated: at,
            history: vec![StatusEntry {
                status,
                timestamp: at,
                note: None,
            }],
            earlier: 0,
            pr_url: None,
            pull: None,
            link: None,
            notice: None,
            pull_notice: None,
            github_closed_at: None,
            session: None,
            signed_at: Timestamp::default(),
            stale_at: None,
        }
    }

    /// The key of its issue.
    pub fn key(&self) -> IssueKey {
        (self.repo, self.number)
    }

    /// The origin of its link. An address without a link is from before links were stored, so an agent gave it.
    pub fn link_origin(&self) -> Option<LinkOrigin> {
        let named = self.pr_url.is_some().then_some(LinkOrigin::Agent);
        self.link.as_ref().map(|link| link.origin).or(named)
    }

    /// Whether its holder must be told that the repository is archived (`archived`) or no longer is. A more specific notice
    /// about the issue stays.
    pub(crate) fn is_untold_of(&self, archived: bool) -> bool {
        match self.notice.as_deref() {
            None => archived,
            Some(notice) => !archived && notice == Self::ARCHIVED,
        }
    }

    /// The pull request that the agent named, if a derived one replaced it.
    pub fn replaced_pull(&self) -> Option<PullKey> {
        self.link.as_ref()?.replaces.as_ref()?.pull
    }

    /// The status before a derived move, while the present status is derived.
    pub fn before_derived(&self) -> Option<ClaimStatus> {
        self.link.as_ref()?.before
    }

    /// Whether it still holds the issue.
    pub fn is_active(&self) -> bool {
        !self.status.is_terminal()
    }

    /// The last sign of life of its holder.
    pub fn alive_at(&self) -> Timestamp {
        self.last_updated.max(self.signed_at)
    }

    /// The last sign of life of its holder, as people ask for it: that a claim went stale is none.
    pub fn last_sign_of_life(&self) -> Timestamp {
        if self.status != ClaimStatus::Stale {
            return self.alive_at();
        }
        let mut entries = self.history.iter().rev();
        let before = entries.find(|entry| entry.status != ClaimStatus::Stale);
        let entry = before.map_or(self.claimed_at, |entry| entry.timestamp);
        entry.max(self.signed_at)
    }

    /// The timestamp of a change at `now`. A claim's time never goes back, even if the clock does.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        now.max(self.last_updated)
    }

    /// Moves this claim to another status.
    ///
    /// # Errors
    /// [`NotPermitted`] if the table does not let this actor make the move.
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

    /// Checks a move. Derived moves never restrict an agent: from a derived status it may also make every move from the status
    /// before.
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

    /// The statuses that this actor may move it to, in the contract's order.
    pub fn allowed(&self, actor: Actor) -> Vec<ClaimStatus> {
        let all = ClaimStatus::ALL.into_iter();
        all.filter(|to| self.permit(*to, actor).is_ok()).collect()
    }

    /// Moves this claim to a status that GitHub's facts suggest, and records how to undo that. Without a link, or if the table
    /// does not have the move, it stays unchanged.
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
        // Undoing a stale claim leaves it as stale as before.
        claim.before_stale = before_stale.filter(|_| before == Some(ClaimStatus::Stale));
        claim
    }

    /// Removes the link and restores the status before a derived move.
    #[must_use]
    pub(crate) fn unlink(mut self, note: &str, now: Timestamp) -> Self {
        let link = self.link.take();
        (self.pr_url, self.pull, self.pull_notice) = (None, None, None);
        let Some(before) = link.and_then(|link| link.before) else {
            return self;
        };
        if self.status == ClaimStatus::Stale {
            // The claim went stale since. It stays stale, and would return to the restored status.
            self.before_stale = Some(before);
            return self;
        }
        self.before_stale = self.before_stale.filter(|_| before == ClaimStatus::Stale);
        self.status = before;
        self.last_updated = self.moment(now);
        self.record(Some(note.to_owned()), now);
        self
    }

    /// Restores the status before it went stale. `None` if it is not stale.
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

    /// Reactivates a claim that GitHub's closing of its issue ended, with its former status. `None` if its history has no
    /// active status.
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

    /// Gives this claim to another agent, who goes on where it stands. A stale claim returns to its former status.
    #[must_use]
    pub(crate) fn give_to(mut self, agent: AgentId, note: &str, now: Timestamp) -> Self {
        self.agent = agent;
        self.session = None;
        if self.status == ClaimStatus::Stale {
            self.status = self.before_stale.take().unwrap_or(ClaimStatus::Claimed);
        }
        self.last_updated = self.moment(now);
        self.record(Some(note.to_owned()), now);
        self
    }

    /// Records a heartbeat and changes nothing else.
    #[must_use]
    pub fn heartbeat(mut self, now: Timestamp) -> Self {
        self.last_updated = self.moment(now);
        self
    }
}
