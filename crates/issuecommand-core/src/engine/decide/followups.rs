//! Hands out follow-ups and moves them.

use super::Context;
use super::effects::Effects;
use super::events::kind_of;
use super::sources::{Place, TouchedItems, row_of};
use crate::domain::event::{Details, EventKind, EventOrigin as Origin};
use crate::domain::followup::transition::{Right, allowed_to, right};
use crate::domain::followup::{
    FeedbackEvent, Followup, FollowupStatus, KnownSource, NotPermitted, Resolution, WorkItemId,
};
use crate::domain::id::{AgentId, IdGenerator, PullKey};
use crate::domain::issue::IssueFilter;
use crate::domain::refusal::Refusal;
use crate::domain::session::OtherSession;
use crate::engine::command::{Answer, CandidateChecks, Outcome};
use crate::engine::read_set::PASSED_OVER;
use crate::engine::view::{Candidates, Rows};
use crate::engine::windows::FollowupWindowNeed;

impl Context<'_> {
    /// Feedback comes before new issues, because a reviewer waits for the answer.
    pub(super) fn next_work(
        &self,
        agent: &AgentId,
        filter: &IssueFilter,
        checks: &CandidateChecks,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Option<Outcome> {
        if let Some(refusal) = self.halted(agent, filter.repo.as_ref(), false) {
            return Some(Outcome::Refused(refusal));
        }
        let need = FollowupWindowNeed {
            agent: agent.clone(),
            repo: filter.repo.as_ref().map(|repo| repo.key().to_owned()),
            scope: self.command.caller.scope.clone(),
        };
        let Candidates::Fresh(window) = self.view.followup_candidates(&need) else {
            return None;
        };
        let items = window.items.iter();
        let given = items
            .filter_map(|id| self.view.followup(*id))
            .filter(|item| self.may_be_offered(item, agent))
            .find_map(|item| self.give(item, agent, fx).ok());
        match given {
            Some(outcome) => Some(outcome),
            None if window.complete => self.next_issue(agent, filter, checks, fx, ids),
            // Other sessions of the agent hold all that was loaded.
            None if self.is_crowded_out(&window.items, agent) => {
                self.next_issue(agent, filter, checks, fx, ids)
            }
            None => None,
        }
    }

    fn may_be_offered(&self, item: &Followup, agent: &AgentId) -> bool {
        let item = self.dressed(item);
        let free = self
            .view
            .holder_of(item.pull())
            .is_none_or(|holder| holder == agent);
        let passed = self.time.silent_since(self.policy.affinity);
        item.repo_offered
            && self.gives_feedback(item.repo)
            && item.waits()
            && free
            && item.in_reach_of(agent, passed)
            && self.session_at_work_on(item.pull(), agent).is_none()
            && !(item.window_from > passed && self.is_of_other_session(&item, agent))
    }

    /// Another live session of the agent that has a follow-up of this pull request in hand.
    fn session_at_work_on(&self, pull: PullKey, agent: &AgentId) -> Option<OtherSession> {
        let mut held = self
            .view
            .followups()
            .filter(|item| item.pull() == pull && item.holder() == Some(agent));
        held.find_map(|item| self.other_session(agent, item.session.as_ref()))
    }

    /// Whether so many loaded follow-ups are in the hands of the agent's other sessions that it gets other work.
    fn is_crowded_out(&self, items: &[WorkItemId], agent: &AgentId) -> bool {
        let items = items.iter().filter_map(|id| self.view.followup(*id));
        let others = items.filter(|item| {
            self.session_at_work_on(item.pull(), agent).is_some()
                || self.is_of_other_session(&self.dressed(item), agent)
        });
        others.count() >= PASSED_OVER
    }

    /// The agent's own follow-up in the caller's session. A caller without one leaves it where it is.
    fn item_in_this_session(&self, item: &Followup, agent: &AgentId) -> Followup {
        match self.command.caller.session_id() {
            Some(session) if item.holder() == Some(agent) => Followup {
                session: Some(session.clone()),
                ..item.clone()
            },
            Some(_) | None => item.clone(),
        }
    }

    /// Whether the claim that the feedback is for is the agent's own, in another live session.
    fn is_of_other_session(&self, item: &Followup, agent: &AgentId) -> bool {
        let author = item.author.as_ref();
        let claim = author.and_then(|author| self.view.claim(author.claim));
        claim.is_some_and(|claim| {
            claim.agent == *agent && self.other_session(agent, claim.session.as_ref()).is_some()
        })
    }

    fn give(
        &self,
        item: &Followup,
        agent: &AgentId,
        fx: &mut Effects<'_>,
    ) -> Result<Outcome, NotPermitted> {
        let note = Some(format!("Claimed by {agent}"));
        let item = self.taken(item, agent, FollowupStatus::Claimed, note)?;
        let item = shown(item, fx);
        let details = Details::FollowupClaimed { by: agent.clone() };
        fx.emit(self.followup_event(EventKind::FollowupClaimed, &item, details));
        Ok(self.put_and_show(item, false, fx))
    }

    pub(super) fn update_followup(
        &self,
        id: WorkItemId,
        agent: &AgentId,
        to: FollowupStatus,
        note: Option<&str>,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Outcome {
        let scope = &self.command.caller.scope;
        let open = |item: &&Followup| scope.has(&item.repo_name) && !item.status.is_terminal();
        let Some(item) = self.view.followup(id).filter(open) else {
            return Outcome::Refused(Refusal::FollowupNotFound { id });
        };
        if let Some(owner) = self
            .view
            .holder_of(item.pull())
            .filter(|holder| *holder != agent)
        {
            let (owner, item) = (owner.clone(), Box::new(self.dressed(item)));
            return Outcome::Refused(Refusal::FollowupMismatch {
                owner,
                item,
                session: None,
            });
        }
        if let Some(other) = self.session_at_work_on(item.pull(), agent) {
            return Outcome::Refused(Refusal::FollowupMismatch {
                owner: agent.clone(),
                item: Box::new(self.dressed(item)),
                session: Some(Box::new(other)),
            });
        }
        let item = &self.item_in_this_session(item, agent);
        let right = right(item, agent);
        if item.status == to {
            return match right {
                Right::Own => {
                    let last_updated = item.moment(self.now);
                    let item = Followup {
                        last_updated,
                        ..item.clone()
                    };
                    let item = shown(item, fx);
                    self.put_and_show(item, true, fx)
                }
                // The item has this status already, and the agent does not hold it.
                Right::Take | Right::None => Outcome::Done(Answer::Followup {
                    item: Box::new(self.dressed(item)),
                    idempotent: true,
                }),
            };
        }
        let moved = match right {
            Right::Take if to.is_held() => self.taken(item, agent, to, note.map(str::to_owned)),
            Right::Own => item.clone().advance(to, note.map(str::to_owned), self.now),
            Right::Take | Right::None => Err(NotPermitted {
                from: item.status,
                to,
            }),
        };
        let Ok(moved) = moved else {
            let (item, allowed) = (Box::new(self.dressed(item)), allowed_to(item, agent));
            return Outcome::Refused(Refusal::FollowupTransition { item, to, allowed });
        };
        self.moved_by_agent(item, moved, note, fx, ids)
    }

    /// Ends a follow-up without an answer, whoever has it.
    pub(super) fn dismiss_followup(
        &self,
        id: WorkItemId,
        note: &str,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Outcome {
        let scope = &self.command.caller.scope;
        let open = |item: &&Followup| scope.has(&item.repo_name) && !item.status.is_terminal();
        let Some(item) = self.view.followup(id).filter(open) else {
            return Outcome::Refused(Refusal::FollowupNotFound { id });
        };
        let to = FollowupStatus::Dismissed;
        let Ok(moved) = item.clone().advance(to, Some(note.to_owned()), self.now) else {
            let (item, allowed) = (Box::new(self.dressed(item)), Vec::new());
            return Outcome::Refused(Refusal::FollowupTransition { item, to, allowed });
        };
        self.moved_by_agent(item, moved, Some(note), fx, ids)
    }

    /// Applies an agent's or a person's move. Ending an item ends its feedback events and the hold.
    fn moved_by_agent(
        &self,
        before: &Followup,
        mut moved: Followup,
        note: Option<&str>,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Outcome {
        let mut unseen = Vec::new();
        if moved.status.is_terminal() {
            for source in moved.sources.iter_mut().filter(|source| source.waits()) {
                if source.unseen {
                    // The agent answered the text it was given. The newer text is still unanswered.
                    unseen.push(source.clone());
                    (source.facts.replaced, source.ended) = (true, Some(Resolution::Edited));
                } else {
                    (source.facts.answered, source.ended) = (true, Some(Resolution::Answered));
                }
                fx.put_source(row_of(before, source));
            }
        } else {
            moved = shown(moved, fx);
        }
        let freed = before.status.is_held() && !moved.status.is_held();
        if freed && !moved.status.is_terminal() {
            moved.window_from = self.now;
        }
        let details = Details::FollowupMoved {
            source: Origin::Agent,
            status: moved.status,
            note: note.map(str::to_owned),
        };
        fx.emit(self.followup_event(kind_of(moved.status), &moved, details));
        let outcome = self.put_and_show(moved, false, fx);
        self.ask_again(before, unseen, fx, ids);
        if freed {
            self.restart_windows(before.pull(), before.id, fx);
        }
        outcome
    }

    /// Queues texts that the agent had not seen when it ended their item.
    fn ask_again(
        &self,
        item: &Followup,
        unseen: Vec<FeedbackEvent>,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) {
        let pull = fx.pull(item.pull()).cloned();
        let repo = fx.repos().find(|repo| repo.id == item.repo).cloned();
        let (Some(pull), Some(repo)) = (pull, repo) else {
            return;
        };
        let place = Place {
            repo: &repo,
            pull: &pull,
        };
        let mut touched = TouchedItems::default();
        for text in unseen {
            let edited = text.facts.version.unwrap_or(self.now);
            let row = KnownSource {
                id: text.id.edited(edited),
                item: None,
                ..row_of(item, &text)
            };
            let text = FeedbackEvent {
                unseen: false,
                ..text
            };
            self.judge_source(&place, row, Some(text), &mut touched, fx, ids);
        }
        self.close_items(touched, fx);
    }

    fn taken(
        &self,
        item: &Followup,
        agent: &AgentId,
        to: FollowupStatus,
        note: Option<String>,
    ) -> Result<Followup, NotPermitted> {
        let mut item = item.clone().advance(to, note, self.now)?;
        item.owner = Some(agent.clone());
        item.session = self.command.caller.session_id().cloned();
        item.claimed_at = Some(item.last_updated);
        Ok(item)
    }

    /// The follow-up with the claim that now owns its pull request, as it is shown.
    pub(super) fn dressed(&self, item: &Followup) -> Followup {
        Followup {
            author: self.view.author_of(item),
            ..item.clone()
        }
    }

    pub(super) fn put_and_show(
        &self,
        item: Followup,
        idempotent: bool,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let shown = Box::new(self.dressed(&item));
        fx.put_followup(item);
        Outcome::Done(Answer::Followup {
            item: shown,
            idempotent,
        })
    }
}

/// Clears `unseen`: the agent now gets the present texts.
pub(super) fn shown(mut item: Followup, fx: &mut Effects<'_>) -> Followup {
    let at = item.clone();
    for source in item.sources.iter_mut().filter(|source| source.unseen) {
        source.unseen = false;
        fx.put_source(row_of(&at, source));
    }
    item
}
