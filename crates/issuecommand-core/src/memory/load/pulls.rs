//! Loads pull requests and the follow-ups on them.

use std::collections::BTreeSet;

use crate::domain::followup::{Followup, FollowupStatus, KnownSource, Resolution, SourceId};
use crate::domain::id::{IssueNumber, PullKey};
use crate::engine::read_set::{CHUNK, ReadSet};
use crate::engine::view::{FollowupWindow, Rows, View};
use crate::engine::windows::FollowupWindowNeed;
use crate::memory::State;

impl State {
    pub(super) fn load_pulls(&self, needs: &ReadSet, view: &mut View) {
        let mut keys: BTreeSet<PullKey> = BTreeSet::new();
        let named =
            |(name, number): &(String, IssueNumber)| Some((*self.names.get(name)?, *number));
        keys.extend(needs.pulls.iter().filter_map(named));
        for (claim, number) in &needs.pulls_of_claims {
            let repo = self.claims.get(claim).map(|claim| claim.repo);
            keys.extend(repo.map(|repo| (repo, *number)));
        }
        for (github_id, number) in &needs.pulls_by_id {
            keys.extend(self.on_github(*github_id).map(|id| (id, *number)));
        }
        keys.extend(
            needs
                .items
                .iter()
                .filter_map(|id| self.followups.get(id))
                .map(Followup::pull),
        );
        let named = |id: &SourceId| {
            let (from, until) = id.edits();
            let itself = self.sources.get(&SourceId(id.base().to_owned()));
            itself
                .into_iter()
                .chain(self.sources.range(from..until).map(|(_, row)| row))
        };
        for row in needs.sources.iter().flat_map(named) {
            view.load_source(row.clone(), self.texts.get(&row.id).cloned());
            keys.extend(
                row.item
                    .and_then(|id| self.followups.get(&id))
                    .map(Followup::pull),
            );
        }
        for need in &needs.followup_windows {
            let (window, pulls) = self.followup_window(need, needs, view);
            keys.extend(pulls);
            view.load_followup_window(need.clone(), window);
        }
        if let Some(before) = needs.expired_items {
            let silent = |item: &&Followup| {
                matches!(
                    item.status,
                    FollowupStatus::Queued | FollowupStatus::Claimed | FollowupStatus::InProgress
                ) && item.alive_at() <= before
            };
            let expired: Vec<&Followup> =
                self.followups.values().filter(silent).take(CHUNK).collect();
            keys.extend(expired.iter().map(|item| item.pull()));
            view.load_expired_followups(expired.iter().map(|item| item.id).collect());
        }
        for key in &keys {
            self.load_pull(*key, view);
        }
        if needs.links {
            self.load_candidates(&keys, view);
        }
    }

    pub(in crate::memory) fn load_pull(&self, key: PullKey, view: &mut View) {
        self.load_repo(key.0, view);
        if let Some(pull) = self.pulls.get(&key) {
            view.load_pull(pull.clone());
        }
        for item in self
            .followups
            .values()
            .filter(|item| item.pull() == key && !item.status.is_terminal())
        {
            view.load_followup(self.named_followup(item));
        }
        let suspended =
            |row: &&KnownSource| row.pull == key && row.ended == Some(Resolution::Closed);
        for row in self.sources.values().filter(suspended) {
            view.load_source(row.clone(), self.texts.get(&row.id).cloned());
        }
        let active = self.active.values().filter_map(|id| self.claims.get(id));
        for claim in active.filter(|claim| claim.pull == Some(key)) {
            self.load_claim(claim, view);
        }
    }

    fn followup_window(
        &self,
        need: &FollowupWindowNeed,
        needs: &ReadSet,
        view: &View,
    ) -> (FollowupWindow, Vec<PullKey>) {
        let paused = view.paused_repos();
        let offered = |item: &&Followup| {
            let shown = self.dressed(item);
            let free = self
                .holds
                .get(&item.pull())
                .is_none_or(|holder| *holder == need.agent);
            let repo = need
                .repo
                .as_ref()
                .is_none_or(|repo| self.names.get(repo) == Some(&item.repo));
            let reach = shown.in_reach_of(&need.agent, needs.affinity_passed);
            shown.repo_offered
                && !paused.contains(&item.repo)
                && shown.waits()
                && free
                && repo
                && reach
                && need.scope.has(&shown.repo_name)
        };
        let mut items: Vec<&Followup> = self.followups.values().filter(offered).collect();
        items.sort_by_key(|item| item.order());
        let wanted = needs.consumers + needs.passed_over;
        let complete = items.len() <= wanted;
        items.truncate(wanted);
        let pulls = items.iter().map(|item| item.pull()).collect();
        (
            FollowupWindow {
                items: items.iter().map(|item| item.id).collect(),
                complete,
            },
            pulls,
        )
    }

    /// A follow-up with its repository's present name.
    fn named_followup(&self, item: &Followup) -> Followup {
        let mut item = item.clone();
        if let Some(repo) = self.repos.get(&item.repo) {
            item.repo_name = repo.facts.name.clone();
            item.repo_offered = repo.offers_feedback();
        }
        item
    }

    /// A follow-up with the claim that its pull request belongs to now.
    pub(in crate::memory) fn dressed(&self, item: &Followup) -> Followup {
        let mut view = View::default();
        let active = self.active.values().filter_map(|id| self.claims.get(id));
        for claim in active.filter(|claim| claim.pull == Some(item.pull())) {
            view.load_claim(claim.clone());
        }
        let mut shown = Followup {
            author: view.author_of(item),
            ..self.named_followup(item)
        };
        if shown.status.is_terminal() {
            // An ended follow-up does not track its feedback events any more, so their present rows are read.
            for source in &mut shown.sources {
                if let Some(row) = self.sources.get(&source.id) {
                    let text = self.texts.get(&source.id).unwrap_or(source);
                    *source = text.clone().with(row);
                }
            }
        }
        shown
    }

    /// The feedback events of a pull request that wait for an answer.
    pub(in crate::memory) fn waiting(&self, key: PullKey) -> Vec<SourceId> {
        let open = (self.followups.values())
            .filter(|item| item.pull() == key && !item.status.is_terminal());
        let waiting = open.flat_map(|item| item.sources.iter().filter(|source| source.waits()));
        let waiting: BTreeSet<SourceId> = waiting.map(|source| source.id.clone()).collect();
        waiting.into_iter().collect()
    }
}
