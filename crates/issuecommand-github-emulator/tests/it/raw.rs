//! Raw requests to the emulator.

use issuecommand_github_emulator::{GithubEmulator, World};
use issuecommand_testkit::http::{self, Response};
use serde_json::Value;

/// An emulator without checks for unread requests, because these tests are its clients themselves.
pub(crate) async fn start(world: World) -> GithubEmulator {
    GithubEmulator::try_start(world).await.unwrap()
}

/// A raw response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    response: Response,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }

    pub(crate) fn json(&self) -> Value {
        self.response.json()
    }

    /// One field of all rows of the body.
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

    /// The address of a relation in the `Link` header.
    pub(crate) fn link(&self, relation: &str) -> Option<String> {
        let wanted = format!("rel=\"{relation}\"");
        self.header("link")?.split(", ").find_map(|link| {
            let (address, rest) = link.split_once("; ").unwrap();
            (rest == wanted).then(|| address.trim_matches(['<', '>']).to_owned())
        })
    }

    /// True if fewer bytes arrived than announced.
    pub(crate) fn is_broken_off(&self) -> bool {
        !self.response.is_whole()
    }
}

/// Sends a request with the default token. `target` is an absolute address or a path below `base`.
pub(crate) async fn send(
    base: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let authority = base.strip_prefix("http://").unwrap();
    let path = target.strip_prefix(base).unwrap_or(target);
    let mut all = vec![
        ("user-agent", "raw-test"),
        ("authorization", "Bearer test-token"),
        ("accept", "application/vnd.github+json"),
    ];
    all.retain(|(name, _)| headers.iter().all(|(given, _)| given != name));
    all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
    let request = http::request(method, path, &all, body.as_bytes());
    let response = http::exchange(authority, &request).await;
    Answer {
        status: response.status,
        body: response.text().to_owned(),
        response,
    }
}

pub(crate) async fn get(base: &str, target: &str) -> Answer {
    send(base, "GET", target, &[], "").await
}

/// A conditional request with this tag.
pub(crate) async fn get_if_changed(base: &str, target: &str, etag: &str) -> Answer {
    send(base, "GET", target, &[("if-none-match", etag)], "").await
}
