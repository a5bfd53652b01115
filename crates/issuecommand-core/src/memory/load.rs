//! Loads a view by the same rules as a database.

use std::collections::BTreeSet;

use super::State;
use crate::domain::access::Scope;
use crate::domain::claim::Claim;
use crate::domain::followup::{Followup, FollowupStatus, KnownSource, Resolution, SourceId};
use crate::domain::id::{IssueKey, IssueNumber, PullKey, RepoId};
use crate::domain::issue::{IssueFilter, MirroredIssue};
use crate::domain::readiness::readiness;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::engine::read_set::{CHUNK, PageNeed, ReadSet};
use crate::engine::view::{FollowupWindow, Rows, View, Window};
use crate::engine::windows::{FollowupWindowNeed, WindowNeed};
use crate::ports::store::AllowedRepo;

impl State {
    pub(super) fn load(&self, needs: &ReadSet) -> View {
        let mut view = View::new(self.repos.keys().last().map_or(1, |id| id.0 + 1));
        for (key, id) in &self.names {
            if needs.all_repos || needs.repos.contains(key) {
                view.load_name(key.clone(), *id);
                self.load_repo(*id, &mut view);
            }
        }
        for repo in self.repos.values() {
            // `all_repos` includes repositories that lost their name to another one.
            if needs.all_repos || needs.github_ids.contains(&repo.facts.github_id) {
                view.load_repo(repo.clone());
            }
        }
        for (github_id, number) in &needs.issues_by_id {
            let known = self.on_github(*github_id);
            for id in known {
                self.load_issue((id, *number), &mut view);
            }
        }
        for (key, number) in &needs.issues {
            if let Some(id) = self.names.get(key) {
                self.load_issue((*id, *number), &mut view);
            }
        }
        for claim in needs.claims.iter().filter_map(|id| self.claims.get(id)) {
            self.load_claim(claim, &mut view);
        }
        for need in &needs.windows {
            self.load_window(need, needs.consumers, &mut view);
        }
        for (key, before) in &needs.reported_closed {
            let repo = self.names.get(key);
            let reported =
                |row: &&MirroredIssue| Some(&row.repo) == repo && row.was_reported_closed(*before);
            for row in self.issues.values().filter(reported) {
                self.load_issue(row.key(), &mut view);
            }
        }
        if !needs.windows.is_empty() {
            let never = |repo: &&Repo| repo.offered && repo.synced_at.is_none();
            let unsynced = self.repos.values().filter(never);
            let names = unsynced.map(|repo| repo.facts.name.clone()).collect();
            let known = self.repos.values().any(|repo| repo.facts.github_id != 0);
            view.load_unsynced(known, names);
        }
        self.load_expired(needs, &mut view);
        self.load_pulls(needs, &mut view);
        if let Some(PageNeed { after }) = needs.page {
            let behind = |key: &&IssueKey| after.is_none_or(|after| **key > after);
            let keys = self.issues.keys().filter(behind);
            let page: Vec<IssueKey> = keys.take(CHUNK).copied().collect();
            for key in &page {
                self.load_issue(*key, &mut view);
            }
            view.load_page(page);
        }
        if needs.sync_failures {
            view.load_sync_failures(self.sync_failures.clone());
        }
        self.load_linked(&mut view);
        view.tables.load_from(&self.tables, &needs.tables);
        view
    }

    fn on_github(&self, github_id: i64) -> impl Iterator<Item = RepoId> {
        let is = move |repo: &&Repo| repo.facts.github_id == github_id;
        self.repos.values().filter(is).map(|repo| repo.id)
    }

    fn load_expired(&self, needs: &ReadSet, view: &mut View) {
        let expired = |claim: &&Claim| {
            let cuts = &mut needs.expired.iter();
            cuts.any(|cut| {
                cut.status == claim.status
                    && cut.since <= claim.last_updated
                    && claim.last_updated <= cut.before
            })
        };
        let claims: Vec<&Claim> = self.claims.values().filter(expired).take(CHUNK).collect();
        for claim in &claims {
            self.load_claim(claim, view);
        }
        view.load_expired(claims.iter().map(|claim| claim.id).collect());
    }

