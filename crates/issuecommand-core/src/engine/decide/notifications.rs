//! Endpoints and their notifications.

use super::Context;
use super::effects::Effects;
use crate::domain::notification::{Endpoint, Notification, NotificationState};
use crate::engine::change::Change;
use crate::engine::command::{Answer, NotifyAction, Outcome};
use crate::engine::tables::PlainKey;

impl Context<'_> {
    pub(super) fn keep_notifications(
        &self,
        action: &NotifyAction,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let tables = &self.view.tables;
        match action {
            NotifyAction::AddEndpoint { name, kind, cursor } => {
                let known = tables.endpoints.get(name);
                if known.is_none_or(|known| known.kind != *kind) {
                    fx.put_row(match known.cloned() {
                        Some(known) => Endpoint {
                            kind: kind.clone(),
                            ..known
                        },
                        None => Endpoint {
                            name: name.clone(),
                            kind: kind.clone(),
                            cursor: *cursor,
                            disabled: None,
                            told: String::new(),
                        },
                    });
                }
            }
            NotifyAction::RemoveEndpoint {
                name,
                notifications,
            } => {
                if tables.endpoints.get(name).is_some() {
                    fx.put_other(Change::NoRow(PlainKey::Endpoint(name.clone())));
                }
                for id in notifications {
                    let key = (name.clone(), id.clone());
                    fx.put_other(Change::NoRow(PlainKey::Notification(key)));
                }
            }
            NotifyAction::Plan {
                endpoint,
                from,
                to,
                told,
                notifications,
            } => {
                let known = tables.endpoints.get(endpoint);
                let is_same = |known: &&Endpoint| known.cursor == *from && known.disabled.is_none();
                if let Some(known) = known.filter(is_same).cloned() {
                    fx.put_row(Endpoint {
                        cursor: *to,
                        told: told.clone(),
                        ..known
                    });
                    for notification in notifications {
                        fx.put_row(notification.clone());
                    }
                }
            }
            NotifyAction::Settle {
                key,
                attempts,
                outcome,
                random,
            } => {
                let known = tables.notifications.get(key);
                let is_same = |known: &&Notification| {
                    known.state == NotificationState::Waiting && known.attempts == *attempts
                };
                if let Some(known) = known.filter(is_same).cloned() {
                    let after = known.after(outcome, *random, self.now);
                    if after.state == NotificationState::Failed {
                        self.disable(&after, fx);
                    }
                    fx.put_row(after);
                }
            }
            NotifyAction::Enable { endpoint, cursor } => {
                if let Some(known) = tables.endpoints.get(endpoint).cloned() {
                    fx.put_row(Endpoint {
                        cursor: cursor.unwrap_or(known.cursor),
                        disabled: None,
                        ..known
                    });
                }
            }
            NotifyAction::Replay(key) => {
                if let Some(known) = tables.notifications.get(key).cloned() {
                    fx.put_row(known.again(self.now));
                }
            }
        }
        Outcome::Done(Answer::Noted)
    }

    /// A receiver that takes nothing after the last attempt, or that wants nothing any more, is sent nothing until a person says so.
    fn disable(&self, failed: &Notification, fx: &mut Effects<'_>) {
        let endpoint = self.view.tables.endpoints.get(&failed.endpoint);
        if let Some(endpoint) = endpoint.filter(|known| known.disabled.is_none()) {
            let why = failed.error.clone().unwrap_or_default();
            fx.put_row(Endpoint {
                disabled: Some((self.now, why)),
                ..endpoint.clone()
            });
        }
    }
}
