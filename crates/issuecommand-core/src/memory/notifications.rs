//! Endpoints and their notifications.

use std::cmp::Reverse;

use async_trait::async_trait;

use super::{MemoryStore, State};
use crate::domain::failure::StoreError;
use crate::domain::notification::{Endpoint, Notification, NotificationKey, NotificationState};
use crate::domain::time::Timestamp;
use crate::engine::change::Trim;
use crate::ports::notifications::{NotificationFilter, NotificationStore};

#[async_trait]
impl NotificationStore for MemoryStore {
    async fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError> {
        Ok(self.lock().tables.endpoints.rows().cloned().collect())
    }

    async fn due_notifications(
        &self,
        endpoint: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        let is_due = |row: &&Notification| {
            row.endpoint == endpoint && row.state == NotificationState::Waiting && row.due <= now
        };
        let state = self.lock();
        let rows = state.tables.notifications.rows().filter(is_due);
        let mut due: Vec<Notification> = rows.cloned().collect();
        due.sort_by_key(|row| (row.due, row.id.clone()));
        due.truncate(limit as usize);
        Ok(due)
    }

    async fn notifications(
        &self,
        filter: &NotificationFilter,
    ) -> Result<Vec<Notification>, StoreError> {
        let fits = |row: &&Notification| {
            let of = filter.endpoint.as_ref();
            of.is_none_or(|endpoint| row.endpoint == *endpoint)
                && filter.state.is_none_or(|state| row.state == state)
        };
        let state = self.lock();
        let rows = state.tables.notifications.rows().filter(fits);
        let mut found: Vec<Notification> = rows.cloned().collect();
        found.sort_by_key(|row| (Reverse(row.created_at), row.key()));
        found.truncate(filter.limit as usize);
        Ok(found)
    }

    async fn notification(
        &self,
        key: &NotificationKey,
    ) -> Result<Option<Notification>, StoreError> {
        Ok(self.lock().tables.notifications.get(key).cloned())
    }
}

impl State {
    /// Deletes notifications that ended before, or that nobody sent since.
    pub(super) fn trim_notifications(&mut self, trim: Trim) {
        self.tables
            .notifications
            .retain(|row| row.ended_at.unwrap_or(row.due) >= trim.events_before);
    }
}
