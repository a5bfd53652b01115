//! Applies the decisions of a batch to a view.

use std::collections::BTreeMap;

use super::{Rows, View};
use crate::domain::claim::Claim;
use crate::domain::event::Event;
use crate::domain::followup::{FeedbackEvent, Followup, SourceId};
use crate::domain::id::IssueKey;
use crate::domain::repo::Repo;
use crate::domain::standing::Standing;
use crate::engine::change::{Change, CountedAs, Sign, WriteBatch};
use crate::engine::daily::Counted;
use crate::engine::tables::PlainRow;

impl View {
    /// Applies a decision's changes and events, so that the next command of the batch sees them.
    pub fn apply(&mut self, changes: Vec<Change>, events: Vec<Event>) {
        self.dirty.events.extend(events);
        for change in changes {
            self.apply_one(change);
        }
    }

    fn apply_one(&mut self, change: Change) {
        let dirty = &mut self.dirty;
        match change {
            Change::Repo(repo) => self.put_repo(repo),
            Change::Name(name, repo) => {
                dirty.ground = true;
                dirty.names.push((name.key().to_owned(), repo));
                self.load_name(name.key().to_owned(), repo);
            }
            Change::Bind(name, repo) => dirty.bound.push((name.key().to_owned(), repo)),
            Change::Issue(issue) => {
                dirty.candidates = true;
                self.issues.put(*issue);
            }
            Change::Claim(claim) => self.put_claim(*claim),
            Change::Pull(pull) => self.pulls.put(*pull),
            Change::Followup(item) => self.put_followup(*item),
            Change::Source(row) => self.sources.put(row),
            Change::Text(text) => self.texts.put(*text),
            Change::Row(row) => {
                if let PlainRow::OutboxEntry(newer) = &row {
                    self.tables.coalesce(newer);
                }
                if let PlainRow::Standing(standing) = &row {
                    let before = self.tables.standings.get(&standing.key());
                    // Who leaves the queue is seen when a list is used, so that only one who joins it makes lists stale.
                    dirty.candidates |= standing.reasons.is_empty()
                        && before.is_none_or(|before| {
                            !before.reasons.is_empty() || before.place() != standing.place()
                        });
                    self.touch(standing.key());
                }
                if let PlainRow::Attempt(attempt) = &row {
                    self.askers.learn(attempt);
                }
                if let PlainRow::Halt(_) = &row {
                    self.dirty.candidates = true;
                    self.dirty.feedback = true;
                }
                // A policy decides what is loaded for those who ask.
                self.dirty.ground |= matches!(row, PlainRow::KnownPolicy(_));
                self.tables.put(row);
            }
            Change::NoStanding(key) => {
                self.touch(key);
                self.tables.standings.remove(&key);
            }
            Change::HaltEnded(of) => {
                dirty.candidates = true;
                dirty.feedback = true;
                self.tables.halts.remove(&of);
            }
            Change::Sign(sign) => {
                self.sign(&sign);
                self.dirty.signs.push(sign);
            }
            Change::NoRow(key) => self.tables.remove(&key),
            Change::OutboxDone(id) => self.tables.outbox.remove(&id),
            Change::Trim(trim) => {
                dirty.ground = true;
                dirty.trim = Some(trim);
            }
            Change::Measure(day, hour) => dirty.measured = Some((day, hour)),
            Change::LastSync(at) => dirty.last_sync = Some(at),
            Change::SyncFailures(failures) => {
                dirty.sync_failures = Some(failures.clone());
                self.sync_failures = failures;
            }
            Change::ListedPulls(repo, pulls) => {
                let keyed = pulls.iter().map(|pull| ((repo, pull.number), pull.open));
                dirty.listed_pulls.extend(keyed);
            }
            Change::PrioritySource(source) => dirty.priority_source = Some(source),
        }
    }

    /// Marks the loaded rows as a store marks those that it has.
    fn sign(&mut self, sign: &Sign) {
        let due = sign.due();
        self.claims.touch(|claim| {
            let held = (&claim.agent, &claim.session) == (&sign.agent, &sign.session);
            if held && claim.is_active() && claim.alive_at() <= due {
                claim.signed_at = sign.at;
            }
        });
        self.followups.touch(|item| {
            let held = (item.holder(), &item.session) == (Some(&sign.agent), &sign.session);
            if held && item.alive_at() <= due {
                item.signed_at = sign.at;
            }
        });
    }

    fn put_repo(&mut self, repo: Repo) {
        self.next_repo = self.next_repo.max(repo.id.0 + 1);
        let before = self.repos.get(&repo.id).map(|old| old.offered);
        if before.is_some_and(|offered| offered != repo.offered) {
            self.dirty.requeue.insert(repo.id);
        }
        self.dirty.ground = true;
        self.repos.put(repo);
    }

