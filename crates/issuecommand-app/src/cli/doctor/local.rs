//! Checks the local settings that clients depend on: the key, the webhook secret, the port.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use issuecommand_core::domain::failure::Unwritable;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::Finding;
use super::database::unwritable_remedy;
use crate::error::io_words;
use crate::http_probe;
use crate::neighbours;
use crate::port::{Holder, holder};
use crate::settings::Settings;

/// A shorter secret can be guessed.
const SHORT: usize = 16;
const RANDOM: &str = "make a long random one: openssl rand -hex 32";
/// Timeout for the holder of the port to identify itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// `place` is the database of the settings.
pub(super) async fn look(settings: &Settings, place: &str) -> Vec<Finding> {
    let mut findings = vec![
        key(settings),
        webhooks(settings),
        port(settings, place).await,
    ];
    findings.extend(settings.log.file.as_deref().map(log_file));
    findings
}

/// Whether lines can be added to `LOG_FILE`, and its companion files created.
fn log_file(path: &Path) -> Finding {
    const CHECK: &str = "log file";
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".doctor-{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let open = |path: &Path, new| OpenOptions::new().append(true).create_new(new).open(path);
    let there = if path.exists() {
        open(path, false).map(drop)
    } else {
        Ok(())
    };
    let made = there.and_then(|()| open(&beside, true));
    let says = path.display().to_string();
    match made {
        Ok(_) => {
            // An empty test file that cannot be removed does no harm.
            let _ = std::fs::remove_file(&beside);
            Finding::ok(CHECK, format!("{says} can be written"))
        }
        Err(cause) => Finding::fail(
            CHECK,
            format!("LOG_FILE={says} cannot be written: {}", io_words(&cause)),
            "set LOG_FILE to a file in a folder that this user may write to",
        ),
    }
}

fn key(settings: &Settings) -> Finding {
    match settings.api_key() {
        Err(error) => Finding::fail("api key", error.to_string(), RANDOM),
        Ok(key) if short(key) => Finding::warn(
            "api key",
            format!("API_KEY is shorter than {SHORT} characters"),
            RANDOM,
        ),
        Ok(_) => Finding::ok("api key", "it is set"),
    }
}

fn short(secret: &SecretString) -> bool {
    secret.expose_secret().chars().count() < SHORT
}

fn webhooks(settings: &Settings) -> Finding {
    const SECRET: &str = "webhook secret";
    if !settings.http.webhooks.enabled {
        return Finding::ok(SECRET, "webhooks are off");
    }
    match &settings.http.webhooks.secret {
        None => Finding::warn(
            SECRET,
            "GITHUB_WEBHOOK_SECRET is not set: no delivery of GitHub's is taken, and news come with the next sync only",
            "set it here and at the webhook of the repository or organisation, or WEBHOOK_ENABLED=false",
        ),
        Some(secret) if short(secret) => Finding::warn(
            SECRET,
            format!("GITHUB_WEBHOOK_SECRET is shorter than {SHORT} characters"),
            RANDOM,
        ),
        Some(_) => Finding::ok(SECRET, "it is set"),
    }
}

/// A process without its database still answers for a while before it ends.
async fn served(address: SocketAddr) -> Finding {
    let asked = timeout(PATIENCE, http_probe::get(address, "/readyz", None)).await;
    let (status, body) = asked.ok().and_then(Result::ok).unwrap_or_default();
    if status == 200 {
        return Finding::ok(
            "port",
            format!("{address} is served by a running issuecommand"),
        );
    }
    match told_unwritable(&body) {
        Some(why) => Finding::fail(
            "port",
            format!(
                "{address} is served by a running issuecommand whose database cannot be written to: {why}. It answers what only \
                 reads, and goes on by itself once its database can be written to"
            ),
            unwritable_remedy(why),
        ),
        None => Finding::fail(
            "port",
            format!(
                "{address} is served by a running issuecommand that cannot use its database, or is about to end"
            ),
            "look at its log; ask doctor again once it was restarted",
        ),
    }
}

/// The reason why a service reports that its database cannot be written.
fn told_unwritable(body: &str) -> Option<Unwritable> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    let reason = body.get("reason")?.as_str()?;
    let all = [
        Unwritable::DiskFull,
        Unwritable::ReadOnly,
        Unwritable::NotPermitted,
        Unwritable::DiskFails,
    ];
    all.into_iter().find(|why| why.as_str() == reason)
}

async fn port(settings: &Settings, place: &str) -> Finding {
    let address = settings.listen.address;
    let Err(cause) = TcpListener::bind(address).await else {
        return Finding::ok("port", format!("{address} is free"));
    };
    if cause.kind() != std::io::ErrorKind::AddrInUse {
        let remedy =
            "set HTTP_HOST and HTTP_PORT to an address of this machine and a port that may be used";
        return Finding::fail(
            "port",
            format!("{address} cannot be bound: {cause}"),
            remedy,
        );
    }
    match holder(address, settings.api_key().ok(), PATIENCE).await {
        Holder::KnownDatabase(theirs) if theirs.place != place => Finding::fail(
            "port",
            format!(
                "{address} is served by a running issuecommand on another database, {}, and not on {place}",
                theirs.place
            ),
            format!(
                "let both use one database: {}; or give each its own HTTP_PORT",
                neighbours::same_database(place, &theirs.place)
            ),
        ),
        Holder::KnownDatabase(_) | Holder::UnknownDatabase => served(address).await,
        Holder::OtherProgram => Finding::fail(
            "port",
            format!("{address} is taken by another program"),
            "end that program, or set HTTP_PORT to a free port",
        ),
    }
}
