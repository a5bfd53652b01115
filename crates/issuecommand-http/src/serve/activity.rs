//! The activity on a connection, and whether it may go on: the same for HTTP/1 and HTTP/2.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a connection may be without progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// Without a request that is answered.
    pub(super) idle: Duration,
    /// With bytes of an answer that its client does not take.
    pub(super) write: Duration,
}

/// The judgement on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may go on; look again at this time.
    GoesOn(Instant),
    /// Nothing was asked for in time.
    Idle,
    /// Its client reads no byte of a response.
    Stuck,
}

/// The state of one connection.
#[derive(Debug)]
pub(super) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The requests that are being answered. The time is since when the client has been offered bytes that it has not taken.
    exchanges: BTreeMap<u64, Option<Instant>>,
    next: u64,
    /// Since when nothing is being answered.
    idle_since: Instant,
    /// Since when the socket takes no byte.
    blocked_since: Option<Instant>,
    /// A request's body was not read to its end.
    unread: bool,
    /// The connection waits for bytes, and would be told that there come none any more.
    listens: bool,
}

impl State {
    fn new(now: Instant) -> Self {
        Self {
            exchanges: BTreeMap::new(),
            next: 0,
            idle_since: now,
            blocked_since: None,
            unread: false,
            listens: false,
        }
    }

    fn begin(&mut self) -> u64 {
        let id = self.next;
        self.next += 1;
        self.exchanges.insert(id, None);
        id
    }

    fn end(&mut self, id: u64, now: Instant) {
        self.exchanges.remove(&id);
        self.idle_since = now;
    }

    fn blocked(&mut self, is_blocked: bool, now: Instant) {
        if is_blocked {
            self.blocked_since.get_or_insert(now);
        } else {
            self.blocked_since = None;
            self.idle_since = now;
        }
    }

    fn verdict(&self, now: Instant, timeouts: Timeouts) -> Verdict {
        let waiting = self.exchanges.values().flatten().min().copied();
        let stuck = self.blocked_since.into_iter().chain(waiting).min();
        let (deadline, verdict) = match stuck {
            Some(since) => (since + timeouts.write, Verdict::Stuck),
            None if self.exchanges.is_empty() => (self.idle_since + timeouts.idle, Verdict::Idle),
            // A request that begins after this check cannot time out before the next.
            None => return Verdict::GoesOn(now + timeouts.write.min(timeouts.idle)),
        };
        if now >= deadline {
            verdict
        } else {
            Verdict::GoesOn(deadline)
        }
    }
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State::new(Instant::now()))))
    }

    /// A thread that panicked within left the state as it was between two assignments, each of which is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The socket took no byte, or takes bytes again.
    pub(super) fn blocked(&self, is_blocked: bool) {
        self.state().blocked(is_blocked, Instant::now());
    }

    /// A request's body is not read to its end.
    pub(super) fn leave_unread(&self) {
        self.state().unread = true;
    }

    pub(super) fn has_unread(&self) -> bool {
        self.state().unread
    }

    /// Whether the connection waits for bytes.
    pub(super) fn listens(&self, listens: bool) {
        self.state().listens = listens;
    }

    /// Whether a request is being answered and nobody would be told that its client leaves.
    pub(super) fn is_unheard(&self) -> bool {
        let state = self.state();
        !state.exchanges.is_empty() && !state.listens
    }

    /// Whether a request is being answered.
    pub(super) fn is_busy(&self) -> bool {
        !self.state().exchanges.is_empty()
    }

    pub(super) fn verdict(&self, timeouts: Timeouts) -> Verdict {
        self.state().verdict(Instant::now(), timeouts)
    }
}

/// One request and its answer, until its last byte is handed over or it is given up.
#[derive(Debug)]
pub(super) struct Exchange {
    activity: Arc<Activity>,
    id: u64,
}

impl Exchange {
    pub(super) fn begin(activity: &Arc<Activity>) -> Self {
        Self {
            id: activity.state().begin(),
            activity: activity.clone(),
        }
    }

    /// Bytes were handed over and wait for the client, or it asks for the next ones.
    pub(super) fn waits(&self, waits: bool) {
        let since = waits.then(Instant::now);
        self.activity.state().exchanges.insert(self.id, since);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.activity.state().end(self.id, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUTS: Timeouts = Timeouts {
        idle: Duration::from_secs(30),
        write: Duration::from_secs(20),
    };

    /// A new connection, and the times after it was made.
    fn connection() -> (State, impl Fn(u64) -> Instant) {
        let begun = Instant::now();
        let at = move |seconds| begun + Duration::from_secs(seconds);
        (State::new(begun), at)
    }

    #[test]
    fn a_connection_without_a_running_response_is_idle() {
        let (mut state, at) = connection();
        assert_eq!(state.verdict(at(30), TIMEOUTS), Verdict::Idle);
        let again = Verdict::GoesOn(at(30));
        assert_eq!(state.verdict(at(29), TIMEOUTS), again);
        let exchange = state.begin();
        let again = Verdict::GoesOn(at(3_020));
        assert_eq!(state.verdict(at(3_000), TIMEOUTS), again);
        state.end(exchange, at(60));
        let again = Verdict::GoesOn(at(90));
        assert_eq!(state.verdict(at(89), TIMEOUTS), again);
        assert_eq!(state.verdict(at(90), TIMEOUTS), Verdict::Idle);
    }

    #[test]
    fn a_connection_is_stuck_while_bytes_wait() {
        let (mut state, at) = connection();
        let exchange = state.begin();
        state.exchanges.insert(exchange, Some(at(5)));
        assert_eq!(state.verdict(at(24), TIMEOUTS), Verdict::GoesOn(at(25)));
        assert_eq!(state.verdict(at(25), TIMEOUTS), Verdict::Stuck);
        state.exchanges.insert(exchange, None);
        assert_eq!(state.verdict(at(25), TIMEOUTS), Verdict::GoesOn(at(45)));
        state.end(exchange, at(25));
        // The last bytes are in the socket's hands.
        state.blocked(true, at(30));
        state.blocked(true, at(49));
        assert_eq!(state.verdict(at(49), TIMEOUTS), Verdict::GoesOn(at(50)));
        assert_eq!(state.verdict(at(50), TIMEOUTS), Verdict::Stuck);
        state.blocked(false, at(50));
        assert_eq!(state.verdict(at(79), TIMEOUTS), Verdict::GoesOn(at(80)));
        assert_eq!(state.verdict(at(80), TIMEOUTS), Verdict::Idle);
    }

    #[test]
    fn one_unread_response_of_several_makes_a_connection_stuck() {
        let (mut state, at) = connection();
        let (first, second) = (state.begin(), state.begin());
        state.exchanges.insert(first, Some(at(1)));
        state.exchanges.insert(second, Some(at(10)));
        assert_eq!(state.verdict(at(21), TIMEOUTS), Verdict::Stuck);
        state.end(first, at(21));
        assert_eq!(state.verdict(at(21), TIMEOUTS), Verdict::GoesOn(at(30)));
        assert_eq!(state.verdict(at(30), TIMEOUTS), Verdict::Stuck);
    }
}
