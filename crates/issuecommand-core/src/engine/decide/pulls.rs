//! Applies GitHub's facts about pull requests to rows, claims and follow-ups.

use std::collections::BTreeSet;

use super::Context;
use super::delivery_answers::taken;
use super::effects::Effects;
use super::sources::{Place, TouchedItems};
use crate::domain::claim::Claim;
use crate::domain::closing_keywords::MOST;
use crate::domain::id::{IdGenerator, IssueNumber};
use crate::domain::policy::SessionPolicy;
use crate::domain::pull_request::{Activity, Closing, Pull, PullRequestSnapshot, PullValidators};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Delivery, PullChange, Refetch, WebhookAnswer};
use crate::engine::command::Action;
use crate::engine::view::Rows;

impl Context<'_> {
    pub(super) fn apply_pull_event(
        &self,
        repo: &Repo,
        seen: &PullRequestSnapshot,
        (action, change): (&str, PullChange),
        delivery: &Delivery,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> WebhookAnswer {
        let before = fx.pull((repo.id, seen.number)).cloned();
        let pull = self.record_news(repo, seen, Some(action), change, fx);
        self.follow_links(before.as_ref(), &pull, fx);
        if let PullChange::Pushed(at) = change {
            self.sign_by_push(&pull, at, fx);
        }
        let (place, mut touched) = (Place { repo, pull: &pull }, TouchedItems::default());
        self.judge_sources(&place, before.as_ref(), &mut touched, fx, ids);
        let resolved = self.close_items(touched, fx);
        taken(delivery, action, resolved)
    }

    /// A push to a claim's pull request is a sign of life.
    fn sign_by_push(&self, pull: &Pull, at: Option<Timestamp>, fx: &mut Effects<'_>) {
        let at = at.map_or(self.now, |at| at.minus(self.command.skew).min(self.now));
        let due = at.minus(SessionPolicy::SIGN_EACH);
        let claims = fx.claims_of(pull.key()).into_iter();
        let claims: Vec<Claim> = claims
            .filter(|claim| claim.alive_at() <= due)
            .cloned()
            .collect();
        for claim in claims {
            fx.put_claim(Claim {
                signed_at: at,
                ..claim
            });
        }
    }

    /// Records the pull request that feedback carries. Its closing keywords are ignored: they would move claims, which only
    /// news of the pull request itself may do.
    pub(super) fn record_pull(
        &self,
        repo: &Repo,
        seen: &PullRequestSnapshot,
        change: PullChange,
        fx: &mut Effects<'_>,
    ) -> Pull {
        self.record_news(repo, seen, None, change, fx)
    }

    /// Records a pull request. If two different versions have the same time, GitHub is asked.
    fn record_news(
        &self,
        repo: &Repo,
        seen: &PullRequestSnapshot,
        action: Option<&str>,
        change: PullChange,
        fx: &mut Effects<'_>,
    ) -> Pull {
        let known = fx.pull((repo.id, seen.number));
        let mut pull = self.merged(repo, known, seen, change);
        let (closing, is_unsure) = match (action, known) {
            (Some(action), _) => self.closing(repo, seen, (action, change), known, fx),
            (None, Some(known)) => (known.closing.clone(), false),
            (None, None) => (Closing::default(), false),
        };
        pull.closing = closing;
        let tie =
            |known: &Pull| known.facts.updated_at == seen.updated_at && differs(&known.facts, seen);
        let (tie, changed) = (is_unsure || known.is_some_and(tie), known != Some(&pull));
        if tie || self.ahead {
            fx.look = Some(Refetch::Pull(repo.facts.name.clone(), seen.number));
        }
        if changed {
            fx.put_pull(pull.clone());
        }
        pull
    }

    /// The merged row: the newer facts win in any order of arrival. Pushes, closings and the merge only accumulate.
    fn merged(
        &self,
        repo: &Repo,
        known: Option<&Pull>,
        seen: &PullRequestSnapshot,
        change: PullChange,
    ) -> Pull {
        let mut facts = match known.map(|known| &known.facts) {
            Some(known) if seen.updated_at.is_none() => thinly(known, seen),
            Some(known) if seen.updated_at < self.believed_time(known) => known.clone(),
            None | Some(_) => seen.clone(),
        };
        facts.merged = seen.merged || known.is_some_and(|known| known.facts.merged);
        facts.added = Vec::new();
        if let Some(known) = known.map(|known| &known.facts) {
            // A thin payload keeps the known facts. An author who could write once stays trusted.
            facts.trusted = seen.trusted || known.trusted;
            facts.created_at = facts.created_at.or(known.created_at).or(seen.created_at);
            facts.merged_at = facts.merged_at.or(known.merged_at).or(seen.merged_at);
            if !facts.has_text {
                facts.closes.clone_from(&known.closes);
                facts.has_text = known.has_text;
            }
        }
        let cut = match change {
            PullChange::Facts | PullChange::Pushed(_) => None,
            PullChange::ClosedOrReopened(at) => {
                Some(at.unwrap_or_else(|| self.on_github(self.now)))
            }
        };
        let mut pull = Pull {
            repo: repo.id,
            facts,
            pushed_at: known.and_then(|known| known.pushed_at),
            closed_or_reopened_at: cut.max(known.and_then(|known| known.closed_or_reopened_at)),
            validators: known
                .map_or_else(PullValidators::default, |known| known.validators.clone()),
            activity: known.map_or_else(Activity::default, |known| known.activity.clone()),
            closing: Closing::default(),
        };
        self.record_activity(&mut pull, known, seen, change);
        let last = known.and_then(|known| known.facts.closed_at);
        let closed_at = pull.facts.closed_at.max(last);
        pull.facts.closed_at = closed_at.filter(|_| !pull.facts.open);
        pull
    }

    /// When GitHub last changed the known facts; `None` if that time is in GitHub's future.
    fn believed_time(&self, known: &PullRequestSnapshot) -> Option<Timestamp> {
        known.updated_at.filter(|at| !self.is_ahead(*at))
    }

    /// The issues that a pull request closes, and whether another version of the same time disagrees. The last text from while
    /// it was open wins; later edits do not count.
    fn closing(
        &self,
        repo: &Repo,
        seen: &PullRequestSnapshot,
        (action, change): (&str, PullChange),
        known: Option<&Pull>,
        fx: &Effects<'_>,
    ) -> (Closing, bool) {
        let mut is_unsure = false;
        let mut closing = known.map(|known| known.closing.clone()).unwrap_or_default();
        let own = |issues: &[(RepoName, IssueNumber)]| -> BTreeSet<IssueNumber> {
            let is_own = |name: &RepoName| {
                let named = || fx.repo_named(name).is_some_and(|named| named.id == repo.id);
                self.spoken_of() == Some(name) || *name == repo.facts.name || named()
            };
            let own = issues.iter().filter(|(name, _)| is_own(name));
            own.map(|(_, number)| *number).collect()
        };
        // Rows from before `closing` was stored have their text's issues in the facts only.
        let is_old = |known: &&Pull| !known.facts.has_text && known.closing == Closing::default();
        if let Some(known) = known.filter(is_old) {
            closing.issues = own(&known.facts.closes);
        }
        let at_the_end = seen.updated_at.is_some() && seen.updated_at <= seen.closed_at;
        let rank = match action {
            "poll" => 2,
            "closed" => 1,
            _ => 0,
        };
        if seen.has_text && (seen.open || action == "closed" || at_the_end) {
            let issues = own(&seen.closes);
            let word = (seen.updated_at, rank, &issues);
            is_unsure =
                (word.0, word.1) == (closing.said_at, closing.rank) && issues != closing.issues;
            if word > (closing.said_at, closing.rank, &closing.issues) {
                (closing.said_at, closing.rank, closing.issues) = (seen.updated_at, rank, issues);
            }
        }
        let edited_at = seen.updated_at.unwrap_or_else(|| self.on_github(self.now));
        for issue in own(&seen.added) {
            let added = closing.added.entry(issue).or_insert(edited_at);
            *added = edited_at.max(*added);
        }
        forget_oldest(&mut closing);
        if let PullChange::ClosedOrReopened(at) = change
            && seen.open
        {
            let at = Some(at.unwrap_or_else(|| self.on_github(self.now)));
            closing.reopened_at = at.max(closing.reopened_at);
        }
        (closing, is_unsure)
    }

    /// The repository's name in the news itself, which may be a former or a new one.
    fn spoken_of(&self) -> Option<&RepoName> {
        let (Action::ProcessDelivery { meaning, .. } | Action::ApplyPolledEvent(meaning)) =
            &self.command.action
        else {
            return None;
        };
        meaning.repo().map(|repo| &repo.name)
    }
}

