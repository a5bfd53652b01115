//! Failover between the routes to GitHub, in order of preference. A route that failed is skipped for a while, so that not every
//! request pays for it. Each switch is logged once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use reqwest::Url;
use secrecy::ExposeSecret;

use super::attempt_error::AttemptError;
use super::etag::Credential;
use super::rate_limiter::RateLimiter;
use super::settings::{Backend, InvalidSettings, RestSettings};
use super::transport::gh::GhTransport;
use super::transport::http::Http;
use super::transport::{FailureCause, Transport};

/// How long a route is skipped after GitHub could not be reached, and after its credential was rejected.
const UNREACHABLE: Millis = Millis::minutes(1);
const REFUSED: Millis = Millis::minutes(5);

/// One route: a transport with a credential.
#[derive(Debug)]
pub(super) struct Route {
    /// The name in logs and metrics.
    pub(super) name: &'static str,
    pub(super) transport: Box<dyn Transport>,
    pub(super) over_gh: bool,
    pub(super) credential: Credential,
    /// One rate limiter per credential, shared by its routes.
    pub(super) limiter: Arc<RateLimiter>,
}

/// The routes and their states. There is at least one.
#[derive(Debug)]
pub(super) struct Failover {
    list: Vec<Route>,
    backend: Backend,
    clock: Arc<dyn Clock>,
    states: Mutex<Vec<State>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    rests_until: Option<Timestamp>,
    /// The route failed when it was last used, and that was logged.
    left: bool,
    /// It was logged that some organization refuses the credential.
    closed: bool,
}

impl Failover {
    /// The routes of the configured backend in order of preference. Routes with the same token share its credential.
    pub(super) fn of(
        settings: &RestSettings,
        base: &Url,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidSettings> {
        let limiter = || {
            Arc::new(RateLimiter::new(
                clock.clone(),
                settings.at_once,
                settings.timeout,
            ))
        };
        let over_gh = |name, token, credential, limiter| Route {
            name,
            transport: Box::new(GhTransport {
                gh: settings.gh.clone(),
                base: base.clone(),
                token,
                timeout: settings.timeout,
            }),
            over_gh: true,
            credential,
            limiter,
        };
        let login = || {
            over_gh(
                "gh with its own login",
                None,
                Credential::of_gh(),
                limiter(),
            )
        };
        let Some(token) = &settings.token else {
            return match settings.backend {
                Backend::Rest => Err(InvalidSettings::Token),
                Backend::Auto | Backend::Gh => {
                    Ok(Self::new(vec![login()], settings.backend, clock))
                }
            };
        };
        let (text, shared) = (token.expose_secret(), limiter());
        let rest = Route {
            name: "REST",
            transport: Box::new(Http::new(settings, base, text)?),
            over_gh: false,
            credential: Credential::of(text),
            limiter: shared.clone(),
        };
        let gh = || {
            let credential = Credential::of(text);
            over_gh(
                "gh with GITHUB_TOKEN",
                Some(token.clone()),
                credential,
                shared,
            )
        };
        let list = match settings.backend {
            Backend::Rest => vec![rest],
            Backend::Gh => vec![gh(), rest],
            Backend::Auto => vec![rest, gh(), login()],
        };
        Ok(Self::new(list, settings.backend, clock))
    }

    fn new(list: Vec<Route>, backend: Backend, clock: Arc<dyn Clock>) -> Self {
        let states = Mutex::new(vec![State::default(); list.len()]);
        Self {
            list,
            backend,
            clock,
            states,
        }
    }

    pub(super) fn at(&self, place: usize) -> &Route {
        &self.list[place]
    }

    /// The index of the first route for a request.
    pub(super) fn first(&self) -> usize {
        let states = self.lock();
        // If all routes are skipped, the preferred one is used.
        self.awake(&states, 0).unwrap_or(0)
    }

    /// Records that a route returned an answer.
    pub(super) fn led(&self, place: usize) {
        let mut states = self.lock();
        let state = &mut states[place];
        state.rests_until = None;
        if std::mem::take(&mut state.left) {
            let way = self.list[place].name;
            tracing::info!(name: "github.backend.back", way, "GitHub is asked this way again");
        }
    }

    /// The route to try after a failure, if another may succeed. A write is not sent again if GitHub may have received it.
    pub(super) fn after(&self, place: usize, failed: &AttemptError, writes: bool) -> Option<usize> {
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
            for (route, state) in self.list.iter().zip(states.iter_mut()) {
                let same = route.credential == failing.credential
                    && failed.why == FailureCause::Credential;
                if same || std::ptr::eq(route, failing) {
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
        let other_credential = |route: &Route| route.credential != failing.credential;
        let helps = |route: &Route| match (why, self.backend) {
            (FailureCause::Limit, _)
            | (_, Backend::Rest)
            | (FailureCause::Answer, Backend::Auto) => false,
            // As in the previous version: whatever fails through gh is tried without it.
            (_, Backend::Gh) => !route.over_gh,
            (FailureCause::Unreachable, Backend::Auto) => route.over_gh != failing.over_gh,
            (FailureCause::Credential | FailureCause::SignOn, Backend::Auto) => {
                other_credential(route)
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
        // An end further ahead than any skip lasts was computed with a wrong clock.
        let is_over = |until: Timestamp| until <= now || until > now.plus(REFUSED);
        (from..states.len()).find(|place| states[*place].rests_until.is_none_or(is_over))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<State>> {
        // A panic cannot leave this state inconsistent.
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
