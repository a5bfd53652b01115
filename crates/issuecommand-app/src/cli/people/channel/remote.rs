//! A service over HTTP.

use std::time::Duration;

use issuecommand_http::{CallAddress, address_of};
use issuecommand_wire::{ApiError, Call};
use reqwest::{Client, Method, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use tokio::time::{sleep, timeout};
use url::Url;

use crate::cli::http_client::http_client;
use crate::cli::people::failure::Failure;

/// How long an answer may take. A call may wait for GitHub.
const PATIENCE: Duration = Duration::from_mins(1);
/// The most bytes of an answer.
const LARGEST: usize = 64 << 20;
/// How long is waited if there is no stream of events.
const WITHOUT_STREAM: Duration = Duration::from_secs(2);
/// A stream that says nothing for this long is dead: it pings more often.
const SILENCE: Duration = Duration::from_secs(90);
/// The most that is kept of an unfinished line of the stream.
const LINE: usize = 64 * 1024;

/// See the module.
#[derive(Debug)]
pub(in crate::cli::people) struct Remote {
    http: Client,
    base: Url,
    key: SecretString,
    stream: Option<(Response, String)>,
}

impl Remote {
    pub(super) fn new(base: Url, key: SecretString) -> Result<Self, Failure> {
        Ok(Self {
            http: http_client(PATIENCE)?,
            base,
            key,
            stream: None,
        })
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) async fn call<C: Call>(&self, given: Map<String, Value>) -> Result<Value, Failure> {
        let address = address_of::<C>()
            .ok_or_else(|| Failure::failed(format!("{} cannot be asked over HTTP", C::NAME)))?;
        let request = self.request(address, given)?;
        let response = self.send(request).await?;
        let status = response.status().as_u16();
        let body = read(response).await.map_err(|why| self.unreachable(&why))?;
        match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if status == 200 => Ok(answer),
            Ok(answer) if answer["ok"] == false && !is_unknown_path(status, &answer) => {
                Err(Failure::of_answer(status, answer))
            }
            Ok(_) | Err(_) => Err(self.odd(status)),
        }
    }

    fn request(
        &self,
        address: CallAddress,
        mut given: Map<String, Value>,
    ) -> Result<RequestBuilder, Failure> {
        let url = path(&self.base, address.path, &mut given)?;
        let method = Method::from_bytes(address.method.to_uppercase().as_bytes());
        let method = method.map_err(|_| Failure::failed("the call has no method"))?;
        let request = self
            .http
            .request(method, url)
            .bearer_auth(self.key.expose_secret());
        Ok(if address.in_query {
            let pairs: Vec<(String, String)> = given
                .into_iter()
                .map(|(name, value)| (name, text(&value)))
                .collect();
            request.query(&pairs)
        } else {
            request.json(&Value::Object(given))
        })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        request.send().await.map_err(|error| {
            // The first sentence says no more than that a request failed; the last one is the cause.
            let mut cause: &dyn std::error::Error = &error;
            while let Some(source) = cause.source() {
                cause = source;
            }
            self.unreachable(&if error.is_timeout() {
                "it does not answer in time".to_owned()
            } else {
                cause.to_string()
            })
        })
    }

    fn unreachable(&self, why: &str) -> Failure {
        Failure::unreachable(format!(
            "the service at {} cannot be asked: {why}",
            self.base
        ))
        .hint("Look whether it runs, and whether --url is its address.")
    }

    /// An answer that is not the API's.
    fn odd(&self, status: u16) -> Failure {
        let base = &self.base;
        match status {
            300..=399 => Failure::failed(format!(
                "the service at {base} sends to another address, where the key is not sent"
            ))
            .hint("Give --url as that address."),
            404 => Failure::failed(format!("{base} does not know this call")).hint(
                "Either no IssueCommand is at this address, or it is older than this program.",
            ),
            401 => Failure::not_signed_in(format!("{base} does not know the key"))
                .hint(format!("Sign in: issuecommand login {base}")),
            500.. => {
                Failure::unreachable(format!("{base} answers {status}")).hint("Try again later.")
            }
            _ => Failure::failed(format!(
                "{base} answers {status}, and not as IssueCommand does"
            )),
        }
    }

    /// Waits until the service says that something happened, or for a while.
    pub(super) async fn changed(&mut self) {
        if self.stream.is_none() {
            let Ok(url) = self.base.join("sse") else {
                return;
            };
            let request = self.http.get(url).bearer_auth(self.key.expose_secret());
            // A stream lasts longer than a request may.
            let request = request.timeout(Duration::from_hours(24 * 365));
            match request.send().await {
                // What happened before the stream was open is found by looking.
                Ok(stream) if stream.status().is_success() => {
                    self.stream = Some((stream, String::new()));
                }
                Ok(_) | Err(_) => sleep(WITHOUT_STREAM).await,
            }
            return;
        }
        while let Some((response, line)) = &mut self.stream {
            let Ok(Ok(Some(bytes))) = timeout(SILENCE, response.chunk()).await else {
                self.stream = None;
                sleep(WITHOUT_STREAM).await;
                return;
            };
            line.push_str(&String::from_utf8_lossy(&bytes));
            if tells(line) {
                return;
            }
        }
    }
}

