//! The settings of HTTP: where it is served, and how.

use std::net::SocketAddr;

use issuecommand_config::{Layers, Origin, Setting, SettingsError, definitions};
use issuecommand_http::{HttpSettings, LimitClock, Rate, RateLimits, WebhookSettings};
use issuecommand_mcp::{HttpOptions, Shown};

use super::parse;

/// The address of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// `HTTP_HOST` and `HTTP_PORT`; port 0 is any free one.
    pub address: SocketAddr,
    /// Whether a source gives `HTTP_HOST`, as opposed to its default.
    pub host_is_set: bool,
}

impl Listen {
    pub(super) fn read(layers: &Layers) -> Result<Self, SettingsError> {
        let host = layers.need(&definitions::HTTP_HOST)?;
        let port = layers.integer(&definitions::HTTP_PORT)?;
        Ok(Self {
            address: SocketAddr::new(parse::host(&host)?, port),
            host_is_set: host.origin != Origin::Default,
        })
    }
}

/// Without a key, which nobody can show, if `API_KEY` is not set.
pub(super) fn read(layers: &Layers) -> Result<HttpSettings, SettingsError> {
    let api_key = layers.find(&definitions::API_KEY)?;
    let api_key = api_key.as_ref().map(parse::secret).transpose()?;
    Ok(HttpSettings {
        webhooks: webhooks(layers)?,
        limits: limits(layers)?,
        connections: layers.integer(&definitions::HTTP_MAX_CONNECTIONS)?,
        connections_per_address: layers.integer(&definitions::HTTP_MAX_CONNECTIONS_PER_ADDRESS)?,
        ..HttpSettings::new(api_key.unwrap_or_default())
    })
}

/// Served to this machine alone, it answers to this machine's names alone: a web page cannot reach it under a name of its own.
/// Behind a proxy it is called by the proxy's names.
pub(super) fn mcp(layers: &Layers, listen: &Listen) -> Result<HttpOptions, SettingsError> {
    let hosts = layers.find(&definitions::MCP_ALLOWED_HOSTS)?;
    let origins = layers.find(&definitions::MCP_ALLOWED_ORIGINS)?;
    let proxied = layers.bool(&definitions::TRUST_PROXY)?;
    let own = || {
        let loopback = listen.address.ip().is_loopback() && !proxied;
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        if loopback {
            Vec::from(names)
        } else {
            Vec::new()
        }
    };
    Ok(HttpOptions {
        allowed_hosts: hosts.as_ref().map_or_else(|| Ok(own()), parse::hosts)?,
        allowed_origins: origins
            .as_ref()
            .map_or_else(|| Ok(Vec::new()), parse::origins)?,
        shown: Shown {
            output_schemas: layers.bool(&definitions::MCP_OUTPUT_SCHEMAS)?,
        },
    })
}

fn webhooks(layers: &Layers) -> Result<WebhookSettings, SettingsError> {
    let secret = layers.find(&definitions::GITHUB_WEBHOOK_SECRET)?;
    Ok(WebhookSettings {
        enabled: layers.bool(&definitions::WEBHOOK_ENABLED)?,
        path: parse::route(&layers.need(&definitions::WEBHOOK_PATH)?)?,
        secret: secret.as_ref().map(parse::secret).transpose()?,
    })
}

fn limits(layers: &Layers) -> Result<Option<RateLimits>, SettingsError> {
    let rate = |per_minute: &'static Setting, burst: &'static Setting| {
        Ok::<_, SettingsError>(Rate {
            per_minute: layers.integer(per_minute)?,
            burst: layers.integer(burst)?,
        })
    };
    // All are checked, even where they are switched off.
    let limits = RateLimits {
        trust_proxy: layers.bool(&definitions::TRUST_PROXY)?,
        ip: rate(
            &definitions::RATE_LIMIT_IP_PER_MINUTE,
            &definitions::RATE_LIMIT_IP_BURST,
        )?,
        agent_mutation: rate(
            &definitions::RATE_LIMIT_AGENT_MUTATIONS_PER_MINUTE,
            &definitions::RATE_LIMIT_AGENT_MUTATIONS_BURST,
        )?,
        sse_connect: rate(
            &definitions::RATE_LIMIT_SSE_CONNECT_PER_MINUTE,
            &definitions::RATE_LIMIT_SSE_CONNECT_BURST,
        )?,
        clock: LimitClock::default(),
    };
    Ok(layers
        .bool(&definitions::RATE_LIMIT_ENABLED)?
        .then_some(limits))
}
