//! Waits until there may be work, without asking again and again.
//!
//! One of the waiters of a process follows the event log for all. An event by which work may have come begins a round, in which each
//! waiter has one turn to look for it, in the order of their arrival. A waiter has its turn to itself, so that one piece of work
//! makes one waiter leave. Between processes the claim engine decides; each process has rounds of its own.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use event_listener::Event as Signal;

use super::Service;
use super::timeout::within;
use crate::domain::event::{EventKind, Seq};
use crate::domain::failure::StoreError;
use crate::domain::time::{Millis, Timestamp};

/// How often the log is read when no hint comes that it grew.
const POLL: Millis = Millis(200);
/// How long the log is left alone after it could not be read.
const PAUSE: Millis = Millis::seconds(1);
/// The most events that are read at once.
const PAGE: u32 = 500;
/// After how long a round begins without an event: work that became free by time alone, such as after a cool-down, has none.
const REGULAR: Millis = Millis::seconds(10);

/// Those who wait for work in this process.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    queue: Mutex<Queue>,
    /// The waiter that holds it follows the log.
    log: async_lock::Mutex<Log>,
}

#[derive(Debug, Default)]
struct Queue {
    /// How many rounds began.
    round: u64,
    /// The number of the next waiter.
    next: u64,
    waiters: BTreeMap<u64, Place>,
    /// The waiter whose turn it is.
    turn: Option<u64>,
}

/// A waiter's place in the queue.
#[derive(Debug)]
struct Place {
    /// The round in which it had its last turn.
    looked: u64,
    /// Tells that its turn has come.
    called: Arc<Signal>,
}

#[derive(Debug, Default)]
struct Log {
    /// The last event that was read.
    seq: Seq,
    /// When the last round began.
    round_at: Timestamp,
}

impl Waiting {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_round(&self) {
        let mut queue = self.queue();
        queue.round += 1;
        queue.call_next();
    }
}

impl Queue {
    /// Gives the turn, if nobody has it, to the first waiter that had none in this round.
    fn call_next(&mut self) {
        if self.turn.is_some() {
            return;
        }
        let round = self.round;
        let next = self.waiters.iter().find(|(_, place)| place.looked < round);
        if let Some((number, place)) = next {
            self.turn = Some(*number);
            place.called.notify(1);
        }
    }

    /// Takes the turn if it is this waiter's.
    fn take(&mut self, number: u64) -> bool {
        let round = self.round;
        let own = self.turn == Some(number);
        if let Some(place) = self.waiters.get_mut(&number).filter(|_| own) {
            place.looked = round;
        }
        own
    }

    fn give_back(&mut self, number: u64) {
        if self.turn == Some(number) {
            self.turn = None;
            self.call_next();
        }
    }
}

/// A place in the queue of those who wait for work, until it is dropped.
#[derive(Debug)]
pub struct Waiter {
    service: Service,
    number: u64,
    called: Arc<Signal>,
}

impl Service {
    /// Joins those who wait for work. Join before you look for work for the first time, so that nothing is missed between the two.
    ///
    /// # Errors
    /// The store's, if the end of the event log cannot be read.
    pub async fn wait_for_work(&self) -> Result<Waiter, StoreError> {
        let called = Arc::new(Signal::new());
        let number = {
            let mut queue = self.waiting.queue();
            let (number, looked) = (queue.next, queue.round);
            queue.next += 1;
            let place = Place {
                looked,
                called: called.clone(),
            };
            queue.waiters.insert(number, place);
            number
        };
        let waiter = Waiter {
            service: self.clone(),
            number,
            called,
        };
        // Whoever follows the log has read it up to a place before this waiter's first look. Nobody does: from here on.
        if let Some(mut log) = self.waiting.log.try_lock() {
            log.seq = self.store.last_event().await?;
            log.round_at = self.clock.now();
        }
        Ok(waiter)
    }
}

impl Waiter {
    /// Waits until there may be work that this waiter has not looked for, and it is its turn to look. The turn ends with the next
    /// call of this or when the waiter is dropped. May be dropped while it waits.
    pub async fn turn(&mut self) {
        let waiting = &self.service.waiting;
        waiting.queue().give_back(self.number);
        loop {
            let called = self.called.listen();
            if waiting.queue().take(self.number) {
                return;
            }
            either(called, self.follow()).await;
        }
    }

    /// Follows the log, if nobody else does, until a round begins.
    async fn follow(&self) {
        let Service {
            store,
            clock,
            waiting,
            ..
        } = &self.service;
        let mut log = waiting.log.lock().await;
        loop {
            let Ok(events) = store.events_after(log.seq, PAGE).await else {
                clock.sleep(PAUSE).await;
                continue;
            };
            log.seq = events.last().map_or(log.seq, |event| event.seq);
            let full = events.len() == PAGE as usize;
            let now = clock.now();
            let is_time = now.0 - log.round_at.0 >= REGULAR.0;
            if is_time || events.iter().any(|event| may_bring_work(event.kind)) {
                log.round_at = now;
                waiting.begin_round();
                return;
            }
            if !full {
                within(&**clock, POLL, store.changed()).await;
            }
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut queue = self.service.waiting.queue();
        queue.waiters.remove(&self.number);
        queue.give_back(self.number);
    }
}

/// Whether there may be work after such an event that was not there before. Room below a limit on claims, which some other events
/// make, is seen by the regular rounds.
fn may_bring_work(kind: EventKind) -> bool {
    match kind {
        EventKind::ClaimReleased
        | EventKind::ClaimAutoReleased
        | EventKind::FollowupCreated
        | EventKind::FollowupUpdated
        | EventKind::FollowupStale
        | EventKind::IssueOffered
        | EventKind::IssueUnblocked
        | EventKind::WorkResumed
        | EventKind::PolicyChanged
        | EventKind::WebhookReceived
        | EventKind::SyncReconciled => true,
        EventKind::ClaimCreated
        | EventKind::ClaimUpdated
        | EventKind::ClaimMoved
        | EventKind::ClaimGiven
        | EventKind::ClaimStale
        | EventKind::ClaimCompetingPr
        | EventKind::FollowupClaimed
        | EventKind::FollowupDone
        | EventKind::FollowupDismissed
        | EventKind::FollowupHeldBack
        | EventKind::IssueParked
        | EventKind::WorkPaused
        | EventKind::WorkDraining
        | EventKind::DependencyCycle
        | EventKind::PolicyBroken => false,
    }
}

/// Waits for the first of two futures to end.
async fn either(one: impl Future, other: impl Future) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| {
        let ended =
            one.as_mut().poll(context).is_ready() || other.as_mut().poll(context).is_ready();
        if ended {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
