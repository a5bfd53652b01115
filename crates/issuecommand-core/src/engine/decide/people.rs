//! What people do by hand: give work to another agent, and park issues or offer them again.

use super::Context;
use super::effects::Effects;
use super::followups::shown;
use crate::domain::event::{Details, EventKind};
use crate::domain::followup::{Followup, WorkItemId};
use crate::domain::id::{AgentId, ClaimId, IssueNumber};
use crate::domain::issue::{IssueState, MirroredIssue};
use crate::domain::park::{ParkReason, Parked};
use crate::domain::refusal::{Refusal, Unclaimable};
use crate::domain::repo_name::RepoName;
use crate::engine::command::{Answer, Missing, Outcome};
use crate::engine::view::Rows;

impl Context<'_> {
    /// Gives a claim to another agent. It keeps its id, its status and its history.
    pub(super) fn give_claim(
        &self,
        id: ClaimId,
        to: &AgentId,
        note: Option<&str>,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let scope = &self.command.caller.scope;
        let known = self.view.claim(id);
        let known = known.filter(|claim| scope.has(&claim.repo_name));
        let Some(known) = known.filter(|claim| claim.is_active()) else {
            return Outcome::Refused(Refusal::ClaimNotFound { id, ended: None });
        };
        let idempotent = known.agent == *to;
        let claim = if idempotent {
            known.clone()
        } else {
            let given = known
                .clone()
                .give_to(to.clone(), &self.given(to, note), self.now);
            let details = Details::Given {
                from: known.agent.clone(),
                note: note.map(str::to_owned),
            };
            fx.emit(self.claim_event(EventKind::ClaimGiven, &given, details));
            fx.put_claim(given.clone());
            given
        };
        Outcome::Done(Answer::Claim {
            claim: Box::new(claim),
            issue: None,
            idempotent,
            outbox: None,
            not_ready: Vec::new(),
            chosen: None,
            untried: false,
        })
    }

    /// Gives a follow-up that waits, or that an agent has, to an agent.
    pub(super) fn give_followup(
        &self,
        id: WorkItemId,
        to: &AgentId,
        note: Option<&str>,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let scope = &self.command.caller.scope;
        let open = |item: &&Followup| scope.has(&item.repo_name) && !item.status.is_terminal();
        let Some(item) = self.view.followup(id).filter(open) else {
            return Outcome::Refused(Refusal::FollowupNotFound { id });
        };
        let other = self
            .view
            .holder_of(item.pull())
            .filter(|holder| *holder != to);
        if let Some(owner) = other.filter(|owner| item.owner.as_ref() != Some(owner)) {
            let (owner, item) = (owner.clone(), Box::new(item.clone()));
            return Outcome::Refused(Refusal::FollowupMismatch {
                owner,
                item,
                session: None,
            });
        }
        if item.owner.as_ref() == Some(to) && item.status.is_held() {
            let item = Box::new(item.clone());
            return Outcome::Done(Answer::Followup {
                item,
                idempotent: true,
            });
        }
        let note = self.given(to, note);
        let item = shown(item.clone().give_to(to.clone(), &note, self.now), fx);
        let details = Details::FollowupClaimed { by: to.clone() };
        fx.emit(self.followup_event(EventKind::FollowupClaimed, &item, details));
        self.put_and_show(item, false, fx)
    }

    /// Parks an issue. An active claim on it stays.
    pub(super) fn park_issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        note: &str,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let issue = match self.open_issue(repo, number) {
            Ok(issue) => issue,
            Err(outcome) => return *outcome,
        };
        let parked = Parked {
            why: ParkReason::Person,
            by: self.command.caller.principal.description(),
            note: Some(note.to_owned()),
            at: self.now,
        };
        self.park(issue.key(), parked, fx);
        Outcome::Done(Answer::Noted)
    }

    /// Offers an issue again: it is parked no longer, its attempts count anew, and cool-downs end.
    pub(super) fn offer_issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        note: Option<&str>,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        match self.open_issue(repo, number) {
            Ok(issue) => {
                self.offer(issue.key(), note, fx);
                Outcome::Done(Answer::Noted)
            }
            Err(outcome) => *outcome,
        }
    }

    /// An open issue of the mirror that a caller names.
    fn open_issue(
        &self,
        name: &RepoName,
        number: IssueNumber,
    ) -> Result<&MirroredIssue, Box<Outcome>> {
        let Some(repo) = self.view.repo_named(name) else {
            return Err(Box::new(Outcome::Missing(Missing::Repo(name.clone()))));
        };
        let key = (repo.id, number);
        let Some(issue) = self.view.issue(key) else {
            return Err(Box::new(Outcome::Missing(Missing::Issue {
                key,
                repo: repo.facts.name.clone(),
                etag: None,
            })));
        };
        if issue.facts.state == IssueState::Closed {
            return Err(Box::new(Outcome::Refused(Refusal::InvalidIssue {
                repo: repo.facts.name.clone(),
                number,
                why: Unclaimable::Closed,
            })));
        }
        Ok(issue)
    }

    /// The note of the history.
    fn given(&self, to: &AgentId, note: Option<&str>) -> String {
        let by = self.command.caller.principal.description();
        let note = note.map(|note| format!(": {note}")).unwrap_or_default();
        format!("Given to {:?} by {by}{note}", to.as_str())
    }
}
