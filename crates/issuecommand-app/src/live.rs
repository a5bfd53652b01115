//! The live table of claims and recent events, for `issuecommand watch` and the demo.

use std::fmt::Write as _;
use std::io::{self, Write as _, stdout};

use jiff::Timestamp;
use serde_json::Value;

use crate::text::{cut, cut_front, length, one_line, width};

/// The most lines of recent events.
const LATELY: usize = 8;

/// The size of the screen, and whether it supports colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenSize {
    /// Its width.
    pub columns: usize,
    /// Its height.
    pub rows: usize,
    /// Whether colours are wanted.
    pub colours: bool,
}

impl ScreenSize {
    /// The size of the terminal that this process writes to.
    #[expect(
        clippy::disallowed_methods,
        reason = "NO_COLOR is the terminal's, not a setting"
    )]
    pub fn of_terminal() -> Self {
        let (columns, rows) = terminal_size::terminal_size().map_or((80, 24), |(width, height)| {
            (usize::from(width.0), usize::from(height.0))
        });
        let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            columns,
            rows,
            colours,
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The agent.
    pub agent: String,
    /// `owner/name#number`.
    pub issue: String,
    /// The pull request, as `#45`.
    pub pull: String,
    /// Where the claim stands.
    pub status: String,
    /// How long ago its last sign of life was.
    pub since: String,
    /// The issue's title.
    pub title: String,
    /// The colour, as a code of the terminal; empty for none.
    pub look: &'static str,
}

impl Row {
    fn head() -> Self {
        let word = |text: &str| text.to_owned();
        Self {
            agent: word("AGENT"),
            issue: word("ISSUE"),
            pull: word("PR"),
            status: word("STATUS"),
            since: word("LIFE"),
            title: word("TITLE"),
            look: "1",
        }
    }

    /// The line of a claim as the API tells it.
    pub fn of_claim(claim: &Value, now: Timestamp) -> Self {
        let field = |name: &str| claim[name].as_str().unwrap_or_default();
        let since = field("last_updated")
            .parse()
            .map(|then: Timestamp| now.duration_since(then).as_millis());
        let since = since.map_or_else(
            |_| String::new(),
            |ms| length(i64::try_from(ms).unwrap_or(i64::MAX)),
        );
        let status = field("status");
        Self {
            agent: field("agent_id").to_owned(),
            issue: format!("{}#{}", field("repo"), claim["issue_number"]),
            pull: pull_of(field("pr_url")),
            status: status.replace('_', " "),
            since,
            title: field("issue_title").to_owned(),
            look: match status {
                "stale" => "33",
                "pr_submitted" => "36",
                "pr_merged" | "closed" => "32",
                _ => "",
            },
        }
    }
}

/// `#45`, as in the lines of events.
fn pull_of(url: &str) -> String {
    match url.rsplit_once("/pull/") {
        Some((_, number)) => format!("#{number}"),
        None => String::new(),
    }
}

/// What a frame shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Picture<'a> {
    /// Lines above the table, as far as they fit.
    pub pinned: &'a [String],
    /// The table.
    pub rows: &'a [Row],
    /// The row that is chosen, which is always shown.
    pub chosen: Option<usize>,
    /// What happened lately, the newest last.
    pub lately: &'a [String],
    /// Lines at the foot, each with its colour.
    pub foot: &'a [(String, &'static str)],
}

