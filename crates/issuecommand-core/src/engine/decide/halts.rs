//! Halts and capacity: whether an agent is given anything at all.

use super::Context;
use super::effects::Effects;
use crate::domain::event::EventKind;
use crate::domain::halt::{Halt, HaltKind, HaltOf};
use crate::domain::id::{AgentId, IssueKey, RepoId};
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::engine::change::Change;
use crate::engine::command::{Answer, HaltTarget, Hindrances, Missing, Outcome};
use crate::engine::view::Rows;

impl Context<'_> {
    /// The halt for which an agent is given nothing of this kind.
    pub(super) fn halted(
        &self,
        agent: &AgentId,
        repo: Option<&RepoName>,
        issues: bool,
    ) -> Option<Refusal> {
        let asked = repo.and_then(|repo| self.view.repo_named(repo));
        let of = [
            Some(HaltOf::Everything),
            Some(HaltOf::Agent(agent.clone())),
            asked.map(|repo| HaltOf::Repo(repo.id)),
        ];
        let halts = of.into_iter().flatten();
        let mut halts = halts.filter_map(|of| self.view.tables.halts.get(&of));
        let halt = halts.find(|halt| issues || halt.kind == HaltKind::Paused)?;
        let repo = asked.filter(|repo| halt.of == HaltOf::Repo(repo.id));
        Some(Refusal::Paused {
            halt: Box::new(halt.clone()),
            repo: repo.map(|repo| repo.facts.name.clone()),
        })
    }

    /// Refuses an agent that has as many claims as it may have.
    pub(super) fn at_capacity(&self, agent: &AgentId) -> Option<Refusal> {
        let limit = self.policy.capacity.per_agent?;
        let held = self.view.load_of(agent);
        (held >= limit).then_some(Refusal::AtCapacity { held, limit })
    }

    /// Whether a repository's feedback is given.
    pub(super) fn gives_feedback(&self, repo: RepoId) -> bool {
        let halt = self.view.tables.halts.get(&HaltOf::Repo(repo));
        halt.is_none_or(|halt| halt.kind != HaltKind::Paused)
    }

    /// Whether an issue is offered to this agent, as far as the routes, its repository and the agent's cool-down say.
    pub(super) fn is_for(&self, agent: &AgentId, key: IssueKey) -> bool {
        let standing = self.view.tables.standings.get(&key);
        if standing.is_some_and(|standing| !standing.lane.admits(agent)) {
            return false;
        }
        let cools = self.cooldown(key.0).is_some_and(|length| {
            let offered = standing.and_then(|standing| standing.offered_at);
            let ended = self.view.gave_back_at(agent, key);
            let ended = ended.filter(|at| offered.is_none_or(|offered| *at > offered));
            ended.is_some_and(|at| at > self.time.silent_since(length))
        });
        !cools
            && !self
                .view
                .is_passed_over(key.0, self.policy.capacity.per_repo)
    }

    /// Answers with what keeps an agent from being given issues.
    pub(super) fn ask_agent(&self, agent: &AgentId) -> Outcome {
        let halts = self.view.tables.halts.rows();
        let halted: Vec<Halt> = halts
            .filter(|halt| matches!(halt.of, HaltOf::Repo(_)))
            .cloned()
            .collect();
        let mut full = self.view.passed_over(self.policy.capacity.per_repo);
        for halt in &halted {
            if let HaltOf::Repo(repo) = halt.of {
                full.remove(&repo);
            }
        }
        let given = self.view.given_back_by(agent).into_iter();
        let cooling = given.filter_map(|(key, at)| {
            let length = self.cooldown(key.0)?;
            (at > self.time.silent_since(length)).then(|| (key, at.plus(length)))
        });
        let halted_now = self.halted(agent, None, true);
        Outcome::Done(Answer::Hindrances(Box::new(Hindrances {
            refusal: halted_now.or_else(|| self.at_capacity(agent)),
            halted,
            full: full.into_iter().collect(),
            cooling: cooling.collect(),
        })))
    }

    pub(super) fn set_halt(
        &self,
        target: &HaltTarget,
        kind: Option<HaltKind>,
        note: Option<&str>,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let (of, repo) = match target {
            HaltTarget::Everything => (HaltOf::Everything, None),
            HaltTarget::Agent(agent) => (HaltOf::Agent(agent.clone()), None),
            HaltTarget::Repo(name) => {
                let Some(repo) = self.view.repo_named(name) else {
                    return Outcome::Missing(Missing::Repo(name.clone()));
                };
                (HaltOf::Repo(repo.id), Some(repo.facts.name.clone()))
            }
        };
        let known = self.view.tables.halts.get(&of);
        let Some(kind) = kind else {
            if let Some(known) = known {
                fx.emit(self.halt_event(known, EventKind::WorkResumed, repo));
                fx.put_other(Change::HaltEnded(of));
            }
            return Outcome::Done(Answer::Halt(None));
        };
        let note = note.map(str::to_owned);
        if let Some(known) = known.filter(|known| known.kind == kind && known.note == note) {
            return Outcome::Done(Answer::Halt(Some(Box::new(known.clone()))));
        }
        let halt = Halt {
            of,
            kind,
            by: self.command.caller.principal.description(),
            note,
            at: self.now,
        };
        let event = match kind {
            HaltKind::Paused => EventKind::WorkPaused,
            HaltKind::Draining => EventKind::WorkDraining,
        };
        fx.emit(self.halt_event(&halt, event, repo));
        fx.put_row(halt.clone());
        Outcome::Done(Answer::Halt(Some(Box::new(halt))))
    }
}
