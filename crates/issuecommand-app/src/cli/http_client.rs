//! The client for a service elsewhere, which hooks, `wait` and `install` ask.

use std::time::Duration;

use reqwest::Client;

use crate::error::AppError;

/// The client for a service elsewhere. Follows no redirect, so that no key goes where it was not sent.
///
/// # Errors
/// It cannot be made.
#[expect(
    clippy::disallowed_methods,
    reason = "the one client for a service elsewhere; it asks GitHub nothing"
)]
pub(super) fn http_client(patience: Duration) -> Result<Client, AppError> {
    // An error means that another part of the program has installed a provider, and any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().timeout(patience);
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder
        .build()
        .map_err(|error| AppError::Command(format!("no HTTP client can be made: {error}")))
}
