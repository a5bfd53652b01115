//! Finding the id of a message in a line that cannot be read as a whole.

use std::fmt;

use serde_json::Number;

/// The longest id that is repeated, in bytes of JSON.
const LONGEST: usize = 4096;

/// How far into a line an id is looked for that does not stand where it should.
const HEAD: usize = 4096;

/// An id as JSON: a text or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id(String);

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Id {
    /// A text in quotes or a number, as it stood in the line; `None` for anything else.
    fn read(token: &[u8]) -> Option<Self> {
        if token.first() == Some(&b'"') {
            let lossy = String::from_utf8_lossy(token);
            let text: String = issuecommand_wire::json::parse(lossy.as_bytes()).ok()?;
            return serde_json::to_string(&text).ok().map(Self);
        }
        let text = std::str::from_utf8(token).ok()?;
        // Kept as it was written: a number may be longer than any of ours.
        serde_json::from_str::<Number>(text).ok()?;
        Some(Self(text.to_owned()))
    }

    /// The id of a line whose quotes or brackets are broken before it, so that [`Finder`] takes it for a part of a text or of
    /// something nested: the only `"id"` of the line, within its first 4 KB, and not within brackets that are sound so far.
    pub(super) fn out_of_place(line: &[u8]) -> Option<Self> {
        let mut places = (0..line.len()).filter(|at| {
            line[*at..].starts_with(NAME) && at.checked_sub(1).map(|at| line[at]) != Some(b'\\')
        });
        let place = places.next().filter(|place| *place < HEAD)?;
        if places.next().is_some() || is_nested(&line[..place]) {
            return None;
        }
        let value = line[place + NAME.len()..].trim_ascii_start();
        let value = value.strip_prefix(b":")?.trim_ascii_start();
        let length = match value.first()? {
            b'"' => 2 + value[1..].iter().position(|byte| *byte == b'"')?,
            _ => value.iter().position(|byte| b",}] \t\r\n".contains(byte))?,
        };
        Self::read(&value[..length]).filter(|_| length <= LONGEST)
    }

    /// The id in a value that was read.
    pub(super) fn of(value: &serde_json::Value) -> Option<Self> {
        let id = value.get("id")?;
        (id.is_string() || id.is_number())
            .then(|| id.to_string())
            .filter(|id| id.len() <= LONGEST)
            .map(Self)
    }
}

const NAME: &[u8] = b"\"id\"";

/// Whether what follows this stands deeper than in the outermost object, by brackets that fit each other.
fn is_nested(before: &[u8]) -> bool {
    let (mut open, mut text, mut escaped) = (Vec::new(), false, false);
    for byte in before {
        if text {
            text = *byte != b'"' || escaped;
            escaped = *byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => text = true,
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' if open.pop() != Some(*byte) => return false,
            _ => {}
        }
    }
    !text && open.len() > 1
}

/// Looks through a line, given piece by piece, for the member `id` of the object that the line is. It needs no more memory
/// than the longest id, and takes all that is no JSON as it comes.
#[derive(Default)]
pub(super) struct Finder {
    /// How many brackets are open.
    depth: usize,
    /// Within a text, and whether its last byte was a backslash.
    text: Option<bool>,
    /// The text or number that is being read in the outermost object, `None` where it became too long.
    token: Option<Vec<u8>>,
    /// What comes next is the value of `id`.
    awaits: bool,
    /// The text that was read last is `id`.
    named: bool,
    /// The line is no object, or its id was found.
    done: bool,
    found: Option<Id>,
}

impl Finder {
    pub(super) fn feed(&mut self, piece: &[u8]) {
        for byte in piece {
            if self.done {
                return;
            }
            match self.text {
                Some(escaped) => self.in_text(*byte, escaped),
                None => self.outside(*byte),
            }
        }
    }

    /// The id, if there was one. An id that the line breaks off in is none.
    pub(super) fn found(self) -> Option<Id> {
        self.found
    }

    fn in_text(&mut self, byte: u8, escaped: bool) {
        self.keep(byte);
        self.text = Some(byte == b'\\' && !escaped);
        if byte == b'"' && !escaped {
            self.text = None;
            if self.depth == 1 {
                self.named = !self.awaits && self.token.as_deref() == Some(b"\"id\"");
                self.end_of_token();
            }
        }
    }