    fn put_claim(&mut self, claim: Claim) {
        let key = claim.key();
        // The claim itself says from now on whether the issue is held.
        self.held.remove(&key);
        let before = self.claims.get(&claim.id);
        let named = before.is_some_and(|before| before.pull.is_some());
        self.dirty.feedback |= named || claim.pull.is_some();
        let left = before.map(Claim::key).filter(|left| *left != key);
        if let Some(left) = left.filter(|left| self.active.get(left) == Some(&claim.id)) {
            // The claim moved with its transferred issue, so the old issue is free.
            self.touch(left);
            self.active.remove(&left);
            self.dirty.candidates = true;
        }
        let was = self.active.get(&key) == Some(&claim.id);
        if was != claim.is_active() {
            self.touch(key);
        }
        if claim.is_active() {
            self.active.insert(key, claim.id);
        } else if was {
            self.active.remove(&key);
            self.dirty.candidates = true;
        }
        self.askers.count(self.claims.get(&claim.id), &claim);
        self.claims.put(claim);
    }

    /// Notes where an issue counts and stands in the queue, before its readiness changes for the first time in the batch.
    fn touch(&mut self, key: IssueKey) {
        let before = self.counted_as(key);
        let place = self.tables.standings.get(&key).map(Standing::place);
        self.dirty.ready.entry(key).or_insert((before, place));
    }

    /// The changes of the numbers of open issues.
    fn counts(&self) -> Vec<(CountedAs, i64)> {
        let mut counts: BTreeMap<CountedAs, i64> = BTreeMap::new();
        for (key, (before, _)) in &self.dirty.ready {
            for (place, change) in [(before.clone(), -1), (self.counted_as(*key), 1)] {
                if let Some(place) = place {
                    *counts.entry(place).or_default() += change;
                }
            }
        }
        counts.retain(|_, change| *change != 0);
        counts.into_iter().collect()
    }

    fn put_followup(&mut self, item: Followup) {
        self.dirty.holds.insert(item.pull());
        let before = self.followups.get(&item.id).and_then(Followup::holder);
        if item.holder().is_some() && before.is_some_and(|before| item.holder() != Some(before)) {
            self.dirty.given.insert(item.pull());
        }
        self.dirty.feedback |= item.waits() || item.status.is_terminal();
        if item.status.is_terminal() {
            // These texts are now in no open item, and later commands of the batch may change them.
            for source in &item.sources {
                self.texts.put(source.as_text());
            }
        }
        self.followups.put(item);
    }

    /// The text of a feedback event, if the batch may have changed it.
    fn changed_text(&self, id: &SourceId) -> Option<FeedbackEvent> {
        let kept = || {
            self.kept_text(id)
                .filter(|_| self.texts.changed().contains(id))
        };
        self.text_in_item(id)
            .or_else(kept)
            .map(FeedbackEvent::as_text)
    }

    /// Everything that the batch changed, each row once.
    pub fn into_writes(self) -> WriteBatch {
        let counts = self.counts();
        let touched = self.dirty.ready.iter();
        let leave_queue = touched.clone().filter_map(|(_, (_, place))| place.clone());
        let leave_queue = leave_queue.collect();
        let ready = touched.filter(|(key, _)| self.is_ready(**key));
        let ready = ready.filter_map(|(key, _)| self.tables.standings.get(key));
        let join_queue = ready.map(Standing::place).collect();
        let issues = self.issues.changed().iter();
        let issues = issues.filter_map(|key| self.issue(*key).cloned()).collect();
        let sources = self.sources.changed().iter();
        let sources =
            sources.filter_map(|id| Some((self.source(id)?.clone(), self.changed_text(id))));
        let sources = sources.collect();
        // The former holder of what was given must let go first.
        let freed = self.dirty.given.iter().map(|key| (*key, None));
        let holds = self.dirty.holds.iter();
        let holds = holds.map(|key| (*key, self.holder_of(*key).cloned()));
        let holds = freed.chain(holds).collect();
        let mut claims = self.claims.into_writes();
        claims.sort_by_key(|write| write.row.is_active());
        let followups = self.followups.into_writes();
        let dirty = self.dirty;
        WriteBatch {
            counted: Counted::of(&claims, &followups),
            measured: dirty.measured,
            repos: self.repos.into_write().put,
            names: dirty.names,
            bound: dirty.bound,
            issues,
            leave_queue,
            join_queue,
            counts,
            signs: dirty.signs,
            claims,
            pulls: self.pulls.into_write().put,
            followups,
            sources,
            holds,
            tables: self.tables.into_writes(),
            events: dirty.events,
            requeue: dirty.requeue.into_iter().collect(),
            trim: dirty.trim,
            last_sync: dirty.last_sync,
            sync_failures: dirty.sync_failures,
            listed_pulls: dirty.listed_pulls.into_iter().collect(),
            priority_source: dirty.priority_source,
        }
    }
}
