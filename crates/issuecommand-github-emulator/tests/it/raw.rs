//! An HTTP client so small that nothing of it can hide a mistake of the emulator: one connection a request, read to
//! its end.

use std::fmt::Write as _;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The body's rows by one of their fields.
    pub(crate) fn column(&self, field: &str) -> Vec<Value> {
        self.json()
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row[field].clone())
            .collect()
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.column("number")
            .iter()
            .map(|number| number.as_u64().unwrap())
            .collect()
    }

    /// The address that the `Link` header gives for a relation.
    pub(crate) fn link(&self, relation: &str) -> Option<String> {
        let wanted = format!("rel=\"{relation}\"");
        self.header("link")?.split(", ").find_map(|link| {
            let (address, rest) = link.split_once("; ").unwrap();
            (rest == wanted).then(|| address.trim_matches(['<', '>']).to_owned())
        })
    }

    /// True when fewer bytes came than were promised.
    pub(crate) fn is_broken_off(&self) -> bool {
        let promised: usize = self.header("content-length").unwrap().parse().unwrap();
        self.body.len() < promised
    }
}

/// Asks with the default token. `target` is an absolute address or a path below `base`.
pub(crate) async fn send(
    base: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let authority = base.strip_prefix("http://").unwrap();
    let path = target.strip_prefix(base).unwrap_or(target);
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
    let mut all = vec![
        ("user-agent", "raw-test"),
        ("authorization", "Bearer test-token"),
        ("accept", "application/vnd.github+json"),
    ];
    all.retain(|(name, _)| headers.iter().all(|(given, _)| given != name));
    all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
    for (name, value) in all {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    write!(request, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();

    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer to {method} {target}: {text}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

pub(crate) async fn get(base: &str, target: &str) -> Answer {
    send(base, "GET", target, &[], "").await
}

/// Asks whether anything changed since this tag.
pub(crate) async fn get_if_changed(base: &str, target: &str, etag: &str) -> Answer {
    send(base, "GET", target, &[("if-none-match", etag)], "").await
}
