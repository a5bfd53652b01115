//! Judges the reasons of an issue's own for which it is not handed out.

mod names;
mod trust;

use super::Context;
use super::edges::waiting;
use super::effects::Effects;
use crate::domain::chosen::{Chosen, Ranked};
use crate::domain::halt::HaltOf;
use crate::domain::id::{IssueKey, IssueNumber};
use crate::domain::issue::{Issue, IssueState, MirroredIssue, WithheldReason};
use crate::domain::lane::Lane;
use crate::domain::policy::Route;
use crate::domain::readiness::{NotReady, ReasonCode, ReasonSet};
use crate::domain::repo_name::RepoName;
use crate::domain::standing::{Approval, Standing, Trust};
use crate::domain::time::{Millis, Timestamp};
use crate::engine::command::{Answer, Missing, Outcome};
use crate::engine::view::Rows;

impl Context<'_> {
    /// Answers with everything that stands against handing out an issue of the mirror.
    pub(super) fn ask_readiness(&self, name: &RepoName, number: IssueNumber) -> Outcome {
        let Some(repo) = self.view.repo_named(name) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        let key = (repo.id, number);
        let Some(issue) = self.view.issue(key) else {
            return Outcome::Missing(Missing::Issue {
                key,
                repo: repo.facts.name.clone(),
                etag: None,
            });
        };
        let closed = issue.facts.state == IssueState::Closed;
        let held = self.view.active_on(key).map(|claim| NotReady::Held {
            agent: claim.agent.clone(),
        });
        let halt = self.view.tables.halts.get(&HaltOf::Repo(repo.id));
        let outside = (closed.then_some(NotReady::Closed).into_iter())
            .chain(NotReady::of_repo(repo))
            .chain(halt.cloned().map(NotReady::RepoPaused))
            .chain(held);
        let own = self.own_reasons(issue);
        let standing = self.view.tables.standings.get(&key);
        Outcome::Done(Answer::Readiness {
            reasons: outside.chain(own).collect(),
            ranked: (!closed).then(|| self.ranked(issue)),
            lane: standing.map_or_else(Lane::default, |standing| standing.lane.clone()),
        })
    }

    /// How urgent an issue is, and what says so.
    fn ranked(&self, issue: &MirroredIssue) -> Ranked {
        let table = self.priority_table(issue.repo);
        let standing = self.view.tables.standings.get(&issue.key());
        let since = standing.map_or(self.now, |standing| self.waits_since(standing));
        let waited = Millis((self.now.0 - since.0).max(0));
        let named = self.policy.rank(&table, &issue.facts);
        Ranked {
            rank: self.policy.aged(named, waited),
            named,
            source: self.policy.rank_source(&table, &issue.facts),
            waited,
        }
    }

    /// Why this issue is given to an agent that asked for any.
    pub(super) fn chosen(&self, issue: &MirroredIssue) -> Chosen {
        let opened = issue.facts.created_at;
        Chosen::Issue {
            ranked: self.ranked(issue),
            open_for: Millis((self.now.0 - opened.0).max(0)),
        }
    }

    /// Everything of an issue's own that stands against it, with the names of what it waits for.
    pub(super) fn own_reasons(&self, issue: &MirroredIssue) -> Vec<NotReady> {
        let standing = self.view.tables.standings.get(&issue.key());
        let standing = standing.filter(|_| issue.facts.state == IssueState::Open);
        let plain = self.reasons_of_facts(issue, standing.map(|known| known.trust));
        let waits = standing.map(|standing| self.named_waits(standing));
        let parked = standing.and_then(|standing| standing.parked.as_ref());
        let mut reasons: Vec<NotReady> = plain
            .into_iter()
            .chain(waits.into_iter().flatten())
            .chain(parked.cloned().map(NotReady::NeedsHuman))
            .collect();
        reasons.sort_by_key(NotReady::code);
        reasons
    }

    /// Judges the issues that the command changed, and those of which it learned what they wait for.
    pub(super) fn judge_changed(&self, fx: &mut Effects<'_>) {
        let changed = fx.changed_issues().map(MirroredIssue::key);
        let mut keys: Vec<IssueKey> = changed
            .chain(fx.counted_issues())
            .chain(fx.to_judge_again())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            if let Some(issue) = fx.issue(key).cloned() {
                self.judge(&issue, fx);
            }
        }
        for key in fx.edges_asked_for() {
            if let Some(standing) = fx.standing(key).cloned() {
                let due_at = Some(self.now);
                fx.put_standing(Standing { due_at, ..standing });
            }
        }
    }

    /// Puts the standing of an issue. A closed issue has none.
    pub(super) fn judge(&self, issue: &MirroredIssue, fx: &mut Effects<'_>) {
        let key = issue.key();
        if issue.facts.state == IssueState::Closed {
            fx.remove_standing(key);
            return;
        }
        self.end_park_of_changed(issue, fx);
        let known = fx.standing(key).cloned();
        let mut standing = known.unwrap_or_else(|| Standing {
            repo: issue.repo,
            number: issue.facts.number,
            rank: issue.rank,
            created_at: issue.facts.created_at,
            turn: issue.facts.created_at,
            lane: Lane::default(),
            reasons: ReasonSet::default(),
            open: Self::recounted(key, fx),
            due_at: None,
            opened_at: self.opened_at(issue),
            merged: None,
            trust: Trust::default(),
            attempts: 0,
            parked: None,
            offered_at: None,
        });
        (standing.rank, standing.created_at) = (issue.rank, issue.facts.created_at);
        standing.turn = (self.policy).turn(standing.rank, self.waits_since(&standing));
        standing.lane = self.lane_of(issue);
        self.count_hidden(&mut standing, fx.counts_of(key));
        standing.trust = self.trust(issue, standing.trust);
        if self.was_looked_at(issue) {
            standing.merged = None;
        }
        let facts = self.reasons_of_facts(issue, Some(standing.trust));
        let facts: ReasonSet = facts.iter().map(NotReady::code).collect();
        let done = standing.merged.is_some();
        let facts = facts.with(ReasonCode::MergedPr, done);
        let facts = facts.with(ReasonCode::NeedsHuman, standing.parked.is_some());
        standing.reasons = waiting(facts, standing.open, &self.policy.readiness);
        fx.put_standing(standing);
    }

    /// Whether a person changed the issue after GitHub had refused to close it, which is a decision about it.
    fn was_looked_at(&self, issue: &MirroredIssue) -> bool {
        let row = self.view.issue(issue.key());
        let failed = |row: &MirroredIssue| {
            let reason = row.withheld.map(|(reason, _)| reason);
            reason == Some(WithheldReason::CloseFailed)
        };
        row.is_some_and(failed) && issue.withheld.is_none()
    }

    /// Since when an open issue is open, by GitHub's clock.
    fn opened_at(&self, issue: &MirroredIssue) -> Timestamp {
        let row = self.view.issue(issue.key());
        let was_closed = row.is_some_and(|row| row.facts.state == IssueState::Closed);
        if was_closed {
            issue.facts.updated_at
        } else {
            issue.facts.created_at
        }
    }

    /// The agents that an issue is for: those of the operator's routes that the repository's own routes admit too.
    fn lane_of(&self, issue: &MirroredIssue) -> Lane {
        let own = self.repo_policy(issue.repo);
        let own = own.map_or(&[][..], |policy| &policy.routes);
        Lane::of_groups([&self.policy.routes, own].map(|routes| Route::agents_for(routes, issue)))
    }

    /// Since when an open issue waits for an agent: since it was opened, but not since before repositories are known here. What had
    /// piled up before is served by priority.
    fn waits_since(&self, standing: &Standing) -> Timestamp {
        let repo = self.view.repo(standing.repo);
        // One that is not in the view is made by this command.
        let known = repo.map_or_else(|| self.new_known_at(), |repo| repo.known_at);
        standing.created_at.max(known)
    }

    /// Whether agents use a login of GitHub.
    pub(super) fn is_agents(&self, login: &str) -> bool {
        let login = login.to_lowercase();
        let own = self.view.tables.own_logins.get(&1);
        let by_default = || login.ends_with("[bot]") || own.is_some_and(|own| own.0 == login);
        let named = self.policy.readiness.agent_logins.as_ref();
        named.map_or_else(by_default, |logins| logins.contains(&login))
    }

    /// The reasons that follow from an issue's row, its author's standing and the settings alone.
    fn reasons_of_facts(&self, issue: &MirroredIssue, trust: Option<Trust>) -> Vec<NotReady> {
        let policy = &self.policy.readiness;
        let withheld = issue.withheld.map(|(why, _)| NotReady::Withheld(why));
        let untrusted = trust.filter(|trust| trust.stranger && trust.approval != Approval::Given);
        let untrusted = untrusted.map(|trust| NotReady::UntrustedAuthor {
            author: issue.facts.author.clone(),
            edited: trust.approval == Approval::Void,
            labels: policy.approve_labels.clone(),
        });
        let is_person = |login: &&String| !self.is_agents(login);
        let assignees = issue.facts.assignees.iter();
        let people: Vec<String> = assignees.filter(is_person).cloned().collect();
        let assigned = policy.skip_assigned && !people.is_empty();
        let operators = LabelRules {
            exclude: &policy.exclude_labels,
            require: &policy.require_labels,
            types: &policy.types,
            by_repo: false,
        };
        let own = self.repo_policy(issue.repo).map(|own| LabelRules {
            exclude: &own.exclude_labels,
            require: &own.require_labels,
            types: &own.types,
            by_repo: true,
        });
        let rules = [Some(operators), own].into_iter().flatten();
        withheld
            .into_iter()
            .chain(untrusted)
            .chain(assigned.then_some(NotReady::Assigned { people }))
            .chain(rules.flat_map(|rules| rules.reasons(&issue.facts)))
            .collect()
    }
}

