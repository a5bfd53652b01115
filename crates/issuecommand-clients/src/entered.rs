//! What the entries that stand in the clients' files name, so that all of a machine can be compared.

use crate::client::{Client, Scope};
use crate::edit::Format;
use crate::environment::Environment;
use crate::value::Value;
use crate::{json, places, servers, target, toml};

/// What an entry works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// A file of SQLite.
    File(String),
    /// A service at an address.
    Remote(String),
    /// Whatever `DATABASE_URL` says where the client starts.
    Variable,
}

/// An entry that stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The client.
    pub client: Client,
    /// For whom it holds.
    pub scope: Scope,
    /// The file.
    pub path: String,
    /// What it works with.
    pub names: Names,
}

/// The entries of all clients, but for those that do not say what they work with. `read` gives the text of a file.
pub fn entered(env: &Environment, read: &dyn Fn(&str) -> Option<String>) -> Vec<Entered> {
    let mut found: Vec<Entered> = Vec::new();
    for client in Client::ALL {
        for scope in [Scope::User, Scope::Project] {
            for place in places::candidates(client, scope, env) {
                // Two clients may read the same file.
                if found.iter().any(|known| known.path == place.path) {
                    continue;
                }
                let names = read(&place.path).and_then(|text| names(&entry(client, &text)?));
                found.extend(names.map(|names| Entered {
                    client,
                    scope,
                    path: place.path,
                    names,
                }));
            }
        }
    }
    found
}

/// The entry of a client in the text of its file.
pub(crate) fn entry(client: Client, text: &str) -> Option<Value> {
    let file = value(target::format(client), text)?;
    let path = servers::path(client);
    let entry = path.iter().try_fold(&file, |at, key| at.get(key));
    entry.cloned()
}

/// A text of a client's file as a value.
pub(crate) fn value(format: Format, text: &str) -> Option<Value> {
    match format {
        Format::Json => json::parse(text.trim_start_matches('\u{feff}'))
            .ok()
            .map(|file| file.value()),
        Format::Toml => toml::value(text.trim_start_matches('\u{feff}')),
    }
}

fn names(entry: &Value) -> Option<Names> {
    let text = |value: &Value, key: &str| match value.get(key) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    if let Some(url) = ["url", "serverUrl", "httpUrl"]
        .iter()
        .find_map(|key| text(entry, key))
    {
        return Some(Names::Remote(url));
    }
    let env = entry.get("env").or_else(|| entry.get("environment"));
    let setting = |name: &str| env.and_then(|env| text(env, name));
    if let Some(url) = setting("DATABASE_URL") {
        return Some(match url.strip_prefix("sqlite:") {
            Some(file) => Names::File(file.to_owned()),
            None => Names::Variable,
        });
    }
    let is_handed_on = match entry.get("env_vars") {
        Some(Value::List(names)) => names.contains(&Value::text("DATABASE_URL")),
        _ => false,
    };
    match setting("SQLITE_PATH") {
        Some(file) => Some(Names::File(file)),
        None => is_handed_on.then_some(Names::Variable),
    }
}