    fn outside(&mut self, byte: u8) {
        if self.depth == 0 {
            match byte {
                b'{' => self.depth = 1,
                // White space, and the bytes of a byte order mark.
                b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf => {}
                _ => self.done = true,
            }
            return;
        }
        match byte {
            b'"' => {
                self.text = Some(false);
                self.token = Some(vec![byte]);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.awaits = false;
            }
            b'}' | b']' => {
                self.end_of_token();
                self.depth -= 1;
                self.done |= self.depth == 0;
            }
            b':' if self.depth == 1 => {
                self.awaits = std::mem::take(&mut self.named);
                self.token = Some(Vec::new());
            }
            b',' if self.depth == 1 => {
                self.end_of_token();
                self.awaits = false;
            }
            b' ' | b'\t' | b'\r' | b'\n' => {
                if self.token.as_ref().is_some_and(|token| !token.is_empty()) {
                    self.end_of_token();
                }
            }
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1
            && let Some(token) = &mut self.token
        {
            if token.len() < LONGEST {
                token.push(byte);
            } else {
                self.token = None;
            }
        }
    }

    fn end_of_token(&mut self) {
        if self.depth == 1 && self.awaits {
            self.found = self.token.take().and_then(|token| Id::read(&token));
            self.done = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &[u8]) -> Option<String> {
        let mut whole = Finder::default();
        whole.feed(line);
        let mut pieces = Finder::default();
        line.chunks(1).for_each(|byte| pieces.feed(byte));
        let whole = whole.found().map(|id| id.to_string());
        assert_eq!(whole, pieces.found().map(|id| id.to_string()));
        whole
    }

    #[test]
    fn an_id_is_found_in_broken_json() {
        for (line, id) in [
            (
                &br#"{"jsonrpc":"2.0","id":7,"method":"x","params":{"a":1e400}}"#[..],
                "7",
            ),
            (
                br#"{"method":"x","params":{"id":1,"a":[NaN,{"id":2}]},"id":7}"#,
                "7",
            ),
            (br#"{"id":"a\"b\\","method":"#, r#""a\"b\\""#),
            (br#" { "id" : 7 , "#, "7"),
            (br#"{"id":-1.5e3}"#, "-1.5e3"),
            (br#"{"id":18446744073709551616,"#, "18446744073709551616"),
            (br#"{"x":"\"id\":1","id":2,"#, "2"),
            (br#"{"x":"id","id":3}"#, "3"),
            (b"{\"a\":\"\xff\",\"id\":\"\xff\"}", "\"\u{fffd}\""),
            (br#"{"a":"\ud800","id":"\ud800"}"#, "\"\u{fffd}\""),
            (b"\xef\xbb\xbf{\"id\":9,", "9"),
        ] {
            let shown = String::from_utf8_lossy(line);
            assert_eq!(found(line).as_deref(), Some(id), "{shown}");
        }
        let deep = format!("{}{}", r#"{"id":4,"a":"#, "[".repeat(100_000));
        assert_eq!(found(deep.as_bytes()).as_deref(), Some("4"));
    }

    #[test]
    fn an_id_behind_broken_quotes_or_brackets_is_found_if_it_is_the_only_one() {
        let deep = format!("{}{}", "[".repeat(200), r#"},"id":7}"#);
        let far = format!(r#"{{"a":"b"c","x":"{}","id":7}}"#, "x".repeat(HEAD));
        for (line, id) in [
            (r#"{"a":"b"c","id":7}"#, Some("7")),
            (r#"{"a":"b"c","id":"x"}"#, Some("\"x\"")),
            (r#"{"a":"b"c","id" : 7 ,"x"#, Some("7")),
            (r#"{"a":["b"},"id":7}"#, Some("7")),
            (r#"junk{"a":1,"id":7}"#, Some("7")),
            (&deep, Some("7")),
            (r#"{"a":"b"c","id":7"#, None),
            (r#"{"a":"b"c","id":"x"#, None),
            (r#"{"a":"b"c","id":null}"#, None),
            (r#"{"a":"b"c","id":7,"b":{"id":8}}"#, None),
            (r#"{"a":{"id":7},"b":NaN"#, None),
            (r#"{"a":[1,{"b":2},{"id":7}]"#, None),
            (r#"{"a":"b"c","x":"\"id\":7,"}"#, None),
            (&far, None),
        ] {
            let found = Id::out_of_place(line.as_bytes()).map(|id| id.to_string());
            assert_eq!(found.as_deref(), id, "{line:.60}");
        }
    }

    #[test]
    fn other_values_are_not_taken_for_an_id() {
        let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(LONGEST));
        for line in [
            "",
            "id",
            "7",
            r#""id""#,
            "{",
            "}",
            "}}}}{",
            r#"{"id"#,
            r#"{"id""#,
            r#"{"id":"#,
            r#"{"id":1"#,
            r#"{"id":"abc"#,
            r#"{"id":null}"#,
            r#"{"id":true}"#,
            r#"{"id":{"id":1}}"#,
            r#"{"id":[1]}"#,
            r#"{"id":1e400}"#,
            r#"{"params":{"id":1}}"#,
            r#"[{"id":1}]"#,
            r#"["id",1]"#,
            r#"{"x":"id"}"#,
            &long,
        ] {
            assert_eq!(found(line.as_bytes()), None, "{line:.80}");
        }
    }
}