/// Whether a complete line of the stream says that something happened. What was read of it is dropped.
fn tells(line: &mut String) -> bool {
    let end = line.rfind('\n').map_or(0, |at| at + 1);
    let tells = line[..end].lines().any(|line| {
        let event = line.strip_prefix("event: ");
        event.is_some_and(|event| !matches!(event, "ping" | "connected"))
    });
    line.drain(..end);
    if line.len() > LINE {
        line.clear();
    }
    tells
}

/// A path that is not there, as against a thing that is not there.
fn is_unknown_path(status: u16, answer: &Value) -> bool {
    status == 404 && answer["message"] == ApiError::not_found().json()["message"]
}

async fn read(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await.map_err(|error| error.to_string())? {
        body.extend_from_slice(&bytes);
        if body.len() > LARGEST {
            return Err("its answer is too large".to_owned());
        }
    }
    Ok(body)
}

/// The address of a call, with its parameters in the path, which are taken out.
fn path(base: &Url, template: &str, given: &mut Map<String, Value>) -> Result<Url, Failure> {
    let mut url = base.clone();
    let repo = given
        .get("repo")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (owner, name) = repo.split_once('/').unwrap_or((repo, ""));
    let (owner, name) = (owner.to_owned(), name.to_owned());
    {
        let mut parts = url
            .path_segments_mut()
            .map_err(|()| Failure::usage("the address has no path"))?;
        parts.pop_if_empty();
        for part in template.split('/').skip(1) {
            let param = part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'));
            match param {
                None => parts.push(part),
                Some("owner") => parts.push(&owner),
                Some("repo") => parts.push(&name),
                Some("number") => parts.push(
                    &given
                        .remove("issue_number")
                        .as_ref()
                        .map(text)
                        .unwrap_or_default(),
                ),
                Some(other) => {
                    parts.push(&given.remove(other).as_ref().map(text).unwrap_or_default())
                }
            };
        }
    }
    if template.contains("{repo}") {
        given.remove("repo");
    }
    Ok(url)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_of_the_path_are_encoded_and_no_others() {
        let base = Url::parse("https://h/base/").unwrap();
        let Value::Object(mut given) =
            json!({ "repo": "acme/web", "issue_number": 7, "agent_id": "a b/c" })
        else {
            unreachable!()
        };
        let url = path(
            &base,
            "/api/issues/{owner}/{repo}/{number}/readiness",
            &mut given,
        )
        .unwrap();
        assert_eq!(
            url.as_str(),
            "https://h/base/api/issues/acme/web/7/readiness"
        );
        assert_eq!(given.keys().collect::<Vec<_>>(), ["agent_id"]);
        let url = path(&base, "/api/agents/{agent_id}", &mut given).unwrap();
        assert_eq!(url.as_str(), "https://h/base/api/agents/a%20b%2Fc");
        assert!(given.is_empty());
    }

    #[test]
    fn only_whole_lines_of_events_tell() {
        let mut line = String::from("event: ping\ndata: {}\n\nevent: claim.cr");
        assert!(!tells(&mut line));
        assert_eq!(line, "event: claim.cr");
        line.push_str("eated\ndata: {}\n");
        assert!(tells(&mut line));
        assert_eq!(line, "");
    }
}
