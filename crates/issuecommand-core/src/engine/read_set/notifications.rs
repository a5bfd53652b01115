//! The endpoints and notifications that commands need.

use super::ReadSet;
use crate::domain::notification::NotificationKey;
use crate::engine::command::NotifyAction;

impl ReadSet {
    pub(super) fn notify(&mut self, action: &NotifyAction) {
        match action {
            NotifyAction::AddEndpoint { name, .. }
            | NotifyAction::RemoveEndpoint { name, .. }
            | NotifyAction::Plan { endpoint: name, .. }
            | NotifyAction::Enable { endpoint: name, .. } => {
                self.tables.endpoints.keys.insert(name.clone());
            }
            NotifyAction::Settle { key, .. } | NotifyAction::Replay(key) => self.notification(key),
        }
    }

    fn notification(&mut self, key: &NotificationKey) {
        self.tables.endpoints.keys.insert(key.0.clone());
        self.tables.notifications.keys.insert(key.clone());
    }
}
