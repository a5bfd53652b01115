//! Loading a view: by the same rules as a database.

use super::State;
use crate::claim::Claim;
use crate::command::Scope;
use crate::id::IssueKey;
use crate::issue::{IssueFilter, IssueState, MirroredIssue};
use crate::needs::{CHUNK, Needs, WindowNeed};
use crate::view::{View, Window};

impl State {
    pub(super) fn load(&self, needs: &Needs) -> View {
        let mut view = View::new(self.repos.keys().last().map_or(1, |id| id.0 + 1));
        for key in &needs.repos {
            if let Some(id) = self.names.get(key) {
                view.load_name(key.clone(), *id);
                self.repos
                    .get(id)
                    .cloned()
                    .into_iter()
                    .for_each(|repo| view.load_repo(repo));
            }
        }
        if needs.all_repos {
            self.repos
                .values()
                .cloned()
                .for_each(|repo| view.load_repo(repo));
            self.names
                .iter()
                .for_each(|(key, id)| view.load_name(key.clone(), *id));
        }
        for (key, number) in &needs.issues {
            self.names
                .get(key)
                .into_iter()
                .for_each(|id| self.load_issue((*id, *number), &mut view));
        }
        for id in &needs.claims {
            self.claims
                .get(id)
                .into_iter()
                .for_each(|claim| self.load_claim(claim, &mut view));
        }
        for need in &needs.windows {
            self.load_window(need, needs.consumers, &mut view);
        }
        if !needs.windows.is_empty() {
            let unsynced = self
                .repos
                .values()
                .filter(|repo| repo.offered && repo.synced_at.is_none());
            view.load_unsynced(
                !self.repos.is_empty(),
                unsynced.map(|repo| repo.facts.name.clone()).collect(),
            );
        }
        let expired = |claim: &&Claim| {
            needs
                .expired
                .iter()
                .any(|cut| cut.status == claim.status && claim.last_updated <= cut.before)
        };
        let expired: Vec<&Claim> = self.claims.values().filter(expired).take(CHUNK).collect();
        expired
            .iter()
            .for_each(|claim| self.load_claim(claim, &mut view));
        view.load_expired(expired.iter().map(|claim| claim.id).collect());
        if let Some(after) = needs.page {
            let behind = self
                .issues
                .keys()
                .filter(|key| after.is_none_or(|after| **key > after));
            let page: Vec<IssueKey> = behind.take(CHUNK).copied().collect();
            page.iter().for_each(|key| self.load_issue(*key, &mut view));
            view.load_page(page);
        }
        needs
            .outbox
            .iter()
            .filter_map(|id| self.outbox.get(id))
            .cloned()
            .for_each(|entry| view.load_outbox(entry));
        needs
            .leases
            .iter()
            .filter_map(|name| self.leases.get(name))
            .cloned()
            .for_each(|lease| view.load_lease(lease));
        let remembered = needs
            .remembered
            .iter()
            .filter_map(|key| self.remembered.get(key));
        remembered
            .cloned()
            .for_each(|remembered| view.load_remembered(remembered));
        view
    }

    fn load_claim(&self, claim: &Claim, view: &mut View) {
        view.load_claim(self.named(claim));
        self.load_issue(claim.key(), view);
    }

    fn load_issue(&self, key: IssueKey, view: &mut View) {
        self.row(key)
            .into_iter()
            .for_each(|row| view.load_issue(row));
        self.repos
            .get(&key.0)
            .cloned()
            .into_iter()
            .for_each(|repo| view.load_repo(repo));
        let active = self.active.get(&key).and_then(|id| self.claims.get(id));
        active
            .into_iter()
            .for_each(|claim| view.load_claim(self.named(claim)));
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
        keys.iter().for_each(|key| self.load_issue(*key, view));
        view.load_window(need.clone(), Window { keys, complete });
    }

    /// Open, offered, undoubted issues that nobody holds, in no order.
    pub(super) fn ready_issues(&self, filter: &IssueFilter) -> Vec<MirroredIssue> {
        let repo = filter.repo.as_ref().map(|repo| self.names.get(repo.key()));
        let ready = |row: &&MirroredIssue| {
            row.facts.state == IssueState::Open
                && row.doubt.is_none()
                && repo.is_none_or(|id| id == Some(&row.repo))
                && self.repos.get(&row.repo).is_some_and(|repo| repo.offered)
                && !self.active.contains_key(&row.key())
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

    /// A row of the mirror, under its repository's present name.
    pub(super) fn row(&self, key: IssueKey) -> Option<MirroredIssue> {
        let mut row = self.issues.get(&key)?.clone();
        row.repo_name = self.repos.get(&key.0)?.facts.name.clone();
        Some(row)
    }

    /// A claim, under its repository's present name.
    pub(super) fn named(&self, claim: &Claim) -> Claim {
        let mut claim = claim.clone();
        if let Some(repo) = self.repos.get(&claim.repo) {
            claim.repo_name = repo.facts.name.clone();
        }
        claim
    }
}
