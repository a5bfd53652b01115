//! The way to the service: over HTTP, or its database through the same use cases. A command says which call it means; both ways
//! answer by the JSON of the API.

mod own;
mod remote;

use std::time::Duration;

use issuecommand_wire::Call;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use tokio::time::timeout;
use url::Url;

use self::own::OwnDatabase;
use self::remote::Remote;
use super::failure::Failure;
use super::hosts::{Host, Hosts};
use crate::http_probe::reachable;
use crate::port::{Holder, holder};
use crate::settings::Settings;

/// How long a service on this machine may take to say who it is.
const PATIENCE: Duration = Duration::from_millis(500);
/// The pause between two looks at a service that may have changed. What happens together is looked at once.
const PAUSE: Duration = Duration::from_millis(200);

/// The parameters of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Given(Map<String, Value>);

impl Given {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The parameter, if there is a value.
    pub(super) fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) enum Channel {
    Own(Box<OwnDatabase>),
    Remote(Box<Remote>),
}

impl Channel {
    /// The service that the command line, a setting or `login` names; else the one of this machine, if it answers and has this
    /// database; else the database itself.
    pub(super) async fn open(settings: &Settings, url: Option<&str>) -> Result<Self, Failure> {
        let hosts = Hosts::of_user()?;
        let named = url.or(settings.remote_url.as_deref());
        let remote = match named {
            Some(url) => {
                let base = address(url)?;
                let key = settings.remote_key.clone().or_else(|| hosts.key_of(&base));
                let key = key.ok_or_else(|| {
                    Failure::not_signed_in(format!("there is no key for {base}")).hint(format!(
                        "Sign in: issuecommand login {base}   (or set ISSUECOMMAND_KEY)"
                    ))
                })?;
                Some((base, key))
            }
            None => match hosts.usual() {
                Some(Host { base, key }) => Some((base, key)),
                None => of_this_machine(settings).await,
            },
        };
        Ok(match remote {
            Some((base, key)) => Self::Remote(Box::new(Remote::new(base, key)?)),
            None => Self::Own(Box::new(OwnDatabase::open(settings).await?)),
        })
    }

    /// Opens the way to this service alone.
    pub(super) fn to(base: Url, key: SecretString) -> Result<Self, Failure> {
        Ok(Self::Remote(Box::new(Remote::new(base, key)?)))
    }

    /// The service or database, in words.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Own(own) => format!("the database {}", own.place()),
            Self::Remote(remote) => format!("the service at {}", remote.base()),
        }
    }

    /// Runs a call. Returns its answer as the API has it.
    pub(super) async fn call<C: Call>(&self, given: Given) -> Result<Value, Failure> {
        match self {
            Self::Own(own) => own.call::<C>(given.0).await,
            Self::Remote(remote) => remote.call::<C>(given.0).await,
        }
    }

    /// Waits until something may have changed, or for a while.
    pub(super) async fn changed(&mut self) {
        match self {
            Self::Own(own) => own.changed().await,
            Self::Remote(remote) => remote.changed().await,
        }
        tokio::time::sleep(PAUSE).await;
    }

    pub(super) async fn close(self) {
        if let Self::Own(own) = self {
            own.close().await;
        }
    }
}

/// The service on the port of the settings. It is ours if it knows our key; where a setting names the database, it must have that.
async fn of_this_machine(settings: &Settings) -> Option<(Url, SecretString)> {
    let key = settings.api_key().ok()?;
    let at = settings.listen.address;
    if at.port() == 0 {
        return None;
    }
    let known = timeout(PATIENCE, holder(at, Some(key), PATIENCE)).await;
    let Ok(Holder::KnownDatabase(theirs)) = known else {
        return None;
    };
    if settings.database_is_set && settings.database().ok()?.place() != theirs.place {
        return None;
    }
    let base = Url::parse(&format!("http://{}/", reachable(at))).ok()?;
    Some((base, key.expose_secret().into()))
}

/// The address of a service, with or without its path of MCP.
pub(super) fn address(text: &str) -> Result<Url, Failure> {
    let plain = text.trim().trim_end_matches('/');
    let plain = plain.strip_suffix("/mcp").unwrap_or(plain);
    let url = Url::parse(&format!("{plain}/")).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    url.ok_or_else(|| {
        Failure::usage(
            "this is no address of a service: give it as https://HOST, or as https://HOST/mcp",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_services_own() {
        for given in [
            "https://ic.example.com",
            "https://ic.example.com/",
            "https://ic.example.com/mcp",
            " https://IC.example.com",
        ] {
            assert_eq!(address(given).unwrap().as_str(), "https://ic.example.com/");
        }
        assert_eq!(
            address("http://h:1/base/mcp").unwrap().as_str(),
            "http://h:1/base/"
        );
        for wrong in [
            "ic.example.com",
            "ftp://h",
            "https://u:p@h",
            "https://h?x=1",
            "https://h#x",
            "",
        ] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
