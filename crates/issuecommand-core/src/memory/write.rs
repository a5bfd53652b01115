//! Writes the changes of a batch, all or nothing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::State;
use crate::domain::bounds::keep_last;
use crate::domain::claim::Claim;
use crate::domain::failure::StoreError;
use crate::domain::followup::{Followup, KnownSource};
use crate::domain::id::{AgentId, ClaimId, PullKey};
use crate::domain::notice::Notice;
use crate::engine::change::{Sign, Trim, WriteBatch};
use crate::engine::fence::{ClaimWrite, Fenced, FollowupWrite};
use crate::ports::store::HistoryCursor;

impl State {
    pub(super) fn write(&mut self, writes: WriteBatch) -> Result<(), StoreError> {
        self.check(&writes.claims)?;
        self.check_followups(&writes)?;
        for repo in writes.repos {
            self.repos.insert(repo.id, repo);
        }
        self.names.extend(writes.names);
        for (key, repo) in writes.bound {
            self.bound.entry(key).or_insert(repo);
        }
        for issue in writes.issues {
            self.issues.insert(issue.key(), issue);
        }
        writes.signs.iter().for_each(|sign| self.sign(sign));
        for ClaimWrite { row: mut claim, .. } in writes.claims {
            keep_last(&mut claim.history, &mut claim.earlier);
            let left = self.claims.get(&claim.id).map(Claim::key);
            if let Some(left) = left.filter(|left| *left != claim.key())
                && self.active.get(&left) == Some(&claim.id)
            {
                self.active.remove(&left);
            }
            if claim.is_active() {
                self.active.insert(claim.key(), claim.id);
            } else if self.active.get(&claim.key()) == Some(&claim.id) {
                self.active.remove(&claim.key());
            }
            self.claims.insert(claim.id, claim);
        }
        self.pulls
            .extend(writes.pulls.into_iter().map(|pull| (pull.key(), pull)));
        for FollowupWrite { row: mut item, .. } in writes.followups {
            keep_last(&mut item.history, &mut item.earlier);
            self.followups.insert(
                item.id,
                Followup {
                    author: None,
                    ..item
                },
            );
        }
        for (row, text) in writes.sources {
            self.texts.extend(text.map(|text| (row.id.clone(), text)));
            self.sources.insert(row.id.clone(), row);
        }
        for (key, holder) in writes.holds {
            match holder {
                Some(agent) => self.holds.insert(key, agent),
                None => self.holds.remove(&key),
            };
        }
        for mut event in writes.events {
            event.seq = self.next_seq;
            self.next_seq += 1;
            self.events.push(event);
        }
        let newer = &writes.tables.outbox.put;
        self.tables
            .outbox
            .retain(|entry| !newer.iter().any(|newer| entry.is_replaced_by(newer)));
        self.tables.store(writes.tables);
        self.count(writes.counted, writes.measured);
        if let Some(trim) = writes.trim {
            self.trim(trim);
        }
        self.last_sync = writes.last_sync.or(self.last_sync);
        if let Some(failures) = writes.sync_failures {
            self.sync_failures = failures;
        }
        self.list_pulls(writes.listed_pulls);
        self.priority_source = writes
            .priority_source
            .or_else(|| self.priority_source.take());
        Ok(())
    }

    fn sign(&mut self, sign: &Sign) {
        let due = sign.due();
        for claim in self.claims.values_mut().filter(|claim| {
            claim.is_active()
                && claim.agent == sign.agent
                && claim.session == sign.session
                && claim.alive_at() <= due
        }) {
            claim.signed_at = sign.at;
        }
        for item in self.followups.values_mut().filter(|item| {
            item.holder() == Some(&sign.agent)
                && item.session == sign.session
                && item.alive_at() <= due
        }) {
            item.signed_at = sign.at;
        }
    }

    fn list_pulls(&mut self, listed: Vec<(PullKey, bool)>) {
        for (key, open) in listed {
            if open {
                self.open_pulls.insert(key);
            } else {
                self.open_pulls.remove(&key);
            }
        }
    }

    /// Does the work of a database's unique index on claims and of its fences.
    fn check(&self, claims: &[ClaimWrite]) -> Result<(), StoreError> {
        let mut freed = Vec::new();
        let mut taken = Vec::new();
        for ClaimWrite {
            row: claim, before, ..
        } in claims
        {
            if self.claims.get(&claim.id).map(Fenced::fence) != *before {
                return Err(StoreError::Corrupt(format!(
                    "claim {} was not what the engine believed",
                    claim.id
                )));
            }
            if !claim.is_active() {
                freed.push(claim.id);
                continue;
            }
            let holder = self
                .active
                .get(&claim.key())
                .filter(|id| **id != claim.id && !freed.contains(id));
            if holder.is_some() || taken.contains(&claim.key()) {
                return Err(StoreError::Corrupt(format!(
                    "two active claims on {}#{}",
                    claim.repo_name, claim.number
                )));
            }
            taken.push(claim.key());
        }
        Ok(())
    }

