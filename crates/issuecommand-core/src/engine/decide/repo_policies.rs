//! Repositories' own policies: what they add to the operator's settings, and what follows from a change of one.

use std::borrow::Cow;

use super::Context;
use super::effects::Effects;
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::id::{IssueKey, RepoId};
use crate::domain::issue::{Issue, MirroredIssue};
use crate::domain::priority::{Priority, PriorityTable};
use crate::domain::repo_name::RepoName;
use crate::domain::repo_policy::{KnownPolicy, RepoPolicy, SeenPolicy};
use crate::domain::time::Millis;
use crate::engine::change::Change;
use crate::engine::command::{Answer, Missing, Outcome, RepoPage};
use crate::engine::read_set::CHUNK;
use crate::engine::tables::PlainKey;
use crate::engine::view::Rows;

impl Context<'_> {
    /// The policy of a repository that has one.
    pub(super) fn repo_policy(&self, repo: RepoId) -> Option<&RepoPolicy> {
        let known = self.view.tables.repo_policies.get(&repo);
        known.and_then(|known| known.policy.as_ref())
    }

    /// The label words of priorities for a repository's issues.
    pub(super) fn priority_table(&self, repo: RepoId) -> Cow<'_, PriorityTable> {
        let table = &self.policy.priority;
        let own = self.repo_policy(repo).map(|own| own.priority.as_str());
        match own.filter(|words| !words.is_empty()) {
            Some(words) => Cow::Owned(table.with_words(words)),
            None => Cow::Borrowed(table),
        }
    }

    /// The priority of an issue of a repository.
    pub(super) fn rank(&self, repo: RepoId, issue: &Issue) -> Priority {
        self.policy.rank(&self.priority_table(repo), issue)
    }

    /// How long an agent is not offered an issue of a repository that it gave back.
    pub(super) fn cooldown(&self, repo: RepoId) -> Option<Millis> {
        let own = self.repo_policy(repo).and_then(RepoPolicy::cooldown);
        self.policy.attempts.cooldown.max(own)
    }

    /// Records what a look at the file showed. The answer says whether the repository's issues must be judged anew.
    pub(super) fn record_policy(
        &self,
        name: &RepoName,
        seen: &SeenPolicy,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let Some(repo) = self.view.repo_named(name) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        let known = self.view.tables.repo_policies.get(&repo.id);
        let before = known.cloned();
        let before = before.unwrap_or_else(|| KnownPolicy::nothing(repo.id, self.now));
        let mut row = before.clone();
        match seen {
            SeenPolicy::Good { policy, etag } => {
                (row.policy, row.etag) = (Some((**policy).clone()), etag.clone());
                row.error = None;
            }
            SeenPolicy::Broken(error) => (row.etag, row.error) = (None, Some(error.clone())),
            SeenPolicy::Gone => (row.policy, row.etag, row.error) = (None, None, None),
        }
        let changed = row.policy != before.policy;
        row.version += i64::from(changed);
        if changed || row.error != before.error {
            row.since = self.now;
            fx.emit(self.policy_event(&row, name));
        }
        if row.is_nothing() {
            fx.put_other(Change::NoRow(PlainKey::KnownPolicy(repo.id)));
        } else if row != before {
            fx.put_row(row.clone());
        }
        fx.counted(row.judged != row.version)
    }

    fn policy_event(&self, row: &KnownPolicy, repo: &RepoName) -> Event {
        let (kind, note) = match (&row.error, &row.policy) {
            (Some(error), _) => (EventKind::PolicyBroken, error.clone()),
            (None, None) => (EventKind::PolicyChanged, "there is no file".to_owned()),
            (None, Some(policy)) => {
                let keys = policy.keys().join(", ");
                let sets = if keys.is_empty() { "nothing" } else { &keys };
                (EventKind::PolicyChanged, format!("it sets {sets}"))
            }
        };
        let details = Details::Work { note: Some(note) };
        Event {
            repo: Some(repo.clone()),
            ..Event::bare(kind, self.now, &self.command.caller.principal, details)
        }
    }

    /// Judges a page of a repository's issues by this version of its policy. After the last one all are.
    pub(super) fn judge_repo(&self, page: RepoPage, fx: &mut Effects<'_>) -> Outcome {
        let RepoPage { repo, version, .. } = page;
        let known = self.view.tables.repo_policies.get(&repo);
        // Another change came between two pages, and all must be judged by that.
        let Some(known) = known.filter(|known| known.version == version) else {
            return Outcome::Done(Answer::Reranked(None));
        };
        let page = self.view.page();
        let own: Vec<IssueKey> = page.iter().filter(|key| key.0 == repo).copied().collect();
        self.rank_and_judge(&own, fx);
        let more = own.len() >= CHUNK;
        if !more {
            let row = KnownPolicy {
                judged: version,
                ..known.clone()
            };
            if row.is_nothing() {
                fx.put_other(Change::NoRow(PlainKey::KnownPolicy(repo)));
            } else {
                fx.put_row(row);
            }
        }
        Outcome::Done(Answer::Reranked(own.last().copied().filter(|_| more)))
    }

    /// Ranks and judges issues anew.
    pub(super) fn rank_and_judge(&self, keys: &[IssueKey], fx: &mut Effects<'_>) {
        for issue in keys.iter().filter_map(|key| self.view.issue(*key)) {
            let rank = self.rank(issue.repo, &issue.facts);
            if rank == issue.rank {
                self.judge(issue, fx);
            } else {
                fx.put_issue(MirroredIssue {
                    rank,
                    ..issue.clone()
                });
            }
        }
    }
}
