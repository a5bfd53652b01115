//! Requests over HTTPS with a token. Without one, a request is anonymous.

use std::net::IpAddr;

use async_trait::async_trait;
use issuecommand_core::domain::failure::GithubErrorKind;
use reqwest::header::AUTHORIZATION;
use reqwest::{Response, Url, redirect};
use secrecy::SecretString;

use super::{FailureCause, RawRequest, RawResponse, Transport, TransportError};
use crate::rest::credentials::bearer;
use crate::rest::settings::{InvalidSettings, RestSettings};

/// The HTTPS transport.
#[derive(Debug)]
pub(in crate::rest) struct Http(reqwest::Client);

impl Http {
    #[expect(clippy::disallowed_methods, reason = "the one client for GitHub")]
    pub(in crate::rest) fn new(
        settings: &RestSettings,
        base: &Url,
    ) -> Result<Self, InvalidSettings> {
        // An error means that another part of the program has installed a provider, and any provider will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            .redirect(redirect::Policy::none());
        if is_loopback(base) {
            // A proxy in the environment does not apply to this machine.
            builder = builder.no_proxy();
        }
        let client = builder.build();
        client
            .map(Self)
            .map_err(|error| InvalidSettings::Client(chain(&error)))
    }
}

#[async_trait]
impl Transport for Http {
    async fn send(
        &self,
        request: &RawRequest,
        token: Option<&SecretString>,
        cap: usize,
    ) -> Result<RawResponse, TransportError> {
        let mut headers = request.headers.clone();
        if let Some(token) = token {
            let header = bearer(token).map_err(|error| TransportError {
                kind: GithubErrorKind::Refused,
                words: error.to_string(),
                why: FailureCause::Credential,
                transient: false,
                sent: false,
            })?;
            headers.insert(AUTHORIZATION, header);
        }
        let mut builder = self
            .0
            .request(request.method.clone(), request.url.clone())
            .headers(headers);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await.map_err(broken)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let (body, broken) = match body(response, cap).await {
            Ok(body) => (body, None),
            Err(broken) => (Vec::new(), Some(broken)),
        };
        Ok(RawResponse {
            status,
            headers,
            body,
            broken,
        })
    }
}

/// The complete body, up to the cap.
async fn body(mut response: Response, cap: usize) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > cap {
            return Err(TransportError::too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken(error: reqwest::Error) -> TransportError {
    let (timed_out, sent, ours) = (error.is_timeout(), !error.is_connect(), error.is_builder());
    // The URL would reveal the query.
    let words = chain(&error.without_url());
    if ours {
        return TransportError {
            kind: GithubErrorKind::Unexpected,
            words,
            why: FailureCause::Answer,
            transient: false,
            sent: false,
        };
    }
    TransportError {
        transient: !timed_out,
        sent,
        ..TransportError::unreachable(words)
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
