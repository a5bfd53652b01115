//! Reading lines, none longer than a limit.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use super::id::{Finder, Id};

/// A line without its end.
pub(super) enum Line {
    /// It is no longer than the limit.
    Whole(Vec<u8>),
    /// It was longer, and was skipped; its id if it had one.
    TooLong(Option<Id>),
}

pub(super) struct Input<R> {
    reader: BufReader<R>,
    limit: usize,
    /// The bytes of the present line that were read.
    line: Vec<u8>,
    /// The present line is too long; it is read for its id alone.
    skipped: Option<Finder>,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Input<R> {
    pub(super) fn new(stream: R, limit: usize) -> Self {
        Self {
            reader: BufReader::new(stream),
            limit,
            line: Vec::new(),
            skipped: None,
            ended: false,
        }
    }

    /// The next line; `None` at the end. What stands after the last line break is a line, too.
    ///
    /// Safe to drop while it waits: the one wait takes nothing from the stream.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        while !self.ended {
            let read = self.reader.fill_buf().await?;
            let end = read.iter().position(|byte| *byte == b'\n');
            let piece = &read[..end.unwrap_or(read.len())];
            match &mut self.skipped {
                Some(finder) => finder.feed(piece),
                None if self.line.len() + piece.len() <= self.limit => {
                    self.line.extend_from_slice(piece);
                }
                None => {
                    let mut finder = Finder::default();
                    finder.feed(&self.line);
                    finder.feed(piece);
                    self.skipped = Some(finder);
                    self.line = Vec::new();
                }
            }
            self.ended = read.is_empty();
            let taken = piece.len() + usize::from(end.is_some());
            self.reader.consume(taken);
            if end.is_some() {
                return Ok(Some(self.take()));
            }
        }
        let rest = self.skipped.is_some() || !self.line.is_empty();
        Ok(rest.then(|| self.take()))
    }

    fn take(&mut self) -> Line {
        match self.skipped.take() {
            Some(finder) => Line::TooLong(finder.found()),
            None => Line::Whole(std::mem::take(&mut self.line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(bytes: &[u8]) -> Vec<String> {
        let mut input = Input::new(bytes, 16);
        let mut lines = Vec::new();
        while let Some(line) = input.next().await.unwrap() {
            lines.push(match line {
                Line::Whole(line) => String::from_utf8(line).unwrap(),
                Line::TooLong(id) => format!("too long: {:?}", id.map(|id| id.to_string())),
            });
        }
        lines
    }

    #[tokio::test]
    async fn lines_end_at_line_breaks_and_at_the_end() {
        assert_eq!(lines(b"").await, [""; 0]);
        assert_eq!(lines(b"\n\na\nbc").await, ["", "", "a", "bc"]);
        assert_eq!(lines(b"0123456789abcdef\n").await, ["0123456789abcdef"]);
    }

    #[tokio::test]
    async fn a_line_over_the_limit_is_skipped_to_its_end() {
        let much = "x".repeat(100_000);
        let long = format!(
            "{{\"id\":7,\"a\":\"{much}\"}}\nnext\n{{\"a\":\"{much}\",\"id\":8}}\n0123456789abcdefg"
        );
        let expected = [
            "too long: Some(\"7\")",
            "next",
            "too long: Some(\"8\")",
            "too long: None",
        ];
        assert_eq!(lines(long.as_bytes()).await, expected);
    }
}
