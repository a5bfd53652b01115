//! The log of requests and responses, for tests to check.

use std::collections::VecDeque;
use std::fmt;

use super::pattern::Pattern;

/// A request and the status of its response.
#[derive(Debug, Clone)]
pub struct RequestRecord {
    /// Upper case.
    pub method: String,
    /// As requested, without the query.
    pub path: String,
    /// The path with `/repositories/ID` replaced by `/repos/owner/name`, as patterns match it.
    pub named_path: String,
    /// Decoded, in the order given.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// `None` while unanswered: hanging, or abandoned by the client.
    pub status: Option<u16>,
}

impl RequestRecord {
    /// Path and query, as they stand in a request.
    pub fn target(&self) -> String {
        let pairs: Vec<String> = (self.query.iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{}?{}", self.path, pairs.join("&"))
    }

    /// The first value of a query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn matches(&self, pattern: &Pattern) -> bool {
        pattern.matches(&self.method, &self.path) || pattern.matches(&self.method, &self.named_path)
    }
}

impl fmt::Display for RequestRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The latest requests, oldest first. It is bounded, so that a long-running demo does not grow.
#[derive(Debug, Default)]
pub(crate) struct Log {
    first: u64,
    records: VecDeque<RequestRecord>,
    /// Requests with unknown paths, until the test takes them.
    unexpected: Vec<String>,
    /// Successful writes since the test last read the world or the requests.
    unread_writes: Vec<String>,
}

impl Log {
    const KEPT: usize = 20_000;

    pub(crate) fn arrived(&mut self, record: RequestRecord) -> u64 {
        if self.records.len() == Self::KEPT {
            self.records.pop_front();
            self.first += 1;
        }
        self.records.push_back(record);
        self.first + self.records.len() as u64 - 1
    }

    pub(crate) fn answered(&mut self, id: u64, status: u16) {
        let place = id
            .checked_sub(self.first)
            .and_then(|place| usize::try_from(place).ok());
        if let Some(record) = place.and_then(|place| self.records.get_mut(place)) {
            record.status = Some(status);
            if record.method != "GET" && (200..300).contains(&status) {
                self.unread_writes.push(record.to_string());
            }
        }
    }

    /// The API has no such path.
    pub(crate) fn unknown(&mut self, method: &str, path: &str) {
        self.unexpected.push(format!("{method} {path}"));
    }

    pub(crate) fn take_unexpected(&mut self) -> Vec<String> {
        std::mem::take(&mut self.unexpected)
    }

    /// The test has read the effects of the writes.
    pub(crate) fn read(&mut self) {
        self.unread_writes.clear();
    }

    /// What fails a test at its end: requests with unknown paths, and unread writes.
    pub(crate) fn left_over(&self) -> Vec<&str> {
        let all = self.unexpected.iter().chain(&self.unread_writes);
        all.map(String::as_str).collect()
    }

    pub(crate) fn forget(&mut self) {
        self.first += self.records.len() as u64;
        self.records.clear();
        self.read();
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &RequestRecord> {
        self.records.iter()
    }
}
