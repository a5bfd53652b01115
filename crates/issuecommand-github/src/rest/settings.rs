//! The settings of the REST client and their validation.

use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;

use super::transport::gh::Gh;

/// How to reach GitHub. [`RestSettings::new`] sets defaults for everything but the base and the token.
#[derive(Clone, Debug)]
pub struct RestSettings {
    /// `GITHUB_API_URL`: `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise. May end in a slash.
    pub base: String,
    /// `GITHUB_TOKEN`; `None` for gh's own login only.
    pub token: Option<SecretString>,
    /// `GITHUB_BACKEND`: the routes to use.
    pub backend: Backend,
    /// The location of gh, for the backends that use it.
    pub gh: Gh,
    /// The `User-Agent` header; GitHub refuses requests without it.
    pub user_agent: String,
    /// The timeout for connecting (5 s).
    pub connect_timeout: Duration,
    /// The timeout of a request, from connecting to the last byte of the answer (15 s). Also limits the wait for a free slot.
    pub timeout: Duration,
    /// The most concurrent requests (4).
    pub at_once: usize,
    /// The largest answer that is read, in bytes after decompression (32 MiB, far above a hundred issues with the longest
    /// bodies that GitHub allows).
    pub answer_cap: usize,
}

impl RestSettings {
    /// Settings for this base and token, without gh.
    pub fn new(base: impl Into<String>, token: SecretString) -> Self {
        Self {
            base: base.into(),
            token: Some(token),
            backend: Backend::Rest,
            gh: Gh::default(),
            user_agent: concat!("issuecommand/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(15),
            at_once: 4,
            answer_cap: 32 << 20,
        }
    }

    /// The base without a trailing slash.
    pub(super) fn base(&self) -> Result<Url, InvalidSettings> {
        let mut url = Url::parse(self.base.trim()).map_err(|_| InvalidSettings::Base)?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain {
            return Err(InvalidSettings::Base);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(url)
    }
}

/// The selection of routes to GitHub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// REST with the token; `gh` if there is no token, if GitHub rejects it, or if GitHub cannot be reached.
    Auto,
    /// `gh` first, and REST with the token after any failure of `gh`.
    Gh,
    /// Only REST with the token.
    Rest,
}

/// Why the settings are invalid. No text contains a value, because any of them may contain a secret by mistake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// The base is not a plain http or https address.
    #[error(
        "GITHUB_API_URL must be an http or https address without a user, query or fragment, such as https://api.github.com"
    )]
    Base,
    /// The token is missing or not valid in a header.
    #[error("GITHUB_TOKEN must not be blank or hold line breaks or other control characters")]
    Token,
    /// The user agent is not valid in a header.
    #[error("the user agent must not be blank or hold control characters")]
    UserAgent,
    /// TLS could not be set up.
    #[error("no HTTPS client could be made (are CA certificates installed?): {0}")]
    Client(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Result<String, InvalidSettings> {
        RestSettings::new(text, "t".into())
            .base()
            .map(|url| url.to_string())
    }

    #[test]
    fn a_base_may_end_in_a_slash_and_hold_a_path() {
        for (given, read) in [
            ("https://api.github.com", "https://api.github.com/"),
            (" https://api.github.com/ ", "https://api.github.com/"),
            ("https://ghe.example/api/v3/", "https://ghe.example/api/v3"),
            ("http://127.0.0.1:4000", "http://127.0.0.1:4000/"),
        ] {
            assert_eq!(base(given).as_deref(), Ok(read));
        }
    }

    #[test]
    fn a_base_url_with_credentials_or_query_is_refused() {
        for bad in [
            "",
            "api.github.com",
            "ftp://a",
            "https://u:p@a",
            "https://a?x=1",
            "https://a#x",
            "file:///a",
        ] {
            assert_eq!(base(bad), Err(InvalidSettings::Base), "{bad}");
        }
    }
}
