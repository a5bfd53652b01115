//! A reader of the stream of events.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::PATIENCE;
use super::site::API_KEY;

/// One open stream.
#[derive(Debug)]
pub(crate) struct Events {
    lines: BufReader<TcpStream>,
}

impl Events {
    /// Opens a stream and waits for `connected`.
    pub(crate) fn open(address: &str) -> Self {
        Self::ask(address, "").expect("a greeting")
    }

    /// The same, after this event.
    pub(crate) fn after(address: &str, event: u64) -> Self {
        Self::try_after(address, event).expect("a greeting")
    }

    /// The same if the server or its database may be down: then there is no stream.
    pub(crate) fn try_after(address: &str, event: u64) -> Option<Self> {
        Self::ask(address, &format!("Last-Event-ID: {event}\r\n"))
    }

    /// HTTP/1.0, so that the body has no chunk framing.
    fn ask(address: &str, header: &str) -> Option<Self> {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET /sse HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {API_KEY}\r\n{header}\r\n"
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut events = Self {
            lines: BufReader::new(stream),
        };
        events.find(|event, _| event == "connected")?;
        Some(events)
    }

    /// Reads until an event that matches; `None` if the server ended the stream before.
    pub(crate) fn find(&mut self, fits: impl Fn(&str, &Value) -> bool) -> Option<Value> {
        loop {
            let (event, data) = self.next()?;
            if fits(&event, &data) {
                return Some(data);
            }
        }
    }

    /// The next event with its name; `None` if the server ended the stream.
    pub(crate) fn next(&mut self) -> Option<(String, Value)> {
        let mut event = String::new();
        loop {
            let mut line = String::new();
            match self.lines.read_line(&mut line) {
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                read => read.expect("a line in time"),
            };
            if !line.ends_with('\n') {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("event", name)) => name.clone_into(&mut event),
                Some(("data", text)) => return Some((event, serde_json::from_str(text).unwrap())),
                _ => {}
            }
        }
    }
}
