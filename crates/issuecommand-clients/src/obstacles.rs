//! What in a client's files keeps an entry or its hooks from working, although they stand there.

use crate::client::{Client, Scope};
use crate::edit::Format;
use crate::entered::{entry, value};
use crate::environment::Environment;
use crate::servers::NAME;
use crate::target::{Target, format, plugin_settings};
use crate::value::Value;

/// A sentence for each. `read` gives the text of a file, as it is after the installation.
pub fn obstacles(
    client: Client,
    scope: Scope,
    files: &[Target],
    env: &Environment,
    read: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut paths: Vec<(Format, String)> = files
        .iter()
        .map(|file| (file.format, file.path.clone()))
        .collect();
    if client == Client::ClaudeCode {
        let settings = plugin_settings(scope, env).into_iter();
        paths.extend(settings.map(|path| (Format::Json, path)));
    }
    paths.sort_by(|(_, one), (_, other)| one.cmp(other));
    paths.dedup();
    let mut found = Vec::new();
    for (kind, path) in paths {
        let Some(text) = read(&path) else { continue };
        let Some(file) = value(kind, &text) else {
            continue;
        };
        let mut words = in_file(client, &file);
        if kind == format(client) {
            words.extend(entry(client, &text).as_ref().and_then(off));
        }
        found.extend(
            words
                .into_iter()
                .map(|words| format!("warning: {path} {words}")),
        );
    }
    found
}

/// An entry that is turned off.
fn off(entry: &Value) -> Option<String> {
    let says = |key: &str, flag| entry.get(key) == Some(&Value::Flag(flag));
    let word = if says("disabled", true) {
        "\"disabled\": true"
    } else if says("enabled", false) {
        "enabled: false"
    } else {
        return None;
    };
    Some(format!("turns the entry off ({word}): take that out."))
}

fn in_file(client: Client, file: &Value) -> Vec<String> {
    let at = |path: &[&str]| path.iter().try_fold(file, |at, key| at.get(key)).cloned();
    let lists = |path: &[&str]| match at(path) {
        Some(Value::List(names)) => Some(names.contains(&Value::text(NAME))),
        _ => None,
    };
    let is = |path: &[&str], flag| at(path) == Some(Value::Flag(flag));
    let mut found = Vec::new();
    match client {
        Client::ClaudeCode => {
            if is(&["disableAllHooks"], true) {
                found.push("turns all hooks off (disableAllHooks): they do not run.".to_owned());
            }
            if lists(&["disabledMcpjsonServers"]) == Some(true) {
                found.push(format!(
                    "refuses {NAME} in .mcp.json (disabledMcpjsonServers)."
                ));
            }
        }
        Client::Codex => {
            if is(&["features", "hooks"], false) || is(&["features", "codex_hooks"], false) {
                found.push("turns all hooks off ([features]): they do not run.".to_owned());
            }
        }
        Client::Gemini => {
            if is(&["hooksConfig", "enabled"], false) {
                found
                    .push("turns all hooks off (hooksConfig.enabled): they do not run.".to_owned());
            }
            if lists(&["mcp", "allowed"]) == Some(false) {
                found.push(format!(
                    "does not allow the server: add \"{NAME}\" to mcp.allowed."
                ));
            }
            if lists(&["mcp", "excluded"]) == Some(true) {
                found.push(format!(
                    "excludes the server: take \"{NAME}\" out of mcp.excluded."
                ));
            }
        }
        Client::ClaudeDesktop
        | Client::Cursor
        | Client::VsCode
        | Client::OpenCode
        | Client::Copilot
        | Client::Zed
        | Client::Devin => {}
    }
    found
}
