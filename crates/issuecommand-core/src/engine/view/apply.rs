//! Changing a view, by the decisions of a batch.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rows, Slot, View};
use crate::domain::claim::Claim;
use crate::domain::event::Event;
use crate::domain::followup::{FeedbackEvent, Followup, SourceId};
use crate::engine::change::{Change, ClaimWrite, FollowupWrite, WriteBatch};

impl View {
    /// Takes a decision's changes and events, so that the next command of the batch sees them.
    pub fn apply(&mut self, changes: Vec<Change>, events: Vec<Event>) {
        self.touched.events.extend(events);
        for change in changes {
            self.apply_one(change);
        }
    }

    fn apply_one(&mut self, change: Change) {
        let touched = &mut self.touched;
        match change {
            Change::Repo(repo) => {
                self.next_repo = self.next_repo.max(repo.id.0 + 1);
                touched.repos.insert(repo.id);
                let before = self.repos.get(&repo.id).map(|old| old.offered);
                if before.is_some_and(|offered| offered != repo.offered) {
                    touched.reoffer.insert(repo.id);
                }
                touched.ground = true;
                self.load_repo(repo);
            }
            Change::Name(name, repo) => {
                touched.ground = true;
                touched.names.push((name.key().to_owned(), repo));
                self.load_name(name.key().to_owned(), repo);
            }
            Change::Bind(name, repo) => touched.bound.push((name.key().to_owned(), repo)),
            Change::Issue(issue) => {
                touched.candidates = true;
                touched.issues.insert(issue.key());
                self.load_issue(*issue);
            }
            Change::Claim(claim) => self.put_claim(*claim),
            Change::Pull(pull) => {
                touched.pulls.insert(pull.key());
                self.load_pull(*pull);
            }
            Change::Followup(item) => self.put_followup(*item),
            Change::Source(row) => {
                touched.sources.insert(row.id.clone());
                self.load_source(row, None);
            }
            Change::Text(text) => {
                touched.texts.insert(text.id.clone());
                self.texts.insert(text.id.clone(), *text);
            }
            Change::Delivery(row) => {
                touched.deliveries.insert(row.id.clone());
                self.load_delivery(*row);
            }
            Change::Lease(lease) => {
                touched.leases.insert(lease.name.clone());
                self.load_lease(lease);
            }
            Change::Key(key) => {
                touched.keys.insert(key.id.clone());
                self.load_key(*key);
            }
            Change::Outbox(entry) => {
                touched.outbox.insert(entry.id);
                self.load_outbox(entry);
            }
            Change::OutboxDone(id) => {
                touched.outbox.remove(&id);
                touched.outbox_done.push(id);
                self.outbox.remove(&id);
            }
            Change::Remember(remembered) => {
                touched
                    .remember
                    .insert((remembered.principal.clone(), remembered.key.clone()));
                self.load_remembered(*remembered);
            }
            Change::Trust(repo, before) => {
                touched.ground = true;
                touched.trust.push((repo, before));
            }
            Change::Trim(trim) => {
                touched.ground = true;
                touched.trim = Some(trim);
            }
            Change::LastSync(at) => touched.last_sync = Some(at),
            Change::SyncFailures(failures) => {
                touched.sync_failures = Some(failures.clone());
                self.sync_failures = failures;
            }
            Change::ListedPulls(repo, pulls) => {
                let keyed = pulls.iter().map(|pull| ((repo, pull.number), pull.open));
                touched.listed_pulls.extend(keyed);
            }
            Change::PrioritySource(source) => touched.priority_source = Some(source),
        }
    }

