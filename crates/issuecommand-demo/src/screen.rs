//! Shows the demo: a redrawn frame on a terminal, plain lines elsewhere.

use std::fmt::Write as _;
use std::io::{IsTerminal, stdout};
use std::time::Duration;

use issuecommand_app::live::{ScreenSize, TerminalGuard, over, put};
use jiff::Timestamp;
use tokio::time::sleep;

use crate::api::Api;
use crate::event_log::EventLog;
use crate::intro;
use crate::render::{ServiceState, draw};
use crate::world::DemoWorld;

/// How often a frame is drawn.
const FRAME: Duration = Duration::from_millis(500);
/// Frames between two summaries of the plain output.
const SUMMARY: u32 = 20;

/// Shows the demo until IssueCommand does not answer or the output is closed, and returns the reason.
pub(crate) async fn show(api: &Api, world: &DemoWorld, log: &EventLog) -> &'static str {
    let terminal = stdout().is_terminal();
    let quiet = terminal.then(TerminalGuard::begin);
    let pinned = intro::pinned(&api.base, &api.key);
    let (mut read, mut silent, mut frame) = (0, 0, 0_u32);
    if terminal {
        // The introduction scrolls up out of the way and stays in the scrollback.
        let _ = put(&"\n".repeat(ScreenSize::of_terminal().rows));
    }
    let why = loop {
        let Some(state) = ServiceState::look(api).await else {
            silent += 1;
            if silent > 20 {
                break "the demo's own server does not answer";
            }
            sleep(FRAME).await;
            continue;
        };
        silent = 0;
        let place = world.place();
        let text = if terminal {
            let told = log.read();
            let place = place.as_deref();
            over(&draw(
                &state,
                &told,
                &pinned,
                place,
                Timestamp::now(),
                ScreenSize::of_terminal(),
            ))
        } else {
            let told = log.read();
            let new = (told.total - read).min(told.lines.len());
            read = told.total;
            let mut text = String::new();
            for line in told.lines.iter().skip(told.lines.len() - new) {
                text.extend([line, "\n"]);
            }
            if frame.is_multiple_of(SUMMARY) {
                let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
                text.extend([&place, &state.summary(&told), "\n"]);
            }
            text
        };
        if put(&text).is_err() {
            break "nobody reads any more";
        }
        frame = frame.wrapping_add(1);
        sleep(FRAME).await;
    };
    drop(quiet);
    why
}

/// Prints the final result.
pub(crate) async fn farewell(api: &Api, log: &EventLog, ended: Option<&str>) {
    let state = ServiceState::look(api).await;
    let told = log.read();
    let mut text = String::new();
    if let Some(why) = ended {
        let _ = writeln!(text, "The demo ended: {why}.");
    }
    if let Some(state) = state {
        let verdict = if told.two_owners == 0 {
            "and no issue had two owners"
        } else {
            "and ISSUES HAD TWO OWNERS, which must never be"
        };
        let _ = writeln!(
            text,
            "\n{} claims were made, {} of them closed, {} held at the end, {verdict}.",
            state.health["total_claims"],
            told.closed,
            state.claims.len(),
        );
    }
    // A closed output is ignored.
    let _ = put(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_lines_fit_80_columns() {
        let (base, key) = ("http://127.0.0.1:65535", "demo-0123456789abcdef");
        let pinned = intro::pinned(base, key);
        assert!(
            pinned.iter().all(|line| line.chars().count() < 80),
            "{pinned:?}"
        );
        let text = pinned.join("\n");
        for words in [base, key, "next-work", "$U/api/claims", "$U/sse"] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}
