//! Applies GitHub's facts about issues to the mirror and to claims.

use std::collections::BTreeMap;

use super::Context;
use super::effects::Effects;
use crate::domain::claim::{Actor, Claim, ClaimStatus};
use crate::domain::id::{IssueKey, IssueNumber};
use crate::domain::issue::{Issue, IssueLookup, IssueState, MirroredIssue, WithheldReason};
use crate::domain::pull_request::ListedPull;
use crate::domain::refusal::{Refusal, Unclaimable};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Millis, Timestamp};
use crate::engine::change::Change;
use crate::engine::command::{Missing, Outcome};
use crate::engine::view::Rows;

/// How long an answer of GitHub may be in transit. News that arrives in this time may be newer than the answer.
const OVERTAKEN: Millis = Millis::minutes(1);

/// How directly a message from GitHub is about the row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// The issue was in a list.
    Listed,
    /// GitHub was asked for this issue.
    Asked,
    /// A delivery described the issue.
    Told,
    /// A delivery said that the issue is gone. No later message can change that.
    ToldGone,
}

/// The current place of a transferred issue.
pub(super) enum Destination<'a> {
    /// A repository whose issues agents may work on here.
    Reachable(Box<Repo>),
    /// A repository that is not allowed or not visible.
    Unreachable(&'a RepoName),
}

