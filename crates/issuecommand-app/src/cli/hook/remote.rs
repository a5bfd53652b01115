//! The way to a service elsewhere, over HTTP.

use std::time::Duration;

use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::notice::NoticeKind;
use issuecommand_core::domain::session::SessionId;
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use url::Url;

use super::local::notice_words;
use super::words::{Feedback, Held, Sight};
use crate::error::AppError;
use crate::settings::Settings;

/// A stream that says nothing for this long is dead: it pings more often.
const SILENCE: Duration = Duration::from_secs(90);
/// The pause before a stream is opened again.
const PAUSE: Duration = Duration::from_secs(5);
/// The most that is kept of an unfinished line of the stream.
const LINE: usize = 64 * 1024;

/// A service, and who asks it.
#[derive(Debug)]
pub(in crate::cli) struct Remote {
    http: Client,
    base: Url,
    key: SecretString,
    agents: Vec<String>,
    session: Option<String>,
    stream: Option<(Response, String)>,
}

impl Remote {
    /// Finds out who asks. `None` if no agent was heard in this session.
    ///
    /// # Errors
    /// What is missing or wrong, or that the service does not answer.
    pub(in crate::cli) async fn open(
        settings: &Settings,
        url: &str,
        agent: Option<&AgentId>,
        session: Option<&SessionId>,
        patience: Duration,
    ) -> Result<Option<Self>, AppError> {
        let key = settings.remote_key.clone().ok_or_else(|| {
            AppError::Command("set ISSUECOMMAND_KEY to a key of the service".to_owned())
        })?;
        let mut remote = Self {
            http: client(patience)?,
            base: base(url)?,
            key,
            agents: agent.map(ToString::to_string).into_iter().collect(),
            session: session.map(ToString::to_string),
            stream: None,
        };
        if remote.agents.is_empty() {
            remote.agents = remote.agents_of_session().await?;
        }
        Ok((!remote.agents.is_empty()).then_some(remote))
    }

    async fn agents_of_session(&self) -> Result<Vec<String>, AppError> {
        let known = self.get("api/agents", &[]).await?;
        let of_session = |agent: &&Value| {
            let mut sessions = agent["sessions"].as_array().into_iter().flatten();
            sessions.any(|it| it["session_id"].as_str() == self.session.as_deref())
        };
        let agents = known["agents"].as_array().into_iter().flatten();
        let names = agents.filter(of_session);
        Ok(names.map(|agent| text(&agent["agent_id"])).collect())
    }

    /// What the agents of the session have. With `beats` a sign of life, which brings the notices.
    ///
    /// # Errors
    /// What the service answers, or that it does not.
    pub(in crate::cli) async fn sight(&self, beats: bool) -> Result<Sight, AppError> {
        let mut sight = Sight::default();
        for agent in &self.agents {
            if beats {
                // What is held in no session has its sign of life without one.
                let sessions = [self.session.as_deref(), None];
                let sessions = &sessions[usize::from(self.session.is_none())..];
                for session in sessions {
                    let body = self.beat(agent, *session, false).await?;
                    let told = body["notices"].as_array().into_iter().flatten();
                    for notice in told.filter_map(notice) {
                        if !sight.notices.contains(&notice) {
                            sight.notices.push(notice);
                        }
                    }
                }
            }
            let work = self
                .get("api/my-work", &self.of_agent(agent, beats))
                .await?;
            let claims = work["work"]["claims"].as_array().into_iter().flatten();
            for claim in claims.filter(|claim| claim["session"] != "other") {
                sight.held.push(held(claim));
                if let Some((repo, number)) = claim["pr_url"].as_str().and_then(pull) {
                    let query = [("repo", repo), ("pr_number", number)];
                    let items = self.get("api/followups", &query).await?;
                    let items = items["followups"].as_array().into_iter().flatten();
                    let mine = items.filter(|item| item["preferred_agent_id"] == agent.as_str());
                    let new = mine.filter_map(|item| waiting(agent, item));
                    let new: Vec<_> = new.filter(|it| !sight.feedback.contains(it)).collect();
                    sight.feedback.extend(new);
                }
            }
        }
        Ok(sight)
    }