/// Bounds `added`, because repeated edits could name any number of issues. Drops the oldest of those that the text no longer
/// closes.
fn forget_oldest(closing: &mut Closing) {
    while closing.added.len() > 2 * MOST {
        let others = closing.added.iter();
        let others = others.filter(|(issue, _)| !closing.issues.contains(issue));
        let Some((oldest, _)) = others.min_by_key(|(_, at)| **at) else {
            return;
        };
        let oldest = *oldest;
        closing.added.remove(&oldest);
    }
}

/// The known facts, updated with the few that a thin payload has.
fn thinly(known: &PullRequestSnapshot, seen: &PullRequestSnapshot) -> PullRequestSnapshot {
    PullRequestSnapshot {
        open: seen.open,
        head: seen.head.clone().or_else(|| known.head.clone()),
        ..known.clone()
    }
}

/// Whether two versions of one pull request differ, apart from the merge, which is permanent.
fn differs(one: &PullRequestSnapshot, other: &PullRequestSnapshot) -> bool {
    (one.open, &one.title, &one.head, &one.closes)
        != (other.open, &other.title, &other.head, &other.closes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn the_oldest_removed_closing_keywords_are_dropped() {
        let number = |n| IssueNumber::new(n).unwrap();
        let mut closing = Closing {
            issues: BTreeSet::from([number(1)]),
            added: (1..=500).map(|n| (number(n), Timestamp(n))).collect(),
            ..Closing::default()
        };
        forget_oldest(&mut closing);
        assert_eq!(closing.added.len(), 2 * MOST);
        assert!(closing.added.contains_key(&number(1)), "it is closed now");
        assert!(closing.added.contains_key(&number(500)));
        assert!(!closing.added.contains_key(&number(301)));
    }
}
