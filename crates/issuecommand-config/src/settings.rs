//! All settings as typed values.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Millis;
use secrecy::SecretString;

use crate::database::Database;
use crate::error::SettingsError;
use crate::layers::Layers;
use crate::near_misses::{NearMiss, near_misses};
use crate::origin::Origin;
use crate::setting::Setting;
use crate::sources::Sources;
use crate::{definitions, parse, policy};

/// Every setting, checked. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base of GitHub's REST API, without a slash at its end.
    pub github_api_url: String,
    /// By which way GitHub is asked.
    pub github_backend: GithubBackend,
    /// Between two runs of the sync; at least a minute.
    pub sync_interval: Millis,
    /// Between two readings of all open issues of a repository; at least an hour.
    pub full_sync: Millis,
    /// Where HTTP is served.
    pub http: Http,
    /// The database.
    pub database: Database,
    /// What becomes of follow-ups, beyond [`Settings::policy`].
    pub followups: FollowUps,
    /// How webhooks are taken.
    pub webhooks: Webhooks,
    /// How often clients may call.
    pub rate_limits: RateLimits,
    /// What is logged, and where.
    pub log: Log,
    /// What is odd and keeps nothing from starting, each as one sentence.
    pub warnings: Vec<String>,
    near: Vec<NearMiss>,
    policy: Policy,
    allowed: Scope,
    github_token: Option<SecretString>,
    api_key: Option<SecretString>,
}

/// By which way GitHub is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GithubBackend {
    /// REST with the token; `gh` where there is none, or REST is refused or cannot be reached.
    Auto,
    /// `gh` first, else REST.
    Gh,
    /// REST alone.
    Rest,
}

impl GithubBackend {
    const ALL: [Self; 3] = [Self::Auto, Self::Gh, Self::Rest];
}

/// Where HTTP is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// `HTTP_HOST`.
    pub host: IpAddr,
    /// Whether any source gives `HTTP_HOST`, as against its default.
    pub host_is_set: bool,
    /// `HTTP_PORT`; 0 is any free one.
    pub port: u16,
    /// `TRUST_PROXY`: the client's address stands in a header.
    pub trust_proxy: bool,
    /// `HTTP_MAX_CONNECTIONS`.
    pub max_connections: u32,
    /// `HTTP_MAX_CONNECTIONS_PER_ADDRESS`: of those without a key.
    pub max_connections_per_address: u32,
    /// `METRICS_PUBLIC`: `/metrics` asks for no key.
    pub metrics_public: bool,
}

impl Http {
    fn read(layers: &Layers) -> Result<Self, SettingsError> {
        let most = |setting| layers.need(setting)?.integer();
        let host = layers.need(&definitions::HTTP_HOST)?;
        Ok(Self {
            host: parse::host(&host)?,
            host_is_set: host.origin != Origin::Default,
            port: layers.need(&definitions::HTTP_PORT)?.integer()?,
            trust_proxy: layers.bool(&definitions::TRUST_PROXY)?,
            max_connections: most(&definitions::HTTP_MAX_CONNECTIONS)?,
            max_connections_per_address: most(&definitions::HTTP_MAX_CONNECTIONS_PER_ADDRESS)?,
            metrics_public: layers.bool(&definitions::METRICS_PUBLIC)?,
        })
    }

    /// The address to bind.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }
}

/// What becomes of follow-ups, beyond what the engine goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUps {
    /// `FOLLOWUP_IGNORE_SELF`: what the token's own user says makes none.
    pub ignore_self: bool,
}

/// How webhooks are taken.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// Whether the route is served; without it a delivery is answered 404.
    pub enabled: bool,
    /// The path of their route, with its slash.
    pub path: String,
    /// What they are signed with; without one no signature is good.
    pub secret: Option<SecretString>,
}

/// How often clients may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Whether calls are counted and refused at all.
    pub enabled: bool,
    /// Per client address, under `/api`.
    pub ip: Rate,
    /// Changes, per API key and per `agent_id`.
    pub agent_mutations: Rate,
    /// Connections to `/sse`, per client address.
    pub sse_connect: Rate,
}

/// A bucket of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come back in a minute; 0 never.
    pub per_minute: u32,
    /// Tokens that it holds; 0 refuses all.
    pub burst: u32,
}

/// What is logged, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// A tracing filter: a level or `target=level`, comma-separated.
    pub level: String,
    /// The form on stderr.
    pub format: LogFormat,
    /// JSON lines besides.
    pub file: Option<PathBuf>,
    /// How long the files of older days are kept.
    pub keep_days: u32,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text where stderr is a terminal, else JSON.
    Auto,
    /// A JSON object a line.
    Json,
    /// For people.
    Text,
}

impl LogFormat {
    const ALL: [Self; 3] = [Self::Auto, Self::Json, Self::Text];
}

