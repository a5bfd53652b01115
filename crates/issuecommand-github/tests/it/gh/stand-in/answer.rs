//! A response, and how `gh api --include` prints it.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use reqwest::Url;
use serde_json::Value;

use crate::request::Request;
use crate::{complain, parsed};

/// Status and headers, and a connection from which the body can be read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) version: String,
    pub(crate) status: u16,
    /// The status line from the status on.
    pub(crate) phrase: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) reader: Option<BufReader<TcpStream>>,
}

impl Answer {
    /// The target of a redirect, as Go's HTTP client follows it: a body from a pipe cannot be sent twice, so 307 and 308 are
    /// not followed. The target is returned with its original spelling.
    pub(crate) fn redirect_of(&self, request: &Request) -> Option<Result<(Url, String), String>> {
        let followed = match self.status {
            301..=303 => true,
            307 | 308 => request.body.is_none(),
            _ => false,
        };
        let location = self.header("location").filter(|_| followed)?;
        if location.is_empty() {
            return None;
        }
        Some(parsed(&location, Some(&request.url)).map(|url| (url, location)))
    }

    fn header(&self, name: &str) -> Option<String> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    /// Prints status, sorted headers and the body on stdout and the error on stderr, and returns gh's exit code.
    pub(crate) fn print(mut self, method: &str) -> ExitCode {
        let mut out = io::stdout().lock();
        // The reader may have closed the pipe.
        let _ = out.write_all(&self.head());
        let refused = self.status >= 300;
        let mut words = format!("gh: HTTP {}", self.status);
        let mut body = self.body(method);
        let printed = if self.status >= 400 && self.is_json() {
            let mut whole = Vec::new();
            let read = body.read_to_end(&mut whole);
            read.and_then(|_| message(&whole, self.status))
                .and_then(|said| {
                    if let Some(said) = said {
                        words = format!("gh: {said}");
                    }
                    out.write_all(&whole)
                })
        } else {
            io::copy(&mut body, &mut out).map(drop)
        };
        let _ = out.flush();
        match printed {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => complain("unexpected EOF"),
            Err(error) => complain(&error.to_string()),
            Ok(()) if refused => complain(&words),
            Ok(()) => ExitCode::SUCCESS,
        }
    }

    fn head(&self) -> Vec<u8> {
        let mut by_name: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (name, value) in &self.headers {
            // Go removes connection headers.
            let closes = name.eq_ignore_ascii_case("connection") && value == b"close";
            if closes || name.eq_ignore_ascii_case("transfer-encoding") {
                continue;
            }
            let values = by_name.entry(canonical(name));
            values
                .and_modify(|known| known.extend([b", ", value.as_slice()].concat()))
                .or_insert_with(|| value.clone());
        }
        let mut head = format!("{} {}\n", self.version, self.phrase).into_bytes();
        for (name, value) in by_name {
            head.extend([name.as_bytes(), b": ", &value, b"\r\n"].concat());
        }
        head.extend(b"\r\n");
        head
    }

    fn is_json(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        kind.ends_with("/json") || kind.ends_with("+json")
    }

    /// The body without its framing. It ends with an error if the connection ends too soon.
    fn body(&mut self, method: &str) -> Box<dyn Read> {
        let reader = self.reader.take().expect("a body is read once");
        let chunked = self.header("transfer-encoding").is_some();
        let length = self.header("content-length");
        let coding = self.header("content-encoding");
        assert_eq!(coding, None, "the stand-in did not ask for a coding");
        if method == "HEAD" || matches!(self.status, 204 | 304) {
            Box::new(io::empty())
        } else if chunked {
            Box::new(ChunkedBody {
                reader,
                left: 0,
                ended: false,
            })
        } else if let Some(length) = length {
            let left = length.parse().expect("a length");
            Box::new(FixedLengthBody { reader, left })
        } else {
            Box::new(reader)
        }
    }
}

/// The part of an error body that gh prints: its message, else the messages of its errors.
fn message(body: &[u8], status: u16) -> io::Result<Option<String>> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        let words = if error.is_eof() {
            "unexpected end of JSON input".to_owned()
        } else {
            format!("invalid JSON: {error}")
        };
        io::Error::other(words)
    })?;
    let bad = || io::Error::other("json: cannot unmarshal it into the shape of an error");
    let fields = match &value {
        Value::Null => return Ok(None),
        Value::Object(fields) => fields,
        _ => return Err(bad()),
    };
    match fields.get("message") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.is_empty() => {}
        Some(Value::String(text)) => return Ok(Some(format!("{text} (HTTP {status})"))),
        Some(_) => return Err(bad()),
    }
    let errors = fields.get("errors").and_then(Value::as_array);
    let messages = errors.into_iter().flatten();
    let messages: Vec<&str> = messages
        .filter_map(|error| error["message"].as_str().or(error.as_str()))
        .collect();
    Ok((!messages.is_empty()).then(|| messages.join("\n")))
}

/// `x-github-sso` as `X-Github-Sso`.
fn canonical(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_uppercase() + &rest.to_lowercase()
    });
    parts.collect::<Vec<_>>().join("-")
}

/// A body with a `Content-Length`.
struct FixedLengthBody {
    reader: BufReader<TcpStream>,
    left: usize,
}

impl Read for FixedLengthBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.left);
        if most == 0 {
            // The reader would wait for more.
            return Ok(0);
        }
        let read = self.reader.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left -= read;
        Ok(read)
    }
}

/// A chunked body.
struct ChunkedBody {
    reader: BufReader<TcpStream>,
    /// Bytes left in the current chunk.
    left: usize,
    ended: bool,
}

impl ChunkedBody {
    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Read for ChunkedBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            let length = self.line()?;
            let length = length.split(';').next().unwrap_or_default();
            let bad = |_| io::Error::other("invalid byte in chunk length");
            self.left = usize::from_str_radix(length, 16).map_err(bad)?;
            if self.left == 0 {
                while !self.line()?.is_empty() {}
                self.ended = true;
                return Ok(0);
            }
        }
        let most = buffer.len().min(self.left);
        let read = self.reader.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left -= read;
        if self.left == 0 {
            self.line()?;
        }
        Ok(read)
    }
}
