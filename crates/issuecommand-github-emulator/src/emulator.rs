//! The running emulator, as a test holds it.

use std::fmt;
use std::io;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use super::fault::{Fault, FaultId};
use super::hook::Delivery;
use super::http::router;
use super::log::RequestRecord;
use super::pattern::Pattern;
use super::shared_state::SharedState;
use super::world::World;

/// An emulated GitHub that listens on a free local port until it is dropped.
///
/// It runs on a thread of its own, so that a test may block, pause its clock or wait for a process without stopping GitHub.
/// Dropping it closes all connections at once, including hanging ones.
pub struct GithubEmulator {
    state: SharedState,
    runtime: Option<Runtime>,
    /// Whether unread requests or writes fail the test.
    checks: bool,
}

impl GithubEmulator {
    /// Starts it with this world. When it is dropped, the test fails if a request used a path that GitHub's API does not have
    /// ([`Self::take_unexpected`]), or if a write succeeded after the test last read the world or the requests.
    ///
    /// # Panics
    /// If no port of 127.0.0.1 is free.
    pub async fn start(world: World) -> Self {
        let mut started = Self::try_start(world)
            .await
            .expect("a free port on 127.0.0.1");
        started.checks = true;
        started
    }

    /// Starts it with this world, without the checks of [`Self::start`].
    ///
    /// # Errors
    /// If there is no thread or no port of 127.0.0.1.
    pub async fn try_start(world: World) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("github-emulator")
            .enable_all()
            .build()?;
        let bound = runtime.spawn(TcpListener::bind(("127.0.0.1", 0))).await;
        let listener = match bound.map_err(io::Error::other).flatten() {
            Ok(listener) => listener,
            Err(error) => {
                // A runtime must not be dropped with a blocking wait inside another one.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let state = SharedState::new(format!("http://{}", listener.local_addr()?), world);
        let app = router(state.clone());
        runtime.spawn(async move { axum::serve(listener, app).await });
        Ok(Self {
            state,
            runtime: Some(runtime),
            checks: false,
        })
    }

    /// Base URL of the REST API, `http://127.0.0.1:PORT` without a trailing slash: the value for `GITHUB_API_URL`.
    pub fn url(&self) -> &str {
        self.state.url()
    }

    /// Reads or changes the world while requests wait.
    pub fn world<T>(&self, use_it: impl FnOnce(&mut World) -> T) -> T {
        self.state.log(super::log::Log::read);
        self.state.world(use_it)
    }

    /// The webhook deliveries since the last call; see [`World::record_deliveries`].
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.world(World::deliveries)
    }

    /// Adds a fault for the requests that match a route such as `GET /repos/acme/*/issues` (`*` is one segment, `**` all the
    /// rest, no method means any). A request by the repository's id also matches the route by its name. If several faults
    /// match, the oldest applies.
    pub fn fault(&self, route: &str, fault: Fault) -> FaultId {
        self.state.faults(|faults| faults.add(route, fault))
    }

    /// Removes a fault. Requests that hang because of it stay unanswered.
    pub fn end_fault(&self, id: FaultId) {
        self.state.faults(|faults| faults.end(id));
    }

    /// Removes all faults.
    pub fn end_faults(&self) {
        self.state.faults(super::fault::Faults::end_all);
    }

    /// Every request since the start (the last 20,000), oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.log(|log| {
            log.read();
            log.records().cloned().collect()
        })
    }

    /// The requests that match a route, as in [`Self::fault`].
    pub fn requests_to(&self, route: &str) -> Vec<RequestRecord> {
        let pattern = Pattern::new(route);
        self.state.log(|log| {
            log.read();
            log.records()
                .filter(|record| record.matches(&pattern))
                .cloned()
                .collect()
        })
    }

    /// The requests so far with unknown paths, as `METHOD path`. A test that makes such requests must take them, or it fails at
    /// its end.
    pub fn take_unexpected(&self) -> Vec<String> {
        self.state.log(super::log::Log::take_unexpected)
    }

    /// Clears the log of requests.
    pub fn forget_requests(&self) {
        self.state.log(super::log::Log::forget);
    }
}

impl fmt::Debug for GithubEmulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GithubEmulator")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

impl Drop for GithubEmulator {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        if self.checks && !std::thread::panicking() {
            self.state.log(|log| {
                let left = log.left_over();
                assert!(
                    left.is_empty(),
                    "GitHub got what the test did not expect or look at: {left:#?}"
                );
            });
        }
    }
}
