//! The work of an endpoint: one process makes its notifications and sends them, under the endpoint's lease.

mod lease;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use issuecommand_core::domain::event::Seq;
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::lease::LeaseProof;
use issuecommand_core::domain::notification::{
    Endpoint, Notification, NotificationState, SendOutcome,
};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::NotifyAction;
use issuecommand_core::service::Service;
use metrics::counter;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::concern::Concern;
use crate::endpoint::EndpointSettings;
use crate::plan::{Situation, plan};
use crate::send::Sender;

/// How many requests to one endpoint are on their way at most.
const IN_FLIGHT: usize = 8;
/// How many notifications are read at once.
const BATCH: u32 = 64;
/// How many events are read at once.
const PAGE: u32 = 500;
/// The shortest time between two looks at the store.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest.
const TICK: Duration = Duration::from_secs(2);
/// Between two looks at an endpoint that is told nothing now.
const REST: Duration = Duration::from_secs(5);
/// For how long the situation counts.
const FRESH: Duration = Duration::from_secs(10);
/// After so many events without a notification an endpoint's place is stored all the same.
const UNSTORED: Seq = 500;

/// How far the event log was read for an endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// The place that the store has.
    stored: Seq,
    /// The last event that was looked at. Those after the stored place led to no notification.
    seen: Seq,
}

/// Says what needs a person.
#[async_trait]
pub trait ConcernSource: Send + Sync {
    /// What needs a person now, the most urgent first.
    ///
    /// # Errors
    /// The store's.
    async fn concerns(&self, service: &Service) -> Result<Vec<Concern>, Failure>;
}

/// Sends the notifications of all endpoints of a process.
#[derive(Clone)]
pub struct Notifier {
    service: Service,
    sender: Sender,
    dashboard: Option<String>,
    source: Arc<dyn ConcernSource>,
    situation: Arc<Mutex<Option<(Instant, Arc<Situation>)>>>,
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier").finish_non_exhaustive()
    }
}

impl Notifier {
    /// A notifier over this service. `dashboard` is the dashboard's address without a slash at its end.
    pub fn new(
        service: Service,
        sender: Sender,
        dashboard: Option<String>,
        source: Arc<dyn ConcernSource>,
    ) -> Self {
        Self {
            service,
            sender,
            dashboard,
            source,
            situation: Arc::default(),
        }
    }

    /// Works until it is stopped.
    pub async fn run(self, endpoints: &[EndpointSettings], stop: CancellationToken) {
        let work = endpoints.iter().map(|endpoint| self.lead(endpoint, &stop));
        join_all(work).await;
    }

    /// Returns when a write finds the lease lost.
    async fn work(&self, settings: &EndpointSettings, lease: &LeaseProof) {
        let mut place = Place::default();
        loop {
            let begun = Instant::now();
            let wait = match self.turn(settings, lease, &mut place).await {
                Ok(wait) => wait,
                Err(Failure::LeaseLost(_)) => return,
                Err(failure) => {
                    lease::log(
                        &settings.name,
                        &failure,
                        "notifications could not be made or sent; trying again",
                    );
                    REST
                }
            };
            let _ = timeout(wait, self.service.changed()).await;
            sleep(PAUSE.saturating_sub(begun.elapsed())).await;
        }
    }

    /// Makes the notifications of what happened, and sends what is due. Returns how long to wait.
    async fn turn(
        &self,
        settings: &EndpointSettings,
        lease: &LeaseProof,
        place: &mut Place,
    ) -> Result<Duration, Failure> {
        let name = &settings.name;
        let known = self.service.endpoint(name).await?;
        let now = self.service.clock().now();
        let is_quiet = settings.quiet.as_ref().is_some_and(|quiet| quiet.has(now));
        let Some(known) = known.filter(|known| known.disabled.is_none() && !is_quiet) else {
            sleep(REST).await;
            return Ok(TICK);
        };
        let is_all = self.make(settings, &known, lease, place, now).await?;
        let due = self.service.due_notifications(name, now, BATCH).await?;
        let is_last = due.len() < BATCH as usize;
        let sent = stream::iter(due.into_iter().map(|one| self.send(settings, one, lease)));
        let mut sent = sent.buffer_unordered(IN_FLIGHT);
        while let Some(settled) = sent.next().await {
            settled?;
        }
        Ok(if is_all && is_last {
            TICK
        } else {
            Duration::ZERO
        })
    }

