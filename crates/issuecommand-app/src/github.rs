//! Chooses the GitHub client from the settings and from what is installed.

use issuecommand_github::{Backend, Gh, RestSettings};

use crate::error::AppError;
use crate::settings::Settings;

/// Chooses between the token and gh.
///
/// # Errors
/// There is neither a token nor a usable gh.
pub(crate) async fn choose(settings: &Settings) -> Result<RestSettings, AppError> {
    let (wanted, gh) = (settings.github.backend, &settings.github.gh);
    let there = wanted != Backend::Rest && gh.is_there();
    let backend = if there { wanted } else { Backend::Rest };
    let token = match settings.github_token() {
        Ok(token) => Some(token.clone()),
        Err(missing) if !there || gh.lacks_login(&settings.github.base).await => {
            return Err(missing.into());
        }
        Err(_) => None,
    };
    Ok(RestSettings {
        token,
        backend,
        ..settings.github.clone()
    })
}

/// Logs how GitHub is asked.
#[expect(clippy::disallowed_methods, reason = "it logs one line and ends")]
pub(crate) fn introduce(settings: &Settings, chosen: &RestSettings) {
    if chosen.backend != Backend::Rest {
        // The result does not change the choice and takes a while, so nothing waits for it.
        tokio::spawn(log_version(settings.github.gh.clone()));
    } else if settings.github.backend != Backend::Rest {
        let why = "there is none in the PATH";
        tracing::info!(name: "github.gh.unavailable", why, "GitHub is asked by REST alone");
    }
}

async fn log_version(gh: Gh) {
    match gh.version().await {
        Ok(version) => {
            tracing::info!(name: "github.gh.available", version, "GitHub can be asked through gh");
        }
        Err(why) => {
            tracing::warn!(name: "github.gh.unavailable", why, "gh is there and cannot be used");
        }
    }
}
