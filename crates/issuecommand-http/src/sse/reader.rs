//! One open stream.

use std::time::Duration;

use axum::body::Bytes;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::SecretHash;
use issuecommand_core::domain::event::Seq;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::service::{EventGap, GapReason, Service};
use issuecommand_executor::keys::has_ended;
use issuecommand_wire::call::EventSelection;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::frame::{Batch, Frame, Rejection, connected, ping, rejected, reset};

/// How many events are read at once.
pub(super) const PAGE: u32 = 500;
/// How often a named key is looked at while its bearer listens.
const CHECK: Duration = Duration::from_secs(2);

/// The end of a stream: its client is gone, or the store cannot be read. The client comes back with its last id.
struct Disconnected;

pub(super) struct Reader {
    pub(super) service: Service,
    pub(super) batches: broadcast::Receiver<Batch>,
    pub(super) rejections: broadcast::Receiver<Rejection>,
    pub(super) frames: mpsc::Sender<Bytes>,
    /// The last event that was sent, or that the stream begins after.
    pub(super) at: Seq,
    /// Its client came with an id that is none of this log.
    pub(super) foreign: bool,
    /// There is more in the log already.
    pub(super) behind: bool,
    /// The repositories whose events it has.
    pub(super) sight: Scope,
    /// Which of them it wants.
    pub(super) wanted: EventSelection,
    /// How long its connection may take no line.
    pub(super) write_timeout: Duration,
}

impl Reader {
    /// Until its client or its key is gone, or its connection takes no more.
    pub(super) async fn run(
        mut self,
        pings: Duration,
        key: Option<SecretHash>,
        shutdown: CancellationToken,
    ) {
        let service = self.service.clone();
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = key_ended(&service, key) => {}
            Disconnected = self.stream(pings) => {}
        }
    }

    async fn stream(&mut self, pings: Duration) -> Disconnected {
        match self.run_until_disconnected(pings).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn run_until_disconnected(
        &mut self,
        pings: Duration,
    ) -> Result<std::convert::Infallible, Disconnected> {
        self.send(connected(self.at, self.service.clock().now()))
            .await?;
        if self.foreign {
            let oldest = self.oldest().await?;
            self.send_reset(GapReason::Unknown, oldest).await?;
        }
        if self.behind {
            self.catch_up(Seq::MAX).await?;
        }
        let mut pings = interval_at(Instant::now() + pings, pings);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.frames.closed() => return Err(Disconnected),
                _ = pings.tick() => self.send(ping(self.service.clock().now())).await?,
                batch = self.batches.recv() => match batch {
                    Ok(batch) => self.send_batch(batch).await?,
                    // The next batch shows what is missing.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Err(Disconnected),
                },
                rejection = self.rejections.recv() => match rejection {
                    // Rejections belong to no repository, so only readers of all repositories see them.
                    Ok(_) if self.sight != Scope::All || !self.wanted.rejections => {}
                    Ok(rejection) => self.send(rejected(self.at, &rejection)).await?,
                    // Rejections are not stored, so a missed one is lost.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Err(Disconnected),
                },
            }
        }
    }

    async fn send_batch(&mut self, batch: Batch) -> Result<(), Disconnected> {
        if batch.after > self.at {
            self.catch_up(batch.after).await?;
        }
        for line in batch.frames.iter() {
            self.send_event(line).await?;
        }
        self.at = self.at.max(batch.upto);
        Ok(())
    }

    /// Fetches from the store what is after `at`, as far as `upto` at least, where the log goes so far.
    async fn catch_up(&mut self, upto: Seq) -> Result<(), Disconnected> {
        while self.at < upto {
            let events = self
                .service
                .store()
                .events_after(self.at, PAGE)
                .await
                .map_err(|error| disconnect(&error))?;
            if events.is_empty() {
                // All that was left may have been trimmed.
                let oldest = self.oldest().await?;
                return self.skip_to(oldest).await;
            }
            for event in events {
                self.send_event(&Frame::from(event)).await?;
            }
        }
        Ok(())
    }

    /// Sends a line that was not sent yet, if its reader may see it and wants it.
    async fn send_event(&mut self, line: &Frame) -> Result<(), Disconnected> {
        let seq = line.event.seq;
        if seq > self.at {
            self.skip_to(seq).await?;
            if let Some(text) = line.text_for(&self.sight, &self.wanted) {
                self.send(text).await?;
            }
            self.at = seq;
        }
        Ok(())
    }

    /// Says so when events between the last one sent and `next` are kept no longer. The places of the log have no holes
    /// otherwise.
    async fn skip_to(&mut self, next: Seq) -> Result<(), Disconnected> {
        if next > self.at.saturating_add(1) {
            self.at = next - 1;
            self.send_reset(GapReason::Trimmed, next).await?;
        }
        Ok(())
    }

    async fn send_reset(&self, reason: GapReason, oldest: Seq) -> Result<(), Disconnected> {
        let gap = EventGap { reason, oldest };
        let now = self.service.clock().now();
        self.send(reset(gap, self.at, now)).await
    }

    async fn oldest(&self) -> Result<Seq, Disconnected> {
        let oldest = self.service.store().oldest_event().await;
        oldest.map_err(|error| disconnect(&error))
    }

    async fn send(&self, text: Bytes) -> Result<(), Disconnected> {
        let sent = self.frames.send_timeout(text, self.write_timeout).await;
        sent.map_err(|_| Disconnected)
    }
}

/// Returns when the key has ended.
async fn key_ended(service: &Service, key: Option<SecretHash>) {
    let Some(key) = key else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(CHECK).await;
        if has_ended(service, &key).await {
            return;
        }
    }
}

fn disconnect(error: &StoreError) -> Disconnected {
    tracing::warn!(name: "sse.failed", %error, "a stream ends because the event log cannot be read");
    Disconnected
}
