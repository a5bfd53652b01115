//! The entry of each client for a server.

use crate::client::Client;
use crate::edit::Edit;
use crate::places::Dialect;
use crate::server::{KEY_VARIABLE, Launch, Server, Variable};
use crate::target::TargetError;
use crate::value::Value;

/// The name of the entry.
pub(crate) const NAME: &str = "issuecommand";
/// The name of VS Code's prompt for the key.
const INPUT: &str = "issuecommand_key";

/// Members of an entry for a program that an entry for an address must not have, and the other way round.
const OF_STDIO: &[&str] = &["command", "args", "env", "env_vars", "environment", "cwd"];
const OF_REMOTE: &[&str] = &[
    "url",
    "serverUrl",
    "httpUrl",
    "headers",
    "oauth",
    "transport",
    "bearer_token_env_var",
    "http_headers",
    "env_http_headers",
];

/// The entry of a client, and whether it holds the key itself.
pub(crate) fn edits(
    client: Client,
    dialect: Dialect,
    server: &Server,
) -> Result<(Vec<Edit>, bool), TargetError> {
    let (value, rivals, secret) = match server {
        Server::Stdio(launch) => (stdio(client, dialect, launch), OF_REMOTE, false),
        Server::Remote { url, key, .. } => {
            let (value, secret) = remote(client, dialect, url, key.as_deref())?;
            (value, OF_STDIO, secret)
        }
    };
    let mut edits = vec![Edit::Entry {
        path: path(client),
        value,
        rivals,
    }];
    if client == Client::VsCode && matches!(server, Server::Remote { .. }) {
        edits.push(input());
    }
    Ok((edits, secret))
}

/// All that an entry may have brought, for its removal.
pub(crate) fn edits_of_removal(client: Client) -> Vec<Edit> {
    let mut edits = vec![Edit::Entry {
        path: path(client),
        value: Value::Object(Vec::new()),
        rivals: &[],
    }];
    if client == Client::VsCode {
        edits.push(input());
    }
    edits
}

fn path(client: Client) -> Vec<String> {
    let servers = match client {
        Client::Codex => "mcp_servers",
        Client::VsCode => "servers",
        Client::OpenCode => "mcp",
        Client::Zed => "context_servers",
        Client::ClaudeCode
        | Client::ClaudeDesktop
        | Client::Cursor
        | Client::Gemini
        | Client::Copilot
        | Client::Devin => "mcpServers",
    };
    vec![servers.to_owned(), NAME.to_owned()]
}

fn input() -> Edit {
    Edit::Element {
        path: vec!["inputs".to_owned()],
        value: Value::object([
            ("id", Value::text(INPUT)),
            ("type", Value::text("promptString")),
            ("password", Value::Flag(true)),
            ("description", Value::text("Key of IssueCommand")),
        ]),
        mark: INPUT.to_owned(),
    }
}

fn stdio(client: Client, dialect: Dialect, launch: &Launch) -> Value {
    let program = Value::text(&launch.program);
    let args = Value::texts(&launch.args);
    let env = environment(client, launch);
    let plain = |kind: Option<&str>, further: Vec<(&str, Value)>| {
        let mut members = Vec::new();
        members.extend(kind.map(|kind| ("type", Value::text(kind))));
        members.extend([("command", program.clone()), ("args", args.clone())]);
        members.extend(env.clone().map(|env| ("env", env)));
        members.extend(further);
        Value::object(members)
    };
    match (client, dialect) {
        (Client::ClaudeCode, _) => plain(Some("stdio"), vec![("alwaysLoad", Value::Flag(true))]),
        (Client::Copilot, Dialect::SharedProject) => {
            plain(Some("stdio"), vec![("tools", Value::texts(["*"]))])
        }
        (Client::Copilot, _) => plain(Some("local"), vec![("tools", Value::texts(["*"]))]),
        (Client::VsCode, _) => plain(Some("stdio"), Vec::new()),
        (Client::Codex, _) => {
            let names = launch.pass.iter().map(|variable| variable.name.as_str());
            let pass = Value::texts(names);
            let further = match pass {
                Value::List(ref names) if names.is_empty() => Vec::new(),
                pass => vec![("env_vars", pass)],
            };
            plain(None, further)
        }
        (Client::Zed, _) => {
            let mut members = vec![("source", Value::text("custom"))];
            members.extend([("command", program), ("args", args)]);
            members.extend(env.map(|env| ("env", env)));
            Value::object(members)
        }
        (Client::OpenCode, _) => {
            let command = [&launch.program].into_iter().chain(&launch.args);
            let mut members = vec![
                ("type", Value::text("local")),
                ("command", Value::texts(command)),
            ];
            members.extend(env.map(|env| ("environment", env)));
            members.push(("enabled", Value::Flag(true)));
            Value::object(members)
        }
        (Client::ClaudeDesktop | Client::Cursor | Client::Gemini | Client::Devin, _) => {
            plain(None, Vec::new())
        }
    }
}

