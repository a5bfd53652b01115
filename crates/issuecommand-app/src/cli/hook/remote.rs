//! The way to a service elsewhere, over HTTP.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use issuecommand_core::domain::notice::NoticeKind;
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use url::Url;

use super::channel::{Asker, Sign};
use super::local::notice_words;
use super::words::{Feedback, Held, Sight};
use crate::cli::http_client::{http_client, refused, unreachable};
use crate::error::AppError;
use crate::settings::Settings;

/// A stream that says nothing for this long is dead: it pings more often.
const SILENCE: Duration = Duration::from_secs(90);
/// The pause before a stream is opened again.
const PAUSE: Duration = Duration::from_secs(5);
/// How long it may take until a stream begins.
const BEGINS: Duration = Duration::from_secs(10);
/// The most that is kept of an unfinished line of the stream.
const LINE: usize = 64 * 1024;

/// A service, and who asks it.
#[derive(Debug)]
pub(in crate::cli) struct Remote {
    http: Client,
    base: Url,
    key: SecretString,
    /// The agent that was named.
    agent: Option<String>,
    client: Option<String>,
    session: Option<String>,
    /// Whom the model is to say that it is, as the service told.
    name: Mutex<Option<String>>,
    stream: Option<(Response, String)>,
}

impl Remote {
    /// The way to the service. `None` if nothing says who asks. The service finds out which agents act in the session.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub(in crate::cli) fn open(
        settings: &Settings,
        url: &str,
        asker: &Asker<'_>,
    ) -> Result<Option<Self>, AppError> {
        let key = settings.remote_key.clone().ok_or_else(|| {
            AppError::Command("set ISSUECOMMAND_KEY to a key of the service".to_owned())
        })?;
        let base = base(url)?;
        if asker.agent.is_none() && asker.session.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            http: http_client(asker.patience)?,
            base,
            key,
            agent: asker.agent.map(ToString::to_string),
            client: asker.client.map(str::to_owned),
            session: asker.session.map(ToString::to_string),
            name: Mutex::default(),
            stream: None,
        }))
    }

    /// Who the model is to say that it is in its calls; `None` where its session says so. Known after the first look.
    pub(in crate::cli) fn name_to_give(&self) -> Option<String> {
        self.name
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What the agents of the session have. A sign of life brings the notices.
    ///
    /// # Errors
    /// What the service answers, or that it does not.
    pub(in crate::cli) async fn sight(&self, sign: Sign) -> Result<Sight, AppError> {
        let told = self
            .tell(match sign {
                Sign::Begins => "begins",
                Sign::Works => "works",
                Sign::None => "asks",
            })
            .await?;
        let agents = told["agents"].as_array().into_iter().flatten();
        let mut sight = Sight::default();
        let mut name = None;
        for acting in agents {
            let agent = text(&acting["agent_id"]);
            let each = |what: &str| acting[what].as_array().into_iter().flatten();
            sight
                .held
                .extend(each("claims").map(|claim| held(&agent, claim)));
            sight
                .feedback
                .extend(each("feedback").map(|item| told_feedback(&agent, item)));
            sight.notices.extend(each("notices").filter_map(notice));
            if acting["in_session"] == false {
                name = name.or(Some(agent));
            }
        }
        *self.name.lock().unwrap_or_else(PoisonError::into_inner) = name;
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
        let Some(agent) = &self.agent else {
            return Ok((Vec::new(), 0));
        };
        let items = self.get("api/followups", &[]).await?;
        let items = items["followups"].as_array().into_iter().flatten();
        let mine = items.filter(|item| {
            let preferred = &item["preferred_agent_id"];
            preferred.is_null() || preferred == agent.as_str()
        });
        let found = mine.filter_map(|item| waiting(agent, item)).collect();
        if !issues {
            return Ok((found, 0));
        }
        let why = self
            .get("api/explain", &[("agent_id", agent.clone())])
            .await?;
        let hindered = why["explain"]["agent"].as_array().into_iter().flatten();
        let kept = hindered.map(|it| match it["reason"].as_str() {
            Some("paused" | "at_capacity") => u64::MAX,
            _ => it["count"].as_u64().unwrap_or(0),
        });
        let kept = kept.fold(0, u64::saturating_add);
        let all = why["explain"]["ready"].as_u64().unwrap_or(0);
        Ok((found, all.saturating_sub(kept)))
    }

    /// Says that the session is over.
    ///
    /// # Errors
    /// What the service answers, or that it does not.
    pub(in crate::cli) async fn over(&self) -> Result<(), AppError> {
        self.tell("over").await.map(|_| ())
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
        // A stream lasts longer than a request may, but it begins as soon.
        let request = request.timeout(Duration::from_hours(24 * 365));
        let begun = timeout(BEGINS, self.send(request)).await;
        begun.unwrap_or_else(|_| Err(AppError::Away("no stream of events begins".to_owned())))
    }

    /// Says how it is with the session, and hears what its agents have: one request a hook.
    async fn tell(&self, moment: &str) -> Result<Value, AppError> {
        let body = json!({
            "moment": moment,
            "agent_id": self.agent,
            "client": self.client,
            "session_id": self.session,
        });
        let request = self
            .http
            .post(self.at("api/client-session")?)
            .json(&without_nulls(body));
        read(self.send(request).await?).await
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

fn without_nulls(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    body
}

async fn read(response: Response) -> Result<Value, AppError> {
    let broken = |error| AppError::Away(format!("the answer of the service broke off: {error}"));
    response.json().await.map_err(broken)
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

fn held(agent: &str, claim: &Value) -> Held {
    Held {
        agent: agent.to_owned(),
        claim: text(&claim["claim_id"]),
        repo: text(&claim["repo"]),
        number: claim["issue_number"].as_i64().unwrap_or_default(),
        status: text(&claim["status"]),
        note: claim["note"].as_str().map(str::to_owned),
        has_pull: claim["has_pull_request"] == true,
    }
}

fn told_feedback(agent: &str, item: &Value) -> Feedback {
    let asks = item["waiting"].as_u64().unwrap_or_default();
    Feedback {
        agent: agent.to_owned(),
        item: text(&item["work_item_id"]),
        repo: text(&item["repo"]),
        number: item["pr_number"].as_i64().unwrap_or_default(),
        asks: usize::try_from(asks).unwrap_or(usize::MAX),
        version: format!("{asks} {}", text(&item["last_source_event_id"])),
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
}
