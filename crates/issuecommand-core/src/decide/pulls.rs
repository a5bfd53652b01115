//! What GitHub says of pull requests, and what follows for claims and follow-ups.

use super::Context;
use super::deliveries::taken;
use super::effects::Effects;
use super::sources::{Place, TouchedItems};
use crate::claim::{Actor, Claim, ClaimStatus};
use crate::command::Action;
use crate::id::Ids;
use crate::pull::{Activity, Pull, PullFacts, PullValidators};
use crate::repo::{Repo, RepoName};
use crate::view::Rows;
use crate::webhook::{Delivery, Look, PullChange, WebhookAnswer};

/// What the holder of a claim is told.
const CLOSED_UNMERGED: &str = "Its pull request was closed without being merged";

impl Context<'_> {
    pub(super) fn hear_pull(
        &self,
        repo: &Repo,
        seen: &PullFacts,
        (action, change): (&str, PullChange),
        delivery: &Delivery,
        fx: &mut Effects<'_>,
        ids: &mut dyn Ids,
    ) -> WebhookAnswer {
        let before = fx.pull((repo.id, seen.number)).cloned();
        let pull = self.record_pull(repo, seen, change, fx);
        self.move_claims(repo, &pull, seen, fx);
        let (place, mut touched) = (Place { repo, pull: &pull }, TouchedItems::default());
        self.judge_sources(&place, before.as_ref(), &mut touched, fx, ids);
        let resolved = self.close_items(touched, fx);
        taken(delivery, action, resolved)
    }

    /// Takes this word on a pull request. Two different words of one time are for GitHub to settle.
    pub(super) fn record_pull(
        &self,
        repo: &Repo,
        seen: &PullFacts,
        change: PullChange,
        fx: &mut Effects<'_>,
    ) -> Pull {
        let known = fx.pull((repo.id, seen.number));
        let pull = self.merged(repo, known, seen, change);
        let tie =
            |known: &Pull| known.facts.updated_at == seen.updated_at && differs(&known.facts, seen);
        let (tie, changed) = (known.is_some_and(tie), known != Some(&pull));
        if tie {
            fx.look = Some(Look::Pull(repo.facts.name.clone(), seen.number));
        }
        if changed {
            fx.put_pull(pull.clone());
        }
        pull
    }

    /// The row after this word: the newer word counts, whichever came first; pushes, cuts and the merge only add up.
    fn merged(
        &self,
        repo: &Repo,
        known: Option<&Pull>,
        seen: &PullFacts,
        change: PullChange,
    ) -> Pull {
        let mut facts = match known.map(|known| &known.facts) {
            Some(known) if seen.updated_at.is_none() => thinly(known, seen),
            Some(known) if seen.updated_at < known.updated_at => known.clone(),
            None | Some(_) => seen.clone(),
        };
        facts.merged = seen.merged || known.is_some_and(|known| known.facts.merged);
        let cut = match change {
            PullChange::Facts | PullChange::Pushed(_) => None,
            PullChange::Cut(at) => Some(at.unwrap_or_else(|| self.on_github(self.now))),
        };
        let mut pull = Pull {
            repo: repo.id,
            facts,
            pushed_at: known.and_then(|known| known.pushed_at),
            cut_at: cut.max(known.and_then(|known| known.cut_at)),
            validators: known
                .map_or_else(PullValidators::default, |known| known.validators.clone()),
            activity: known.map_or_else(Activity::default, |known| known.activity.clone()),
        };
        self.hear_activity(&mut pull, known, seen, change);
        pull
    }

    /// Claims on the issues that it closes become its own, and its claims follow it.
    pub(super) fn move_claims(
        &self,
        repo: &Repo,
        pull: &Pull,
        seen: &PullFacts,
        fx: &mut Effects<'_>,
    ) {
        let mut claims: Vec<Claim> = fx.claims_of(pull.key()).into_iter().cloned().collect();
        let alive = pull.facts.open || pull.facts.merged;
        let over_since = pull.cut_at.or(pull.facts.updated_at);
        for (name, number) in seen.closes.iter().filter(|_| seen.trusted) {
            let home = if self.spoken_of() == Some(name) {
                Some(repo.id)
            } else {
                fx.repo_named(name).map(|r| r.id)
            };
            let claim = home.and_then(|home| fx.active_on((home, *number)));
            // A pull request that was closed before anybody worked on the issue is nobody's work.
            let was_open =
                |claim: &Claim| alive || over_since.is_some_and(|at| claim.claimed_at <= at);
            if let Some(claim) = claim.filter(|claim| claim.pr_url.is_none() && was_open(claim)) {
                let linked = Claim {
                    pr_url: Some(seen.url.clone()),
                    pull: Some(pull.key()),
                    ..claim.clone()
                };
                // One issue may be named twice, under a former name of its repository.
                if claims.iter().all(|known| known.id != linked.id) {
                    claims.push(linked);
                }
            }
        }
        for claim in claims {
            self.move_claim(claim, pull, fx);
        }
    }

    /// What the news itself calls its repository, which may be a former name or a new one.
    fn spoken_of(&self) -> Option<&RepoName> {
        let (Action::TakeDelivery { meaning, .. } | Action::Hear(meaning)) = &self.command.action
        else {
            return None;
        };
        meaning.repo().map(|repo| &repo.name)
    }

    fn move_claim(&self, claim: Claim, pull: &Pull, fx: &mut Effects<'_>) {
        let before = fx.claim(claim.id).cloned();
        // A claim that named its pull request itself says by itself where it stands, until the merge.
        let named = before
            .as_ref()
            .is_some_and(|before| before.pr_url.is_some());
        let dead = !pull.facts.open && !pull.facts.merged;
        let (to, note) = if pull.facts.merged {
            (Some(ClaimStatus::PrMerged), "Its pull request was merged")
        } else if !named {
            (
                Some(ClaimStatus::PrSubmitted),
                "A pull request that closes the issue was opened",
            )
        } else if dead {
            (None, CLOSED_UNMERGED)
        } else {
            (None, "Its pull request is open again")
        };
        let claim = Claim {
            pull_notice: dead.then(|| CLOSED_UNMERGED.to_owned()),
            ..claim
        };
        let moved = to.and_then(|to| {
            let note = Some(note.to_owned());
            claim
                .clone()
                .advance(to, Actor::System, note, self.now)
                .ok()
        });
        let claim = moved.unwrap_or(claim);
        if before.as_ref() != Some(&claim) {
            let note = if dead { CLOSED_UNMERGED } else { note };
            fx.emit(self.claim_updated(&claim, note));
            fx.put_claim(claim);
        }
    }
}

/// The known facts, where a thin payload says hardly more than what it is about.
fn thinly(known: &PullFacts, seen: &PullFacts) -> PullFacts {
    PullFacts {
        open: seen.open,
        head: seen.head.clone().or_else(|| known.head.clone()),
        ..known.clone()
    }
}

/// Whether two words on one pull request disagree beyond the merge, which is never taken back.
fn differs(one: &PullFacts, other: &PullFacts) -> bool {
    (one.open, &one.title, &one.head, &one.closes)
        != (other.open, &other.title, &other.head, &other.closes)
}
