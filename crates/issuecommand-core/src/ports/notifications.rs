//! The part of the storage port that is about endpoints and their notifications.

use async_trait::async_trait;

use crate::domain::failure::StoreError;
use crate::domain::notification::{Endpoint, Notification, NotificationKey, NotificationState};
use crate::domain::time::Timestamp;

/// A filter of notifications. All given conditions must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationFilter {
    /// Those of this endpoint.
    pub endpoint: Option<String>,
    /// Those in this state.
    pub state: Option<NotificationState>,
    /// How many at most, the latest.
    pub limit: u32,
}

/// Questions about endpoints and notifications.
#[async_trait]
pub trait NotificationStore: Send + Sync {
    /// All endpoints, by name.
    async fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError>;

    /// What is to be sent to an endpoint by now, the longest due first.
    async fn due_notifications(
        &self,
        endpoint: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError>;

    /// Notifications, the latest first, then by endpoint and id.
    async fn notifications(
        &self,
        filter: &NotificationFilter,
    ) -> Result<Vec<Notification>, StoreError>;

    /// One notification.
    async fn notification(&self, key: &NotificationKey)
    -> Result<Option<Notification>, StoreError>;
}
