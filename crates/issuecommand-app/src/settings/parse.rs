//! Readers of the forms of text in the definitions. Each error shows the value, unless that may hold a secret.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use issuecommand_config::{RawValue, SettingsError, is_placeholder};
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::priority::PriorityTable;
use issuecommand_core::domain::repo_name::RepoName;
use secrecy::SecretString;
use url::Url;

/// An address to bind. Names other than `localhost` are not resolved, so that the address is the one that was written.
pub(super) fn host(given: &RawValue) -> Result<IpAddr, SettingsError> {
    if given.text.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    let bare = given
        .text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    bare.unwrap_or(&given.text)
        .parse()
        .map_err(|_| given.refuse())
}

/// The base of an API, without a slash at its end.
pub(super) fn base_url(given: &RawValue) -> Result<String, SettingsError> {
    // Before parsing: a text that cannot be parsed may still hold a password or a token.
    if given.text.contains(['@', '?']) {
        return Err(given.refuse_hidden());
    }
    let url = Url::parse(&given.text).map_err(|_| given.refuse())?;
    let good = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none();
    if good {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(given.refuse())
    }
}

/// Paths that are, or contain, other routes now or may later.
const ROUTES: [&str; 23] = [
    "/api/agents",
    "/api/claims",
    "/api/dashboard",
    "/api/docs",
    "/api/events",
    "/api/explain",
    "/api/followups",
    "/api/health",
    "/api/heartbeat",
    "/api/issues",
    "/api/my-work",
    "/api/next",
    "/api/next-work",
    "/api/openapi.json",
    "/api/repos",
    "/api/sync",
    "/api/work",
    "/healthz",
    "/metrics",
    "/readyz",
    "/sse",
    "/mcp",
    "/ui",
];

/// A path for a route: without characters that a router or a client would interpret, and without another route.
pub(super) fn route(given: &RawValue) -> Result<String, SettingsError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let taken = |route: &&str| {
        let below = given.text.strip_prefix(*route);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let good =
        given.text.starts_with('/') && given.text.bytes().all(plain) && !ROUTES.iter().any(taken);
    if good {
        Ok(given.text.clone())
    } else {
        Err(given.refuse())
    }
}

/// A secret for a header of our requests.
pub(super) fn token(given: &RawValue) -> Result<SecretString, SettingsError> {
    let good = given.text.bytes().all(|byte| byte.is_ascii_graphic());
    if good && !is_placeholder(&given.text) {
        Ok(given.text.clone().into())
    } else {
        Err(given.refuse_hidden())
    }
}

/// A secret that others send us or sign with.
pub(super) fn secret(given: &RawValue) -> Result<SecretString, SettingsError> {
    let good = !given.text.contains(char::is_control);
    if good && !is_placeholder(&given.text) {
        Ok(given.text.clone().into())
    } else {
        Err(given.refuse_hidden())
    }
}

/// The hosts of a list, each a name with or without a port.
pub(super) fn hosts(given: &RawValue) -> Result<Vec<String>, SettingsError> {
    let good = |part: &str| !part.contains(['/', '@', ' ']);
    list(given, good)
}

/// The origins of a list, such as `http://localhost:6274`.
pub(super) fn origins(given: &RawValue) -> Result<Vec<String>, SettingsError> {
    list(given, |part| {
        Url::parse(part).is_ok_and(|url| {
            let origin = url.origin();
            origin.is_tuple() && part.trim_end_matches('/').matches('/').count() == 2
        })
    })
}

fn list(given: &RawValue, good: impl Fn(&str) -> bool) -> Result<Vec<String>, SettingsError> {
    let parts = given.text.split(',').map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(|part| {
            if good(part) {
                Ok(part.trim_end_matches('/').to_owned())
            } else {
                Err(given.refuse_part(part))
            }
        })
        .collect()
}

/// The repositories of a list. A list without any is refused, since no list at all means every repository.
pub(super) fn repos(given: &RawValue) -> Result<Scope, SettingsError> {
    let parts = given
        .text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let repos: BTreeSet<RepoName> = parts
        .map(|part| RepoName::parse(part).map_err(|_| given.refuse_part(part)))
        .collect::<Result<_, _>>()?;
    if repos.is_empty() {
        Err(given.refuse())
    } else {
        Ok(Scope::Only(repos))
    }
}

/// The label words of each priority.
pub(super) fn priority(given: &RawValue) -> Result<PriorityTable, SettingsError> {
    PriorityTable::parse(&given.text).map_err(|bad| given.refuse_part(&bad.0))
}

/// A filter of log lines. A single word must be a level: the filter itself would read `verbose` as the name of a module and log
/// nothing.
pub(super) fn log_level(given: &RawValue) -> Result<String, SettingsError> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte);
    let mut parts = Vec::new();
    for part in given.text.split(',').map(str::trim) {
        let (target, level) = part
            .split_once('=')
            .map_or(("", part), |(target, level)| (target.trim(), level.trim()));
        let level = level.to_ascii_lowercase();
        let named = part.contains('=');
        if !LEVELS.contains(&level.as_str())
            || !target.bytes().all(name)
            || named == target.is_empty()
        {
            return Err(given.refuse_part(part));
        }
        parts.push(if named {
            format!("{target}={level}")
        } else {
            level
        });
    }
    Ok(parts.join(","))
}
