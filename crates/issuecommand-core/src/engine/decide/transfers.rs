//! Moves claims along with issues that were transferred to another repository.

use super::Context;
use super::delivery_answers::{contradictory, not_allowed, taken};
use super::delivery_repo::RepoMatch;
use super::effects::Effects;
use super::issues::{Destination, Evidence};
use crate::domain::claim::{Claim, StatusEntry};
use crate::domain::event::{Details, EventKind};
use crate::domain::id::IssueNumber;
use crate::domain::issue::{Issue, IssueState, MirroredIssue, WithheldReason};
use crate::domain::repo::Repo;
use crate::domain::webhook::{Delivery, Refetch, RepoRef, WebhookAnswer};
use crate::engine::view::Rows;

impl Context<'_> {
    /// Applies a delivery from either repository of a transfer.
    pub(super) fn apply_transfer(
        &self,
        (from, number): (&RepoRef, IssueNumber),
        (to, issue): (&RepoRef, &Issue),
        arrived: bool,
        delivery: &Delivery,
        fx: &mut Effects<'_>,
    ) -> WebhookAnswer {
        let ((old, was), (new, is)) = (self.home(from), self.home(to));
        let (from_ours, to_ours) = (self.is_allowed(from, &old), self.is_allowed(to, &new));
        let ours = if arrived { to_ours } else { from_ours };
        if !ours {
            return not_allowed(if arrived { &to.name } else { &from.name });
        }
        // If either end contradicts itself, neither is used, because the transfer would move a claim.
        for (seen, repo) in [(from, &old), (to, &new)] {
            if self.names_another(repo, seen) {
                return contradictory(repo, seen, fx);
            }
        }
        let unknown = matches!(is, RepoMatch::New);
        if arrived && unknown {
            // GitHub has not shown the repository yet, so its issue is withheld until then.
            self.name_repo(&new, fx);
            fx.put_repo(new.clone());
        }
        let reachable = to_ours && !unknown && (new.offered || new.facts.archived);
        if from_ours && !matches!(was, RepoMatch::New) {
            let there = if reachable {
                Destination::Reachable(Box::new(new))
            } else {
                Destination::Unreachable(&to.name)
            };
            self.transferred(&old, number, there, issue, Evidence::Told, fx);
        } else if to_ours && (arrived || reachable) {
            self.see(&new, issue, None, Evidence::Told, fx);
        }
        for (seen, home) in [(from, was), (to, is)] {
            if matches!(home, RepoMatch::Renamed) {
                fx.look.get_or_insert(Refetch::Repo(seen.name.clone()));
            }
        }
        taken(delivery, if arrived { "opened" } else { "transferred" }, 0)
    }

    /// Withholds the issue in its old repository. The claim moves to the new one and keeps its id. If agents cannot work there
    /// or the issue has another claim, the holder gets a notice instead. Repeating this changes nothing.
    pub(super) fn transferred(
        &self,
        from: &Repo,
        number: IssueNumber,
        to: Destination<'_>,
        issue: &Issue,
        word: Evidence,
        fx: &mut Effects<'_>,
    ) {
        let old = (from.id, number);
        let row = fx.issue(old).cloned();
        let told = |row: &MirroredIssue| {
            row.withheld
                .is_some_and(|(reason, _)| reason == WithheldReason::Moved)
        };
        if let Some(row) = row.filter(|row| !told(row)) {
            fx.put_issue(MirroredIssue {
                withheld: Some((WithheldReason::Moved, self.now)),
                etag: None,
                ..row
            });
        }
        let to = match to {
            Destination::Reachable(repo) => repo,
            Destination::Unreachable(name) => {
                if let Some(claim) = fx.active_on(old).cloned() {
                    let notice = format!(
                        "The issue was transferred to {name}#{}, which is not among the repositories that are served here",
                        issue.number
                    );
                    self.notify(claim, notice, fx);
                }
                return;
            }
        };
        let new = (to.id, issue.number);
        if new == old {
            return;
        }
        self.see(&to, issue, None, word, fx);
        let Some(claim) = fx.active_on(old).cloned() else {
            return;
        };
        if let Some(other) = fx.active_on(new) {
            let notice = format!(
                "The issue was transferred to {}#{}, which agent {:?} holds there",
                to.facts.name,
                issue.number,
                other.agent.as_str()
            );
            self.notify(claim, notice, fx);
            return;
        }
        self.move_claim(claim, &to, issue, fx);
    }

    /// Moves the claim. This is no heartbeat, so `last_updated` stays.
    fn move_claim(&self, claim: Claim, to: &Repo, issue: &Issue, fx: &mut Effects<'_>) {
        let (from_repo, from_number) = (claim.repo_name.clone(), claim.number);
        let note = format!(
            "Transferred from {from_repo}#{from_number} to {}#{}",
            to.facts.name, issue.number
        );
        let mut history = claim.history.clone();
        history.push(StatusEntry {
            status: claim.status,
            timestamp: claim.moment(self.now),
            note: Some(note),
        });
        let moved = Claim {
            repo: to.id,
            repo_name: to.facts.name.clone(),
            number: issue.number,
            title: issue.title.clone(),
            labels: issue.labels.clone(),
            assignees: issue.assignees.clone(),
            history,
            notice: None,
            ..claim
        };
        let details = Details::Transferred {
            source: self.origin(),
            from_repo,
            from_number,
        };
        fx.emit(self.claim_event(EventKind::ClaimMoved, &moved, details));
        fx.put_claim(moved.clone());
        if issue.state == IssueState::Closed {
            self.close(moved, issue.updated_at, fx);
        }
    }

    fn notify(&self, claim: Claim, notice: String, fx: &mut Effects<'_>) {
        if claim.notice.as_ref() != Some(&notice) {
            let note = notice.clone();
            let claim = Claim {
                notice: Some(notice),
                ..claim
            };
            self.tell(claim, &note, fx);
        }
    }
}
