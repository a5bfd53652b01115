//! All settings, read into the options of the parts that use them. Each option is filled here and nowhere else.

mod client;
mod dashboard;
mod database;
mod http;
mod parse;
mod policy;
mod units;

use issuecommand_config::{
    Layers, NearMiss, Setting, SettingsError, Sources, definitions, near_misses, unfilled,
};
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Millis;
use issuecommand_github::{Backend, RestSettings};
use issuecommand_http::HttpSettings;
use secrecy::{ExposeSecret as _, SecretString};

use self::units::at_least_a_minute;
use crate::background::Intervals;
use crate::logging::{LogFormat, LogOptions};

pub use self::client::ClientEnvironment;
pub use self::dashboard::Dashboard;
pub use self::database::DatabaseOptions;
pub use self::http::Listen;

/// Every setting, checked. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The rules of the engine.
    pub policy: Policy,
    /// The repositories whose issues may be handed out.
    pub allowed: Scope,
    /// The routes to GitHub that the operator wants; the machine may lack gh.
    pub github: RestSettings,
    /// Whether feedback of the token's own user creates no follow-ups.
    pub ignore_self: bool,
    /// The pace of the background work.
    pub intervals: Intervals,
    /// The time between two readings of all open issues of a repository, at least an hour.
    pub full_sync: Millis,
    /// The address of HTTP.
    pub listen: Listen,
    /// HTTP. The key is blank if `API_KEY` is not set.
    pub http: HttpSettings,
    /// MCP over HTTP, and what of the tools is shown on every transport.
    pub mcp: issuecommand_mcp::HttpOptions,
    /// The dashboard; `None` without one.
    pub dashboard: Option<Dashboard>,
    /// Whether `/metrics` needs no key.
    pub metrics_public: bool,
    /// Whether a source names the database, as opposed to the default path.
    pub database_is_set: bool,
    /// The key for a service elsewhere, for hooks and `wait`.
    pub remote_key: Option<SecretString>,
    /// The MCP client that starts this process.
    pub client: ClientEnvironment,
    /// Which events are logged, and in which form.
    pub log: LogOptions,
    /// Oddities that do not prevent a start, each as one sentence.
    pub warnings: Vec<String>,
    database: Result<DatabaseOptions, StoreError>,
    near: Vec<NearMiss>,
    unfilled: Vec<&'static str>,
}

impl Settings {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// The first error, as one sentence. Whether a setting that only some programs need is there, they check themselves:
    /// [`Settings::api_key`], [`Settings::github_token`].
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let layers = Layers::of(sources)?;
        let near = near_misses(sources)?;
        let unfilled = unfilled(sources);
        let full_sync_hours: u32 = layers.integer(&definitions::FULL_SYNC_HOURS)?;
        let listen = Listen::read(&layers)?;
        let (mcp, github) = (http::mcp(&layers, &listen)?, github(&layers)?);
        Ok(Self {
            dashboard: dashboard::read(&layers, sources, &mcp, &github.base)?,
            mcp,
            github,
            intervals: Intervals::with_sync(at_least_a_minute(
                &layers,
                &definitions::SYNC_INTERVAL_MINUTES,
            )?),
            full_sync: Millis::minutes(60 * i64::from(full_sync_hours.max(1))),
            listen,
            http: http::read(&layers)?,
            metrics_public: layers.bool(&definitions::METRICS_PUBLIC)?,
            database_is_set: database::is_set(&layers)?,
            database: database::read(&layers)?,
            ignore_self: layers.bool(&definitions::FOLLOWUP_IGNORE_SELF)?,
            log: log(&layers)?,
            remote_key: (layers.find(&definitions::ISSUECOMMAND_KEY)?)
                .map(|given| parse::secret(&given))
                .transpose()?,
            client: client::read(&layers, sources)?,
            policy: policy::read(&layers)?,
            allowed: match layers.find(&definitions::ALLOWED_REPOS)? {
                Some(repos) => parse::repos(&repos)?,
                None => Scope::All,
            },
            warnings: warnings(&near, &unfilled, &layers)?,
            near,
            unfilled,
        })
    }

    /// How to open the database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] for an address that the PostgreSQL driver rejects.
    pub fn database(&self) -> Result<DatabaseOptions, StoreError> {
        self.database.clone()
    }

    /// The bearer token of HTTP.
    ///
    /// # Errors
    /// [`SettingsError::Missing`] if none is set.
    pub fn api_key(&self) -> Result<&SecretString, SettingsError> {
        let key = Some(&self.http.api_key).filter(|key| !key.expose_secret().is_empty());
        key.ok_or_else(|| self.missing(&definitions::API_KEY))
    }

    /// The token for GitHub.
    ///
    /// # Errors
    /// [`SettingsError::Missing`] if none is set.
    pub fn github_token(&self) -> Result<&SecretString, SettingsError> {
        let token = self.github.token.as_ref();
        token.ok_or_else(|| self.missing(&definitions::GITHUB_TOKEN))
    }

    fn missing(&self, setting: &Setting) -> SettingsError {
        let near = self.near.iter().filter(|near| near.meant == setting.name);
        let near = near.map(|near| near.name.clone()).collect();
        setting.missing(near, self.unfilled.contains(&setting.name))
    }
}

fn github(layers: &Layers) -> Result<RestSettings, SettingsError> {
    let base = parse::base_url(&layers.need(&definitions::GITHUB_API_URL)?)?;
    let token = layers.find(&definitions::GITHUB_TOKEN)?;
    Ok(RestSettings {
        token: token.as_ref().map(parse::token).transpose()?,
        backend: layers.choice(
            &definitions::GITHUB_BACKEND,
            [Backend::Auto, Backend::Gh, Backend::Rest],
        )?,
        ..RestSettings::new(base, SecretString::default())
    })
}

fn log(layers: &Layers) -> Result<LogOptions, SettingsError> {
    let file = layers.find(&definitions::LOG_FILE)?;
    Ok(LogOptions {
        level: parse::log_level(&layers.need(&definitions::LOG_LEVEL)?)?,
        format: layers.choice(
            &definitions::LOG_FORMAT,
            [LogFormat::Auto, LogFormat::Json, LogFormat::Text],
        )?,
        file: file
            .map(|file| layers.path(&file, file.text.clone().into()))
            .transpose()?,
        keep_days: layers.integer(&definitions::LOG_KEEP_DAYS)?,
    })
}

/// A shorter secret is a part of ordinary words, so that removing it would mutilate texts of the log.
const SHORTEST_REDACTED: usize = 8;

fn warnings(
    near: &[NearMiss],
    unfilled: &[&str],
    layers: &Layers,
) -> Result<Vec<String>, SettingsError> {
    let mut warnings: Vec<String> = near.iter().map(ToString::to_string).collect();
    warnings.extend(unfilled.iter().map(|name| {
        format!(
            "{name} in the environment is a placeholder that was not filled in, and counts as not set: set the variable that it names \
             where the MCP client starts, or take {name} out of the client's entry"
        )
    }));
    let token = layers.find(&definitions::GITHUB_TOKEN)?;
    if token.is_some_and(|given| given.text.chars().count() < SHORTEST_REDACTED) {
        warnings.push(format!(
            "GITHUB_TOKEN has fewer than {SHORTEST_REDACTED} characters: no token of GitHub's is so short, and it is not taken out \
             of texts in the log"
        ));
    }
    Ok(warnings)
}
