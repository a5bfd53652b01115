//! An HTTP client that opens a connection for each request, as curl does, and detects incomplete responses.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use issuecommand_github_emulator::Delivery;
use issuecommand_testkit::http::{Response, exchange_blocking, request};
use serde_json::Value;

use super::site::{API_KEY, SECRET};

/// The path of deliveries.
const HOOK: &str = "/api/webhooks/github";

/// A complete response.
#[derive(Clone, Debug)]
pub(crate) struct JsonResponse {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// `Retry-After`, in seconds.
    pub(crate) retry_after: Option<u64>,
}

impl JsonResponse {
    /// `None` if it is not complete.
    pub(crate) fn parse(answer: &[u8]) -> Option<Self> {
        let answer = Response::parse(answer).filter(Response::is_whole)?;
        let retry_after = answer.header("retry-after");
        Some(Self {
            status: answer.status,
            body: answer.json(),
            retry_after: retry_after.map(|seconds| seconds.parse().unwrap()),
        })
    }
}

/// There was no complete response: the effect is unknown.
#[derive(Debug)]
pub(crate) struct Broken;

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// One server.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    address: String,
    key: String,
}

impl Http {
    pub(crate) fn at(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            key: API_KEY.to_owned(),
        }
    }

    /// With another key than the default.
    pub(crate) fn key(self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self
        }
    }

    pub(crate) fn get(&self, path: &str) -> JsonResponse {
        self.ask("GET", path, None).expect("an answer")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> JsonResponse {
        self.ask("POST", path, Some(body)).expect("an answer")
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<JsonResponse, Broken> {
        self.ask_with(method, path, &[], body)
    }

    /// One request with the key and these headers.
    pub(crate) fn ask_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<JsonResponse, Broken> {
        let body = body.map(Value::to_string).unwrap_or_default();
        self.exchange(&self.bytes(method, path, headers, &body))
    }

    /// The bytes of such a request.
    pub(crate) fn bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Vec<u8> {
        let key = format!("Bearer {}", self.key);
        let headers = [&[("Authorization", key.as_str())], headers].concat();
        request(method, path, &headers, body.as_bytes())
    }

    /// A connection of its own.
    pub(crate) fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(&self.address)
    }

    /// A delivery as GitHub sends it: signed, without a key.
    pub(crate) fn deliver(&self, delivery: &Delivery) -> Result<JsonResponse, Broken> {
        let headers = delivery.headers(SECRET);
        let headers = headers.each_ref().map(|(name, value)| (*name, &**value));
        self.send("POST", HOOK, &headers, delivery.body.as_bytes())
    }

    /// The same without waiting for the response: the connection is closed as soon as all is sent.
    pub(crate) fn deliver_and_hang_up(&self, delivery: &Delivery) -> Result<(), Broken> {
        let headers = delivery.headers(SECRET);
        let headers = headers.each_ref().map(|(name, value)| (*name, &**value));
        let request = request("POST", HOOK, &headers, delivery.body.as_bytes());
        TcpStream::connect(&self.address)?.write_all(&request)?;
        Ok(())
    }

    /// One request with only these headers.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<JsonResponse, Broken> {
        self.exchange(&request(method, path, headers, body))
    }

    fn exchange(&self, request: &[u8]) -> Result<JsonResponse, Broken> {
        let answer = exchange_blocking(&self.address, request)?;
        JsonResponse::parse(&answer).ok_or(Broken)
    }

    /// Sends as many bytes of a request with the key as `cut` returns for its length, waits a while, and disconnects.
    pub(crate) fn hang_up(
        &self,
        (method, path): (&str, &str),
        body: &Value,
        cut: impl FnOnce(usize) -> usize,
        stay: Duration,
    ) -> Result<(), Broken> {
        let request = self.bytes(method, path, &[], &body.to_string());
        let mut stream = self.connect()?;
        stream.write_all(&request[..cut(request.len())])?;
        std::thread::sleep(stay);
        Ok(())
    }
}
