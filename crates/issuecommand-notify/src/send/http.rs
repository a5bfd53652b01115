//! Notifications by HTTP. Names are resolved here, and only their checked addresses are connected to.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use issuecommand_core::domain::notification::SendOutcome;
use issuecommand_core::domain::time::Millis;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use super::{TIMEOUT, failed};
use crate::address::is_public;
use crate::shape::Shaped;
use crate::text::{cut, visible};

/// How much of a refusal is kept, in characters.
const ERROR_MAX: usize = 200;

/// Which addresses may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public ones, by https.
    Public,
    /// Any, also by http.
    Any,
}

/// A client for notifications.
#[derive(Clone, Debug)]
pub(super) struct Http {
    client: Client,
    reach: Reach,
}

impl Http {
    /// A client that reaches these addresses.
    #[expect(
        clippy::disallowed_methods,
        reason = "receivers of notifications are asked here alone; GitHub's limits are not theirs"
    )]
    pub(super) fn new(reach: Reach) -> Result<Self, String> {
        let mut builder = Client::builder()
            .user_agent(concat!("IssueCommand/", env!("CARGO_PKG_VERSION")))
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            // A proxy would resolve the name anew.
            .no_proxy();
        if reach == Reach::Public {
            builder = builder.https_only(true).dns_resolver(Arc::new(PublicOnly));
        }
        let client = builder.build().map_err(|error| chain(&error))?;
        Ok(Self { client, reach })
    }

    pub(super) async fn post(&self, url: &SecretString, request: Shaped) -> SendOutcome {
        let url = match self.allowed(url.expose_secret()) {
            Ok(url) => url,
            Err(why) => return failed(why),
        };
        let mut built = self
            .client
            .post(url)
            .header(CONTENT_TYPE, request.content_type)
            .body(request.body);
        for (name, value) in request.headers {
            built = built.header(name, value);
        }
        match built.send().await {
            Ok(response) => outcome(response).await,
            // The address may be a secret.
            Err(error) => failed(words(&error.without_url())),
        }
    }

    /// The address, if its form allows it. An address in numbers is not resolved, so it is judged here.
    fn allowed(&self, url: &str) -> Result<Url, String> {
        let url = Url::parse(url).map_err(|_| "the address is no URL".to_owned())?;
        if self.reach == Reach::Any {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err(
                "the address must begin with https://, unless NOTIFY_ALLOW_PRIVATE is on"
                    .to_owned(),
            );
        }
        let number = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            Some(Host::Domain(_)) | None => None,
        };
        match number.filter(|address| !is_public(*address)) {
            Some(_) => Err(NOT_PUBLIC.to_owned()),
            None => Ok(url),
        }
    }
}

const NOT_PUBLIC: &str = "the receiver is not on the public internet, and nothing was sent: set NOTIFY_ALLOW_PRIVATE to send to this \
     machine's network";

/// Resolves names to addresses, and refuses those of which any address is not public. The client connects to these addresses and looks
/// no name up again.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().all(|address| is_public(address.ip())) {
                let addresses: Addrs = Box::new(found.into_iter());
                return Ok(addresses);
            }
            Err(NOT_PUBLIC.into())
        })
    }
}

/// What a response means. Only success counts: a redirect leads to an address that nobody checked.
async fn outcome(response: Response) -> SendOutcome {
    let status = response.status();
    if status.is_success() {
        return SendOutcome::Delivered {
            status: Some(status.as_u16()),
        };
    }
    if status.as_u16() == 410 {
        return SendOutcome::Gone;
    }
    let retry_after = match status.as_u16() {
        429 | 503 => retry_after(&response),
        _ => None,
    };
    let said = if status.is_redirection() {
        "redirects are not followed: set the address that it leads to".to_owned()
    } else {
        beginning(response).await
    };
    let colon = if said.is_empty() { "" } else { ": " };
    SendOutcome::Failed {
        status: Some(status.as_u16()),
        error: format!("the receiver answered {}{colon}{said}", status.as_u16()),
        retry_after,
    }
}

/// The wait that a response asks for, in seconds or until a date.
fn retry_after(response: &Response) -> Option<Millis> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Millis::seconds(seconds.into()));
    }
    let until = DateTimeParser::new().parse_timestamp(text).ok()?;
    let date = response
        .headers()
        .get(reqwest::header::DATE)?
        .to_str()
        .ok()?;
    let now = DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Millis(
        (until.as_millisecond() - now.as_millisecond()).max(0),
    ))
}

/// The beginning of a refusal, for people.
async fn beginning(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < 4 * ERROR_MAX {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(4 * ERROR_MAX);
    cut(&visible(&String::from_utf8_lossy(&body)), ERROR_MAX)
}

fn words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("the receiver did not answer within {} s", TIMEOUT.as_secs());
    }
    let words = chain(error);
    if words.contains(NOT_PUBLIC) {
        return NOT_PUBLIC.to_owned();
    }
    words
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
