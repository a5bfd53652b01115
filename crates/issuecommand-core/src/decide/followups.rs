//! Giving follow-ups to agents, and moving them.

use super::{Context, Decision, Verdict};
use crate::change::Change;
use crate::command::Answer;
use crate::event::{Details, Event, EventKind, Source as Doing};
use crate::followup::transition::{Right, allowed_to, right, table};
use crate::followup::{Ending, Followup, FollowupStatus, SourceRow, WorkItemId};
use crate::id::{AgentId, Ids, PullKey};
use crate::issue::IssueFilter;
use crate::needs::FollowupWindowNeed;
use crate::refusal::Refusal;

impl Context<'_> {
    /// Feedback comes before new issues: it is work that somebody waits for.
    pub(super) fn next_work(
        &self,
        agent: &AgentId,
        filter: &IssueFilter,
        ids: &mut dyn Ids,
    ) -> Verdict {
        let need = FollowupWindowNeed {
            agent: agent.clone(),
            repo: filter.repo.as_ref().map(|repo| repo.key().to_owned()),
            scope: self.command.caller.scope.clone(),
        };
        let window = self.view.followup_window(&need);
        let Some(window) = window.filter(|_| self.view.has_good_followup_windows()) else {
            return Verdict::Later;
        };
        let mut items = window.items.iter().filter_map(|id| self.view.followup(*id));
        if let Some(item) = items.find(|item| self.may_be_offered(item, agent)) {
            return Verdict::Decided(self.give(item, agent));
        }
        if window.complete {
            self.next_issue(agent, filter, ids)
        } else {
            Verdict::Later
        }
    }

    fn may_be_offered(&self, item: &Followup, agent: &AgentId) -> bool {
        let item = self.dressed(item);
        let free = self
            .view
            .holder_of(item.pull())
            .is_none_or(|holder| holder == agent);
        item.waits() && free && item.in_reach_of(agent, self.policy.affinity, self.now)
    }

    fn give(&self, item: &Followup, agent: &AgentId) -> Decision {
        let note = Some(format!("Claimed by {agent}"));
        let item = self.taken(item, agent, FollowupStatus::Claimed, note);
        let details = Details::FollowupClaimed { by: agent.clone() };
        let event = self.followup_event(EventKind::FollowupClaimed, &item, details);
        self.followup_answer(item, false, Some(event))
    }

    pub(super) fn update_followup(
        &self,
        id: WorkItemId,
        agent: &AgentId,
        to: FollowupStatus,
        note: Option<&str>,
    ) -> Decision {
        let scope = &self.command.caller.scope;
        let open = |item: &&Followup| scope.has(&item.repo_name) && !item.status.is_terminal();
        let Some(item) = self.view.followup(id).filter(open) else {
            return Decision::refused(Refusal::FollowupNotFound { id });
        };
        if let Some(owner) = self
            .view
            .holder_of(item.pull())
            .filter(|holder| *holder != agent)
        {
            let (owner, item) = (owner.clone(), Box::new(self.dressed(item)));
            return Decision::refused(Refusal::FollowupMismatch { owner, item });
        }
        let right = right(item, agent);
        if item.status == to {
            return match right {
                Right::Own => {
                    let last_updated = item.moment(self.now);
                    self.followup_answer(
                        Followup {
                            last_updated,
                            ..item.clone()
                        },
                        true,
                        None,
                    )
                }
                // It stands there already, and is no more this agent's than before.
                Right::Take | Right::None => {
                    let item = Box::new(self.dressed(item));
                    Decision::done(Answer::Followup {
                        item,
                        idempotent: true,
                    })
                }
            };
        }
        let permitted = match right {
            Right::Own => table(item.status, to),
            Right::Take => table(item.status, to) && to.is_held(),
            Right::None => false,
        };
        if !permitted {
            let (item, allowed) = (Box::new(self.dressed(item)), allowed_to(item, agent));
            return Decision::refused(Refusal::FollowupTransition { item, to, allowed });
        }
        let note = note.map(str::to_owned);
        let moved = match right {
            Right::Take => self.taken(item, agent, to, note.clone()),
            Right::Own | Right::None => item.clone().put(to, note.clone(), self.now),
        };
        self.ended_by_agent(item, moved, note)
    }

    /// What follows from an agent's move: its end ends the events, and the hold.
    fn ended_by_agent(
        &self,
        before: &Followup,
        mut moved: Followup,
        note: Option<String>,
    ) -> Decision {
        let mut sources = Vec::new();
        if moved.status.is_terminal() {
            for source in moved
                .sources
                .iter_mut()
                .filter(|source| source.ended.is_none())
            {
                source.ended = Some(Ending::Answered);
                let (id, item, ended) = (source.id.clone(), Some(before.id), source.ended);
                sources.push(Change::Source(SourceRow {
                    id,
                    pull: before.pull(),
                    item,
                    ended,
                }));
            }
        }
        let freed = before.status.is_held() && !moved.status.is_held();
        if freed && !moved.status.is_terminal() {
            moved.window_from = self.now;
        }
        let details = Details::FollowupMoved {
            source: Doing::Agent,
            status: moved.status,
            note,
        };
        let event = self.followup_event(kind_of(moved.status), &moved, details);
        let (key, id) = (moved.pull(), moved.id);
        let mut decision = self.followup_answer(moved, false, Some(event));
        decision.changes.extend(sources);
        if freed {
            decision.changes.extend(self.windows_begin_again(key, id));
        }
        decision
    }

    /// The end of a hold gives the author's agent its window anew, on what else waits there.
    pub(super) fn windows_begin_again(&self, key: PullKey, but: WorkItemId) -> Vec<Change> {
        let others = self
            .view
            .open_on(key)
            .into_iter()
            .filter(|item| item.id != but && item.waits());
        let again = |item: &Followup| Followup {
            window_from: self.now,
            ..item.clone()
        };
        others
            .map(|item| Change::Followup(Box::new(again(item))))
            .collect()
    }

    fn taken(
        &self,
        item: &Followup,
        agent: &AgentId,
        to: FollowupStatus,
        note: Option<String>,
    ) -> Followup {
        let mut item = item.clone().put(to, note, self.now);
        item.owner = Some(agent.clone());
        item.claimed_at = Some(item.last_updated);
        item
    }

    /// The follow-up as it is shown: with the claim that its pull request belongs to now.
    pub(super) fn dressed(&self, item: &Followup) -> Followup {
        Followup {
            author: self.view.author_of(item.pull()),
            ..item.clone()
        }
    }

    fn followup_answer(&self, item: Followup, idempotent: bool, event: Option<Event>) -> Decision {
        let shown = Box::new(self.dressed(&item));
        let mut decision = Decision::done(Answer::Followup {
            item: shown,
            idempotent,
        });
        decision.changes.push(Change::Followup(Box::new(item)));
        decision.events.extend(event);
        decision
    }

    pub(super) fn followup_event(
        &self,
        kind: EventKind,
        item: &Followup,
        details: Details,
    ) -> Event {
        Event::of_followup(
            kind,
            item,
            item.moment(self.now),
            &self.command.caller.principal,
            details,
        )
    }
}

/// The event that tells of a follow-up's coming to this status.
pub(super) fn kind_of(status: FollowupStatus) -> EventKind {
    match status {
        FollowupStatus::Queued | FollowupStatus::Claimed | FollowupStatus::InProgress => {
            EventKind::FollowupUpdated
        }
        FollowupStatus::Done => EventKind::FollowupDone,
        FollowupStatus::Dismissed => EventKind::FollowupDismissed,
        FollowupStatus::Stale => EventKind::FollowupStale,
    }
}
