//! The ways to GitHub, the preferred one first, and when a request takes the next one. A way that led nowhere rests for a
//! while, so that not every request pays for it; each switch is said once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use issuecommand_core::domain::time::{Clock, Millis, Timestamp};

use super::budget::RateLimiter;
use super::client::Failed;
use super::etag::Credential;
use super::settings::Backend;
use super::transport::{FailureCause, Transport};

/// How long a way rests by which GitHub could not be reached, and one whose credential was refused.
const UNREACHABLE: Millis = Millis::minutes(1);
const REFUSED: Millis = Millis::minutes(5);

/// One way: what carries the requests, and as whom.
#[derive(Debug)]
pub(super) struct Way {
    /// For people.
    pub(super) name: &'static str,
    pub(super) transport: Box<dyn Transport>,
    pub(super) over_gh: bool,
    pub(super) credential: Credential,
    /// One for each credential, whatever ways it takes.
    pub(super) gate: Arc<RateLimiter>,
}

/// See the module. There is one at least.
#[derive(Debug)]
pub(super) struct Failover {
    list: Vec<Way>,
    backend: Backend,
    clock: Arc<dyn Clock>,
    states: Mutex<Vec<State>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    rests_until: Option<Timestamp>,
    /// It led nowhere when it was last taken, and that was said.
    left: bool,
    /// That some place is closed to its credential was said.
    closed: bool,
}

impl Failover {
    pub(super) fn new(list: Vec<Way>, backend: Backend, clock: Arc<dyn Clock>) -> Self {
        let states = Mutex::new(vec![State::default(); list.len()]);
        Self {
            list,
            backend,
            clock,
            states,
        }
    }

    pub(super) fn at(&self, place: usize) -> &Way {
        &self.list[place]
    }

    /// The way that a request takes first.
    pub(super) fn first(&self) -> usize {
        let states = self.lock();
        // Where all rest the preferred one is as good as any.
        self.awake(&states, 0).unwrap_or(0)
    }

    /// Takes note that a way led to an answer.
    pub(super) fn led(&self, place: usize) {
        let mut states = self.lock();
        let state = &mut states[place];
        state.rests_until = None;
        if std::mem::take(&mut state.left) {
            let way = self.list[place].name;
            tracing::info!(name: "github.backend.back", way, "GitHub is asked this way again");
        }
    }

    /// The way to take after one that failed, if another may do better. What writes is not sent a second time where GitHub
    /// may have got it.
    pub(super) fn after(&self, place: usize, failed: &Failed, writes: bool) -> Option<usize> {
        let mut states = self.lock();
        let failing = &self.list[place];
        let next = self.next(place, failed.why, &states);
        let now = self.clock.now();
        let rest = match failed.why {
            FailureCause::Unreachable => UNREACHABLE,
            FailureCause::Credential => REFUSED,
            FailureCause::SignOn | FailureCause::Limit | FailureCause::Answer => Millis(0),
        };
        if rest > Millis(0) && self.list.len() > 1 {
            for (way, state) in self.list.iter().zip(states.iter_mut()) {
                let same =
                    way.credential == failing.credential && failed.why == FailureCause::Credential;
                if same || std::ptr::eq(way, failing) {
                    state.rests_until = Some(now.plus(rest));
                }
            }
        }
        let next = next?;
        let state = &mut states[place];
        let told = match failed.why {
            FailureCause::Unreachable | FailureCause::Credential => {
                std::mem::replace(&mut state.left, true)
            }
            FailureCause::SignOn => std::mem::replace(&mut state.closed, true),
            FailureCause::Limit | FailureCause::Answer => true,
        };
        let (from, to) = (failing.name, self.list[next].name);
        let error = &failed.error.detail;
        if told {
            tracing::debug!(name: "github.backend.still", from, to, error, "GitHub is asked another way");
        } else {
            tracing::warn!(name: "github.backend.switched", from, to, error, "GitHub is asked another way");
        }
        (!writes || !failed.sent).then_some(next)
    }

    fn next(&self, place: usize, why: FailureCause, states: &[State]) -> Option<usize> {
        let failing = &self.list[place];
        let other_credential = |way: &Way| way.credential != failing.credential;
        let helps = |way: &Way| match (why, self.backend) {
            (FailureCause::Limit, _)
            | (_, Backend::Rest)
            | (FailureCause::Answer, Backend::Auto) => false,
            // As the service before had it: whatever fails through gh is tried without.
            (_, Backend::Gh) => !way.over_gh,
            (FailureCause::Unreachable, Backend::Auto) => way.over_gh != failing.over_gh,
            (FailureCause::Credential | FailureCause::SignOn, Backend::Auto) => {
                other_credential(way)
            }
        };
        let mut from = place + 1;
        while let Some(found) = self.awake(states, from) {
            if helps(&self.list[found]) {
                return Some(found);
            }
            from = found + 1;
        }
        None
    }

    fn awake(&self, states: &[State], from: usize) -> Option<usize> {
        let now = self.clock.now();
        // A rest that lies further ahead than any was begun by a clock that was wrong.
        let is_over = |until: Timestamp| until <= now || until > now.plus(REFUSED);
        (from..states.len()).find(|place| states[*place].rests_until.is_none_or(is_over))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<State>> {
        // Nothing in here can be left half done by a panic.
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
