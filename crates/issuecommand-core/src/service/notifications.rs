//! Use cases about endpoints and their notifications: those of the process that sends them, and those of people.

use super::{Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::event::{Event, Seq};
use crate::domain::failure::{Failure, StoreError};
use crate::domain::lease::LeaseProof;
use crate::domain::notification::{Endpoint, Notification, NotificationKey};
use crate::domain::time::Timestamp;
use crate::engine::command::{Action, Command, NotifyAction};
use crate::ports::notifications::NotificationFilter;
use crate::ports::store::StatusCounts;

impl Service {
    /// Does this to an endpoint or a notification under the lease of whoever sends to it.
    ///
    /// # Errors
    /// The store's errors and a lost lease.
    pub async fn note_notification(
        &self,
        action: NotifyAction,
        lease: &LeaseProof,
    ) -> Result<(), Failure> {
        let command = Command::system(Action::Notify(action));
        self.note(command.under(Some(lease))).await.map(drop)
    }

    /// Adds an endpoint whose name is new. It is told what happens from now on.
    ///
    /// # Errors
    /// The store's.
    pub async fn add_endpoint(&self, name: &str, kind: &str) -> Result<(), Failure> {
        let cursor = self.store.last_event().await?;
        let action = NotifyAction::AddEndpoint {
            name: name.to_owned(),
            kind: kind.to_owned(),
            cursor,
        };
        let command = Command::system(Action::Notify(action));
        self.note(command).await.map(drop)
    }

    /// What is to be sent to an endpoint by now, the longest due first.
    ///
    /// # Errors
    /// The store's.
    pub async fn due_notifications(
        &self,
        endpoint: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        self.store.due_notifications(endpoint, now, limit).await
    }

    /// An endpoint as the store knows it.
    ///
    /// # Errors
    /// The store's.
    pub async fn endpoint(&self, name: &str) -> Result<Option<Endpoint>, StoreError> {
        let all = self.store.endpoints().await?;
        Ok(all.into_iter().find(|endpoint| endpoint.name == name))
    }

    /// Events after this place of the log, for whoever makes notifications of them.
    ///
    /// # Errors
    /// The store's.
    pub async fn events_after(&self, place: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.store.events_after(place, limit).await
    }

    /// The place of the latest event.
    ///
    /// # Errors
    /// The store's.
    pub async fn last_event(&self) -> Result<Seq, StoreError> {
        self.store.last_event().await
    }

    /// Counts over the whole store.
    ///
    /// # Errors
    /// The store's.
    pub async fn status_counts(&self) -> Result<StatusCounts, StoreError> {
        self.store.tally().await
    }

    /// Waits until something may have been written.
    pub async fn changed(&self) {
        self.store.changed().await;
    }

    /// All endpoints. Needs a key that sees all repositories.
    pub async fn endpoints(&self, caller: &Caller) -> ServiceResult<Vec<Endpoint>> {
        Self::sees_all(caller)?;
        Ok(self.store.endpoints().await?)
    }

    /// The latest notifications. Needs a key that sees all repositories.
    pub async fn notifications(
        &self,
        caller: &Caller,
        filter: &NotificationFilter,
    ) -> ServiceResult<Vec<Notification>> {
        Self::sees_all(caller)?;
        Ok(self.store.notifications(filter).await?)
    }

    /// Sends a notification once more. Returns whether there is one with this key. Needs a key that sees all repositories and changes
    /// things.
    pub async fn replay_notification(
        &self,
        caller: &Caller,
        key: &NotificationKey,
    ) -> ServiceResult<bool> {
        Self::sees_all(caller)?;
        let is_there = self.store.notification(key).await?.is_some();
        let action = NotifyAction::Replay(key.clone());
        self.change_notifications(caller, action).await?;
        Ok(is_there)
    }

    /// Sends to an endpoint again, with what happened after this event; `None`: from where it is. Returns whether there is one of this
    /// name.
    pub async fn enable_endpoint(
        &self,
        caller: &Caller,
        name: &str,
        after: Option<Seq>,
    ) -> ServiceResult<bool> {
        Self::sees_all(caller)?;
        let is_there = self.endpoint(name).await?.is_some();
        let action = NotifyAction::Enable {
            endpoint: name.to_owned(),
            cursor: after,
        };
        self.change_notifications(caller, action).await?;
        Ok(is_there)
    }

    /// Forgets an endpoint and its notifications. Returns whether there was one of this name.
    pub async fn remove_endpoint(&self, caller: &Caller, name: &str) -> ServiceResult<bool> {
        Self::sees_all(caller)?;
        let is_there = self.endpoint(name).await?.is_some();
        let filter = NotificationFilter {
            endpoint: Some(name.to_owned()),
            state: None,
            limit: u32::MAX,
        };
        let known = self.store.notifications(&filter).await?;
        let action = NotifyAction::RemoveEndpoint {
            name: name.to_owned(),
            notifications: known.into_iter().map(|row| row.id).collect(),
        };
        self.change_notifications(caller, action).await?;
        Ok(is_there)
    }

    async fn change_notifications(
        &self,
        caller: &Caller,
        action: NotifyAction,
    ) -> ServiceResult<()> {
        caller.may_change(None)?;
        let command = Command::system(Action::Notify(action));
        self.note(command).await?;
        Ok(())
    }

    /// Endpoints are told of every repository.
    fn sees_all(caller: &Caller) -> ServiceResult<()> {
        match caller.scope {
            Scope::All => Ok(()),
            Scope::Only(_) => Err(Failure::ScopeTooNarrow.into()),
        }
    }
}
