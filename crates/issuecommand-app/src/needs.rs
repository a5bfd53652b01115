//! What a program cannot do without, asked for at once, so that its operator hears of all that is missing and not of one
//! thing a start.

use issuecommand_github::RestSettings;
use secrecy::SecretString;

use crate::error::AppError;
use crate::github;
use crate::role::Role;
use crate::settings::Settings;

/// The key for HTTP, where the program has it, and the way to GitHub.
///
/// # Errors
/// All that is missing, in one.
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
