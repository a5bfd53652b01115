//! What a command writes: its result to standard output, words about it to standard error.

use std::io::{self, IsTerminal, Write as _};

use jiff::tz::TimeZone;
use serde_json::Value;

use super::failure::Failure;
use super::table::Table;
use crate::clock::SystemClock;
use crate::text::{moment, visible_json};
use issuecommand_core::domain::time::{Clock as _, Timestamp};

/// The width where a terminal does not tell its own.
const USUAL: usize = 80;

/// How a text stands out on a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    #[default]
    Plain,
    Bold,
    Dim,
    Good,
    Warn,
    Bad,
}

/// A terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    pub(super) columns: usize,
    pub(super) colours: bool,
}

impl Screen {
    /// The text so that it stands out.
    pub(super) fn look(self, look: Look, text: &str) -> String {
        let code = match look {
            Look::Plain => return text.to_owned(),
            Look::Bold => "1",
            Look::Dim => "2",
            Look::Good => "32",
            Look::Warn => "33",
            Look::Bad => "31",
        };
        if self.colours {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Where a command writes, and in which form.
#[derive(Clone, Debug)]
pub(super) struct Output {
    /// One JSON document instead of text.
    pub(super) json: bool,
    /// The terminal; `None` if a program reads.
    pub(super) screen: Option<Screen>,
    /// The moment that ages count from.
    pub(super) now: Timestamp,
    /// The time zone of the person.
    pub(super) zone: TimeZone,
}

impl Output {
    /// The output of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "NO_COLOR and TERM are the terminal's, not settings"
    )]
    pub(super) fn of_process(json: bool, no_color: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        let screen = (!json && io::stdout().is_terminal()).then(|| Screen {
            columns: terminal_size::terminal_size()
                .map_or(USUAL, |(width, _)| usize::from(width.0).max(20)),
            colours: !no_color && set("NO_COLOR").is_none() && !dumb,
        });
        Self {
            json,
            screen,
            now: SystemClock.now(),
            zone: TimeZone::system(),
        }
    }

    /// A moment: for people the time of day, for programs as it is.
    pub(super) fn moment(&self, text: &str) -> String {
        match self.screen {
            Some(_) => moment(text, self.now.0, &self.zone),
            None => text.to_owned(),
        }
    }

    /// How many milliseconds ago this moment was.
    pub(super) fn age(&self, text: &str) -> i64 {
        Timestamp::parse(text).map_or(0, |then| self.now.0.saturating_sub(then.0))
    }

    /// Makes a text stand out on a terminal.
    pub(super) fn look(&self, look: Look, text: &str) -> String {
        self.screen
            .map_or_else(|| text.to_owned(), |screen| screen.look(look, text))
    }

    /// Writes the result.
    #[expect(
        clippy::unused_self,
        reason = "whatever a command writes goes through its output"
    )]
    pub(super) fn result(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            // A reader such as `head` has what it wants.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::reader_gone()),
            Err(error) => Err(Failure::failed(format!(
                "the answer could not be written: {error}"
            ))),
        }
    }

    /// Writes a document as JSON.
    pub(super) fn document(&self, value: &Value) -> Result<(), Failure> {
        let text = if io::stdout().is_terminal() {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        self.result(&format!("{}\n", visible_json(&text.unwrap_or_default())))
    }

    /// Writes a table; without rows these words to standard error.
    pub(super) fn table(&self, table: &Table, if_empty: &str) -> Result<(), Failure> {
        if table.is_empty() {
            self.tell(if_empty);
            return Ok(());
        }
        self.result(&table.render(self.screen))
    }

    /// Says something about the result, to people alone.
    pub(super) fn tell(&self, text: &str) {
        if !self.json {
            // Without a reader there is nobody to tell.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Says what the service warns of.
    pub(super) fn tell_warnings(&self, answer: &Value) {
        for warning in answer["warnings"].as_array().into_iter().flatten() {
            let words = crate::text::one_line(warning.as_str().unwrap_or_default());
            self.tell(&format!("note: {words}"));
        }
    }
}
