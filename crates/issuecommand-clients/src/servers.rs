//! The entry of each client for a server.

use crate::client::Client;
use crate::edit::{Beside, Edit};
use crate::mark::Mark;
use crate::places::Dialect;
use crate::server::{KEY_VARIABLE, Kind, Launch, Server, Variable};
use crate::target::TargetError;
use crate::value::Value;

/// The name of the entry.
pub(crate) const NAME: &str = "issuecommand";
/// The name of VS Code's prompt for the key.
const INPUT: &str = "issuecommand_key";
/// Members that one client's entry alone has.
const OF_CLAUDE_CODE: &str = "alwaysLoad";
const OF_COPILOT: &str = "tools";

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
        beside: beside(client, dialect),
    }];
    if client == Client::VsCode && matches!(server, Server::Remote { .. }) {
        edits.push(input());
    }
    Ok((edits, secret))
}

/// All that an entry may have brought, for its removal.
pub(crate) fn edits_of_removal(client: Client, dialect: Dialect) -> Vec<Edit> {
    let mut edits = vec![Edit::Entry {
        path: path(client),
        value: Value::Object(Vec::new()),
        rivals: &[],
        beside: beside(client, dialect),
    }];
    if client == Client::VsCode {
        edits.push(input());
    }
    edits
}

/// Claude Code and Copilot CLI read one entry of a project. Each has a member that the other does not.
fn beside(client: Client, dialect: Dialect) -> Option<Beside> {
    let (ours, theirs, placeholders) = match (client, dialect) {
        (Client::ClaudeCode, Dialect::SharedProject) => (OF_CLAUDE_CODE, OF_COPILOT, false),
        (Client::Copilot, Dialect::SharedProject) => (OF_COPILOT, OF_CLAUDE_CODE, true),
        _ => return None,
    };
    Some(Beside {
        ours,
        theirs,
        placeholders,
    })
}

/// The members that lead to the entry.
pub(crate) fn path(client: Client) -> Vec<String> {
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
        mark: Mark::Member {
            key: "id",
            text: INPUT,
        },
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
        (Client::ClaudeCode, _) => plain(Some("stdio"), vec![(OF_CLAUDE_CODE, Value::Flag(true))]),
        (Client::Copilot, Dialect::SharedProject) => {
            plain(Some("stdio"), vec![(OF_COPILOT, Value::texts(["*"]))])
        }
        (Client::Copilot, _) => plain(Some("local"), vec![(OF_COPILOT, Value::texts(["*"]))]),
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

/// The settings with their values, and placeholders for what the client would keep from the server.
fn environment(client: Client, launch: &Launch) -> Option<Value> {
    let settings = launch.env.iter().map(|(name, value)| (name, value.clone()));
    let placeholders = launch
        .pass
        .iter()
        .filter_map(|variable| Some((&variable.name, placeholder(client, variable)?)));
    let mut members = settings.chain(placeholders).peekable();
    members.peek()?;
    Some(Value::object(
        members.map(|(name, text)| (name.clone(), Value::Text(text))),
    ))
}

/// What stands for a variable in the entry of a client that does not hand it on by itself.
fn placeholder(client: Client, variable: &Variable) -> Option<String> {
    let name = &variable.name;
    // A secret may be set later; anything else would be handed on as the text of its placeholder.
    if variable.kind == Kind::OfProcess || !(variable.is_secret() || variable.is_set) {
        return None;
    }
    let value = match &variable.kind {
        // A value with such signs would be filled in.
        Kind::Setting(value) if !value.contains(['}', '$']) => Some(value),
        _ => None,
    };
    match client {
        Client::Gemini if !is_stripped_by_gemini(variable) => None,
        // What the client was started from may lack the variable, and then they hand on the text of its placeholder.
        Client::Gemini | Client::Cursor if value.is_some() => value.cloned(),
        Client::Gemini => Some(format!("${name}")),
        Client::Cursor => Some(format!("${{env:{name}}}")),
        // With the value that holds where the variable is not set. Claude Code knows this form too.
        Client::Copilot => {
            let value = value.map(String::as_str).unwrap_or_default();
            Some(format!("${{{name}:-{value}}}"))
        }
        // These hand their whole environment to a server, have a list of names, or know no placeholder.
        Client::ClaudeCode
        | Client::ClaudeDesktop
        | Client::Codex
        | Client::VsCode
        | Client::OpenCode
        | Client::Zed
        | Client::Devin => None,
    }
}

/// Gemini CLI keeps variables from its servers whose names look secret.
fn is_stripped_by_gemini(variable: &Variable) -> bool {
    let words = ["TOKEN", "KEY", "SECRET", "AUTH"];
    variable.is_secret() || words.iter().any(|word| variable.name.contains(word))
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
            http(by_variable, vec![(OF_CLAUDE_CODE, Value::Flag(true))]),
            false,
        ),
        Client::Gemini => (http(by_variable, Vec::new()), false),
        Client::Copilot => (
            http(by_variable, vec![(OF_COPILOT, Value::texts(["*"]))]),
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