    /// Stores the notifications of the events after the endpoint's place. Returns whether these were all.
    async fn make(
        &self,
        settings: &EndpointSettings,
        known: &Endpoint,
        lease: &LeaseProof,
        place: &mut Place,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        // At the beginning, and when an operator has set the place back.
        let stored = known.cursor;
        if place.stored != stored {
            *place = Place {
                stored,
                seen: stored,
            };
        }
        let events = self.service.events_after(place.seen, PAGE).await?;
        let is_all = events.len() < PAGE as usize;
        if let Some(first) = events.first().filter(|first| first.seq > place.seen + 1) {
            let (endpoint, from, to) = (&settings.name, place.seen + 1, first.seq - 1);
            tracing::warn!(name: "notify.gap", endpoint, from, to, "these events were trimmed before their notifications were made");
        }
        let situation = self.situation(settings).await?;
        let dashboard = self.dashboard.as_deref();
        let planned = plan(
            settings,
            known,
            &events,
            situation.as_deref(),
            dashboard,
            now,
        );
        let to = events.last().map_or(place.seen, |event| event.seq);
        let is_worth = !planned.notifications.is_empty()
            || planned.told != known.told
            || to - stored >= UNSTORED;
        if is_worth {
            let action = NotifyAction::Plan {
                endpoint: settings.name.clone(),
                from: stored,
                to,
                told: planned.told,
                notifications: planned.notifications,
            };
            self.service.note_notification(action, lease).await?;
            place.stored = to;
        }
        place.seen = to;
        Ok(is_all)
    }

    async fn send(
        &self,
        settings: &EndpointSettings,
        notification: Notification,
        lease: &LeaseProof,
    ) -> Result<(), Failure> {
        let now = self.service.clock().now();
        let outcome = self.sender.send(settings, &notification, now).await;
        let random = fastrand::u32(0..1000);
        let after = notification.clone().after(&outcome, random, now);
        log(settings, &notification, &after, &outcome);
        let action = NotifyAction::Settle {
            key: notification.key(),
            attempts: notification.attempts,
            outcome,
            random,
        };
        self.service.note_notification(action, lease).await
    }

    /// How things stand, if the endpoint is told of that. All endpoints share a look.
    async fn situation(
        &self,
        settings: &EndpointSettings,
    ) -> Result<Option<Arc<Situation>>, Failure> {
        if !settings.on.needs_situation() {
            return Ok(None);
        }
        let mut last = self.situation.lock().await;
        if let Some((at, situation)) = &*last
            && at.elapsed() < FRESH
        {
            return Ok(Some(Arc::clone(situation)));
        }
        let counts = self.service.status_counts().await?;
        let situation = Arc::new(Situation {
            concerns: self.source.concerns(&self.service).await?,
            ready: counts.ready,
            claims: counts.claims.values().sum(),
        });
        *last = Some((Instant::now(), Arc::clone(&situation)));
        Ok(Some(situation))
    }
}

fn log(
    settings: &EndpointSettings,
    before: &Notification,
    after: &Notification,
    outcome: &SendOutcome,
) {
    let (endpoint, id) = (&settings.name, &before.id);
    let word = match outcome {
        SendOutcome::Delivered { .. } => "delivered",
        SendOutcome::Gone => "gone",
        SendOutcome::Failed { .. } => "failed",
    };
    counter!("issuecommand_notification_attempts_total", "outcome" => word).increment(1);
    let error = after.error.as_deref().unwrap_or_default();
    match after.state {
        NotificationState::Delivered => {
            tracing::debug!(name: "notify.delivered", endpoint, id, "a notification was delivered");
        }
        NotificationState::Waiting => {
            tracing::info!(name: "notify.failed", endpoint, id, attempts = after.attempts, error, "a notification failed; it is tried again");
        }
        NotificationState::Failed => {
            tracing::warn!(
                name: "notify.disabled", endpoint, id, error,
                "an endpoint of notifications is disabled: mend it, then run `issuecommand notify test {endpoint}`"
            );
        }
    }
}
