//! `issuecommand notify remove`.

use issuecommand_config::Sources;
use issuecommand_core::engine::command::NotifyAction;
use issuecommand_core::ports::notifications::NotificationFilter;
use serde_json::json;

use super::{act, file, open_if_there, show, unknown};
use crate::error::AppError;
use crate::output::tell;
use crate::settings::Settings;

pub(super) async fn run(
    settings: &Settings,
    sources: &Sources,
    name: &str,
    json: bool,
) -> Result<(), AppError> {
    let toml = sources.settings_file();
    let in_file = toml.exists() && file::remove(&toml, name)?;
    let mut in_database = false;
    if let Some(opened) = open_if_there(settings).await? {
        let store = opened.port();
        in_database = store
            .endpoints()
            .await?
            .iter()
            .any(|known| known.name == name);
        if in_database {
            let filter = NotificationFilter {
                endpoint: Some(name.to_owned()),
                state: None,
                limit: u32::MAX,
            };
            let sent = store.notifications(&filter).await?;
            let action = NotifyAction::RemoveEndpoint {
                name: name.to_owned(),
                notifications: sent.into_iter().map(|row| row.id).collect(),
            };
            act(&*store, action).await?;
        }
        opened.close().await;
    }
    let configured = settings.notify.endpoints.iter().any(|one| one.name == name);
    if !in_file && !in_database && !configured {
        let names = settings
            .notify
            .endpoints
            .iter()
            .map(|one| one.name.as_str());
        return Err(unknown(names, name));
    }
    let value = json!({ "name": name, "in_file": in_file, "in_database": in_database });
    let words = if in_file {
        format!("Took {name} out of {}.", toml.display())
    } else {
        format!("Forgot what was sent to {name}.")
    };
    show(json, &value, &words)?;
    if configured && !in_file {
        return tell("NOTIFY in the environment or on the command line still has it.");
    }
    tell("Its variables stay in .env. A service that runs sends nothing to it any more.")
}
