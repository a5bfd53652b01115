//! The one task of the process that follows the event log while there are readers.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::Stream;
use issuecommand_core::domain::event::Seq;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::service::Service;
use issuecommand_executor::keys::Authenticated;
use issuecommand_wire::call::EventSelection;
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::time::timeout;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use super::frame::{Batch, Frame, Rejection};
use super::reader::{PAGE, Reader};
use crate::serve::admission::ConnectionHandle;
use crate::settings::HttpSettings;

/// How often the log is looked at when nothing says that it grew: events of other processes must not depend on a hint.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// How long to leave a failing store alone.
const PAUSE: Duration = Duration::from_secs(1);
/// How many batches a reader may fall behind before it fetches from the store.
const BACKLOG: usize = 256;
/// How many rejections wait for a reader. They have a channel of their own, so that strangers who knock at the webhook's path
/// push no event out of the other one; a reader that is slow misses some.
const REJECTION_BUFFER: usize = 16;
/// How many lines wait for a connection that takes them slowly.
const FRAME_BUFFER: usize = 64;
/// How long the end of a stream may take to reach its connection.
const FLUSH: Duration = Duration::from_secs(2);

/// Where a reader says that it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// After this event.
    After(Seq),
    /// After something that is no id of ours.
    Unknown,
}

/// Where readers join. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Hub {
    service: Service,
    batches: broadcast::Sender<Batch>,
    rejections: broadcast::Sender<Rejection>,
    joined: Arc<Notify>,
    ping: Duration,
    /// How long a connection may take no byte.
    write_timeout: Duration,
    shutdown: CancellationToken,
}

impl Hub {
    /// Starts the task that follows the log, until `shutdown`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the reader of the event log, ended with its hub"
    )]
    pub(crate) fn start(
        service: Service,
        settings: &HttpSettings,
        shutdown: CancellationToken,
    ) -> Self {
        let (batches, _) = broadcast::channel(BACKLOG);
        let (rejections, _) = broadcast::channel(REJECTION_BUFFER);
        let hub = Self {
            service,
            batches,
            rejections,
            joined: Arc::new(Notify::new()),
            ping: settings.ping,
            write_timeout: settings.write_timeout,
            shutdown,
        };
        let follower = hub.clone();
        tokio::spawn(async move {
            let ended = follower.shutdown.clone();
            tokio::select! {
                () = ended.cancelled() => {}
                () = follower.follow() => {}
            }
        });
        hub
    }

    /// A new stream: from after `resume`, or from the present end of the log. It has what its reader wants and may see, and lasts
    /// no longer than its reader's key. With it ends the connection that it is written to, unless that takes the end of the stream soon.
    #[expect(
        clippy::disallowed_methods,
        reason = "the reader of the event log, ended with its hub"
    )]
    pub(crate) async fn read(
        &self,
        resume: Option<Resume>,
        wanted: EventSelection,
        who: Authenticated,
        connection: Option<ConnectionHandle>,
    ) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + use<>, StoreError> {
        let (batches, rejections) = (self.batches.subscribe(), self.rejections.subscribe());
        self.joined.notify_one();
        let end = self.service.store().last_event().await?;
        let (at, foreign) = match resume {
            None => (end, false),
            Some(Resume::After(id)) if id <= end => (id, false),
            // An id beyond the end is of another database, or of this one before it was restored.
            Some(Resume::After(_) | Resume::Unknown) => (end, true),
        };
        let (frames, receiver) = mpsc::channel(FRAME_BUFFER);
        let reader = Reader {
            service: self.service.clone(),
            batches,
            rejections,
            frames,
            at,
            foreign,
            behind: at < end,
            sight: self.service.sight(&who.caller),
            wanted,
            write_timeout: self.write_timeout,
        };
        let gone = CancellationToken::new();
        let taken = gone.clone().drop_guard();
        let reading = reader.run(self.ping, who.key, self.shutdown.clone());
        tokio::spawn(async move {
            reading.await;
            // A connection that takes nothing would never see the end, and stay.
            let unseen = timeout(FLUSH, gone.cancelled()).await.is_err();
            if let Some(connection) = connection.filter(|_| unseen) {
                connection.close();
            }
        });
        Ok(ReceiverStream::new(receiver).map(move |line| {
            let _ = &taken;
            Ok(line)
        }))
    }

    /// Tells the present readers, and no later ones, that a request on the webhook's path was rejected.
    pub(crate) fn reject(&self, reason: &str) {
        let when = self.service.clock().now();
        let reason = reason.into();
        let _ = self.rejections.send(Rejection { when, reason });
    }

    async fn follow(&self) {
        let store = self.service.store();
        loop {
            if self.batches.receiver_count() == 0 {
                self.joined.notified().await;
            }
            let Some(mut at) = value_or_pause("last_event", store.last_event().await).await else {
                continue;
            };
            // Readers that are behind this place catch up to it.
            self.send(Batch {
                after: at,
                upto: at,
                frames: Arc::new([]),
            });
            while self.batches.receiver_count() > 0 {
                let Some(events) =
                    value_or_pause("events_after", store.events_after(at, PAGE).await).await
                else {
                    continue;
                };
                if let Some(last) = events.last() {
                    let (after, upto) = (at, last.seq);
                    self.send(Batch {
                        after,
                        upto,
                        frames: events.into_iter().map(Frame::from).collect(),
                    });
                    at = upto;
                    continue;
                }
                // Over POLL_INTERVAL or at a hint, whichever is first; a hint may be missed between two looks.
                let _ = tokio::time::timeout(POLL_INTERVAL, store.changed()).await;
            }
        }
    }

    /// A batch without readers is dropped: later readers fetch it from the store.
    fn send(&self, batch: Batch) {
        let _ = self.batches.send(batch);
    }
}

/// The value, or a pause.
async fn value_or_pause<T>(what: &str, result: Result<T, StoreError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::warn!(name: "sse.failed", what, %error, "the event log cannot be read");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}
