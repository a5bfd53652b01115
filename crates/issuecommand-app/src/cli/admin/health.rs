//! `issuecommand health`: the health of the service that runs on this machine, for container health checks.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::error::AppError;
use crate::http_probe;
use crate::output::print;
use crate::settings::Settings;

/// Longer than a healthy response takes, shorter than the usual timeout of health checks.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(settings: &Settings) -> Result<(), AppError> {
    let address = settings.listen.address;
    if address.port() == 0 {
        return Err(sick(
            "HTTP_PORT is 0, any free port: set it to the port that the service serves",
        ));
    }
    let asking = async {
        healthy(settings, "/healthz", None).await?;
        // Without a key only this much can be read.
        let Ok(key) = settings.api_key() else {
            return print("up\n");
        };
        let body = healthy(settings, "/api/health", Some(key.expose_secret())).await?;
        print(&format!("up {body}\n"))
    };
    match timeout(PATIENCE, asking).await {
        Ok(result) => result,
        Err(_) => Err(sick(&format!(
            "{} did not answer within {} s",
            http_probe::reachable(address),
            PATIENCE.as_secs()
        ))),
    }
}

async fn healthy(settings: &Settings, path: &str, key: Option<&str>) -> Result<String, AppError> {
    let address = settings.listen.address;
    let at = http_probe::reachable(address);
    match http_probe::get(address, path, key).await {
        Ok((200, body)) if body.contains("\"issuecommand\"") || key.is_some() => Ok(body),
        Ok((200, _)) => Err(sick(&format!("what answers at {at} is another program"))),
        Ok((401, _)) => Err(sick(&format!(
            "{at} refuses API_KEY: the service runs with another one"
        ))),
        Ok((status, body)) => Err(sick(&format!("{at}{path} answers {status}: {body}"))),
        Err(error) => Err(sick(&format!("{at} cannot be reached: {error}"))),
    }
}

fn sick(why: &str) -> AppError {
    AppError::Command(why.to_owned())
}