/// The whole frame: no line exceeds the width, and one line less than the height.
pub fn draw(picture: &Picture<'_>, screen: ScreenSize) -> String {
    let rows = picture.rows;
    // Head, two blank lines, and the line of the cursor.
    let least = 4 + picture.foot.len();
    let pinned = picture.pinned;
    let pinned = &pinned[..pinned.len().min(screen.rows.saturating_sub(least + 4))];
    let room = screen.rows.saturating_sub(least + pinned.len());
    let lately = picture.lately.len().min(LATELY).min(room / 3);
    let fits = room - lately;
    let shown = if rows.len() <= fits {
        rows.len()
    } else {
        fits.saturating_sub(1)
    };
    let first = picture
        .chosen
        .map_or(0, |chosen| (chosen + 1).saturating_sub(shown.max(1)));
    let widest = |least: usize, most: usize, of: fn(&Row) -> &String| {
        let longest = rows.iter().map(|row| width(of(row))).max();
        longest.unwrap_or(0).clamp(least, most)
    };
    let narrow = screen.columns < 100;
    let agent = widest(8, if narrow { 14 } else { 20 }, |row| &row.agent);
    let issue = widest(8, if narrow { 22 } else { 32 }, |row| &row.issue);
    let mut frame = Frame {
        text: String::new(),
        screen,
    };
    let columns = |row: &Row| {
        let padded = |text: String, wide: usize| {
            let blanks = wide.saturating_sub(width(&text));
            text + &" ".repeat(blanks)
        };
        format!(
            "{}  {}  {}  {}  {:>5}  {}",
            padded(cut(&one_line(&row.agent), agent), agent),
            padded(cut_front(&one_line(&row.issue), issue), issue),
            padded(cut_front(&one_line(&row.pull), 6), 6),
            padded(cut(&one_line(&row.status), 12), 12),
            row.since,
            one_line(&row.title)
        )
    };
    for line in pinned {
        frame.line(line, "");
    }
    frame.line(&columns(&Row::head()), "1");
    for (n, row) in rows.iter().enumerate().skip(first).take(shown) {
        let look = if picture.chosen == Some(n) {
            "7"
        } else {
            row.look
        };
        frame.line(&columns(row), look);
    }
    if shown < rows.len() {
        frame.line(&format!("… and {} more", rows.len() - shown), "2");
    }
    frame.line("", "");
    for line in picture.lately.iter().skip(picture.lately.len() - lately) {
        frame.line(line, "2");
    }
    frame.line("", "");
    for (line, look) in picture.foot {
        frame.line(line, look);
    }
    frame.text
}

struct Frame {
    text: String,
    screen: ScreenSize,
}

impl Frame {
    fn line(&mut self, line: &str, look: &str) {
        let line = cut(&one_line_kept(line), self.screen.columns.saturating_sub(1));
        let chosen = look == "7";
        if (self.screen.colours || chosen) && !look.is_empty() {
            let _ = write!(self.text, "\x1b[{look}m{line}\x1b[0m\n");
        } else {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }
}

/// The line with hidden characters made visible and its blanks kept.
fn one_line_kept(line: &str) -> String {
    let blanks = line.len() - line.trim_start().len();
    format!("{}{}", &line[..blanks], one_line(line))
}

/// Prepares the terminal, and restores it however the table ends.
#[derive(Debug)]
pub struct TerminalGuard {
    end: &'static str,
}

impl TerminalGuard {
    /// Hides the cursor, and disables line wrapping for terminals that become narrower.
    pub fn begin() -> Self {
        let _ = put("\x1b[?25l\x1b[?7l");
        Self {
            end: "\x1b[?7h\x1b[?25h",
        }
    }

    /// The same on a screen of its own, so that what was on the terminal comes back.
    pub fn begin_apart() -> Self {
        let _ = put("\x1b[?1049h\x1b[?25l\x1b[?7l");
        Self {
            end: "\x1b[?7h\x1b[?25h\x1b[?1049l",
        }
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        let _ = put(self.end);
    }
}

/// Writes to the terminal.
///
/// # Errors
/// Nobody reads any more.
pub fn put(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Overwrites the previous frame line by line, which avoids flicker. It starts at the top of the screen instead of so many
/// lines above the cursor, because after a resize those lines are elsewhere and the old ones would stay.
pub fn over(picture: &str) -> String {
    format!("\x1b[H{}\x1b[J", picture.replace('\n', "\x1b[K\n"))
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
    fn the_chosen_row_is_always_shown() {
        let rows: Vec<Row> = (0..100)
            .map(|n| Row {
                issue: format!("acme/web#{n}."),
                title: "漢字 \u{202e}".repeat(30),
                ..Row::default()
            })
            .collect();
        let screen = ScreenSize {
            columns: 80,
            rows: 12,
            colours: false,
        };
        let foot = [("foot".to_owned(), "")];
        for chosen in [0, 1, 7, 50, 99] {
            let picture = Picture {
                rows: &rows,
                chosen: Some(chosen),
                foot: &foot,
                ..Picture::default()
            };
            let text = draw(&picture, screen);
            assert!(
                text.contains(&format!("acme/web#{chosen}.")),
                "{chosen}: {text}"
            );
            assert_eq!(text.matches("\u{1b}[7m").count(), 1, "{text}");
            assert!(text.lines().count() < screen.rows, "{text}");
            let bare = text.replace("\u{1b}[7m", "").replace("\u{1b}[0m", "");
            assert!(
                bare.lines().all(|line| width(line) < screen.columns),
                "{text}"
            );
        }
    }
}
