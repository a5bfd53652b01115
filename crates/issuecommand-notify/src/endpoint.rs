//! The settings of one endpoint: a `[[notify]]` table.

mod quiet;
mod route;
mod subscription;

use std::collections::BTreeMap;

use issuecommand_core::domain::repo_name::RepoName;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

pub use self::quiet::QuietHours;
pub(crate) use self::subscription::is_merge;
pub use self::subscription::{Subscription, Topic};
use crate::shape::Preset;
use crate::webhook::Secret;

/// Where notifications are sent to, and how. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub enum Route {
    /// A program that takes Standard Webhooks.
    Webhook {
        /// Its address.
        url: SecretString,
        /// The secrets, the newest first.
        secrets: Vec<Secret>,
    },
    /// A chat service.
    Chat {
        /// Which one.
        preset: Preset,
        /// The address, which is as good as a password.
        url: SecretString,
        /// The chat, for Telegram.
        chat: Option<String>,
    },
    /// This machine's desktop.
    Desktop,
    /// A command of the operator.
    Exec {
        /// The program and its arguments.
        command: Vec<String>,
    },
}

/// The settings of an endpoint.
#[derive(Clone, Debug)]
pub struct EndpointSettings {
    /// Its name, which stands for it in commands.
    pub name: String,
    /// Its kind, as the settings say it.
    pub kind: &'static str,
    /// Where it is.
    pub route: Route,
    /// What it is told.
    pub on: Subscription,
    /// When it is told nothing.
    pub quiet: Option<QuietHours>,
}

/// Why a table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is wrong, whatever the environment.
    Wrong(String),
    /// It is right, and lacks something in the environment of this process.
    Unusable(String),
}

impl ReadError {
    /// The sentence.
    pub fn words(&self) -> &str {
        match self {
            Self::Wrong(words) | Self::Unusable(words) => words,
        }
    }

    fn about(self, name: &str) -> Self {
        match self {
            Self::Wrong(words) => Self::Wrong(format!("{name}: {words}")),
            Self::Unusable(words) => Self::Unusable(format!(
                "notify {name}: {words}; nothing is sent to it by this process"
            )),
        }
    }
}

impl From<String> for ReadError {
    fn from(words: String) -> Self {
        Self::Wrong(words)
    }
}

impl From<&str> for ReadError {
    fn from(words: &str) -> Self {
        Self::Wrong(words.to_owned())
    }
}

/// All kinds, as settings say them.
pub const KINDS: [&str; 8] = [
    "webhook", "slack", "discord", "teams", "ntfy", "telegram", "desktop", "exec",
];

/// A table of the settings: its keys, each with one text or several.
pub type Table = BTreeMap<String, Vec<String>>;

impl EndpointSettings {
    /// Reads a table. `variable` gives the variables that it names; `allows_exec` says whether a command may be run.
    ///
    /// # Errors
    /// What is wrong and what is allowed, without secrets.
    pub fn read(
        mut table: Table,
        variable: &dyn Fn(&str) -> Option<String>,
        allows_exec: bool,
    ) -> Result<Self, ReadError> {
        let kind = one(&mut table, "kind")?.unwrap_or_default();
        let kinds = || format!("kind {kind:?}: it is one of {}", KINDS.join(", "));
        let kind = *KINDS
            .iter()
            .find(|known| **known == kind)
            .ok_or_else(kinds)?;
        let name = one(&mut table, "name")?.unwrap_or_else(|| kind.to_owned());
        check_name(&name)?;
        let about = |error: ReadError| error.about(&name);
        let route = route::read(kind, &mut table, variable, allows_exec).map_err(about)?;
        let on = table.remove("on").unwrap_or_default();
        let repos = table.remove("repos").unwrap_or_default();
        let repo = |text: &String| {
            RepoName::parse(text)
                .map_err(|_| about(format!("repos: {text:?} is no owner/name").into()))
        };
        let repos = repos.iter().map(repo).collect::<Result<_, _>>()?;
        let on = Subscription::read(&on, repos, kind == "webhook")
            .map_err(|words| about(words.into()))?;
        let (hours, zone) = (one(&mut table, "quiet")?, one(&mut table, "zone")?);
        if kind == "webhook" && hours.is_some() {
            return Err(about("quiet hours are for people, not for webhooks".into()));
        }
        let quiet = match hours {
            Some(hours) => Some(
                QuietHours::read(&hours, zone.as_deref()).map_err(|words| about(words.into()))?,
            ),
            None if zone.is_some() => return Err(about("zone without quiet".into())),
            None => None,
        };
        match table.keys().next() {
            Some(key) => {
                let words = format!("the key {key:?} means nothing for the kind {kind}");
                Err(about(words.into()))
            }
            None => Ok(Self {
                name,
                kind,
                route,
                on,
                quiet,
            }),
        }
    }

    /// Where it is, for people: without what is secret.
    pub fn place(&self) -> String {
        match &self.route {
            Route::Webhook { url, .. } | Route::Chat { url, .. } => {
                let url = Url::parse(url.expose_secret()).ok();
                let host = url.and_then(|url| url.host_str().map(str::to_owned));
                host.unwrap_or_default()
            }
            Route::Desktop => "this machine".to_owned(),
            Route::Exec { command } => command.first().cloned().unwrap_or_default(),
        }
    }

    /// Whether its messages are for people.
    pub fn is_for_people(&self) -> bool {
        !matches!(self.route, Route::Webhook { .. })
    }
}

/// Whether a text can be the name of an endpoint.
///
/// # Errors
/// What a name looks like.
pub fn check_name(name: &str) -> Result<(), String> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=40).contains(&name.len()) && name.bytes().all(good) {
        Ok(())
    } else {
        Err(format!("name {name:?}: it is 1 to 40 of a-z, 0-9 and -"))
    }
}

/// A key that has one text at most.
fn one(table: &mut Table, key: &str) -> Result<Option<String>, ReadError> {
    match table.remove(key).as_deref() {
        None => Ok(None),
        Some([text]) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{key} takes one text").into()),
    }
}

#[cfg(test)]
mod tests;
