//! Judges the reasons of an issue's own for which it is not handed out.

use super::Context;
use super::effects::Effects;
use crate::domain::chosen::{Chosen, RankSource, Ranked};
use crate::domain::id::IssueNumber;
use crate::domain::issue::{IssueState, MirroredIssue};
use crate::domain::lane::Lane;
use crate::domain::policy::ReadinessPolicy;
use crate::domain::readiness::{NotReady, ReasonSet};
use crate::domain::repo_name::RepoName;
use crate::domain::standing::Standing;
use crate::domain::time::Millis;
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
        let outside = (closed.then_some(NotReady::Closed).into_iter())
            .chain(NotReady::of_repo(repo))
            .chain(held);
        let own = own_reasons(issue, &self.policy.readiness);
        let standing = self.view.tables.standings.get(&key);
        Outcome::Done(Answer::Readiness {
            reasons: outside.chain(own).collect(),
            ranked: (!closed).then(|| self.ranked(issue)),
            lane: standing.map_or_else(Lane::default, |standing| standing.lane.clone()),
        })
    }

    /// How urgent an issue is, and what says so.
    fn ranked(&self, issue: &MirroredIssue) -> Ranked {
        let (table, labels) = (&self.policy.priority, &issue.facts.labels);
        let standing = self.view.tables.standings.get(&issue.key());
        let label = table.source_of(labels);
        Ranked {
            rank: standing.map_or(issue.rank, |standing| standing.rank),
            named: table.rank(labels),
            source: label.map_or(RankSource::Nothing, |label| {
                RankSource::Label(label.to_owned())
            }),
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

    /// Judges the issues that the command changed.
    pub(super) fn judge_changed(&self, fx: &mut Effects<'_>) {
        let changed: Vec<MirroredIssue> = fx.changed_issues().cloned().collect();
        for issue in &changed {
            self.judge(issue, fx);
        }
    }

    /// Puts the standing of an issue, if it is another than before. A closed issue has none.
    pub(super) fn judge(&self, issue: &MirroredIssue, fx: &mut Effects<'_>) {
        let key = issue.key();
        let before = self.view.tables.standings.get(&key);
        if issue.facts.state == IssueState::Closed {
            if before.is_some() {
                fx.remove_standing(key);
            }
            return;
        }
        let reasons = own_reasons(issue, &self.policy.readiness);
        let now = Standing {
            repo: issue.repo,
            number: issue.facts.number,
            rank: issue.rank,
            created_at: issue.facts.created_at,
            lane: Lane::default(),
            reasons: reasons.iter().map(NotReady::code).collect::<ReasonSet>(),
        };
        if before != Some(&now) {
            fx.put_row(now);
        }
    }
}

/// The reasons that follow from an issue's row and the settings alone, in order.
pub(crate) fn own_reasons(issue: &MirroredIssue, policy: &ReadinessPolicy) -> Vec<NotReady> {
    let withheld = issue.withheld.map(|(why, _)| NotReady::Withheld(why));
    let is_person = |login: &&String| !policy.agent_logins.contains(&login.to_lowercase());
    let people: Vec<String> = issue
        .facts
        .assignees
        .iter()
        .filter(is_person)
        .cloned()
        .collect();
    let assigned = policy.skip_assigned && !people.is_empty();
    let among = |label: &str, list: &[String]| list.contains(&label.to_lowercase());
    let mut labels = issue.facts.labels.iter();
    let excluded = labels
        .clone()
        .find(|label| among(label, &policy.exclude_labels));
    let has_wanted = policy.require_labels.is_empty()
        || labels.any(|label| among(label, &policy.require_labels));
    withheld
        .into_iter()
        .chain(assigned.then_some(NotReady::Assigned { people }))
        .chain(excluded.map(|label| NotReady::ExcludedLabel {
            label: label.clone(),
        }))
        .chain((!has_wanted).then(|| NotReady::MissingLabel {
            wanted: policy.require_labels.clone(),
        }))
        .collect()
}
