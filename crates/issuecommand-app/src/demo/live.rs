//! Showing the demo: a picture that is redrawn on a terminal, plain lines anywhere else.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _, stdout};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;

use super::api::Api;
use super::story::Story;
use super::table::{Screen, State, draw};
use super::world::DemoWorld;

/// How often a picture is drawn.
const FRAME: Duration = Duration::from_millis(500);
/// How often a reader of plain lines is told how things stand.
const SUMMARY: u32 = 20;

/// Puts the terminal back in order, however the demo ends.
struct Quiet;

impl Quiet {
    /// No cursor that jumps about, and no line that is broken in two where the terminal became narrower.
    fn terminal() -> Self {
        let _ = stdout().write_all(b"\x1b[?25l\x1b[?7l");
        Self
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = stdout().write_all(b"\x1b[?7h\x1b[?25h");
        let _ = stdout().flush();
    }
}

/// Shows what happens until IssueCommand can no longer be asked or nobody reads, and says which.
pub(super) async fn show(api: &Api, world: &DemoWorld, story: &Story) -> &'static str {
    let terminal = stdout().is_terminal();
    let quiet = terminal.then(Quiet::terminal);
    let (mut drawn, mut read, mut silent, mut frame) = (0, 0, 0, 0_u32);
    let why = loop {
        let Some(state) = State::look(api).await else {
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
            let picture = draw(
                &state,
                &story.read(),
                place.as_deref(),
                Timestamp::now(),
                screen(),
            );
            let text = over(drawn, &picture);
            drawn = picture.lines().count();
            text
        } else {
            let told = story.read();
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

/// The picture over the one before, line by line, so that nothing flickers.
fn over(drawn: usize, picture: &str) -> String {
    let up = if drawn > 0 {
        format!("\x1b[{drawn}A\r")
    } else {
        String::new()
    };
    format!("{up}{}\x1b[J", picture.replace('\n', "\x1b[K\n"))
}

fn screen() -> Screen {
    let (columns, rows) = terminal_size::terminal_size().map_or((80, 24), |(width, height)| {
        (usize::from(width.0), usize::from(height.0))
    });
    let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    Screen {
        columns,
        rows,
        colours,
    }
}

/// The last words: what came of it.
pub(super) async fn farewell(api: &Api, story: &Story, ended: Option<&str>) {
    let state = State::look(api).await;
    let told = story.read();
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
    // Where nobody reads, nobody misses it.
    let _ = put(&text);
}
