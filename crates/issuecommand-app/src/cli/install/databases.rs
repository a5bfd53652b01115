//! Whether all clients of this machine work with the same database: two that do not hand the same issue out twice.

use std::path::Path;

use issuecommand_clients::{Entered, Environment, Names, Request, Scope, Server, entered};

use super::place::text_of;

/// A warning for each entry that stands in another client's file and names another database.
pub(super) fn differing(request: &Request, files: &[String], env: &Environment) -> Vec<String> {
    let Some(ours) = ours(&request.server) else {
        return Vec::new();
    };
    let others = entered(env, &text_of);
    others
        .iter()
        .filter(|other| !files.contains(&other.path))
        .filter(|other| !is_same(&ours, &other.names))
        .map(|other| warning(request, other))
        .collect()
}

/// What the entry that is written works with; `None` where its environment alone knows.
fn ours(server: &Server) -> Option<Names> {
    let launch = match server {
        Server::Remote { url, .. } => return Some(Names::Remote(url.clone())),
        Server::Stdio(launch) => launch,
    };
    let file = launch
        .env
        .iter()
        .find_map(|(name, value)| match name.as_str() {
            "SQLITE_PATH" => Some(value.clone()),
            "DATABASE_URL" => value.strip_prefix("sqlite:").map(str::to_owned),
            _ => None,
        });
    let is_handed_on = launch
        .pass
        .iter()
        .any(|variable| variable.name == "DATABASE_URL");
    file.map(Names::File)
        .or_else(|| is_handed_on.then_some(Names::Variable))
}

fn is_same(one: &Names, other: &Names) -> bool {
    match (one, other) {
        (Names::File(one), Names::File(other)) => {
            let real = |path: &str| Path::new(path).canonicalize();
            one == other || matches!((real(one), real(other)), (Ok(one), Ok(other)) if one == other)
        }
        (Names::Remote(one), Names::Remote(other)) => {
            one.trim_end_matches('/') == other.trim_end_matches('/')
        }
        (one, other) => one == other,
    }
}

fn warning(request: &Request, other: &Entered) -> String {
    let mut command = format!("issuecommand install {}", request.client.name());
    if request.scope == Scope::Project {
        command.push_str(" --scope project");
    }
    let (what, how) = match &other.names {
        Names::File(file) => {
            let word = format!("SQLITE_PATH={file}");
            let quoted = if word.contains([' ', '\'', '"', '$', '&', ';', '(', ')']) {
                format!("\"{word}\"")
            } else {
                word
            };
            (
                format!("the database {file}"),
                format!("`{command} --set {quoted}`"),
            )
        }
        Names::Remote(url) => (
            format!("the service at {url}"),
            format!("`{command} --remote {url}`"),
        ),
        Names::Variable => (
            "the database that DATABASE_URL names".to_owned(),
            format!("`{command}` with that DATABASE_URL set"),
        ),
    };
    let of = match other.scope {
        Scope::User => "",
        Scope::Project => " in this project",
    };
    format!(
        "warning: {}{of} works with {what} ({}), and an issue can be given out by both. {how} makes them the same.",
        other.client, other.path
    )
}
