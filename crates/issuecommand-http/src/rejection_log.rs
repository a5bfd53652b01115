//! The log of rejected requests. Strangers can cause its lines, so only some are written a minute; the others are
//! counted, and the count is written at the end of the minute.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How many lines of a kind are written in a window.
const LINES: u32 = 10;
const WINDOW: Duration = Duration::from_mins(1);
/// The interval at which counts of ended windows are written, since no further rejection may come to do so.
const ENDED_WINDOW_INTERVAL: Duration = Duration::from_secs(5);

/// The kinds of rejection. Each has a bound of its own, so that none hides the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A key that lets nobody in.
    Key,
    /// A delivery.
    Delivery,
    /// A connection.
    Connection,
    /// A body for which there was no room.
    Body,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Key, Self::Delivery, Self::Connection, Self::Body];

    fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Delivery => "delivery",
            Self::Connection => "connection",
            Self::Body => "body",
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    begun: Option<Instant>,
    written: u32,
    left_out: u64,
}

impl Window {
    /// Begins anew when it is over, and says how many lines it left out.
    fn roll(&mut self, now: Instant) -> u64 {
        if self.begun.is_some_and(|begun| now < begun + WINDOW) {
            return 0;
        }
        std::mem::take(self).left_out
    }

    fn admit(&mut self, now: Instant) -> bool {
        self.begun.get_or_insert(now);
        let admitted = self.written < LINES;
        if admitted {
            self.written += 1;
        } else {
            self.left_out += 1;
        }
        admitted
    }
}

/// See the module. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct RejectionLog(Arc<Mutex<[Window; Kind::ALL.len()]>>);

impl RejectionLog {
    /// With a task that writes the counts, until `shutdown`.
    #[expect(
        clippy::disallowed_methods,
        reason = "upkeep, ended with what it keeps"
    )]
    pub(crate) fn start(shutdown: &CancellationToken) -> Self {
        let rejections = Self::default();
        let (counted, shutdown) = (rejections.clone(), shutdown.clone());
        tokio::spawn(async move {
            while tokio::time::timeout(ENDED_WINDOW_INTERVAL, shutdown.cancelled())
                .await
                .is_err()
            {
                for kind in Kind::ALL {
                    Self::log_left_out(kind, counted.windows()[kind as usize].roll(Instant::now()));
                }
            }
            for kind in Kind::ALL {
                let left_out = std::mem::take(&mut counted.windows()[kind as usize]).left_out;
                Self::log_left_out(kind, left_out);
            }
        });
        rejections
    }

    /// Whether a line may be written.
    pub(crate) fn admit(&self, kind: Kind) -> bool {
        let now = Instant::now();
        let (left_out, admitted) = {
            let window = &mut self.windows()[kind as usize];
            (window.roll(now), window.admit(now))
        };
        Self::log_left_out(kind, left_out);
        admitted
    }

    /// Logs a request whose key lets nobody in. The key itself is not logged.
    pub(crate) fn log_unauthorized(&self, why: &str) {
        if self.admit(Kind::Key) {
            tracing::info!(name: "http.unauthorized", why, "a request came without a good key");
        }
    }

    fn log_left_out(kind: Kind, left_out: u64) {
        if left_out > 0 {
            tracing::warn!(name: "http.refusals_left_out", kind = kind.as_str(), left_out, "refusals beyond those in the log were only counted");
        }
    }

    /// A thread that panicked within left at worst a count that is one too low.
    fn windows(&self) -> MutexGuard<'_, [Window; Kind::ALL.len()]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_logs_a_bounded_number_of_lines_and_counts_the_rest() {
        let (mut window, begun) = (Window::default(), Instant::now());
        let admitted = (0..1_000).filter(|_| window.admit(begun)).count();
        assert_eq!(admitted, LINES as usize);
        assert_eq!(window.roll(begun + WINDOW / 2), 0, "it is not over yet");
        assert!(!window.admit(begun + WINDOW / 2));
        assert_eq!(window.roll(begun + WINDOW), 1_001 - u64::from(LINES));
        assert_eq!(window.roll(begun + WINDOW), 0, "a count is told once");
        assert!(window.admit(begun + WINDOW));
    }
}
