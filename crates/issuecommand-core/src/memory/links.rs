//! Loads the pull requests that claims are linked to or may be linked to.

use std::collections::BTreeSet;

use super::State;
use crate::domain::id::PullKey;
use crate::domain::pull_request::{LinkedPull, Pull};
use crate::engine::view::View;

impl State {
    /// The pull requests of active claims, with the state that their polls depend on.
    pub(super) fn linked_pulls(&self) -> Vec<LinkedPull> {
        let claims = self.active.values().filter_map(|id| self.claims.get(id));
        let keys: BTreeSet<PullKey> = claims.filter_map(|claim| claim.pull).collect();
        let linked = |key: PullKey| {
            let (repo, pull) = (self.repos.get(&key.0)?, self.pulls.get(&key));
            Some(LinkedPull {
                repo: repo.facts.name.clone(),
                number: key.1,
                head: pull.and_then(|pull| pull.facts.head.clone()),
                waiting: self.waiting(key),
                validators: pull.map(|pull| pull.validators.clone()).unwrap_or_default(),
            })
        };
        keys.into_iter().filter_map(linked).collect()
    }

    /// Loads the other pull requests that decide a claim's link: those that close its issue, and its own.
    pub(super) fn load_candidates(&self, pulls: &BTreeSet<PullKey>, view: &mut View) {
        for pull in pulls.iter().filter_map(|key| self.pulls.get(key)) {
            for issue in &pull.closing.issues {
                self.load_issue((pull.repo, *issue), view);
            }
        }
        let active = self.active.values().filter_map(|id| self.claims.get(id));
        for claim in active.filter(|claim| {
            claim
                .replaced_pull()
                .is_some_and(|key| pulls.contains(&key))
        }) {
            self.load_claim(claim, view);
        }
        for (key, own) in view.linkable() {
            let is_candidate = |pull: &&Pull| {
                pull.repo == key.0 && pull.is_candidate() && pull.closing.issues.contains(&key.1)
            };
            let candidates = self.pulls.values().filter(is_candidate);
            let own = own.iter().filter_map(|own| self.pulls.get(own));
            for pull in candidates.chain(own) {
                view.load_pull(pull.clone());
            }
        }
    }

    /// Loads the pull requests of the view's claims, the candidates for a link, and the other claims that name them.
    pub(super) fn load_linked(&self, view: &mut View) {
        let mut loaded = BTreeSet::new();
        loop {
            let linked = view.linked();
            let new: Vec<PullKey> = linked.difference(&loaded).copied().collect();
            if new.is_empty() {
                return;
            }
            for key in new {
                self.load_pull(key, view);
                loaded.insert(key);
            }
        }
    }
}
