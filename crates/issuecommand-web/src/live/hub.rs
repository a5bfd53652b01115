//! Renders screens anew when something happened, for as long as somebody looks: each screen for each kind of caller once, at most
//! twice a second, and a few at a time, so that looking does not slow down working.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::event::Seq;
use issuecommand_core::domain::id::{AgentId, Principal};
use metrics::{counter, gauge};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};

use crate::person::viewer;
use crate::screens::{self, RenderedScreen, ScreenRequest};
use crate::state::Web;

/// A screen is rendered at most so often.
const INTERVAL: Duration = Duration::from_millis(500);
/// After a rendering a screen rests for so many times the time that it took.
const REST: u32 = 9;
/// A screen is rendered so often though nothing happened, for what leaves no event: signs of life, the budget of GitHub.
const REFRESH: Duration = Duration::from_secs(15);
/// How many screens are rendered at a time.
const AT_ONCE: usize = 2;
/// Over this interval, or at a hint, the log is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// How long to wait after an error.
const PAUSE: Duration = Duration::from_secs(1);

/// What a rendering depends on: the screen, and who sees the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ViewerKey {
    asked: ScreenRequest,
    scope: Scope,
    agent: Option<AgentId>,
    read_only: bool,
    principal: Principal,
}

impl ViewerKey {
    fn of(asked: ScreenRequest, caller: &Caller) -> Self {
        let viewer = viewer(caller);
        Self {
            asked,
            scope: viewer.scope,
            agent: viewer.agent,
            read_only: viewer.read_only,
            principal: viewer.principal,
        }
    }

    fn caller(&self) -> Caller {
        Caller {
            scope: self.scope.clone(),
            agent: self.agent.clone(),
            read_only: self.read_only,
            ..Caller::full(self.principal.clone())
        }
    }
}

/// A rendering; `None` before the first, or while it cannot be made.
pub(super) type Shown = Option<Arc<Rendering>>;

/// A screen as it was at a place of the log.
#[derive(Debug)]
pub(super) struct Rendering {
    pub(super) region: RenderedScreen,
    /// The last event before it.
    pub(super) event: Seq,
}

/// See the module. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    watched: Mutex<WatchedScreens>,
    /// The last event of the log, while anybody looks.
    end: watch::Sender<Seq>,
    renderers: Semaphore,
}

/// What is looked at.
#[derive(Debug, Default)]
struct WatchedScreens {
    screens: BTreeMap<ViewerKey, watch::Sender<Shown>>,
    /// A task follows the log.
    is_followed: bool,
}

impl WatchedScreens {
    #[expect(clippy::cast_precision_loss, reason = "there are few screens")]
    fn count(&self) {
        gauge!("issuecommand_dashboard_screens").set(self.screens.len() as f64);
    }
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            watched: Mutex::default(),
            end: watch::Sender::new(0),
            renderers: Semaphore::new(AT_ONCE),
        }))
    }

    /// The renderings of a screen for a caller, from now on.
    pub(super) fn watch(
        &self,
        web: &Web,
        asked: ScreenRequest,
        caller: &Caller,
    ) -> watch::Receiver<Shown> {
        let key = ViewerKey::of(asked, caller);
        let mut watched = self.watched();
        if let Some(screen) = watched.screens.get(&key) {
            let mut receiver = screen.subscribe();
            // A page that comes back after a cut is to have what the others have.
            receiver.mark_changed();
            return receiver;
        }
        let (screen, receiver) = watch::channel(None);
        watched.screens.insert(key.clone(), screen);
        watched.count();
        if !std::mem::replace(&mut watched.is_followed, true) {
            self.follow(web.clone());
        }
        drop(watched);
        self.keep(web.clone(), key);
        receiver
    }

    /// No statement under the lock leaves the map half changed.
    fn watched(&self) -> MutexGuard<'_, WatchedScreens> {
        self.0
            .watched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the log until nobody looks any more.
    #[expect(
        clippy::disallowed_methods,
        reason = "the reader of the event log, ended with its last viewer or by shutdown"
    )]
    fn follow(&self, web: Web) {
        let hub = self.clone();
        tokio::spawn(async move {
            let shutdown = web.shutdown().clone();
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = hub.follow_log(&web) => {}
            }
        });
    }

    async fn follow_log(&self, web: &Web) {
        let store = web.service().store();
        loop {
            match store.last_event().await {
                Ok(end) => {
                    self.0
                        .end
                        .send_if_modified(|known| std::mem::replace(known, end) != end);
                }
                Err(error) => {
                    tracing::warn!(name: "web.log_unread", %error, "the dashboard cannot read the event log");
                    sleep(PAUSE).await;
                }
            }
            {
                let mut watched = self.watched();
                if watched.screens.is_empty() {
                    watched.is_followed = false;
                    return;
                }
            }
            // A hint may be missed between two looks.
            let _ = timeout(POLL_INTERVAL, store.changed()).await;
        }
    }

    /// Renders a screen until nobody looks at it any more.
    #[expect(
        clippy::disallowed_methods,
        reason = "the renderer of a screen, ended with its last viewer or by shutdown"
    )]
    fn keep(&self, web: Web, key: ViewerKey) {
        let hub = self.clone();
        tokio::spawn(async move {
            let shutdown = web.shutdown().clone();
            tokio::select! {
                () = shutdown.cancelled() => {
                    hub.watched().screens.remove(&key);
                }
                () = hub.render_while_watched(&web, &key) => {}
            }
        });
    }

    async fn render_while_watched(&self, web: &Web, key: &ViewerKey) {
        let mut end = self.0.end.subscribe();
        let caller = key.caller();
        loop {
            let event = *end.borrow_and_update();
            let began = Instant::now();
            let rendered = {
                let _turn = self.0.renderers.acquire().await;
                screens::render(web, &caller, &key.asked).await
            };
            counter!("issuecommand_dashboard_renders_total").increment(1);
            let shown = match rendered {
                Ok(region) => Some(Arc::new(Rendering { region, event })),
                Err(error) => {
                    tracing::debug!(name: "web.not_rendered", cause = error.cause, "a live screen could not be rendered");
                    None
                }
            };
            // What cannot be rendered is tried again soon.
            let wait = if shown.is_some() { REFRESH } else { PAUSE };
            if !self.show(key, shown) {
                return;
            }
            let rest = INTERVAL.max(began.elapsed().saturating_mul(REST));
            sleep(rest).await;
            // A log that is at its end wakes nobody, so that what leaves no event is shown in time.
            let _ = timeout(wait, end.changed()).await;
        }
    }

    /// Gives a rendering to all who look; `false`, and forgotten, when nobody does.
    fn show(&self, key: &ViewerKey, shown: Shown) -> bool {
        let mut watched = self.watched();
        let Some(screen) = watched.screens.get(key) else {
            return false;
        };
        if screen.receiver_count() == 0 {
            watched.screens.remove(key);
            watched.count();
            return false;
        }
        screen.send_replace(shown);
        true
    }
}
