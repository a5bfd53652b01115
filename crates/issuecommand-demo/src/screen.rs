//! Shows the demo: a redrawn frame on a terminal, plain lines elsewhere.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _, stdout};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;

use crate::api::Api;
use crate::event_log::EventLog;
use crate::intro;
use crate::render::{ScreenSize, ServiceState, draw};
use crate::world::DemoWorld;

/// How often a frame is drawn.
const FRAME: Duration = Duration::from_millis(500);
/// Frames between two summaries of the plain output.
const SUMMARY: u32 = 20;

/// Restores the terminal, however the demo ends.
struct TerminalGuard;

impl TerminalGuard {
    /// Hides the cursor, and disables line wrapping for terminals that become narrower.
    fn terminal() -> Self {
        let _ = stdout().write_all(b"\x1b[?25l\x1b[?7l");
        Self
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        let _ = stdout().write_all(b"\x1b[?7h\x1b[?25h");
        let _ = stdout().flush();
    }
}

/// Shows the demo until IssueCommand does not answer or the output is closed, and returns the reason.
pub(crate) async fn show(api: &Api, world: &DemoWorld, log: &EventLog) -> &'static str {
    let terminal = stdout().is_terminal();
    let quiet = terminal.then(TerminalGuard::terminal);
    let pinned = intro::pinned(&api.base, &api.key);
    let (mut read, mut silent, mut frame) = (0, 0, 0_u32);
    if terminal {
        // The introduction scrolls up out of the way and stays in the scrollback.
        let _ = put(&"\n".repeat(screen().rows));
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
                screen(),
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

fn put(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Overwrites the previous frame line by line, which avoids flicker. It starts at the top of the screen instead of so many
/// lines above the cursor, because after a resize those lines are elsewhere and the old ones would stay.
fn over(picture: &str) -> String {
    format!("\x1b[H{}\x1b[J", picture.replace('\n', "\x1b[K\n"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "NO_COLOR is the terminal's, not a setting"
)]
fn screen() -> ScreenSize {
    let (columns, rows) = terminal_size::terminal_size().map_or((80, 24), |(width, height)| {
        (usize::from(width.0), usize::from(height.0))
    });
    let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    ScreenSize {
        columns,
        rows,
        colours,
    }
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

    /// A terminal of this size that supports exactly the sequences that are written.
    struct Terminal {
        rows: usize,
        lines: Vec<String>,
        at: usize,
    }

    impl Terminal {
        /// A screen with leftovers, as after a resize.
        fn littered(rows: usize) -> Self {
            Self {
                rows,
                lines: vec!["ghost".to_owned(); rows],
                at: rows - 1,
            }
        }

        fn show(&mut self, text: &str) {
            let mut rest = text;
            let mut column = 0;
            while let Some(c) = rest.chars().next() {
                if let Some(after) = rest.strip_prefix("\x1b[H") {
                    (self.at, column, rest) = (0, 0, after);
                } else if let Some(after) = rest.strip_prefix("\x1b[K") {
                    self.lines[self.at].truncate(column);
                    rest = after;
                } else if let Some(after) = rest.strip_prefix("\x1b[J") {
                    self.lines[self.at].truncate(column);
                    self.lines[self.at + 1..].fill(String::new());
                    rest = after;
                } else if c == '\n' {
                    self.at += 1;
                    column = 0;
                    assert!(self.at < self.rows, "the picture scrolls the screen");
                    rest = &rest[1..];
                } else {
                    let line = &mut self.lines[self.at];
                    line.truncate(column);
                    line.push(c);
                    column += c.len_utf8();
                    rest = &rest[c.len_utf8()..];
                }
            }
        }
    }

    #[test]
    fn each_frame_replaces_the_whole_screen() {
        for rows in [24, 10, 50] {
            let mut terminal = Terminal::littered(rows);
            let lines: Vec<String> = (1..rows).map(|n| format!("line {n}\n")).collect();
            let picture = lines.concat();
            for picture in [picture.as_str(), "short\n"] {
                terminal.show(&over(picture));
                let shown = terminal.lines.join("\n");
                assert_eq!(shown.trim_end(), picture.trim_end());
            }
        }
    }

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
