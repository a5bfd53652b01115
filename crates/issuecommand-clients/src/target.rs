//! Which files must say what, so that a client has an entry.

use crate::client::{Client, Scope};
use crate::edit::{Edit, Format};
use crate::environment::Environment;
use crate::hooks;
use crate::places;
use crate::server::{KEY_VARIABLE, Launch, Server, Variable};
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
    /// Whether paths of this machine are part of it.
    pub has_paths: bool,
}

/// All files of a client, and what the user should know.
#[derive(Clone, Debug)]
pub struct Targets {
    /// The files.
    pub files: Vec<Target>,
    /// Other files of the client, out of which an older entry is to be taken.
    pub others: Vec<Target>,
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
    let others = targets_of_entry(client, scope, env)
        .into_iter()
        .filter(|other| places.iter().all(|place| place.path != other.path));
    let others = others.collect();
    let mut files = Vec::new();
    for place in places {
        let (edits, secret) = servers::edits(client, place.dialect, server)?;
        files.push(Target {
            path: place.path,
            format: format(client),
            edits,
            secret,
            has_paths: matches!(server, Server::Stdio(_)),
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
    if *wants_hooks && client == Client::Copilot && scope == Scope::User {
        notes.push(
            "Copilot CLI has its hooks in files of a repository, so none were written: `issuecommand install copilot --scope project` \
             in a repository writes them there."
                .to_owned(),
        );
    }
    notes.extend(notes_on(request, &files));
    Ok(Targets {
        files,
        others,
        notes,
    })
}

fn notes_on(request: &Request, files: &[Target]) -> Vec<String> {
    let client = request.client;
    let is_of_project = request.scope == Scope::Project;
    let mut notes = Vec::new();
    match &request.server {
        Server::Stdio(launch) => notes.extend(secrets(client, launch)),
        Server::Remote { .. } => match client {
            Client::Zed | Client::Devin => {
                notes.push(format!(
                    "{client} knows no placeholder for a key: the key itself stands in the file, which only you may read."
                ));
                let named: Vec<&str> = files
                    .iter()
                    .filter(|file| file.secret)
                    .map(|file| file.path.as_str())
                    .collect();
                if is_of_project {
                    notes.push(format!(
                        "warning: do not commit {}: it holds your key. Put it into .gitignore, or leave --scope project out.",
                        named.join(" and ")
                    ));
                }
            }
            Client::VsCode => notes.push("VS Code asks for the key once and keeps it.".to_owned()),
            _ => notes.push(format!(
                "Set {KEY_VARIABLE} to your key in the environment of {client}."
            )),
        },
    }
    if is_of_project {
        let is_local = |file: &&Target| file.has_paths;
        let named: Vec<&str> = files
            .iter()
            .filter(is_local)
            .map(|file| file.path.as_str())
            .collect();
        if !named.is_empty() {
            notes.push(format!(
                "Paths of this machine stand in {}: think before you commit {}.",
                named.join(" and in "),
                if named.len() == 1 { "it" } else { "them" }
            ));
        }
        if matches!(client, Client::ClaudeCode | Client::Copilot) {
            notes.push(
                "Claude Code and Copilot CLI read the same .mcp.json: the entry holds for both."
                    .to_owned(),
            );
        }
    }
    notes.extend(client.afterwards(request.scope).map(str::to_owned));
    notes
}

/// How the secrets of a local entry reach the server, where that does not go by itself.
fn secrets(client: Client, launch: &Launch) -> Vec<String> {
    let names = |wanted: &dyn Fn(&Variable) -> bool| -> Vec<&str> {
        let wanted = launch.pass.iter().filter(|variable| wanted(variable));
        wanted.map(|variable| variable.name.as_str()).collect()
    };
    if client == Client::ClaudeDesktop {
        let secrets = names(&Variable::is_secret);
        if secrets.is_empty() {
            return Vec::new();
        }
        return vec![format!(
            "Claude Desktop hands nothing of the environment to a server, and secrets are not written into its file: put {} into \
             issuecommand.toml and install with --config FILE. Without GITHUB_TOKEN, log in with gh.",
            secrets.join(" and ")
        )];
    }
    let missing = names(&Variable::is_missing);
    missing
        .iter()
        .map(|name| {
            let (to, or) = match *name {
                "GITHUB_TOKEN" => ("", "log in with `gh auth login`, or "),
                "API_KEY" => (" to any word that is hard to guess", ""),
                _ => ("", ""),
            };
            format!(
                "{name} is not set here. Set it{to} in the environment in which {client} starts: the entry takes it from there. Or {or}put \
                 it into issuecommand.toml, and install with --config FILE."
            )
        })
        .collect()
}

/// The files in which the plugin of Claude Code may be turned on.
pub fn plugin_settings(scope: Scope, env: &Environment) -> Vec<String> {
    let mut files = vec![env.below(&env.claude_folder(), "settings.json")];
    if scope == Scope::Project {
        files.push(env.in_project(".claude/settings.json"));
        files.push(env.in_project(".claude/settings.local.json"));
    }
    files
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

/// The files in which something of an entry may stand, with all that may. `program` is what `install` enters.
pub fn targets_of_removal(
    client: Client,
    scope: Scope,
    env: &Environment,
    program: &str,
) -> Vec<Target> {
    let mut files = targets_of_entry(client, scope, env);
    if hooks::has_some(client, scope) {
        let launch = Launch {
            program: program.to_owned(),
            ..Launch::default()
        };
        let hooks = hooks::edits(client, env.os, &launch, None);
        add(&mut files, client, scope, env, hooks);
    }
    files
}

/// Every file in which an entry may stand, without hooks.
fn targets_of_entry(client: Client, scope: Scope, env: &Environment) -> Vec<Target> {
    places::candidates(client, scope, env)
        .into_iter()
        .map(|place| Target {
            path: place.path,
            format: format(client),
            edits: servers::edits_of_removal(client, place.dialect),
            secret: false,
            has_paths: false,
        })
        .collect()
}

/// Adds hooks to their own file, or to that of the servers.
fn add(files: &mut Vec<Target>, client: Client, scope: Scope, env: &Environment, edits: Vec<Edit>) {
    match hooks::place(client, scope, env) {
        Some(path) => files.push(Target {
            path,
            format: Format::Json,
            edits,
            secret: false,
            has_paths: true,
        }),
        None => files.iter_mut().for_each(|file| {
            file.edits.extend(edits.clone());
            file.has_paths = true;
        }),
    }
}

/// The language of a client's file of servers.
pub(crate) fn format(client: Client) -> Format {
    if client == Client::Codex {
        Format::Toml
    } else {
        Format::Json
    }
}
