//! The settings of the dashboard.

use issuecommand_config::{
    EffectiveSetting, Layers, SettingsError, Sources, Value, definitions, effective,
};
use issuecommand_mcp::HttpOptions;
use url::Url;

/// How the dashboard is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dashboard {
    /// The names that a request's `Host` may have, those of `/mcp`. Empty: any.
    pub allowed_hosts: Vec<String>,
    /// `TRUST_PROXY`.
    pub trusts_proxy: bool,
    /// The address of GitHub's pages, without a slash at its end.
    pub github: String,
    /// Each setting with its value, where that is no secret, and where it stands.
    pub shown: Vec<[String; 3]>,
}

/// `None` where `DASHBOARD_ENABLED` is false.
pub(super) fn read(
    layers: &Layers,
    sources: &Sources,
    mcp: &HttpOptions,
    api: &str,
) -> Result<Option<Dashboard>, SettingsError> {
    let enabled = layers.bool(&definitions::DASHBOARD_ENABLED)?;
    let trusts_proxy = layers.bool(&definitions::TRUST_PROXY)?;
    let shown = effective(sources)?.iter().map(shown).collect();
    Ok(enabled.then(|| Dashboard {
        allowed_hosts: mcp.allowed_hosts.clone(),
        trusts_proxy,
        github: pages_of(api),
        shown,
    }))
}

fn shown(setting: &EffectiveSetting) -> [String; 3] {
    let value = match &setting.value {
        Value::Text(text) => text.clone(),
        Value::Hidden => "(hidden)".to_owned(),
        Value::Unset(means) => format!("unset: {means}"),
        Value::Needed | Value::NeededUnless(_) => "unset".to_owned(),
    };
    let origin = setting.origin.as_ref().map(ToString::to_string);
    [setting.name.to_owned(), value, origin.unwrap_or_default()]
}

/// Where GitHub shows its pages, by the address of its API: `api.github.com` has them at `github.com`, a server of one's own below
/// the same name.
fn pages_of(api: &str) -> String {
    let origin = Url::parse(api).map(|api| api.origin().ascii_serialization());
    origin.unwrap_or_default().replacen("://api.", "://", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stand_beside_the_api() {
        for (api, pages) in [
            ("https://api.github.com", "https://github.com"),
            ("https://git.example/api/v3", "https://git.example"),
            ("https://api.acme.ghe.com", "https://acme.ghe.com"),
            ("http://127.0.0.1:4711/", "http://127.0.0.1:4711"),
        ] {
            assert_eq!(pages_of(api), pages);
        }
    }
}
