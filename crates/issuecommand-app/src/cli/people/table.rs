//! Tables: on a terminal as wide as it is, elsewhere whole, between tabs, without a header.

use super::output::{Look, Screen};
use crate::text::{cut, cut_front, one_line, width};

/// The space between two columns.
const GAP: usize = 2;

/// How a column gives way if the terminal is narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Give {
    /// It stays as wide as it is.
    Never,
    /// It loses its end, down to so many columns.
    End(usize),
    /// It loses its beginning, down to so many columns.
    Front(usize),
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    name: &'static str,
    give: Give,
    right: bool,
}

impl Column {
    pub(super) const fn new(name: &'static str, give: Give) -> Self {
        Self {
            name,
            give,
            right: false,
        }
    }

    /// Numbers and lengths of time stand at the right.
    pub(super) const fn right(name: &'static str) -> Self {
        Self {
            name,
            give: Give::Never,
            right: true,
        }
    }
}

/// One cell: what people see, and what programs read.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    shown: String,
    exact: String,
    look: Look,
}

impl Cell {
    /// The same for both.
    pub(super) fn new(text: impl AsRef<str>) -> Self {
        let text = one_line(text.as_ref());
        Self {
            exact: text.clone(),
            shown: text,
            look: Look::Plain,
        }
    }

    /// Words for people, and the exact value for programs.
    pub(super) fn of(shown: impl AsRef<str>, exact: impl AsRef<str>) -> Self {
        Self {
            shown: one_line(shown.as_ref()),
            exact: one_line(exact.as_ref()),
            look: Look::Plain,
        }
    }

    pub(super) fn look(self, look: Look) -> Self {
        Self { look, ..self }
    }
}

/// A table, built row by row.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: &'static [Column],
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(super) fn new(columns: &'static [Column]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Adds a row of as many cells as there are columns.
    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text; nothing without rows.
    pub(super) fn render(&self, screen: Option<Screen>) -> String {
        match screen {
            _ if self.rows.is_empty() => String::new(),
            Some(screen) => self.for_people(screen),
            None => self.for_programs(),
        }
    }

    /// The same without a header, as a part of a page.
    pub(super) fn render_bare(&self, screen: Option<Screen>) -> String {
        let text = self.render(screen);
        if screen.is_none() || text.is_empty() {
            return text;
        }
        let rows = text.lines().skip(1);
        rows.map(|line| format!("{line}\n")).collect()
    }

    fn for_programs(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(|cell| cell.exact.as_str()).collect();
            text.push_str(&cells.join("\t"));
            text.push('\n');
        }
        text
    }

    fn for_people(&self, screen: Screen) -> String {
        let widths = self.widths(screen.columns);
        let mut text = String::new();
        let head: Vec<Cell> = self
            .columns
            .iter()
            .map(|column| Cell::new(column.name).look(Look::Bold))
            .collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            let mut line = String::new();
            // Blanks in front of a cell are written with it, so that no line ends in blanks.
            let mut blanks = 0;
            for ((cell, column), most) in row.iter().zip(self.columns).zip(&widths) {
                let shown = match column.give {
                    Give::Front(_) => cut_front(&cell.shown, *most),
                    Give::End(_) | Give::Never => cut(&cell.shown, *most),
                };
                let rest = most - width(&shown);
                let (before, after) = if column.right { (rest, 0) } else { (0, rest) };
                if shown.is_empty() {
                    blanks += before;
                } else {
                    line.extend(std::iter::repeat_n(' ', blanks + before));
                    line.push_str(&screen.look(cell.look, &shown));
                    blanks = 0;
                }
                blanks += after + GAP;
            }
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    /// The width of each column, so that a line fits if it can.
    fn widths(&self, columns: usize) -> Vec<usize> {
        let natural = |n: usize| {
            let cells = self.rows.iter().map(|row| width(&row[n].shown));
            cells
                .chain([width(self.columns[n].name)])
                .max()
                .unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..self.columns.len()).map(natural).collect();
        let gaps = GAP * self.columns.len().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(columns);
        let least: Vec<usize> = self
            .columns
            .iter()
            .map(|column| match column.give {
                Give::Never => usize::MAX,
                Give::End(least) | Give::Front(least) => least.max(width(column.name)),
            })
            .collect();
        // The widest column gives way first, so that one long name does not leave the others without room.
        while excess > 0 {
            let gives = (0..widths.len()).filter(|n| widths[*n] > least[*n]);
            let Some(widest) = gives.max_by_key(|n| widths[*n]) else {
                break;
            };
            widths[widest] -= 1;
            excess -= 1;
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column::new("ISSUE", Give::Front(8)),
        Column::right("FOR"),
        Column::new("TITLE", Give::End(10)),
    ];

    fn table() -> Table {
        let mut table = Table::new(COLUMNS);
        for (issue, title) in [
            ("acme/web#127", "Price shown with wrong currency"),
            (
                "acme/a-very-long-repository-name#8",
                "漢字 \u{202e}evil\tand\nmore",
            ),
            ("a/b#1", ""),
        ] {
            table.row(vec![
                Cell::new(issue),
                Cell::of("2 h", "2026-11-22T10:00:00.000Z"),
                Cell::new(title),
            ]);
        }
        table
    }

    #[test]
    fn lines_fit_the_terminal() {
        for columns in [30, 40, 60, 80, 200] {
            let text = table().render(Some(Screen {
                columns,
                colours: false,
            }));
            for line in text.lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
                assert_eq!(line.trim_end(), line);
            }
            assert!(text.contains("#127"), "{text}");
        }
        let text = table().render(Some(Screen {
            columns: 60,
            colours: false,
        }));
        insta::assert_snapshot!(text, @r"
        ISSUE                        FOR  TITLE
        acme/web#127                 2 h  Price shown with wrong cu…
        …ery-long-repository-name#8  2 h  漢字 \u{202e}evil and more
        a/b#1                        2 h
        ");
    }

    #[test]
    fn programs_get_everything() {
        let text = table().render(None);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split('\t').collect())
            .collect();
        assert_eq!(rows.len(), 3);
        assert_eq!(
            rows[1],
            [
                "acme/a-very-long-repository-name#8",
                "2026-11-22T10:00:00.000Z",
                "漢字 \\u{202e}evil and more"
            ]
        );
        assert_eq!(Table::new(COLUMNS).render(None), "");
    }

    #[test]
    fn colours_do_not_move_columns() {
        let mut table = Table::new(COLUMNS);
        table.row(vec![
            Cell::new("a/b#1").look(Look::Warn),
            Cell::new("9 s"),
            Cell::new("x"),
        ]);
        let text = table.render(Some(Screen {
            columns: 80,
            colours: true,
        }));
        assert!(text.contains("\u{1b}[33ma/b#1\u{1b}[0m"), "{text}");
        let plain = table.render(Some(Screen {
            columns: 80,
            colours: false,
        }));
        let bare = ["\u{1b}[33m", "\u{1b}[1m", "\u{1b}[0m"]
            .iter()
            .fold(text, |text, code| text.replace(code, ""));
        assert_eq!(bare, plain);
    }
}