impl Settings {
    /// Reads and checks all of them.
    ///
    /// # Errors
    /// The first thing that is wrong, as one sentence. What a program needs beyond that it asks for itself:
    /// [`Settings::api_key`], [`Settings::github_token`].
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let layers = Layers::of(sources)?;
        let count = |setting| layers.count(setting);
        let rate = |per_minute, burst| {
            Ok::<_, SettingsError>(Rate {
                per_minute: count(per_minute)?,
                burst: count(burst)?,
            })
        };
        let secret =
            |setting, parse: fn(&_) -> _| layers.find(setting)?.as_ref().map(parse).transpose();
        let near = near_misses(sources)?;
        Ok(Self {
            github_api_url: parse::base_url(&layers.need(&definitions::GITHUB_API_URL)?)?,
            github_backend: layers
                .need(&definitions::GITHUB_BACKEND)?
                .choice(definitions::GITHUB_BACKENDS, GithubBackend::ALL)?,
            sync_interval: layers.at_least_a_minute(&definitions::SYNC_INTERVAL_MINUTES)?,
            full_sync: Millis::minutes(
                60 * i64::from(count(&definitions::FULL_SYNC_HOURS)?.max(1)),
            ),
            http: Http::read(&layers)?,
            database: Database::read(&layers)?,
            followups: FollowUps {
                ignore_self: layers.bool(&definitions::FOLLOWUP_IGNORE_SELF)?,
            },
            webhooks: Webhooks {
                enabled: layers.bool(&definitions::WEBHOOK_ENABLED)?,
                path: parse::route(&layers.need(&definitions::WEBHOOK_PATH)?)?,
                secret: secret(&definitions::GITHUB_WEBHOOK_SECRET, parse::secret)?,
            },
            rate_limits: RateLimits {
                enabled: layers.bool(&definitions::RATE_LIMIT_ENABLED)?,
                ip: rate(
                    &definitions::RATE_LIMIT_IP_PER_MINUTE,
                    &definitions::RATE_LIMIT_IP_BURST,
                )?,
                agent_mutations: rate(
                    &definitions::RATE_LIMIT_AGENT_MUTATIONS_PER_MINUTE,
                    &definitions::RATE_LIMIT_AGENT_MUTATIONS_BURST,
                )?,
                sse_connect: rate(
                    &definitions::RATE_LIMIT_SSE_CONNECT_PER_MINUTE,
                    &definitions::RATE_LIMIT_SSE_CONNECT_BURST,
                )?,
            },
            log: Log {
                level: parse::log_level(&layers.need(&definitions::LOG_LEVEL)?)?,
                format: layers
                    .need(&definitions::LOG_FORMAT)?
                    .choice(definitions::LOG_FORMATS, LogFormat::ALL)?,
                file: layers
                    .find(&definitions::LOG_FILE)?
                    .map(|given| layers.path(&given, given.text.clone().into()))
                    .transpose()?,
                keep_days: count(&definitions::LOG_KEEP_DAYS)?,
            },
            policy: policy::read(&layers)?,
            allowed: parse::repos(layers.find(&definitions::ALLOWED_REPOS)?.as_ref())?,
            warnings: warnings(&near, &layers)?,
            near,
            github_token: secret(&definitions::GITHUB_TOKEN, parse::token)?,
            api_key: secret(&definitions::API_KEY, parse::secret)?,
        })
    }

    /// What the engine goes by.
    pub fn policy(&self) -> Policy {
        self.policy.clone()
    }

    /// The repositories whose issues may be handed out.
    pub fn allowed(&self) -> Scope {
        self.allowed.clone()
    }

    /// The bearer token of HTTP.
    ///
    /// # Errors
    /// [`SettingsError::Missing`] where none is set.
    pub fn api_key(&self) -> Result<&SecretString, SettingsError> {
        self.api_key
            .as_ref()
            .ok_or_else(|| self.missing(&definitions::API_KEY))
    }

    /// The token for GitHub.
    ///
    /// # Errors
    /// [`SettingsError::Missing`] where none is set.
    pub fn github_token(&self) -> Result<&SecretString, SettingsError> {
        self.github_token
            .as_ref()
            .ok_or_else(|| self.missing(&definitions::GITHUB_TOKEN))
    }

    fn missing(&self, setting: &Setting) -> SettingsError {
        let near = self.near.iter().filter(|near| near.meant == setting.name);
        setting.missing(near.map(|near| near.name.clone()).collect())
    }
}

/// A secret of fewer characters is a part of ordinary words: it is not taken out of texts, which would leave rags.
const SHORTEST_REDACTED: usize = 8;

/// What is odd and keeps nothing from starting.
fn warnings(near: &[NearMiss], layers: &Layers) -> Result<Vec<String>, SettingsError> {
    let mut warnings: Vec<String> = near.iter().map(ToString::to_string).collect();
    let token = layers.find(&definitions::GITHUB_TOKEN)?;
    if token.is_some_and(|given| given.text.chars().count() < SHORTEST_REDACTED) {
        warnings.push(format!(
            "GITHUB_TOKEN has fewer than {SHORTEST_REDACTED} characters: no token of GitHub's is so short, and it is not taken out \
             of texts in the log"
        ));
    }
    Ok(warnings)
}
