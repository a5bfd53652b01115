//! Failover between the routes to GitHub, in order of preference. A route that failed is skipped for a while, so that not every
//! request pays for it; so is a credential that GitHub rejected. Each switch is logged once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use reqwest::Url;

use super::attempt_error::AttemptError;
use super::credentials::{CredentialId, Credentials, FixedToken, GhLogin};
use super::settings::{Backend, InvalidSettings, RestSettings};
use super::transport::gh::GhTransport;
use super::transport::http::Http;
use super::transport::{FailureCause, Transport};

/// How long a route is skipped after GitHub could not be reached, and a credential after it was rejected.
const UNREACHABLE: Millis = Millis::minutes(1);
const REFUSED: Millis = Millis::minutes(5);

/// One route: a transport, and what authorises its requests.
#[derive(Debug)]
pub(super) struct Route {
    /// The name in logs and metrics.
    pub(super) name: &'static str,
    pub(super) transport: Box<dyn Transport>,
    pub(super) over_gh: bool,
    /// Shared by the routes of one credential.
    pub(super) credentials: Arc<dyn Credentials>,
}

/// The routes and their states. There is at least one.
#[derive(Debug)]
pub(super) struct Failover {
    list: Vec<Route>,
    backend: Backend,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// One for each route.
    routes: Vec<RouteState>,
    /// Credentials that GitHub rejected, and until when they are skipped on every route.
    refused: BTreeMap<CredentialId, Timestamp>,
}

#[derive(Clone, Debug, Default)]
struct RouteState {
    unreachable_until: Option<Timestamp>,
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
        let over_gh = |name, credentials| Route {
            name,
            transport: Box::new(GhTransport {
                gh: settings.gh.clone(),
                base: base.clone(),
                timeout: settings.timeout,
            }),
            over_gh: true,
            credentials,
        };
        let login = || over_gh("gh with its own login", Arc::new(GhLogin));
        let list = match (&settings.token, settings.backend) {
            (None, Backend::Rest) => return Err(InvalidSettings::Token),
            (None, Backend::Auto | Backend::Gh) => vec![login()],
            (Some(token), backend) => {
                let credentials: Arc<dyn Credentials> = Arc::new(FixedToken::new(token)?);
                let rest = Route {
                    name: "REST",
                    transport: Box::new(Http::new(settings, base)?),
                    over_gh: false,
                    credentials: credentials.clone(),
                };
                let gh = || over_gh("gh with GITHUB_TOKEN", credentials);
                match backend {
                    Backend::Rest => vec![rest],
                    Backend::Gh => vec![gh(), rest],
                    Backend::Auto => vec![rest, gh(), login()],
                }
            }
        };
        Ok(Self::new(list, settings.backend, clock))
    }

    pub(super) fn new(list: Vec<Route>, backend: Backend, clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(State {
            routes: vec![RouteState::default(); list.len()],
            refused: BTreeMap::new(),
        });
        Self {
            list,
            backend,
            clock,
            state,
        }
    }

    pub(super) fn at(&self, place: usize) -> &Route {
        &self.list[place]
    }

    /// Replaces the secrets of all credentials in a text.
    pub(super) fn redact(&self, text: &str) -> String {
        let credentials = self.list.iter().map(|route| &route.credentials);
        credentials.fold(text.to_owned(), |text, credentials| {
            credentials.redact(text)
        })
    }

    /// The index of the first route for a request about this owner's repositories.
    pub(super) fn first(&self, owner: Option<&str>) -> usize {
        // If all routes are skipped, the preferred one is used.
        self.awake(&self.lock(), 0, owner).unwrap_or(0)
    }

    /// Records that a route returned an answer.
    pub(super) fn led(&self, place: usize, owner: Option<&str>) {
        let mut state = self.lock();
        state
            .refused
            .remove(&self.list[place].credentials.id(owner));
        let state = &mut state.routes[place];
        state.unreachable_until = None;
        if std::mem::take(&mut state.left) {
            let way = self.list[place].name;
            tracing::info!(name: "github.backend.back", way, "GitHub is asked this way again");
        }
    }

    /// The route to try after a failure, if another may succeed. A write is not sent again if GitHub may have received it.
    pub(super) fn after(
        &self,
        place: usize,
        owner: Option<&str>,
        failed: &AttemptError,
        writes: bool,
    ) -> Option<usize> {
        let mut state = self.lock();
        let failing = &self.list[place];
        let next = self.next(place, owner, failed.why, &state);
        let now = self.clock.now();
        if self.list.len() > 1 {
            match failed.why {
                FailureCause::Unreachable => {
                    state.routes[place].unreachable_until = Some(now.plus(UNREACHABLE));
                }
                FailureCause::Credential => {
                    let credential = failing.credentials.id(owner);
                    state.refused.insert(credential, now.plus(REFUSED));
                }
                FailureCause::SignOn | FailureCause::Limit | FailureCause::Answer => {}
            }
        }
        let next = next.or_else(|| self.preferred_again(place, owner, failed.why, &state))?;
        let state = &mut state.routes[place];
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

    fn next(
        &self,
        place: usize,
        owner: Option<&str>,
        why: FailureCause,
        state: &State,
    ) -> Option<usize> {
        let failing = &self.list[place];
        let other_credential =
            |route: &Route| route.credentials.id(owner) != failing.credentials.id(owner);
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
        while let Some(found) = self.awake(state, from, owner) {
            if helps(&self.list[found]) {
                return Some(found);
            }
            from = found + 1;
        }
        None
    }

    /// The preferred route, although it is skipped as unreachable, for a route behind it whose own credential failed. That
    /// GitHub cannot be reached is then the better reason than that `gh` has no login.
    fn preferred_again(
        &self,
        place: usize,
        owner: Option<&str>,
        why: FailureCause,
        state: &State,
    ) -> Option<usize> {
        let refused = |at: usize| {
            let credential = self.list[at].credentials.id(owner);
            state.refused.contains_key(&credential)
        };
        let alone = why == FailureCause::Credential && place > 0 && !refused(0);
        (alone && state.routes[0].unreachable_until.is_some()).then_some(0)
    }

    #[cfg(test)]
    pub(super) fn is_awake(&self, place: usize, owner: Option<&str>) -> bool {
        self.awake(&self.lock(), place, owner) == Some(place)
    }

    /// The first route from this index on that is not skipped for this owner.
    fn awake(&self, state: &State, from: usize, owner: Option<&str>) -> Option<usize> {
        let now = self.clock.now();
        // An end further ahead than any skip lasts was computed with a wrong clock.
        let is_over = |until: &Timestamp| *until <= now || *until > now.plus(REFUSED);
        let is_awake = |place: &usize| {
            let credential = self.list[*place].credentials.id(owner);
            let refused = state.refused.get(&credential);
            let unreachable = state.routes[*place].unreachable_until.as_ref();
            refused.is_none_or(is_over) && unreachable.is_none_or(is_over)
        };
        (from..self.list.len()).find(is_awake)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave this state inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
