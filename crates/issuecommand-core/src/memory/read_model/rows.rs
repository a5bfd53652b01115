//! Rows of the read model, made of the maps.

use std::collections::BTreeSet;

use crate::domain::access::Scope;
use crate::domain::claim::Claim;
use crate::domain::followup::{Followup, FollowupStatus};
use crate::domain::id::{IssueKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::outbox::OutboxEntry;
use crate::domain::standing::Standing;
use crate::memory::State;
use crate::ports::read_model::{
    AttentionQuery, BrokenPolicy, FoundIssue, IssueLine, IssuePageQuery, LineClaim, ParkedIssue,
    Search, UnclaimedFeedback, WorkingClaim, WorkingCursor, words_of,
};

impl State {
    pub(super) fn sees(&self, scope: &Scope, repo: RepoId) -> bool {
        *scope == Scope::All
            || (self.repos.get(&repo)).is_some_and(|repo| scope.has(&repo.facts.name))
    }

    pub(super) fn is_offered(&self, repo: RepoId) -> bool {
        self.repos.get(&repo).is_some_and(|repo| repo.offered)
    }

    pub(super) fn active_claims(&self) -> impl Iterator<Item = &Claim> {
        self.active.values().filter_map(|id| self.claims.get(id))
    }

    pub(super) fn active_on(&self, key: IssueKey) -> Option<&Claim> {
        self.active.get(&key).and_then(|id| self.claims.get(id))
    }

    /// Open issues in repositories on offer that nobody has.
    pub(super) fn free_standings<C>(
        &self,
        query: &IssuePageQuery<C>,
    ) -> impl Iterator<Item = &Standing> {
        self.tables.standings.rows().filter(move |standing| {
            self.sees(&query.scope, standing.repo)
                && self.is_offered(standing.repo)
                && !self.active.contains_key(&standing.key())
                && (query.agent.as_ref()).is_none_or(|agent| standing.lane.admits(agent))
        })
    }

    pub(super) fn found(&self, standing: &Standing) -> FoundIssue {
        let held = self.active_on(standing.key());
        FoundIssue {
            key: standing.key(),
            lane: standing.lane.clone(),
            turn: standing.turn,
            created_at: standing.created_at,
            first: standing.reasons.first(),
            offered: self.is_offered(standing.repo),
            held: held.map(|claim| (working_cursor(claim), claim.agent.clone())),
        }
    }

    pub(super) fn line(&self, key: IssueKey) -> Option<IssueLine> {
        let mut issue: MirroredIssue = self.row(key)?;
        issue.facts.body.clear();
        Some(IssueLine {
            issue,
            standing: self.tables.standings.get(&key).cloned(),
            claim: self.active_on(key).map(|claim| LineClaim {
                id: claim.id,
                agent: claim.agent.clone(),
                status: claim.status,
                claimed_at: claim.claimed_at,
            }),
        })
    }

    pub(super) fn working_claim(&self, claim: &Claim) -> WorkingClaim {
        let open = self.followups.values();
        let open =
            open.filter(|item| !item.status.is_terminal() && Some(item.pull()) == claim.pull);
        let session = claim.session.as_ref().and_then(|session| {
            let key = (claim.agent.clone(), session.clone());
            self.tables.sessions.get(&key)?.client.clone()
        });
        let agent = self.tables.agents.get(&claim.agent);
        WorkingClaim {
            claim: self.named(claim),
            feedback: open.count() as u64,
            client: session.or_else(|| agent?.client.clone()),
        }
    }

    pub(super) fn parked(&self, query: &AttentionQuery) -> Vec<ParkedIssue> {
        let parked = self.tables.standings.rows().filter(|standing| {
            self.sees(&query.scope, standing.repo)
                && self.is_offered(standing.repo)
                && !self.active.contains_key(&standing.key())
        });
        let parked = parked.filter_map(|standing| {
            let issue = self.row(standing.key())?;
            Some(ParkedIssue {
                repo: issue.repo_name,
                number: standing.number,
                title: issue.facts.title,
                url: issue.facts.url,
                parked: standing.parked.clone()?,
            })
        });
        let mut parked: Vec<ParkedIssue> = parked.collect();
        parked.sort_by(|a, b| {
            (a.parked.at, &a.repo, a.number).cmp(&(b.parked.at, &b.repo, b.number))
        });
        parked
    }

    pub(super) fn unclaimed(&self, query: &AttentionQuery) -> Vec<UnclaimedFeedback> {
        let Some(before) = query.unclaimed_before else {
            return Vec::new();
        };
        let waits = |item: &&Followup| {
            matches!(item.status, FollowupStatus::Queued | FollowupStatus::Stale)
                && item.window_from < before
                && self.sees(&query.scope, item.repo)
        };
        let items = self.followups.values().filter(waits);
        let mut items: Vec<UnclaimedFeedback> = items
            .map(|item| {
                let item = self.dressed(item);
                let claim = item
                    .author
                    .as_ref()
                    .and_then(|of| self.claims.get(&of.claim));
                UnclaimedFeedback {
                    id: item.id,
                    kind: item.kind(),
                    number: item.number,
                    status: item.status,
                    since: item.window_from,
                    author: claim.map(|claim| claim.agent.clone()),
                    repo: item.repo_name,
                    url: item.pr_url,
                    title: item.pr_title,
                }
            })
            .collect();
        items.sort_by_key(|item| (item.since, item.id));
        items
    }

    pub(super) fn policies(&self, query: &AttentionQuery) -> Vec<BrokenPolicy> {
        let known = self.tables.repo_policies.rows().filter_map(|known| {
            Some(BrokenPolicy {
                repo: self.repos.get(&known.repo)?.facts.name.clone(),
                error: known.error.clone()?,
                since: known.since,
            })
        });
        let mut broken: Vec<BrokenPolicy> = known
            .filter(|broken| query.scope.has(&broken.repo))
            .collect();
        broken.sort_by(|a, b| (a.since, &a.repo).cmp(&(b.since, &b.repo)));
        broken
    }

    /// The repository that an entry of the outbox writes to.
    pub(super) fn sees_write(&self, scope: &Scope, entry: &OutboxEntry) -> bool {
        *scope == Scope::All || entry.repo.is_some_and(|repo| self.sees(scope, repo))
    }

    pub(super) fn writes(&self, scope: &Scope, failed: bool) -> Vec<OutboxEntry> {
        let rows = self.tables.outbox.rows();
        let rows = rows
            .filter(|entry| entry.failed_at.is_some() == failed && self.sees_write(scope, entry));
        let mut rows: Vec<OutboxEntry> = rows
            .cloned()
            .map(|entry| self.under_present_name(entry))
            .collect();
        rows.sort_by_key(|entry| (entry.failed_at, entry.due, entry.id));
        rows
    }
}

pub(super) fn working_cursor(claim: &Claim) -> WorkingCursor {
    WorkingCursor {
        claimed_at: claim.claimed_at,
        claim: claim.id.to_string(),
    }
}

/// Sorts a page, and cuts it to its length.
pub(super) fn page<C: Ord + Clone>(
    query: &IssuePageQuery<C>,
    places: impl Iterator<Item = C>,
) -> Vec<C> {
    let after = query.after.as_ref();
    let places = places.filter(|place| after.is_none_or(|after| place > after));
    let mut places: Vec<C> = places.collect();
    places.sort();
    places.truncate(query.limit as usize);
    places
}

pub(super) fn has_labels(issue: &MirroredIssue, labels: &[String]) -> bool {
    let own: BTreeSet<String> = issue
        .facts
        .labels
        .iter()
        .map(|l| l.to_lowercase())
        .collect();
    labels.iter().all(|label| own.contains(label))
}

pub(super) fn finds(search: &Search, issue: &MirroredIssue) -> bool {
    match search {
        Search::Labels => true,
        Search::Number(number) => issue.facts.number == *number,
        Search::Words(words) => {
            let title = words_of(&issue.facts.title);
            let begins = |word: &String| title.iter().any(|own| own.starts_with(word));
            words.iter().all(begins)
        }
    }
}
