//! Loads a view by the same rules as a database.

mod asking;
mod edges;
mod pulls;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::State;
use crate::domain::access::Scope;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::followup::Followup;
use crate::domain::holding::Holding;
use crate::domain::id::{AgentId, IssueKey, RepoId};
use crate::domain::issue::{IssueFilter, MirroredIssue};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::engine::read_set::{CHUNK, PageNeed, ReadSet};
use crate::engine::view::{View, Window};
use crate::engine::windows::WindowNeed;
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
        view.tables.load_from(&self.tables, &needs.tables);
        self.load_asking(&needs.asking.with_policies(&view), &mut view);
        for (key, login, may) in &needs.authors {
            let repo = self.names.get(key);
            let theirs = |row: &&MirroredIssue| {
                let author = row.facts.author.as_deref().unwrap_or_default();
                let standing = self.tables.standings.get(&row.key());
                Some(&row.repo) == repo
                    && author.eq_ignore_ascii_case(login)
                    && standing.is_some_and(|standing| standing.trust.stranger == *may)
            };
            for row in self.issues.values().filter(theirs).take(CHUNK) {
                self.load_issue(row.key(), &mut view);
            }
        }
        for need in &needs.windows {
            self.load_window(need, needs, &mut view);
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
        self.load_left_behind(needs, &mut view);
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
        self.load_sessions(needs, &mut view);
        self.load_edges(&needs.edges, &mut view);
        view
    }

    fn load_sessions(&self, needs: &ReadSet, view: &mut View) {
        let sessions = self.tables.sessions.rows();
        for session in sessions.filter(|row| needs.sessions_of.contains(&row.agent)) {
            view.tables.sessions.load(session.clone());
        }
        let notices = self.tables.notices.rows();
        for notice in notices.filter(|row| needs.notices_of.contains(&row.agent)) {
            view.tables.notices.load(notice.clone());
        }
        for agent in &needs.holdings_of {
            for holding in self.holdings_of(agent) {
                view.load_holding(agent.clone(), holding);
            }
        }
    }

    fn holdings_of(&self, agent: &AgentId) -> Vec<Holding> {
        let held = |claim: &&Claim| claim.agent == *agent && claim.is_active();
        let mut claims: Vec<&Claim> = self.claims.values().filter(held).collect();
        claims.sort_by_key(|claim| (claim.claimed_at, claim.id.to_string()));
        claims.truncate(Holding::MOST);
        let held = |item: &&Followup| item.holder() == Some(agent);
        let mut items: Vec<&Followup> = self.followups.values().filter(held).collect();
        items.sort_by_key(|item| (item.claimed_at, item.id.to_string()));
        items.truncate(Holding::MOST);
        let named = |mut holding: Holding, repo: RepoId| {
            if let Some(repo) = self.repos.get(&repo) {
                holding.repo = repo.facts.name.clone();
            }
            holding
        };
        let claims = claims
            .into_iter()
            .map(|claim| named(claim.into(), claim.repo));
        let items = items.into_iter().map(|item| named(item.into(), item.repo));
        claims.chain(items).collect()
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
                    && cut.since <= claim.alive_at()
                    && claim.alive_at() <= cut.before
            })
        };
        let claims: Vec<&Claim> = self.claims.values().filter(expired).take(CHUNK).collect();
        for claim in &claims {
            self.load_claim(claim, view);
        }
        view.load_expired(claims.iter().map(|claim| claim.id).collect());
    }

    fn load_left_behind(&self, needs: &ReadSet, view: &mut View) {
        let Some(before) = needs.left_behind else {
            return;
        };
        let sessions = || self.tables.sessions.rows();
        let is_over = |claim: &&Claim| {
            let own = sessions()
                .find(|row| row.agent == claim.agent && Some(&row.id) == claim.session.as_ref());
            let repo = self.repos.get(&claim.repo);
            let own =
                own.filter(|row| repo.is_some_and(|repo| row.gives_back.has(&repo.facts.name)));
            let over = own.and_then(Session::over_at).filter(|at| *at <= before);
            let shown = |at| sessions().any(|row| row.agent == claim.agent && row.is_alive(at));
            over.is_some_and(|at| !shown(at))
        };
        let unfinished = self.claims.values().filter(|claim| {
            let status = claim.status;
            matches!(
                status,
                ClaimStatus::Claimed | ClaimStatus::InProgress | ClaimStatus::Stale
            ) && claim.pr_url.is_none()
        });
        let claims: Vec<&Claim> = unfinished.filter(is_over).take(CHUNK).collect();
        for claim in &claims {
            self.load_claim(claim, view);
        }
        view.load_left_behind(claims.iter().map(|claim| claim.id).collect());
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
        view.name_issue(key);
        if let Some(row) = self.row(key) {
            view.load_issue(row);
        }
        if let Some(standing) = self.tables.standings.get(&key) {
            view.tables.standings.load(standing.clone());
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

    fn load_window(&self, need: &WindowNeed, needs: &ReadSet, view: &mut View) {
        let wanted = needs.candidates(view);
        let passed_over = view.passed_over(needs.asking.full_at);
        let mut rows = self.ready_issues(&need.filter);
        rows.retain(|row| !passed_over.contains(&row.repo));
        rows.retain(|row| match &need.scope {
            Scope::All => true,
            Scope::Only(repos) => repos.contains(&row.repo_name),
        });
        rows.retain(|row| {
            let standing = self.tables.standings.get(&row.key());
            standing.is_some_and(|standing| standing.lane.admits(&need.agent))
        });
        rows.sort_by_key(|row| self.serving_order(row.key()));
        let complete = rows.len() <= wanted;
        rows.truncate(wanted);
        let keys: Vec<IssueKey> = rows.iter().map(MirroredIssue::key).collect();
        for key in &keys {
            self.load_issue(*key, view);
        }
        view.load_window(need.clone(), Arc::new(Window { keys, complete }));
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

    /// What sorts open issues as they are served.
    pub(super) fn serving_order(
        &self,
        key: IssueKey,
    ) -> (Option<(Timestamp, Timestamp)>, IssueKey) {
        let standing = self.tables.standings.get(&key);
        (standing.map(|row| (row.turn, row.created_at)), key)
    }

    /// The ready issues, unordered.
    pub(super) fn ready_issues(&self, filter: &IssueFilter) -> Vec<MirroredIssue> {
        let repo = filter.repo.as_ref().map(|repo| self.names.get(repo.key()));
        let ready = |row: &&MirroredIssue| {
            let standing = self.tables.standings.get(&row.key());
            repo.is_none_or(|id| id == Some(&row.repo))
                && standing.is_some_and(|standing| standing.reasons.is_empty())
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