    /// The feedback that the agent may take, and how many issues are ready for it.
    ///
    /// # Errors
    /// What the service answers, or that it does not.
    pub(in crate::cli) async fn open_work(
        &self,
        issues: bool,
    ) -> Result<(Vec<Feedback>, u64), AppError> {
        let (mut found, mut ready) = (Vec::new(), 0);
        for agent in &self.agents {
            let items = self.get("api/followups", &[]).await?;
            let items = items["followups"].as_array().into_iter().flatten();
            let mine = items.filter(|item| {
                let preferred = &item["preferred_agent_id"];
                preferred.is_null() || preferred == agent.as_str()
            });
            found.extend(mine.filter_map(|item| waiting(agent, item)));
            if issues {
                let query = [("agent_id", agent.clone())];
                let why = self.get("api/explain", &query).await?;
                let hindered = why["explain"]["agent"].as_array().into_iter().flatten();
                let kept = hindered.map(|it| match it["reason"].as_str() {
                    Some("paused" | "at_capacity") => u64::MAX,
                    _ => it["count"].as_u64().unwrap_or(0),
                });
                let kept = kept.fold(0, u64::saturating_add);
                let all = why["explain"]["ready"].as_u64().unwrap_or(0);
                ready += all.saturating_sub(kept);
            }
        }
        Ok((found, ready))
    }

    /// Says that the session is over.
    ///
    /// # Errors
    /// What the service answers, or that it does not.
    pub(in crate::cli) async fn over(&self) -> Result<(), AppError> {
        for agent in &self.agents {
            self.beat(agent, self.session.as_deref(), true).await?;
        }
        Ok(())
    }

    /// Waits until the service says that something happened, or for a while.
    pub(in crate::cli) async fn changed(&mut self) {
        if self.stream.is_none() {
            match self.listen().await {
                // What happened before the stream was open is found by looking.
                Ok(stream) => self.stream = Some((stream, String::new())),
                Err(_) => sleep(PAUSE).await,
            }
            return;
        }
        while let Some((response, line)) = &mut self.stream {
            let Ok(Ok(Some(bytes))) = timeout(SILENCE, response.chunk()).await else {
                self.stream = None;
                sleep(PAUSE).await;
                return;
            };
            line.push_str(&String::from_utf8_lossy(&bytes));
            let tells = line.lines().any(|line| {
                let event = line.strip_prefix("event: ");
                event.is_some_and(|event| !matches!(event, "ping" | "connected"))
            });
            let rest = line.rfind('\n').map_or(0, |at| at + 1);
            line.drain(..rest);
            if line.len() > LINE {
                line.clear();
            }
            if tells {
                return;
            }
        }
    }

    async fn listen(&self) -> Result<Response, AppError> {
        let request = self.http.get(self.at("sse")?);
        // A stream lasts longer than a request may.
        let request = request.timeout(Duration::from_hours(24 * 365));
        self.send(request).await
    }

    async fn beat(
        &self,
        agent: &str,
        session: Option<&str>,
        over: bool,
    ) -> Result<Value, AppError> {
        let mut body = json!({ "agent_id": agent });
        if let Some(session) = session {
            body["session_id"] = json!(session);
        }
        if over {
            body["session_over"] = json!(true);
        }
        let request = self.http.post(self.at("api/heartbeat")?).json(&body);
        read(self.send(request).await?).await
    }

    /// Who asks. Only in a session is an answer told what the session lost, so that what is not shown is asked without one.
    fn of_agent(&self, agent: &str, shows: bool) -> Vec<(&'static str, String)> {
        let session = self.session.clone().filter(|_| shows);
        let session = session.map(|session| ("session_id", session));
        [("agent_id", agent.to_owned())]
            .into_iter()
            .chain(session)
            .collect()
    }

    async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, AppError> {
        let request = self.http.get(self.at(path)?).query(query);
        read(self.send(request).await?).await
    }

