//! Requests that have no answer yet, counted so that a client which does not read its answers cannot pile them up here.
//!
//! Three bounds hold together: how many requests are unanswered, how many bytes they had, and how many tools are at work or
//! have an answer that the client has not read. The last one bounds memory, since an answer can be a thousand times as long
//! as its request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// How many requests may be unanswered until no more is read. Tools that run on after their call was cancelled count alike.
const MAX_UNANSWERED: usize = 128;

/// How many bytes of unanswered requests are kept until no more is read.
const MAX_UNANSWERED_BYTES: usize = 16 * 1024 * 1024;

/// How many tools are at work, or hold an answer that was not read, until the next one waits.
const MAX_RUNNING: usize = 16;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Calls(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    open: Mutex<Open>,
    freed: Notify,
    at_work: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Open {
    unanswered: HashMap<RequestId, Unanswered>,
    /// The sum over `unanswered`.
    bytes: usize,
    /// Calls of tools that have not come to their end, also cancelled ones.
    tools: usize,
}

#[derive(Debug)]
struct Unanswered {
    /// The length of its line.
    bytes: usize,
    /// Its answer is on its way to the client: a cancellation comes too late.
    sending: bool,
    /// Held by a finished tool until its answer was written.
    at_work: Option<OwnedSemaphorePermit>,
}

impl Default for Calls {
    fn default() -> Self {
        Self(Arc::new(Shared {
            open: Mutex::default(),
            freed: Notify::new(),
            at_work: Arc::new(Semaphore::new(MAX_RUNNING)),
        }))
    }
}

impl Calls {
    /// Waits until one more request may be read.
    pub(super) async fn wait_for_room(&self) {
        self.wait(|open| {
            open.unanswered.len() < MAX_UNANSWERED
                && open.tools < MAX_UNANSWERED
                && open.bytes < MAX_UNANSWERED_BYTES
        })
        .await;
    }

    /// Waits until no unanswered request has this id. Two of one id could not be told apart, and one would get no answer.
    pub(super) async fn wait_for_id(&self, id: &RequestId) {
        self.wait(|open| !open.unanswered.contains_key(id)).await;
    }

    async fn wait(&self, enough: impl Fn(&Open) -> bool) {
        loop {
            let freed = self.0.freed.notified();
            if self.with(|open| enough(open)) {
                return;
            }
            freed.await;
        }
    }

    /// Notes what the client asks for in a line of so many bytes, and what it asks for no more: rmcp drops the answer to a
    /// cancelled request, unless it is on its way.
    pub(super) fn received(&self, message: &ClientJsonRpcMessage, bytes: usize) {
        match message {
            JsonRpcMessage::Request(request) => self.with(|open| {
                open.bytes += bytes;
                let unanswered = Unanswered {
                    bytes,
                    sending: false,
                    at_work: None,
                };
                open.unanswered.insert(request.id.clone(), unanswered);
            }),
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.end(id, |unanswered| !unanswered.sending);
                }
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
        }
    }

    /// Waits until a tool may begin.
    pub(crate) async fn wait_for_slot(&self) -> RunningTool {
        self.with(|open| open.tools += 1);
        let mut at_work = RunningTool {
            calls: self.clone(),
            permit: None,
        };
        // It is never closed.
        at_work.permit = self.0.at_work.clone().acquire_owned().await.ok();
        at_work
    }

    /// Notes that a tool has an answer: its place is kept until that was written, unless nobody waits for it.
    pub(crate) fn finished(&self, id: &RequestId, mut at_work: RunningTool) {
        let permit = at_work.permit.take();
        self.with(|open| {
            if let Some(unanswered) = open.unanswered.get_mut(id) {
                unanswered.at_work = permit;
            }
        });
    }

    /// Notes that an answer is about to be written; its id if it is an answer.
    pub(super) fn sending(&self, message: &ServerJsonRpcMessage) -> Option<RequestId> {
        let id = match message {
            JsonRpcMessage::Response(response) => response.id.clone(),
            JsonRpcMessage::Error(error) => error.id.clone()?,
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => return None,
        };
        self.with(|open| {
            if let Some(unanswered) = open.unanswered.get_mut(&id) {
                unanswered.sending = true;
            }
        });
        Some(id)
    }

    /// Notes that an answer was written, or cannot be.
    pub(super) fn answered(&self, id: &RequestId) {
        self.end(id, |_| true);
    }

    fn end(&self, id: &RequestId, whether: impl FnOnce(&Unanswered) -> bool) {
        self.with(|open| {
            if open.unanswered.get(id).is_some_and(whether)
                && let Some(ended) = open.unanswered.remove(id)
            {
                open.bytes -= ended.bytes;
                drop(ended.at_work);
            }
        });
        self.0.freed.notify_one();
    }

    fn with<T>(&self, look: impl FnOnce(&mut Open) -> T) -> T {
        // A panic elsewhere cannot leave the numbers half changed.
        look(&mut self.0.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The place of a tool among those at work, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct RunningTool {
    calls: Calls,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for RunningTool {
    fn drop(&mut self) {
        self.calls.with(|open| open.tools -= 1);
        self.calls.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rmcp::model::{EmptyResult, ServerResult};
    use serde_json::json;
    use tokio::time::timeout;

    use super::*;

    fn ask(calls: &Calls, id: i64, bytes: usize) {
        let line = json!({ "jsonrpc": "2.0", "id": id, "method": "ping" });
        calls.received(&serde_json::from_value(line).unwrap(), bytes);
    }

    fn cancel(calls: &Calls, id: i64) {
        let params = json!({ "requestId": id });
        let line =
            json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
        calls.received(&serde_json::from_value(line).unwrap(), 0);
    }

    fn answer(calls: &Calls, id: i64) {
        let result = ServerResult::EmptyResult(EmptyResult {});
        let message = JsonRpcMessage::response(result, RequestId::Number(id));
        assert_eq!(calls.sending(&message), Some(RequestId::Number(id)));
    }

    async fn there_is_room(calls: &Calls) -> bool {
        timeout(Duration::from_millis(20), calls.wait_for_room())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn no_more_is_read_while_too_much_is_unanswered() {
        let calls = Calls::default();
        for id in 0..127 {
            ask(&calls, id, 10);
        }
        assert!(there_is_room(&calls).await);
        ask(&calls, 127, 10);
        assert!(!there_is_room(&calls).await);
        answer(&calls, 5);
        assert!(!there_is_room(&calls).await, "it is not written yet");
        cancel(&calls, 5);
        assert!(!there_is_room(&calls).await, "it is on its way");
        calls.answered(&RequestId::Number(5));
        assert!(there_is_room(&calls).await);

        let calls = Calls::default();
        ask(&calls, 1, MAX_UNANSWERED_BYTES);
        assert!(!there_is_room(&calls).await);
        cancel(&calls, 1);
        assert!(there_is_room(&calls).await);
        calls.answered(&RequestId::Number(1));
        assert_eq!(calls.with(|open| open.bytes), 0);
    }

    #[tokio::test]
    async fn a_call_holds_its_slot_until_its_answer_is_written() {
        let calls = Calls::default();
        let next = async || {
            timeout(Duration::from_millis(20), calls.wait_for_slot())
                .await
                .ok()
        };
        let mut running = Vec::new();
        for id in 0..16 {
            ask(&calls, id, 1);
            running.push(next().await.unwrap());
        }
        assert!(next().await.is_none());
        calls.finished(&RequestId::Number(15), running.pop().unwrap());
        assert!(next().await.is_none(), "its answer was not read");
        answer(&calls, 15);
        calls.answered(&RequestId::Number(15));
        running.push(next().await.expect("a place"));

        // The tool of a cancelled call goes on, and its answer is dropped.
        cancel(&calls, 3);
        assert!(next().await.is_none());
        calls.finished(&RequestId::Number(3), running.pop().unwrap());
        assert!(next().await.is_some());
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "a test of waiting calls")]
    async fn tools_whose_calls_were_cancelled_count() {
        let calls = Calls::default();
        let mut waiting = Vec::new();
        for id in 0..128 {
            ask(&calls, id, 1);
            waiting.push(tokio::spawn({
                let calls = calls.clone();
                async move { calls.wait_for_slot().await }
            }));
            cancel(&calls, id);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!there_is_room(&calls).await);
        drop(waiting.swap_remove(0).await.unwrap());
        assert!(there_is_room(&calls).await);
    }

    #[tokio::test]
    async fn an_id_is_free_again_once_it_was_answered() {
        let calls = Calls::default();
        let id = RequestId::Number(7);
        ask(&calls, 7, 1);
        let id_is_free = || timeout(Duration::from_millis(20), calls.wait_for_id(&id));
        assert!(id_is_free().await.is_err());
        calls.answered(&id);
        assert!(id_is_free().await.is_ok());
    }
}