impl Context<'_> {
    pub(super) fn record_issues(
        &self,
        name: &RepoName,
        issues: &[Issue],
        pulls: &[ListedPull],
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let Some(repo) = self.view.repo_named(name) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        // If an issue is in the list twice, its later version counts.
        let mut latest: BTreeMap<IssueNumber, &Issue> = BTreeMap::new();
        for issue in issues {
            let word = latest.entry(issue.number).or_insert(issue);
            if word.updated_at <= issue.updated_at {
                *word = issue;
            }
        }
        for issue in latest.into_values() {
            self.see(repo, issue, None, Evidence::Listed, fx);
        }
        if !pulls.is_empty() {
            fx.put_other(Change::ListedPulls(repo.id, pulls.to_vec()));
        }
        fx.counted(false)
    }

    pub(super) fn record_issue(
        &self,
        name: &RepoName,
        number: IssueNumber,
        seen: &IssueLookup,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let Some(repo) = self.view.repo_named(name) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        let row = self.view.issue((repo.id, number));
        match (seen, row) {
            (IssueLookup::Issue { issue, etag }, _) => {
                self.see(repo, issue, etag.as_deref(), Evidence::Asked, fx);
            }
            (IssueLookup::PullRequest, _) => {
                let (repo, why) = (repo.facts.name.clone(), Unclaimable::PullRequest);
                return Outcome::Refused(Refusal::InvalidIssue { repo, number, why });
            }
            (IssueLookup::Unchanged, Some(row)) => {
                let facts = row.facts.clone();
                self.see(repo, &facts, row.etag.as_deref(), Evidence::Asked, fx);
            }
            (IssueLookup::Withheld(reason), row) => self.withhold(repo, number, row, *reason, fx),
            (IssueLookup::Unchanged, None) => {}
            (IssueLookup::Transferred { to, issue, allowed }, _) => {
                let seen = allowed.then(|| {
                    // GitHub showed this repository just now.
                    self.record_repos(std::slice::from_ref(to), fx);
                    fx.repo_on_github(to.github_id).cloned()
                });
                let there = match seen.flatten() {
                    Some(repo) => Destination::Reachable(Box::new(repo)),
                    None => Destination::Unreachable(&to.name),
                };
                self.transferred(repo, number, there, issue, Evidence::Asked, fx);
            }
        }
        fx.counted(false)
    }

    pub(super) fn see(
        &self,
        repo: &Repo,
        issue: &Issue,
        etag: Option<&str>,
        word: Evidence,
        fx: &mut Effects<'_>,
    ) {
        let key = (repo.id, issue.number);
        let (row, claim) = (self.view.issue(key), self.view.active_on(key));
        let issue = &*self.believed(issue, row);
        let open = issue.state == IssueState::Open;
        // Lists contain many long-closed issues, which get no row. A closed issue that somebody asked for gets one.
        if row.is_none() && !open && claim.is_none() && word == Evidence::Listed {
            // Others may wait for it all the same.
            if let Some(told) = self.follow_state(key, false, fx) {
                self.tell_unblocked(vec![told], fx);
            }
            return;
        }
        let told = matches!(word, Evidence::Told | Evidence::ToldGone);
        // A late, older message is ignored, unless it reports a closing during the present claim.
        if row.is_some_and(|row| self.is_late(row, issue, word)) {
            let had = claim.filter(|claim| claim.claimed_at <= issue.updated_at);
            let ended = had.filter(|_| told && !open && !self.was_reopened(row, issue));
            if let Some(claim) = ended {
                self.close(claim.clone(), issue.updated_at, fx);
            }
            return;
        }
        self.hear_relations(key, issue, fx);
        let issue = &with_known(issue, row);
        let was_open = row.is_some_and(|row| row.facts.state == IssueState::Open);
        let withheld = row
            .and_then(|row| row.withheld)
            .filter(|(reason, at)| match reason {
                WithheldReason::Closing => open,
                // Any change on GitHub after the failure is a person's decision.
                WithheldReason::CloseFailed => open && issue.updated_at <= *at,
                // The page may be older than the agent's report. The end of the poll knows when it began.
                WithheldReason::CalledClosed => {
                    open && word != Evidence::Asked && issue.updated_at <= *at
                }
                // A deletion or transfer is delivered once. Older deliveries may still arrive after it.
                WithheldReason::Gone | WithheldReason::Moved => told,
                WithheldReason::NotFound => false,
            });
        let unchanged = row.is_some_and(|row| {
            let same = row.facts.says_the_same(issue) && row.facts.more == issue.more;
            same && row.withheld == withheld
        });
        if !(unchanged && word == Evidence::Listed) {
            let kept = row
                .filter(|_| unchanged)
                .and_then(|row| row.etag.as_deref());
            fx.put_issue(MirroredIssue {
                repo: repo.id,
                repo_name: repo.facts.name.clone(),
                facts: issue.clone(),
                rank: self.rank(repo.id, issue),
                withheld,
                checked_at: self.now,
                etag: etag.or(kept).map(str::to_owned),
            });
        }
        if unchanged && let Some(told) = self.follow_state(key, open, fx) {
            self.tell_unblocked(vec![told], fx);
        }
        fx.tally.newly_opened_issues += u64::from(open && !was_open);
        fx.closed += u64::from(!open && was_open);
        match claim {
            Some(claim) => self.follow(claim, issue, withheld.is_none(), fx),
            None if open && row.is_some() && !was_open => self.reopened(key, issue, fx),
            None => {}
        }
    }

    /// The issue was reopened. If that was soon after its closing, the agent of the closed claim gets it back, so that no other
    /// agent repeats work in progress.
    fn reopened(&self, key: IssueKey, issue: &Issue, fx: &mut Effects<'_>) {
        let Some(grace) = self.policy.reopen_grace else {
            return;
        };
        let soon = |claim: &&Claim| {
            let closed = claim.github_closed_at.filter(|_| !claim.is_active());
            claim.key() == key && closed.is_some_and(|at| issue.updated_at <= at.plus(grace))
        };
        let last = fx.claims().filter(soon);
        let last = last.max_by_key(|claim| (claim.github_closed_at, claim.last_updated, claim.id));
        let note =
            "The issue was reopened on GitHub soon after it was closed: the claim is active again";
        let Some(claim) = last
            .cloned()
            .and_then(|claim| claim.give_back(note, self.now))
        else {
            return;
        };
        self.follow_facts(claim, issue, note, fx);
    }

    /// Whether a closing that arrives late was undone within the grace period, as the known row shows.
    fn was_reopened(&self, row: Option<&MirroredIssue>, closed: &Issue) -> bool {
        let open = row.filter(|row| row.facts.state == IssueState::Open);
        let times = open
            .map(|row| row.facts.updated_at)
            .zip(self.policy.reopen_grace);
        times.is_some_and(|(opened, grace)| opened <= closed.updated_at.plus(grace))
    }

    /// Applies a delivery about an issue. Returns whether it disagrees with another version of the same time.
    pub(super) fn told(
        &self,
        repo: &Repo,
        issue: &Issue,
        gone: Option<WithheldReason>,
        fx: &mut Effects<'_>,
    ) -> bool {
        let key = (repo.id, issue.number);
        let row = self.view.issue(key);
        let issue = &*self.believed(issue, row);
        let word = gone.map_or(Evidence::Told, |_| Evidence::ToldGone);
        let tie = row.is_some_and(|row| {
            let same_time = row.facts.updated_at == issue.updated_at;
            let differs = same_time && !row.facts.says_the_same(issue);
            differs && gone.is_none() && !self.is_late(row, issue, word)
        });
        let Some(reason) = gone else {
            self.see(repo, issue, None, word, fx);
            return tie;
        };
        // For an issue that is gone, only the row takes the facts. Its claim is told only that the issue is gone.
        let mut facts = Effects::new(self.view);
        self.see(repo, issue, None, word, &mut facts);
        if facts.has_issue(key)
            && let Some(row) = facts.issue(key)
        {
            fx.put_issue(row.clone());
        }
        let row = fx.issue(key).cloned();
        self.withhold(repo, issue.number, row.as_ref(), reason, fx);
        tie
    }

    /// Updates an active claim after its issue changed.
    fn follow(&self, claim: &Claim, issue: &Issue, shown: bool, fx: &mut Effects<'_>) {
        let mut claim = claim.clone();
        let same = claim.title == issue.title
            && claim.labels == issue.labels
            && claim.assignees == issue.assignees;
        // A visible issue does not make an archived repository writable.
        let of_issue = claim.notice.as_deref() != Some(Claim::ARCHIVED);
        let told = shown && of_issue && claim.notice.take().is_some();
        if !same {
            claim.title.clone_from(&issue.title);
            claim.labels.clone_from(&issue.labels);
            claim.assignees.clone_from(&issue.assignees);
        }
        if issue.state == IssueState::Closed {
            self.close(claim, issue.updated_at, fx);
        } else if !same {
            fx.tally.metadata_updates += 1;
            self.tell(claim, "Title, labels or assignees changed on GitHub", fx);
        } else if told {
            self.tell(claim, "GitHub shows the issue again", fx);
        }
    }

    /// Updates the claim's title, labels and assignees from its issue, and emits an event.
    fn follow_facts(&self, mut claim: Claim, issue: &Issue, note: &str, fx: &mut Effects<'_>) {
        claim.title.clone_from(&issue.title);
        claim.labels.clone_from(&issue.labels);
        claim.assignees.clone_from(&issue.assignees);
        self.tell(claim, note, fx);
    }

    /// Closes the claim of an issue that GitHub closed. `at` is GitHub's time.
    pub(super) fn close(&self, claim: Claim, at: Timestamp, fx: &mut Effects<'_>) {
        let note = "The issue was closed on GitHub";
        let said = Some(note.to_owned());
        // The transition table lets the system close every active claim.
        if let Ok(mut closed) = claim.advance(ClaimStatus::Closed, Actor::System, said, self.now) {
            closed.github_closed_at = Some(at);
            fx.tally.externally_closed_claims += 1;
            self.tell(closed, note, fx);
        }
    }

    /// GitHub does not show the issue: it is withheld and its holder is told. This proves nothing, so the claim stays.
    fn withhold(
        &self,
        repo: &Repo,
        number: IssueNumber,
        row: Option<&MirroredIssue>,
        reason: WithheldReason,
        fx: &mut Effects<'_>,
    ) {
        if let Some(row) = row.filter(|row| row.withheld.is_none_or(|(known, _)| known != reason)) {
            fx.put_issue(MirroredIssue {
                withheld: Some((reason, self.now)),
                etag: None,
                ..row.clone()
            });
        }
        let notice = match reason {
            WithheldReason::NotFound => {
                "GitHub answers 404 for this issue: it was deleted, or access to it was lost"
            }
            WithheldReason::Gone => "GitHub answers 410 for this issue: it was deleted",
            WithheldReason::Moved => {
                "GitHub answers 301 for this issue: it was transferred to another repository"
            }
            WithheldReason::CalledClosed
            | WithheldReason::Closing
            | WithheldReason::CloseFailed => return,
        };
        let claim = self.view.active_on((repo.id, number));
        // If the holder was already told where the issue went, keep that notice: it is more precise.
        let told = reason == WithheldReason::Moved
            && row.is_some_and(|row| row.withheld.is_some_and(|(known, _)| known == reason));
        let claim = claim.filter(|claim| !told || claim.notice.is_none());
        if let Some(claim) = claim.filter(|claim| claim.notice.as_deref() != Some(notice)) {
            let claim = Claim {
                notice: Some(notice.to_owned()),
                ..claim.clone()
            };
            self.tell(claim, notice, fx);
        }
    }

    pub(super) fn tell(&self, claim: Claim, note: &str, fx: &mut Effects<'_>) {
        fx.emit(self.claim_updated(&claim, note));
        fx.put_claim(claim);
    }

    /// Whether a newer message about the issue came before this one. An answer to our own request beats everything received
    /// before the request. News of the last minute may be newer than the answer.
    fn is_late(&self, row: &MirroredIssue, issue: &Issue, word: Evidence) -> bool {
        let known = row.facts.updated_at;
        if self.is_ahead(known) {
            return false;
        }
        let gone = row.withheld.is_some_and(|(reason, _)| {
            matches!(reason, WithheldReason::Gone | WithheldReason::Moved)
        });
        let last = gone && word == Evidence::Told;
        let asked = word == Evidence::Asked && self.now > row.checked_at.plus(OVERTAKEN);
        (issue.updated_at < known && !asked) || (last && issue.updated_at == known)
    }
}

/// The issue with the known facts that the message leaves out. How much it waits for stands with its standing.
fn with_known(said: &Issue, row: Option<&MirroredIssue>) -> Issue {
    let mut issue = said.clone();
    if let Some(row) = row {
        issue.more = issue.more.over(&row.facts.more);
    }
    (issue.more.blockers, issue.more.children) = (None, None);
    issue
}
