//! The client of a demo agent: plain HTTP and JSON, as any agent could use.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::world::TOKEN;

/// One agent's client for IssueCommand and GitHub. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    http: Client,
    pub(crate) base: Arc<str>,
    pub(crate) key: Arc<str>,
    pub(crate) github: Arc<str>,
}

impl Api {
    #[expect(
        clippy::disallowed_methods,
        reason = "the demo's agents are HTTP clients"
    )]
    pub(crate) fn new(base: String, key: String, github: String) -> Result<Self, String> {
        let client = Client::builder()
            .timeout(Duration::from_mins(1))
            .user_agent("issuecommand-demo")
            .build();
        let http = client.map_err(|error| format!("no HTTP client could be made: {error}"))?;
        Ok(Self {
            http,
            base: base.into(),
            key: key.into(),
            github: github.into(),
        })
    }

    /// Calls IssueCommand. `None` without a JSON response.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Option<(u16, Value)> {
        let request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.key);
        answer(request, body).await
    }

    /// A GET of IssueCommand.
    pub(crate) async fn get(&self, path: &str) -> Option<Value> {
        self.call(Method::GET, path, None)
            .await
            .map(|(_, value)| value)
    }

    /// The event stream from now on.
    pub(crate) async fn events(&self) -> Option<Response> {
        let request = self.http.get(format!("{}/sse", self.base));
        // The client's timeout is for responses that end.
        let request = request.bearer_auth(&self.key).timeout(Duration::MAX);
        request.send().await.ok()
    }

    /// Opens a pull request that closes an issue; its number and address.
    pub(crate) async fn open_pull(
        &self,
        repo: &str,
        issue: u64,
        title: &str,
        agent: &str,
    ) -> Option<(u64, String)> {
        let body = json!({
            "title": format!("Fix: {title}"),
            "head": format!("{agent}/issue-{issue}"),
            "base": "main",
            "body": format!("Closes #{issue}"),
        });
        let (status, pull) = self
            .github(Method::POST, &format!("/repos/{repo}/pulls"), &body)
            .await?;
        let number = pull["number"].as_u64()?;
        (status == 201).then(|| {
            (
                number,
                pull["html_url"].as_str().unwrap_or_default().to_owned(),
            )
        })
    }

    /// Merges a pull request as its maintainer.
    pub(crate) async fn merge(&self, repo: &str, pull: u64) {
        // A merged pull request answers 405, which is fine.
        let _ = self
            .github(
                Method::PUT,
                &format!("/repos/{repo}/pulls/{pull}/merge"),
                &json!({}),
            )
            .await;
    }

    async fn github(&self, method: Method, path: &str, body: &Value) -> Option<(u16, Value)> {
        answer(
            self.http
                .request(method, format!("{}{path}", self.github))
                .bearer_auth(TOKEN),
            Some(body),
        )
        .await
    }

    /// Waits until the mirror has every repository, so that the first agents find work.
    pub(crate) async fn wait_until_synced(&self) {
        loop {
            if self
                .call(Method::GET, "/api/repos", None)
                .await
                .is_some_and(|(status, _)| status == 200)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn answer(request: RequestBuilder, body: Option<&Value>) -> Option<(u16, Value)> {
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.json().await.ok()?))
}
