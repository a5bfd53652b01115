//! The HTTP/1.1 client of all tests. It opens a connection for each request and shows the raw response, so that no client
//! library hides a bug of the server.

mod events;

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::ToSocketAddrs;
use tokio::time::timeout;

pub use self::events::{EventStream, ServerEvent};

/// Longer than any response in a test takes.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The bytes of a request with these headers and this body. It asks the server to close the connection after the response.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
    push_headers(&mut head, headers);
    let mut request = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    request.extend(body);
    request
}

fn push_headers(head: &mut String, headers: &[(&str, &str)]) {
    for (name, value) in headers {
        // Writing to a string cannot fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
}

/// Sends these bytes and reads until the server closes the connection.
///
/// # Panics
/// If there is no connection, or no complete response head within a minute.
pub async fn exchange(address: impl ToSocketAddrs, request: &[u8]) -> Response {
    let exchange = async {
        let stream = tokio::net::TcpStream::connect(address).await;
        let (mut reader, mut writer) = stream.expect("a connection").into_split();
        // A server may refuse the request and close before it has read everything. Then its response counts.
        let _ = writer.write_all(request).await;
        let mut answer = Vec::new();
        let _ = reader.read_to_end(&mut answer).await;
        answer
    };
    let answer = timeout(TIMEOUT, exchange).await;
    let answer = answer.expect("the server answers and closes in time");
    Response::parse(&answer)
        .unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&answer)))
}

/// [`exchange`] for tests without a runtime: all bytes until the connection was closed or broke.
///
/// # Errors
/// No connection, or one that broke before the request was sent.
pub fn exchange_blocking(address: &str, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Ok(answer)
}

/// The JSON that an emulated GitHub at this URL answers to a GET with this token.
///
/// # Panics
/// If the response is not JSON.
pub async fn github_json(url: &str, token: &str, target: &str) -> Value {
    let token = format!("Bearer {token}");
    let headers = [("User-Agent", "test"), ("Authorization", &*token)];
    let host = url.trim_start_matches("http://");
    exchange(host, &request("GET", target, &headers, b""))
        .await
        .json()
}

/// A raw response.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    head: String,
    /// All bytes after the head, including chunk framing.
    pub body: Vec<u8>,
}

impl Response {
    /// `None` if the head is not complete.
    pub fn parse(answer: &[u8]) -> Option<Self> {
        let split = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&answer[..split]).ok()?;
        Some(Self {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head: head.to_owned(),
            body: answer[split + 4..].to_vec(),
        })
    }

    /// A header by its case-insensitive name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Whether the body has as many bytes as `Content-Length` says.
    pub fn is_whole(&self) -> bool {
        let promised = self.header("content-length");
        promised.is_some_and(|length| length.parse() == Ok(self.body.len()))
    }

    /// The body as text.
    ///
    /// # Panics
    /// If it is not UTF-8.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is not JSON.
    pub fn json(&self) -> Value {
        let json = serde_json::from_slice(&self.body);
        json.unwrap_or_else(|error| panic!("{error}: {} {:?}", self.head, self.text()))
    }

    /// The body as JSON without the request id, which failures contain and which differs each time.
    ///
    /// # Panics
    /// If it is not JSON, or names another id than the header.
    pub fn json_without_id(&self) -> Value {
        let mut json = self.json();
        if json["error"].is_string()
            && let Some(failure) = json.as_object_mut()
        {
            let id = failure.remove("request_id");
            let id = id.as_ref().and_then(Value::as_str);
            assert_eq!(id, self.header("x-request-id"), "{self:?}");
        }
        json
    }

    /// The status and these members of the body, for a snapshot: `409 ok=false reason="already_claimed"`. See [`members`].
    ///
    /// # Panics
    /// As [`Response::json_without_id`].
    pub fn members(&self, paths: &str) -> String {
        let shown = members(&self.json_without_id(), paths);
        format!("{} {shown}", self.status)
    }
}

/// The values at these paths, separated by spaces: `claim.status="closed" claim.labels.0="bug"`. A missing one is `null`.
pub fn members(body: &Value, paths: &str) -> String {
    let shown = paths.split(' ').map(|path| {
        let value = body.pointer(&format!("/{}", path.replace('.', "/")));
        format!("{path}={}", value.unwrap_or(&Value::Null))
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let bytes = b"HTTP/1.1 404 Not Found\r\nContent-Length: 11\r\nx-Request-id:  7 \r\n\r\n{\"ok\":true}";
        let answer = Response::parse(bytes).unwrap();
        assert_eq!(
            (answer.status, answer.header("X-Request-Id")),
            (404, Some("7"))
        );
        assert_eq!(answer.json()["ok"], true);
        assert!(answer.is_whole());
        assert!(!Response::parse(&bytes[..70]).unwrap().is_whole());
        assert!(Response::parse(&bytes[..40]).is_none());
    }

    #[test]
    fn a_request_has_its_headers_and_the_length_of_its_body() {
        let bytes = request("POST", "/x", &[("A", "b")], b"text");
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "POST /x HTTP/1.1\r\nHost: test\r\nConnection: close\r\nA: b\r\nContent-Length: 4\r\n\r\ntext"
        );
    }
}