    fn put_claim(&mut self, claim: Claim) {
        let key = claim.key();
        let before = self.claims.get(&claim.id);
        let named = before.is_some_and(|slot| slot.row.pull.is_some());
        self.touched.feedback |= named || claim.pull.is_some();
        let left = before
            .map(|slot| slot.row.key())
            .filter(|left| *left != key);
        if let Some(left) = left.filter(|left| self.active.get(left) == Some(&claim.id)) {
            // It goes to another issue, as that was transferred: the old one is free of it.
            self.active.remove(&left);
            self.touched.ready.insert(left);
            self.touched.candidates = true;
        }
        let was = self.active.get(&key) == Some(&claim.id);
        if was != claim.is_active() {
            self.touched.ready.insert(key);
        }
        if claim.is_active() {
            self.active.insert(key, claim.id);
        } else if was {
            self.active.remove(&key);
            self.touched.candidates = true;
        }
        match self.claims.get_mut(&claim.id) {
            Some(slot) => slot.put(claim),
            None => drop(self.claims.insert(claim.id, Slot::new(claim))),
        }
    }

    fn put_followup(&mut self, item: Followup) {
        self.touched.holds.insert(item.pull());
        self.touched.feedback |= item.waits() || item.status.is_terminal();
        if item.status.is_terminal() {
            // From now on these are texts of events in no open item, which later commands of the batch may change.
            for source in &item.sources {
                self.touched.texts.insert(source.id.clone());
                self.texts.insert(source.id.clone(), source.as_text());
            }
        }
        match self.followups.get_mut(&item.id) {
            Some(slot) => slot.put(item),
            None => drop(self.followups.insert(item.id, Slot::new(item))),
        }
    }

    /// The text of an event, where the batch may have changed it.
    fn changed_text(&self, id: &SourceId) -> Option<FeedbackEvent> {
        let kept = || {
            self.kept_text(id)
                .filter(|_| self.touched.texts.contains(id))
        };
        self.text_in_item(id)
            .or_else(kept)
            .map(FeedbackEvent::as_text)
    }

    /// Everything that the batch changed, each row once.
    pub fn into_writes(mut self) -> WriteBatch {
        let ready: Vec<_> = self
            .touched
            .ready
            .iter()
            .filter(|key| !self.touched.issues.contains(key) && self.issues.contains_key(key))
            .map(|key| (*key, self.is_ready(*key)))
            .collect();
        let issues: Vec<_> = self
            .touched
            .issues
            .iter()
            .filter_map(|key| Some((self.issues.get(key)?.clone(), self.is_ready(*key))))
            .collect();
        let mut claims: Vec<ClaimWrite> = std::mem::take(&mut self.claims)
            .into_values()
            .filter_map(Slot::into_write)
            .collect();
        claims.sort_by_key(|write| write.row.is_active());
        let sources = self.touched.sources.iter();
        let sources: Vec<_> = sources
            .filter_map(|id| Some((self.sources.get(id)?.clone(), self.changed_text(id))))
            .collect();
        let holds = self.touched.holds.iter();
        let holds: Vec<_> = holds
            .map(|key| (*key, self.holder_of(*key).cloned()))
            .collect();
        let followups: Vec<FollowupWrite> = std::mem::take(&mut self.followups)
            .into_values()
            .filter_map(Slot::into_write)
            .collect();
        let touched = self.touched;
        WriteBatch {
            pulls: pick(&self.pulls, &touched.pulls),
            followups,
            sources,
            holds,
            deliveries: pick(&self.deliveries, &touched.deliveries),
            repos: pick(&self.repos, &touched.repos),
            names: touched.names,
            bound: touched.bound,
            issues,
            ready,
            claims,
            events: touched.events,
            leases: pick(&self.leases, &touched.leases),
            keys: pick(&self.keys, &touched.keys),
            outbox: pick(&self.outbox, &touched.outbox),
            outbox_done: touched.outbox_done,
            remember: pick(&self.remembered, &touched.remember),
            trust: touched.trust,
            reoffer: touched.reoffer.into_iter().collect(),
            trim: touched.trim,
            last_sync: touched.last_sync,
            sync_failures: touched.sync_failures,
            listed_pulls: touched.listed_pulls.into_iter().collect(),
            priority_source: touched.priority_source,
        }
    }
}

fn pick<K: Ord, T: Clone>(rows: &BTreeMap<K, T>, keys: &BTreeSet<K>) -> Vec<T> {
    keys.iter()
        .filter_map(|key| rows.get(key).cloned())
        .collect()
}
