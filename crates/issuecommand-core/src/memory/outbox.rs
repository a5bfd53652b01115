//! The writes to GitHub that are due.

use super::State;
use crate::domain::outbox::OutboxEntry;
use crate::domain::time::Timestamp;

impl State {
    pub(super) fn due_outbox(&self, now: Timestamp, limit: u32) -> Vec<OutboxEntry> {
        let mut due: Vec<OutboxEntry> = self
            .tables
            .outbox
            .rows()
            .filter(|entry| entry.waits() && entry.due <= now)
            .cloned()
            .collect();
        due.sort_by_key(|entry| (entry.due, entry.id));
        due.truncate(limit as usize);
        due.into_iter()
            .map(|entry| self.under_present_name(entry))
            .collect()
    }

    /// The entry with the present name of its repository.
    pub(super) fn under_present_name(&self, entry: OutboxEntry) -> OutboxEntry {
        let repo = entry.repo.and_then(|repo| self.repos.get(&repo));
        match repo.map(|repo| repo.facts.name.clone()) {
            Some(name) => OutboxEntry {
                write: entry.write.in_repo(name),
                ..entry
            },
            None => entry,
        }
    }
}