/// The settings with their values, and placeholders for those that the client would keep from the server.
fn environment(client: Client, launch: &Launch) -> Option<Value> {
    let placeholder = |name: &str| match client {
        Client::Gemini => Some(format!("${name}")),
        Client::Copilot => Some(format!("${{{name}}}")),
        Client::Cursor => Some(format!("${{env:{name}}}")),
        // These hand their whole environment to a server, have a list of names, or know no placeholder.
        Client::ClaudeCode
        | Client::ClaudeDesktop
        | Client::Codex
        | Client::VsCode
        | Client::OpenCode
        | Client::Zed
        | Client::Devin => None,
    };
    let mut members: Vec<(String, Value)> = launch
        .env
        .iter()
        .map(|(name, value)| (name.clone(), Value::text(value)))
        .collect();
    for variable in &launch.pass {
        if client == Client::Gemini && !is_stripped_by_gemini(variable) {
            continue;
        }
        if let Some(placeholder) = placeholder(&variable.name) {
            members.push((variable.name.clone(), Value::Text(placeholder)));
        }
    }
    (!members.is_empty()).then_some(Value::Object(members))
}

/// Gemini CLI keeps variables from its servers whose names look secret.
fn is_stripped_by_gemini(variable: &Variable) -> bool {
    let words = ["TOKEN", "KEY", "SECRET", "AUTH"];
    variable.secret || words.iter().any(|word| variable.name.contains(word))
}

fn remote(
    client: Client,
    dialect: Dialect,
    url: &str,
    key: Option<&str>,
) -> Result<(Value, bool), TargetError> {
    let headers =
        |key: &str| Value::object([("Authorization", Value::Text(format!("Bearer {key}")))]);
    let by_variable = headers(&format!("${{{KEY_VARIABLE}}}"));
    let url = Value::text(url);
    let http = |headers: Value, further: Vec<(&str, Value)>| {
        let mut members = vec![
            ("type", Value::text("http")),
            ("url", url.clone()),
            ("headers", headers),
        ];
        members.extend(further);
        Value::object(members)
    };
    let itself = || key.map(headers).ok_or(TargetError::KeyNeeded { client });
    Ok(match client {
        Client::ClaudeCode => (
            http(by_variable, vec![("alwaysLoad", Value::Flag(true))]),
            false,
        ),
        Client::Gemini => (http(by_variable, Vec::new()), false),
        Client::Copilot => (
            http(by_variable, vec![("tools", Value::texts(["*"]))]),
            false,
        ),
        Client::VsCode => (
            http(headers(&format!("${{input:{INPUT}}}")), Vec::new()),
            false,
        ),
        Client::Cursor => {
            let headers = headers(&format!("${{env:{KEY_VARIABLE}}}"));
            (Value::object([("url", url), ("headers", headers)]), false)
        }
        Client::Codex => {
            let key = Value::text(KEY_VARIABLE);
            (
                Value::object([("url", url), ("bearer_token_env_var", key)]),
                false,
            )
        }
        Client::OpenCode => {
            let headers = headers(&format!("{{env:{KEY_VARIABLE}}}"));
            let members = [
                ("type", Value::text("remote")),
                ("url", url),
                // Otherwise it tries OAuth first.
                ("oauth", Value::Flag(false)),
                ("headers", headers),
                ("enabled", Value::Flag(true)),
            ];
            (Value::object(members), false)
        }
        Client::Zed => (Value::object([("url", url), ("headers", itself()?)]), true),
        Client::Devin if dialect == Dialect::Windsurf => (
            Value::object([("serverUrl", url), ("headers", itself()?)]),
            true,
        ),
        Client::Devin => {
            let members = [
                ("url", url),
                ("transport", Value::text("http")),
                ("headers", itself()?),
            ];
            (Value::object(members), true)
        }
        Client::ClaudeDesktop => return Err(TargetError::NoRemote),
    })
}
