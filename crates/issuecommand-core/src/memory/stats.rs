//! Counts claims, follow-ups and issues.

use std::collections::{BTreeMap, BTreeSet};

use super::State;
use crate::domain::access::Scope;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::followup::{Followup, FollowupStatus};
use crate::domain::id::{IssueNumber, RepoId};
use crate::domain::issue::{IssueFilter, IssueState, MirroredIssue, WithheldReason};
use crate::domain::outbox::OutboxEntry;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFailure;
use crate::domain::time::Timestamp;
use crate::domain::webhook::StoredDelivery;
use crate::ports::store::{
    Backlog, OpenRow, StatusCounts, StoreCondition, StoreHealth, WithheldIssue,
};

impl State {
    /// The state of the store. It is always writable.
    pub(super) fn condition(&self) -> StoreCondition {
        StoreCondition {
            last: self.last_now,
            steps: self.clock_steps,
            unwritable: None,
        }
    }

    pub(super) fn tally(&self) -> StatusCounts {
        let mut tally = StatusCounts::default();
        let mut owners: BTreeMap<_, u64> = BTreeMap::new();
        for claim in self.claims.values().filter(|claim| claim.is_active()) {
            *tally.claims.entry(claim.status).or_default() += 1;
            *owners.entry((claim.repo, claim.number)).or_default() += 1;
        }
        let mut holders: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for item in self.followups.values() {
            if item.status.is_terminal() {
                continue;
            }
            let waiting = tally.followups.entry(item.status).or_insert(Backlog {
                count: 0,
                since: item.created_at,
            });
            waiting.count += 1;
            waiting.since = waiting.since.min(item.created_at);
            if item.status.is_held() {
                let held = holders.entry((item.repo, item.number)).or_default();
                held.insert(item.owner.as_ref());
            }
        }
        tally.shared_issues = owners.values().filter(|n| **n > 1).count() as u64;
        tally.ready = self.ready_issues(&IssueFilter::default()).len() as u64;
        tally.shared_pulls = holders.values().filter(|who| who.len() > 1).count() as u64;
        tally
    }

    fn close_failed(&self, seen: &impl Fn(RepoId) -> bool) -> Vec<WithheldIssue> {
        let failed = self.issues.values().filter_map(|row| match row.withheld {
            Some((WithheldReason::CloseFailed, since)) if seen(row.repo) => Some((since, row)),
            _ => None,
        });
        let mut failed: Vec<_> = failed.collect();
        failed.sort_by_key(|(since, row)| (*since, row.key()));
        let listed = failed.into_iter().take(StoreHealth::LISTED);
        let withheld = |(since, row): (Timestamp, &MirroredIssue)| {
            Some(WithheldIssue {
                repo: self.repos.get(&row.repo)?.facts.name.clone(),
                number: row.facts.number,
                since,
            })
        };
        listed.filter_map(withheld).collect()
    }

    pub(super) fn health(&self, scope: &Scope) -> StoreHealth {
        let whole = *scope == Scope::All;
        let seen = |repo: RepoId| {
            whole
                || self
                    .repos
                    .get(&repo)
                    .is_some_and(|repo| scope.has(&repo.facts.name))
        };
        let claims: Vec<&Claim> = self
            .claims
            .values()
            .filter(|claim| seen(claim.repo))
            .collect();
        let active: Vec<&&Claim> = claims.iter().filter(|claim| claim.is_active()).collect();
        let agents: BTreeSet<_> = active.iter().map(|claim| &claim.agent).collect();
        let open: Vec<&Followup> = self
            .followups
            .values()
            .filter(|item| seen(item.repo) && !item.status.is_terminal())
            .collect();
        let waits = |entry: &&OutboxEntry| {
            let repo = match entry.claim {
                Some(claim) => self.claims.get(&claim).map(|claim| claim.repo),
                None => entry.repo,
            };
            entry.waits() && (whole || repo.is_some_and(seen))
        };
        let deliveries = |which: fn(u32) -> bool| {
            let rows = self.tables.deliveries.rows();
            let waiting = rows.filter(|row| whole && row.processed_at.is_none());
            waiting.filter(|row| which(row.attempts)).count() as u64
        };
        let stale_claims = active
            .iter()
            .filter(|claim| claim.status == ClaimStatus::Stale);
        let stale_followups = open
            .iter()
            .filter(|item| item.status == FollowupStatus::Stale);
        StoreHealth {
            total_claims: claims.len() as u64 + if whole { self.trimmed } else { 0 },
            active_claims: active.len() as u64,
            active_agents: agents.len() as u64,
            stale_claims: stale_claims.count() as u64,
            last_sync: self.last_sync,
            sync_failures: self.sync_failures_in(scope),
            outbox: self.tables.outbox.rows().filter(waits).count() as u64,
            close_failed: self.close_failed(&seen),
            open_followups: open.len() as u64,
            stale_followups: stale_followups.count() as u64,
            deferred_deliveries: deliveries(|attempts| attempts < StoredDelivery::MAX_ATTEMPTS),
            dead_deliveries: deliveries(|attempts| attempts >= StoredDelivery::MAX_ATTEMPTS),
            priority_source: self.priority_source.clone(),
        }
    }

    fn sync_failures_in(&self, scope: &Scope) -> Vec<SyncFailure> {
        let seen = |failure: &&SyncFailure| match &failure.fault.repo {
            None => *scope == Scope::All,
            Some(repo) => scope.has(repo),
        };
        self.sync_failures.iter().filter(seen).cloned().collect()
    }

    pub(super) fn open_rows(&self, repo: &RepoName) -> Vec<OpenRow> {
        let id = self.names.get(repo.key());
        let open =
            |row: &&MirroredIssue| Some(&row.repo) == id && row.facts.state == IssueState::Open;
        let mut rows: Vec<OpenRow> = self
            .issues
            .values()
            .filter(open)
            .map(|row| OpenRow {
                number: row.facts.number,
                checked_at: row.checked_at,
                withheld: row.withheld.map(|(reason, _)| reason),
                etag: row.etag.clone(),
            })
            .collect();
        rows.sort_by_key(|row| (row.checked_at, row.number));
        rows
    }

    pub(super) fn open_pulls(&self, repo: &RepoName) -> Vec<IssueNumber> {
        let id = self.names.get(repo.key());
        let pulls = self.open_pulls.iter();
        let own = pulls.filter(|(repo, _)| Some(repo) == id);
        own.map(|(_, number)| *number).collect()
    }
}