    fn load_pulls(&self, needs: &ReadSet, view: &mut View) {
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
            let (window, pulls) = self.followup_window(need, needs);
            keys.extend(pulls);
            view.load_followup_window(need.clone(), window);
        }
        if let Some(before) = needs.expired_items {
            let silent = |item: &&Followup| {
                matches!(
                    item.status,
                    FollowupStatus::Queued | FollowupStatus::Claimed | FollowupStatus::InProgress
                ) && item.last_updated <= before
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

    pub(super) fn load_pull(&self, key: PullKey, view: &mut View) {
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
    ) -> (FollowupWindow, Vec<PullKey>) {
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
                && shown.waits()
                && free
                && repo
                && reach
                && need.scope.has(&shown.repo_name)
        };
        let mut items: Vec<&Followup> = self.followups.values().filter(offered).collect();
        items.sort_by_key(|item| item.order());
        let complete = items.len() <= needs.consumers;
        items.truncate(needs.consumers);
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
    pub(super) fn dressed(&self, item: &Followup) -> Followup {
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
    pub(super) fn waiting(&self, key: PullKey) -> Vec<SourceId> {
        let open = (self.followups.values())
            .filter(|item| item.pull() == key && !item.status.is_terminal());
        let waiting = open.flat_map(|item| item.sources.iter().filter(|source| source.waits()));
        let waiting: BTreeSet<SourceId> = waiting.map(|source| source.id.clone()).collect();
        waiting.into_iter().collect()
    }

    fn load_repo(&self, id: RepoId, view: &mut View) {
        if let Some(repo) = self.repos.get(&id) {
            view.load_repo(repo.clone());
        }
    }

    pub(super) fn load_claim(&self, claim: &Claim, view: &mut View) {
        view.load_claim(self.named(claim));
        self.load_issue(claim.key(), view);
    }

    pub(super) fn load_issue(&self, key: IssueKey, view: &mut View) {
        if let Some(row) = self.row(key) {
            view.load_issue(row);
        }
        self.load_repo(key.0, view);
        let active = self.active.get(&key).and_then(|id| self.claims.get(id));
        if let Some(claim) = active {
            view.load_claim(self.named(claim));
        }
        let ended = self.claims.values();
        for claim in ended.filter(|claim| claim.key() == key && claim.github_closed_at.is_some()) {
            view.load_claim(self.named(claim));
        }
    }

    fn load_window(&self, need: &WindowNeed, wanted: usize, view: &mut View) {
        let mut rows = self.ready_issues(&need.filter);
        rows.retain(|row| match &need.scope {
            Scope::All => true,
            Scope::Only(repos) => repos.contains(&row.repo_name),
        });
        rows.sort_by_key(MirroredIssue::order);
        let complete = rows.len() <= wanted;
        rows.truncate(wanted);
        let keys: Vec<IssueKey> = rows.iter().map(MirroredIssue::key).collect();
        for key in &keys {
            self.load_issue(*key, view);
        }
        view.load_window(need.clone(), Window { keys, complete });
    }

    /// The repositories that names of `ALLOWED_REPOS` resolve to.
    pub(super) fn allowed_repos(&self, names: &BTreeSet<RepoName>) -> Vec<AllowedRepo> {
        let found = names.iter().filter_map(|asked| {
            let bound = self.bound.get(asked.key());
            let id = *bound.or_else(|| self.names.get(asked.key()))?;
            let own = self.names.iter().filter(|(_, repo)| **repo == id);
            Some(AllowedRepo {
                asked: asked.clone(),
                repo: self.repos.get(&id)?.clone(),
                bound: bound.is_some(),
                names: own
                    .filter_map(|(key, _)| RepoName::parse(key).ok())
                    .collect(),
            })
        });
        found.collect()
    }

    /// The ready issues, unordered.
    pub(super) fn ready_issues(&self, filter: &IssueFilter) -> Vec<MirroredIssue> {
        let repo = filter.repo.as_ref().map(|repo| self.names.get(repo.key()));
        let ready = |row: &&MirroredIssue| {
            let held = self.active.contains_key(&row.key());
            let ready = |repo| readiness(row, repo, held).is_empty();
            repo.is_none_or(|id| id == Some(&row.repo))
                && self.repos.get(&row.repo).is_some_and(ready)
        };
        let rest = IssueFilter {
            repo: None,
            ..filter.clone()
        };
        let rows = self
            .issues
            .values()
            .filter(ready)
            .filter(|row| rest.matches(row));
        rows.filter_map(|row| self.row(row.key())).collect()
    }

    /// An issue of the mirror with its repository's present name.
    pub(super) fn row(&self, key: IssueKey) -> Option<MirroredIssue> {
        let mut row = self.issues.get(&key)?.clone();
        row.repo_name = self.repos.get(&key.0)?.facts.name.clone();
        Some(row)
    }

    /// A claim with its repository's present name.
    pub(super) fn named(&self, claim: &Claim) -> Claim {
        let mut claim = claim.clone();
        if let Some(repo) = self.repos.get(&claim.repo) {
            claim.repo_name = repo.facts.name.clone();
        }
        claim
    }
}
