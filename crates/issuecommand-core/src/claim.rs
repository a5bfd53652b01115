//! A claim: one agent holds one issue, from the moment it got it until the claim ends.

pub mod staleness;
pub mod status;
pub mod transition;

use serde::{Deserialize, Serialize};

pub use self::status::ClaimStatus;
pub use self::transition::{Actor, NotPermitted};
use crate::id::{AgentId, ClaimId, IssueKey, IssueNumber, Principal, RepoId};
use crate::repo::RepoName;
use crate::time::Timestamp;

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
    /// Its name.
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
    /// Every status it came to, the oldest first.
    pub history: Vec<StatusEntry>,
    /// Its pull request, as the agent gave it.
    pub pr_url: Option<String>,
    /// The same as repository and number, where the address can be read and the repository is known.
    pub pull: Option<(RepoId, IssueNumber)>,
    /// What the holder should know of the issue without having lost it: it was deleted, moved, or is out of sight.
    pub notice: Option<String>,
    /// The same of its pull request: that it was closed without being merged.
    pub pull_notice: Option<String>,
    /// When GitHub closed the issue, by GitHub's clock, where that ended the claim. `None` where it ended otherwise.
    #[serde(default)]
    pub github_closed_at: Option<Timestamp>,
}

impl Claim {
    /// The issue it is on.
    pub fn key(&self) -> IssueKey {
        (self.repo, self.number)
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
        transition::permit(self.status, to, actor, self.before_stale)?;
        let timestamp = self.moment(now);
        self.before_stale = (to == ClaimStatus::Stale).then_some(self.status);
        self.status = to;
        self.last_updated = timestamp;
        self.history.push(StatusEntry {
            status: to,
            timestamp,
            note,
        });
        Ok(self)
    }

    /// The claim that GitHub's closing of its issue ended, active again with the status that it had. `None` where its history
    /// has no status to return to.
    pub fn give_back(mut self, note: &str, now: Timestamp) -> Option<Self> {
        let statuses = self.history.iter().rev().map(|entry| entry.status);
        let mut active = statuses.filter(|status| !status.is_terminal());
        let status = active.next()?;
        let working = active.find(|status| *status != ClaimStatus::Stale);
        self.before_stale = working.filter(|_| status == ClaimStatus::Stale);
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

/// Reads `https://HOST/OWNER/NAME/pull/NUMBER`, whatever stands behind it.
pub fn parse_pr_url(url: &str) -> Option<(RepoName, IssueNumber)> {
    let (_, rest) = url.split_once("://")?;
    let mut parts = rest.split(['/', '?', '#']).skip(1);
    let (owner, name) = (parts.next()?, parts.next()?);
    if !matches!(parts.next()?, "pull" | "pulls") {
        return None;
    }
    let number = parts.next()?.parse().ok().and_then(IssueNumber::new)?;
    Some((RepoName::new(owner, name).ok()?, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pull_request_addresses() {
        let (repo, number) = parse_pr_url("https://github.com/Acme/Api/pull/12/files#x").unwrap();
        assert_eq!((repo.as_str(), number.get()), ("Acme/Api", 12));
        for no in [
            "",
            "acme/api#3",
            "https://github.com/acme/api/issues/3",
            "https://github.com/acme/api/pull/x",
        ] {
            assert_eq!(parse_pr_url(no), None, "{no}");
        }
    }
}
