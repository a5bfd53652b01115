//! Which files must say what, so that a client has an entry.

use crate::client::{Client, Scope};
use crate::edit::{Edit, Format};
use crate::environment::Environment;
use crate::hooks;
use crate::places;
use crate::server::{KEY_VARIABLE, Launch, Server};
use crate::servers;
use crate::value::Value;

/// What a user asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The client.
    pub client: Client,
    /// For whom.
    pub scope: Scope,
    /// The server.
    pub server: Server,
    /// Whether the client's hooks are written too.
    pub hooks: bool,
}

/// A file and what must stand in it.
#[derive(Clone, Debug)]
pub struct Target {
    /// The file.
    pub path: String,
    /// Its language.
    pub format: Format,
    /// What must stand in it, in the order in which it is added.
    pub edits: Vec<Edit>,
    /// Whether a secret is part of it, so that others must not read the file.
    pub secret: bool,
}

/// All files of a client, and what the user should know.
#[derive(Clone, Debug)]
pub struct Targets {
    /// The files.
    pub files: Vec<Target>,
    /// Sentences for the user.
    pub notes: Vec<String>,
}

/// Why a client cannot have the entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The client has no file of a project.
    #[error("{client} has no configuration of a project; leave --scope out")]
    NoProject {
        /// The client.
        client: Client,
    },
    /// The client reads no addresses from its file.
    #[error(
        "Claude Desktop reads no remote servers from its file; add the address in its Settings under Connectors, or install \
         without --remote"
    )]
    NoRemote,
    /// The client must be given the key itself.
    #[error(
        "{client} knows no placeholder for a key, so the key itself must stand in its file; set {KEY_VARIABLE} to it and run \
         this again"
    )]
    KeyNeeded {
        /// The client.
        client: Client,
    },
}

/// The files of a client and what must stand in them. `exists` says whether there is a file or folder at a path.
///
/// # Errors
/// What the client cannot be given.
pub fn targets(
    request: &Request,
    env: &Environment,
    exists: &dyn Fn(&str) -> bool,
) -> Result<Targets, TargetError> {
    let Request {
        client,
        scope,
        server,
        hooks: wants_hooks,
    } = request;
    let (client, scope) = (*client, *scope);
    let places = places::of(client, scope, env, exists);
    if places.is_empty() {
        return Err(TargetError::NoProject { client });
    }
    let mut files = Vec::new();
    for place in places {
        let (edits, secret) = servers::edits(client, place.dialect, server)?;
        files.push(Target {
            path: place.path,
            format: format(client),
            edits,
            secret,
        });
    }
    let mut notes = Vec::new();
    if *wants_hooks && hooks::has_some(client, scope) {
        let hooks = match server {
            Server::Stdio(launch) => hooks::edits(client, env.os, launch, None),
            Server::Remote { program, url, .. } => {
                let launch = Launch {
                    program: program.clone(),
                    ..Launch::default()
                };
                hooks::edits(client, env.os, &launch, Some(url))
            }
        };
        add(&mut files, client, scope, env, hooks);
        if client == Client::Codex {
            notes.push(
                "Codex runs a new hook only after you have trusted it once: open /hooks in Codex."
                    .to_owned(),
            );
        }
    }
    notes.extend(notes_on(request));
    Ok(Targets { files, notes })
}

fn notes_on(request: &Request) -> Vec<String> {
    let client = request.client;
    let mut notes = Vec::new();
    match &request.server {
        Server::Stdio(launch) => {
            let secrets: Vec<&str> = launch
                .pass
                .iter()
                .filter(|variable| variable.secret)
                .map(|variable| variable.name.as_str())
                .collect();
            if client == Client::ClaudeDesktop && !secrets.is_empty() {
                notes.push(format!(
                    "Claude Desktop hands nothing of the environment to a server, and secrets are not written into its file: \
                     log in with gh, or put {} into issuecommand.toml and install with --config FILE.",
                    secrets.join(" and ")
                ));
            }
            if request.scope == Scope::Project {
                notes.push(
                    "The paths in it are those of this machine: think before you commit the file.".to_owned(),
                );
            }
        }
        Server::Remote { .. } => match client {
            Client::Zed | Client::Devin => notes.push(format!(
                "{client} knows no placeholder for a key: the key itself stands in the file, which only you may read."
            )),
            Client::VsCode => notes.push("VS Code asks for the key once and keeps it.".to_owned()),
            _ => notes.push(format!(
                "Set {KEY_VARIABLE} to your key in the environment of {client}."
            )),
        },
    }
    notes.extend(client.afterwards(request.scope).map(str::to_owned));
    notes
}

/// Whether the settings of Claude Code say that the plugin is on, which brings the hooks itself.
pub fn has_plugin(settings: &str) -> bool {
    crate::json::parse(settings).is_ok_and(|settings| {
        let plugins = settings.value();
        match plugins.get("enabledPlugins") {
            Some(Value::Object(plugins)) => plugins
                .iter()
                .any(|(name, on)| name.starts_with("issuecommand@") && *on == Value::Flag(true)),
            _ => false,
        }
    })
}

/// The files in which something of an entry may stand, with all that may.
pub fn targets_of_removal(client: Client, scope: Scope, env: &Environment) -> Vec<Target> {
    let places = places::candidates(client, scope, env);
    let mut files: Vec<Target> = places
        .into_iter()
        .map(|place| Target {
            path: place.path,
            format: format(client),
            edits: servers::edits_of_removal(client),
            secret: false,
        })
        .collect();
    if hooks::has_some(client, scope) {
        let hooks = hooks::edits(client, env.os, &Launch::default(), None);
        add(&mut files, client, scope, env, hooks);
    }
    files
}

/// Adds hooks to their own file, or to that of the servers.
fn add(files: &mut Vec<Target>, client: Client, scope: Scope, env: &Environment, edits: Vec<Edit>) {
    match hooks::place(client, scope, env) {
        Some(path) => files.push(Target {
            path,
            format: Format::Json,
            edits,
            secret: false,
        }),
        None => files
            .iter_mut()
            .for_each(|file| file.edits.extend(edits.clone())),
    }
}

fn format(client: Client) -> Format {
    if client == Client::Codex {
        Format::Toml
    } else {
        Format::Json
    }
}
