//! Processes and clients for the tests.

mod database;
mod http;
mod log;
mod mcp;
mod process;
mod site;
mod sse;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub(crate) use database::Store;
pub(crate) use http::{Broken, Http, JsonResponse};
pub(crate) use log::{EventLog, ping};
pub(crate) use mcp::Mcp;
pub(crate) use process::{Process, message_of};
pub(crate) use site::{
    API_KEY, Program, SECRET, Site, Start, bare, free_port, path_beside, path_of, world_with_issues,
};
pub(crate) use sse::Events;

/// Longer than any step takes on a busy machine; waiting ends as soon as the condition holds.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Waits for a value, polling every few milliseconds.
pub(crate) fn wait_for<T>(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            begin.elapsed() < patience,
            "waited {patience:?} in vain for: {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Runs a future to its end.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// Stops threads also when the test fails, so that their scope ends.
pub(crate) struct SetOnDrop<'a>(pub(crate) &'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
