//! Endpoints and their notifications.

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::notification::{
    Endpoint, Notification, NotificationKey, NotificationState,
};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::notifications::{NotificationFilter, NotificationStore};

use super::SqlStore;
use super::database::{Args as _, Database};
use crate::plain::{EndpointRow, NotificationRow};

#[async_trait]
impl<D: Database> NotificationStore for SqlStore<D> {
    async fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError> {
        let sql = D::STATEMENTS.notify.endpoints;
        self.all::<EndpointRow>(sql, D::Args::default()).await
    }

    async fn due_notifications(
        &self,
        endpoint: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        let args = D::Args::default()
            .text(Some(endpoint))?
            .number(now.0)?
            .number(i64::from(limit))?;
        let sql = D::STATEMENTS.notify.due;
        self.all::<NotificationRow>(sql, args).await
    }

    async fn notifications(
        &self,
        filter: &NotificationFilter,
    ) -> Result<Vec<Notification>, StoreError> {
        let args = D::Args::default()
            .text(filter.endpoint.as_deref())?
            .text(filter.state.map(NotificationState::as_str))?
            .number(i64::from(filter.limit))?;
        let sql = D::STATEMENTS.notify.latest;
        self.all::<NotificationRow>(sql, args).await
    }

    async fn notification(
        &self,
        (endpoint, id): &NotificationKey,
    ) -> Result<Option<Notification>, StoreError> {
        let args = D::Args::default().text(Some(endpoint))?.text(Some(id))?;
        let sql = D::STATEMENTS.notify.one;
        self.first::<NotificationRow>(sql, args).await
    }
}