    /// Does the work of a database's primary key on held pull requests and of its fences.
    fn check_followups(&self, writes: &WriteBatch) -> Result<(), StoreError> {
        for FollowupWrite {
            row: item, before, ..
        } in &writes.followups
        {
            if self.followups.get(&item.id).map(Fenced::fence) != *before {
                return Err(StoreError::Corrupt(format!(
                    "follow-up {} was not what the engine believed",
                    item.id
                )));
            }
            let holder = writes.holds.iter().rfind(|(key, _)| *key == item.pull());
            if let Some(owner) = item.holder()
                && holder.and_then(|(_, holder)| holder.as_ref()) != Some(owner)
            {
                return Err(StoreError::Corrupt(format!(
                    "two agents on {}#{}",
                    item.repo_name, item.number
                )));
            }
        }
        Ok(())
    }

    fn trim_followups(&mut self, trim: Trim) {
        let mut ended: Vec<_> = self
            .followups
            .values()
            .filter(|item| item.status.is_terminal())
            .collect();
        ended.sort_by_key(|item| std::cmp::Reverse((item.last_updated, item.id)));
        let gone: Vec<_> = ended
            .iter()
            .skip(trim.followups as usize)
            .map(|item| item.id)
            .collect();
        for id in gone {
            self.followups.remove(&id);
            let of_it = |row: &&KnownSource| row.item == Some(id);
            for row in self.sources.values().filter(of_it) {
                self.texts.remove(&row.id);
            }
        }
        let mut known: Vec<_> = self
            .tables
            .deliveries
            .rows()
            .filter(|row| row.processed_at.is_some())
            .collect();
        known.sort_by_key(|row| std::cmp::Reverse((row.received_at, row.id.clone())));
        let gone = known.into_iter().skip(trim.deliveries as usize);
        let gone: BTreeSet<String> = gone.map(|row| row.id.clone()).collect();
        self.tables.deliveries.retain(|row| !gone.contains(&row.id));
    }

    fn trim_sessions(&mut self, trim: Trim) {
        self.tables
            .sessions
            .retain(|session| session.last_seen >= trim.sessions_before);
        let active = self.active.values().filter_map(|id| self.claims.get(id));
        let holders: BTreeSet<AgentId> = active.map(|claim| claim.agent.clone()).collect();
        self.tables
            .agents
            .retain(|agent| agent.last_seen >= trim.agents_before || holders.contains(&agent.id));
        let mut notices: Vec<&Notice> = self.tables.notices.rows().collect();
        notices.sort_by_key(|notice| Reverse(notice.order()));
        let mut kept = BTreeMap::<&AgentId, u32>::new();
        let mut stays = BTreeSet::new();
        for notice in notices {
            let n = kept.entry(&notice.agent).or_default();
            *n += 1;
            if *n <= trim.notices && notice.at >= trim.notices_before {
                stays.insert(notice.id.clone());
            }
        }
        self.tables
            .notices
            .retain(|notice| stays.contains(&notice.id));
    }

    fn trim(&mut self, trim: Trim) {
        self.trim_followups(trim);
        let place = |claim: &Claim| HistoryCursor {
            ended: claim.last_updated,
            claim: claim.id.to_string(),
        };
        let mut ended: Vec<(HistoryCursor, ClaimId)> = self
            .claims
            .values()
            .filter(|claim| !claim.is_active())
            .map(|claim| (place(claim), claim.id))
            .collect();
        ended.sort_by(|a, b| b.0.cmp(&a.0));
        for (_, id) in ended.into_iter().skip(trim.history as usize) {
            self.claims.remove(&id);
            self.trimmed += 1;
        }
        self.events
            .retain(|event| event.timestamp >= trim.events_before);
        self.tables
            .idempotency
            .retain(|row| row.at >= trim.remembered_before);
        self.tables.attempts.retain(|row| {
            row.to >= trim.attempts_before && (row.counts || row.to >= trim.remembered_before)
        });
        self.tables
            .quick_releases
            .retain(|row| row.at >= trim.remembered_before);
        self.trim_sessions(trim);
        self.daily.retain(|key, _| key.day >= trim.days_before);
        self.agent_totals
            .retain(|_, (_, day)| *day >= trim.days_before);
        let is_kept = |at| at >= trim.events_before;
        self.tables.held_feedback.retain(|row| is_kept(row.at));
        self.tables
            .outbox
            .retain(|entry| entry.failed_at.is_none_or(is_kept));
    }
}
