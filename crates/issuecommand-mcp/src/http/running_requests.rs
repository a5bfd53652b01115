//! The requests of each session that have no answer yet, so that their client can cancel one by another request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::session::SessionId;
use rmcp::model::{ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, RequestId};
use tokio_util::sync::CancellationToken;

/// A request: ids of one session mean nothing to another, nor to another key.
type Key = (Principal, SessionId, RequestId);

/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct RunningRequests(Arc<Mutex<Requests>>);

/// How many requests of this id there are, although there should be one, and what cancels them.
type Requests = HashMap<Key, (usize, CancellationToken)>;

/// A request until its answer.
#[derive(Debug)]
pub(super) struct Running {
    running: RunningRequests,
    key: Key,
    cancelled: CancellationToken,
}

impl RunningRequests {
    fn lock(&self) -> MutexGuard<'_, Requests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request of a caller in a session; `None` for any other message. Without a session nobody can name a request.
    pub(super) fn begin(
        &self,
        caller: Option<&Caller>,
        message: &ClientJsonRpcMessage,
    ) -> Option<Running> {
        let JsonRpcMessage::Request(request) = message else {
            return None;
        };
        let key = key(caller?, &request.id)?;
        let cancelled = {
            let mut requests = self.lock();
            let (count, cancelled) = requests.entry(key.clone()).or_default();
            *count += 1;
            cancelled.clone()
        };
        Some(Running {
            running: self.clone(),
            key,
            cancelled,
        })
    }

    /// Cancels the request that a message of the same caller and session names, if it cancels one.
    pub(super) fn heed(&self, caller: Option<&Caller>, message: &ClientJsonRpcMessage) {
        if let JsonRpcMessage::Notification(told) = message
            && let ClientNotification::CancelledNotification(cancelled) = &told.notification
            && let Some(id) = &cancelled.params.request_id
            && let Some(key) = caller.and_then(|caller| key(caller, id))
            && let Some((_, cancelled)) = self.lock().get(&key)
        {
            cancelled.cancel();
        }
    }
}

impl Running {
    /// Returns when the client has cancelled it.
    pub(super) async fn cancelled(&self) {
        self.cancelled.cancelled().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut requests = self.running.lock();
        if let Some((count, _)) = requests.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                requests.remove(&self.key);
            }
        }
    }
}

fn key(caller: &Caller, id: &RequestId) -> Option<Key> {
    let session = caller.session_id()?.clone();
    Some((caller.principal.clone(), session, id.clone()))
}