    fn at(&self, path: &str) -> Result<Url, AppError> {
        self.base.join(path).map_err(|error| bad(&error))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, AppError> {
        let request = request.bearer_auth(self.key.expose_secret());
        let response = request.send().await.map_err(|error| bad(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(AppError::Command(format!("the service answers {status}")))
    }
}

async fn read(response: Response) -> Result<Value, AppError> {
    response.json().await.map_err(|error| bad(&error))
}

fn bad(error: &dyn std::error::Error) -> AppError {
    AppError::Command(format!("the service cannot be asked: {error}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one client for a service elsewhere; it asks GitHub nothing"
)]
fn client(patience: Duration) -> Result<Client, AppError> {
    // An error means that another part of the program has installed a provider, and any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().timeout(patience);
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder.build().map_err(|error| bad(&error))
}

/// The address of the service: what was given, without the path of its MCP endpoint.
fn base(url: &str) -> Result<Url, AppError> {
    let base = url.trim_end_matches('/');
    let base = base.strip_suffix("/mcp").unwrap_or(base);
    let url = Url::parse(&format!("{base}/"));
    let url = url
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| {
        AppError::Command(format!(
            "--remote {base} is no address: give it as https://host, without a path"
        ))
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Repository and number of a pull request's address.
fn pull(url: &str) -> Option<(String, String)> {
    let mut parts = url.trim_end_matches('/').rsplit('/');
    let number = parts.next()?;
    number.parse::<u64>().ok()?;
    if parts.next()? != "pull" {
        return None;
    }
    let name = parts.next()?;
    let owner = parts.next()?;
    Some((format!("{owner}/{name}"), number.to_owned()))
}

fn held(claim: &Value) -> Held {
    let history = claim["status_history"].as_array();
    let mut notes = history.into_iter().flatten().rev();
    Held {
        agent: text(&claim["agent_id"]),
        claim: text(&claim["claim_id"]),
        repo: text(&claim["repo"]),
        number: claim["issue_number"].as_i64().unwrap_or_default(),
        status: text(&claim["status"]),
        note: notes.find_map(|entry| entry["note"].as_str().map(str::to_owned)),
        has_pull: claim["pr_url"].is_string(),
    }
}

/// Feedback that waits; `None` if somebody has it.
fn waiting(agent: &str, item: &Value) -> Option<Feedback> {
    if !matches!(item["status"].as_str(), Some("queued" | "stale")) {
        return None;
    }
    let sources = item["sources"].as_array().into_iter().flatten();
    let waits: Vec<&Value> = sources.filter(|it| it["ended"].is_null()).collect();
    let asks = waits.len();
    let last = waits.last().map(|source| text(&source["source_event_id"]));
    let last = last.unwrap_or_default();
    Some(Feedback {
        agent: agent.to_owned(),
        item: text(&item["work_item_id"]),
        repo: text(&item["repo"]),
        number: item["pr_number"].as_i64().unwrap_or_default(),
        asks,
        version: format!("{asks} {last}"),
    })
}

fn notice(notice: &Value) -> Option<String> {
    let what = match notice["notice"].as_str()? {
        "lost" => NoticeKind::Lost,
        "ended" => NoticeKind::Ended,
        "taken_over" => NoticeKind::TakenOver,
        "given" => NoticeKind::Given,
        _ => return None,
    };
    let number = notice["issue_number"].as_i64();
    let number = number.or_else(|| notice["pr_number"].as_i64())?;
    let of = format!("{}#{number}", notice["repo"].as_str()?);
    let why = notice["why"].as_str().unwrap_or_default();
    Some(notice_words(what, &of, why, notice["now_held_by"].as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_services_own() {
        for given in [
            "https://ic.example.com",
            "https://ic.example.com/",
            "https://ic.example.com/mcp",
        ] {
            assert_eq!(base(given).unwrap().as_str(), "https://ic.example.com/");
        }
        assert!(base("ic.example.com").is_err());
        assert!(base("file:///etc").is_err());
    }

    #[test]
    fn a_pull_request_is_known_by_its_address() {
        let parts = |url| pull(url);
        let wanted = Some(("acme/api".to_owned(), "7".to_owned()));
        assert_eq!(parts("https://github.com/acme/api/pull/7"), wanted);
        assert_eq!(parts("https://github.example.com/acme/api/pull/7/"), wanted);
        assert_eq!(parts("https://github.com/acme/api/issues/7"), None);
        assert_eq!(parts("seven"), None);
    }
}
