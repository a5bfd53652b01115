//! Starts the entry as its client will, and speaks MCP with it.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use issuecommand_clients::{Client, Environment, Launch};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::error::AppError;
use crate::output::tell;

/// How long the entry may take to answer everything.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a client that hands on little hands on all the same.
const ALWAYS: &[&str] = &[
    "HOME",
    "PATH",
    "TERM",
    "USER",
    "LOGNAME",
    "SHELL",
    "SYSTEMROOT",
    "APPDATA",
    "USERPROFILE",
];

/// Says how many tools the entry has, or why it does not work. The entry stands in any case.
pub(super) async fn check(
    client: Client,
    launch: &Launch,
    env: &Environment,
) -> Result<(), AppError> {
    let words = match timeout(PATIENCE, talk(client, launch, env)).await {
        Ok(Ok(Talk {
            tools,
            trouble: None,
        })) => {
            return tell(&format!("The entry starts and has {tools} tools."));
        }
        Ok(Ok(Talk {
            trouble: Some(why), ..
        })) => why,
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("it did not answer within {} seconds", PATIENCE.as_secs()),
    };
    tell(&format!("warning: the entry does not work yet: {words}"))
}

struct Talk {
    tools: usize,
    /// What every tool would say instead of working.
    trouble: Option<String>,
}

async fn talk(client: Client, launch: &Launch, env: &Environment) -> io::Result<Talk> {
    let mut process = start(client, launch, env)?;
    let ended = || io::Error::other("it ended before it had answered");
    let mut input = process.stdin.take().ok_or_else(ended)?;
    let mut output = BufReader::new(process.stdout.take().ok_or_else(ended)?).lines();
    let client = json!({"name": "issuecommand-install", "version": env!("CARGO_PKG_VERSION")});
    let hello = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client});
    let messages = [
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}),
        json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "system_health", "arguments": {}}}),
    ];
    for message in messages {
        input.write_all(format!("{message}\n").as_bytes()).await?;
        if message["method"] == "initialize" {
            answers(&mut output, [1]).await?;
        }
    }
    let [listed, health] = answers(&mut output, [2, 3]).await?;
    drop(input);
    end(process).await;
    Ok(Talk {
        tools: listed["result"]["tools"].as_array().map_or(0, Vec::len),
        trouble: trouble(&health["result"]),
    })
}

/// What the tool says if the program could not start.
fn trouble(result: &Value) -> Option<String> {
    let text = result["content"][0]["text"].as_str()?;
    let said: Value = serde_json::from_str(text).ok()?;
    let message = said["message"].as_str().unwrap_or(text);
    (said["error"] == "not_started").then(|| message.to_owned())
}

/// A client that hands on its whole environment, or little of it.
fn start(client: Client, launch: &Launch, env: &Environment) -> io::Result<Child> {
    let mut command = Command::new(&launch.program);
    command
        .args(&launch.args)
        .current_dir(&env.home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    if matches!(client, Client::Codex | Client::ClaudeDesktop) {
        let named = |name: &str| {
            client == Client::Codex && launch.pass.iter().any(|variable| variable.name == name)
        };
        command.env_clear();
        command.envs(kept(|name| ALWAYS.contains(&name) || named(name)));
    }
    command.envs(launch.env.iter().map(|(name, value)| (name, value)));
    command.spawn()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is handed on, and not read"
)]
fn kept(keeps: impl Fn(&str) -> bool) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    std::env::vars_os()
        .filter(|(name, _)| name.to_str().is_some_and(&keeps))
        .collect()
}

/// The answers to the messages with these ids, which come in any order.
async fn answers<const N: usize>(
    output: &mut Lines<BufReader<ChildStdout>>,
    ids: [u32; N],
) -> io::Result<[Value; N]> {
    let mut found = ids.map(|_| Value::Null);
    while let Some(line) = output.next_line().await? {
        // A notification, or a line that is no message, has none of the ids.
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(n) = ids.iter().position(|id| message["id"] == *id) {
            found[n] = message;
        }
        if found.iter().all(|answer| !answer.is_null()) {
            return Ok(found);
        }
    }
    Err(io::Error::other("it ended before it had answered"))
}

/// Its client has left, so it ends by itself.
async fn end(mut process: Child) {
    if timeout(Duration::from_secs(2), process.wait())
        .await
        .is_err()
    {
        // It is gone already, or the system ends it with this process.
        let _ = process.kill().await;
    }
}
