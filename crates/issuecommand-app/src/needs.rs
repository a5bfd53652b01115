//! Checks all required settings of a program together, so that its operator sees every missing one at the first start.

use issuecommand_github::RestSettings;
use secrecy::SecretString;

use crate::error::AppError;
use crate::github;
use crate::role::Role;
use crate::settings::Settings;

/// The key for HTTP, if the program has it, and the GitHub client.
///
/// # Errors
/// All missing settings in one error.
pub(crate) async fn of(
    role: Role,
    settings: &Settings,
) -> Result<(Option<SecretString>, RestSettings), AppError> {
    let key = role.has_http().then(|| settings.api_key()).transpose();
    match (key, github::choose(settings).await) {
        (Ok(key), Ok(github)) => Ok((key.cloned(), github)),
        (Ok(_), Err(error)) => Err(error),
        (Err(key), Err(AppError::Settings(token))) => Err(AppError::Missing(vec![token, key])),
        (Err(key), Ok(_) | Err(_)) => Err(key.into()),
    }
}
