//! Speaks MCP with a service elsewhere, as its client will.

use std::time::Duration;

use issuecommand_clients::KEY_VARIABLE;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::super::http_client::http_client;
use crate::error::AppError;
use crate::output::tell;

const VERSION: &str = "2025-06-18";
/// How long the service may take for each answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Says how many tools the service has, or why it does not work. The entry stands in any case.
pub(super) async fn check(url: &str, key: Option<&str>) -> Result<(), AppError> {
    let Some(key) = key else {
        return tell(&format!(
            "The service at {url} was not asked: there is no {KEY_VARIABLE} in this environment."
        ));
    };
    match count_tools(url, key).await {
        Ok(tools) => tell(&format!(
            "The service at {url} answers and has {tools} tools."
        )),
        Err(why) => tell(&format!(
            "warning: the service at {url} does not work yet: {why}"
        )),
    }
}

async fn count_tools(url: &str, key: &str) -> Result<usize, String> {
    let http = http_client(PATIENCE).map_err(|error| error.to_string())?;
    let client = json!({"name": "issuecommand-install", "version": env!("CARGO_PKG_VERSION")});
    let hello = json!({"protocolVersion": VERSION, "capabilities": {}, "clientInfo": client});
    let mut headers = HeaderMap::new();
    let accepted = HeaderValue::from_static("application/json, text/event-stream");
    headers.insert(ACCEPT, accepted);
    let greet = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello});
    let (answered, _) = post(&http, url, key, &headers, &greet).await?;
    headers.insert("mcp-protocol-version", HeaderValue::from_static(VERSION));
    if let Some(session) = answered.get("mcp-session-id") {
        headers.insert("mcp-session-id", session.clone());
    }
    let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
    let (_, listed) = post(&http, url, key, &headers, &list).await?;
    let tools = listed["result"]["tools"].as_array();
    tools
        .map(Vec::len)
        .ok_or_else(|| "it is no MCP server; the address ends with /mcp".to_owned())
}

async fn post(
    http: &Client,
    url: &str,
    key: &str,
    headers: &HeaderMap,
    message: &Value,
) -> Result<(HeaderMap, Value), String> {
    let request = http.post(url).bearer_auth(key).headers(headers.clone());
    let response = request.json(message).send().await.map_err(|error| {
        if error.is_timeout() {
            format!("it did not answer within {} seconds", PATIENCE.as_secs())
        } else {
            "no connection could be made; check the address, and that the service runs".to_owned()
        }
    })?;
    match response.status() {
        status if status.is_success() => {}
        StatusCode::UNAUTHORIZED => {
            return Err(format!("it does not know the key in {KEY_VARIABLE}"));
        }
        StatusCode::NOT_FOUND => {
            return Err("there is nothing at this address; it ends with /mcp".to_owned());
        }
        status => return Err(format!("it answers {status}")),
    }
    let answered = response.headers().clone();
    let body = response.json().await;
    body.map(|body| (answered, body))
        .map_err(|_| "it is no MCP server; the address ends with /mcp".to_owned())
}
