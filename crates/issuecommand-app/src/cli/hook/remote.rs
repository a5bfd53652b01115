//! The way to a service elsewhere, over HTTP.

use std::time::Duration;

use issuecommand_core::domain::notice::NoticeKind;
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use url::Url;

use super::channel::Asker;
use super::local::notice_words;
use super::words::{Feedback, Held, Sight};
use crate::cli::http_client::{http_client, refused, unreachable};
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
    /// The client's session, if its calls come in it. The calls of an MCP connection over HTTP come in a session of its own, and
    /// then the agent is known by its name alone.
    session: Option<String>,
    stream: Option<(Response, String)>,
}

impl Remote {
    /// Finds out who asks: the agent named, else those heard in the session, else the one that the client's hooks tell its
    /// model to be. `None` if nothing of these is known.
    ///
    /// # Errors
    /// What is missing or wrong, or that the service does not answer.
    pub(in crate::cli) async fn open(
        settings: &Settings,
        url: &str,
        asker: &Asker<'_>,
    ) -> Result<Option<Self>, AppError> {
        let key = settings.remote_key.clone().ok_or_else(|| {
            AppError::Command("set ISSUECOMMAND_KEY to a key of the service".to_owned())
        })?;
        let mut remote = Self {
            http: http_client(asker.patience)?,
            base: base(url)?,
            key,
            agents: asker.agent.map(ToString::to_string).into_iter().collect(),
            session: asker.session.map(ToString::to_string),
            stream: None,
        };
        let heard = remote.agents_of_session().await;
        if heard.is_empty() {
            remote.session = None;
        }
        if remote.agents.is_empty() {
            remote.agents = heard;
        }
        if remote.agents.is_empty() {
            remote.agents.extend(default_agent(asker));
        }
        Ok((!remote.agents.is_empty()).then_some(remote))
    }

    async fn agents_of_session(&self) -> Vec<String> {
        let Some(session) = self.session.as_deref() else {
            return Vec::new();
        };
        let known = self.known_agents().await;
        let names = known
            .iter()
            .filter(|agent| sessions(agent).any(|it| it["session_id"] == session));
        names.map(|agent| text(&agent["agent_id"])).collect()
    }

    /// All agents, as far as the key may see them.
    async fn known_agents(&self) -> Vec<Value> {
        let known = self.get("api/agents", &[]).await.unwrap_or_default();
        known["agents"].as_array().cloned().unwrap_or_default()
    }

    /// The sessions in which calls of an agent come, as far as they ended in no other way than these.
    async fn sessions_of(&self, agent: &str, ended: &[&str]) -> Vec<String> {
        if let Some(session) = &self.session {
            return vec![session.clone()];
        }
        let known = self.known_agents().await;
        let of_agent = known.iter().filter(|known| known["agent_id"] == agent);
        let open = of_agent.flat_map(sessions).filter(|it| {
            let how = it["ended_how"].as_str();
            how.is_none_or(|how| ended.contains(&how))
        });
        open.map(|it| text(&it["session_id"])).collect()
    }

    /// Who the model is to say that it is in its calls; `None` where its session says so.
    pub(in crate::cli) fn name_to_give(&self) -> Option<&str> {
        let name = self.agents.first().map(String::as_str);
        name.filter(|_| self.session.is_none())
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
                let sessions = self.sessions_of(agent, &[]).await;
                let sessions = sessions.iter().map(|id| Some(id.as_str()));
                for session in sessions.chain([None]) {
                    let body = self.beat(agent, session, false).await?;
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
            // A connection that its client has just closed is over for good.
            for session in self.sessions_of(agent, &["left"]).await {
                self.beat(agent, Some(&session), true).await?;
            }
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
        let response = request.send().await;
        let response = response.map_err(|error| unreachable(&self.base, &error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(refused(&self.base, response.status()))
    }
}

/// The agent that a client's hooks tell its model to be, by the end of its session's id: the beginning may be a time.
fn default_agent(asker: &Asker<'_>) -> Option<String> {
    let (client, session) = (asker.client?, asker.session?.to_string());
    let of_id = session.chars().rev().filter(char::is_ascii_alphanumeric);
    let end: Vec<char> = of_id.take(4).collect();
    let end: String = end.into_iter().rev().collect();
    (!end.is_empty()).then(|| format!("{client}-{end}"))
}

fn sessions(agent: &Value) -> impl Iterator<Item = &Value> {
    agent["sessions"].as_array().into_iter().flatten()
}

async fn read(response: Response) -> Result<Value, AppError> {
    response.json().await.map_err(|error| bad(&error))
}

fn bad(error: &dyn std::error::Error) -> AppError {
    AppError::Command(format!("the service cannot be asked: {error}"))
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
            "--remote {base:?} is no address of a service: give it as https://HOST, or as https://HOST/mcp"
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