/// What labels and types the issues must have, by the operator or by their repository.
struct LabelRules<'a> {
    exclude: &'a [String],
    require: &'a [String],
    types: &'a [String],
    by_repo: bool,
}

impl LabelRules<'_> {
    fn reasons(&self, issue: &Issue) -> Vec<NotReady> {
        let by_repo = self.by_repo;
        let excluded = first_label(issue, self.exclude);
        let has_wanted = self.require.is_empty() || first_label(issue, self.require).is_some();
        let kind = issue.more.kind.value();
        let has_type = self.types.is_empty()
            || kind.is_some_and(|kind| self.types.contains(&kind.to_lowercase()));
        let excluded = excluded.map(|label| NotReady::ExcludedLabel {
            label: label.clone(),
            by_repo,
        });
        let missing = (!has_wanted).then(|| NotReady::MissingLabel {
            wanted: self.require.to_vec(),
            by_repo,
        });
        let other_type = (!has_type).then(|| NotReady::MissingType {
            wanted: self.types.to_vec(),
            kind: kind.cloned(),
            by_repo,
        });
        [excluded, missing, other_type]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// The first label of an issue that is in a list of lower-case labels.
fn first_label<'i>(issue: &'i Issue, list: &[String]) -> Option<&'i String> {
    let mut labels = issue.labels.iter();
    labels.find(|label| list.contains(&label.to_lowercase()))
}
