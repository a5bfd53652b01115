//! Requests that have no answer yet, counted so that a client which does not read its answers cannot pile them up here.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use tokio::sync::Notify;

/// How many requests may be unanswered until no more is read. Each may hold an answer of some hundred kilobytes.
const MOST: usize = 128;

/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Calls(Arc<Shared>);

#[derive(Default)]
struct Shared {
    open: Mutex<HashSet<RequestId>>,
    freed: Notify,
}

impl Calls {
    /// Waits until one more request may be read.
    pub(super) async fn room(&self) {
        loop {
            let freed = self.0.freed.notified();
            if self.with(|open| open.len()) < MOST {
                return;
            }
            freed.await;
        }
    }

    /// Notes what the client asks for, and what it asks for no more: rmcp drops the answer to a cancelled request.
    pub(super) fn asked(&self, message: &ClientJsonRpcMessage) {
        match message {
            JsonRpcMessage::Request(request) => {
                self.with(|open| open.insert(request.id.clone()));
            }
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.end(id);
                }
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
        }
    }

    /// Notes that this was written, or cannot be.
    pub(super) fn answered(&self, message: &ServerJsonRpcMessage) {
        match message {
            JsonRpcMessage::Response(response) => self.end(&response.id),
            JsonRpcMessage::Error(error) => {
                if let Some(id) = &error.id {
                    self.end(id);
                }
            }
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => {}
        }
    }

    fn end(&self, id: &RequestId) {
        self.with(|open| open.remove(id));
        self.0.freed.notify_one();
    }

    fn with<T>(&self, look: impl FnOnce(&mut HashSet<RequestId>) -> T) -> T {
        // A panic elsewhere cannot leave the set half changed.
        look(&mut self.0.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
