//! `issuecommand notify test`.

use issuecommand_core::domain::notification::SendOutcome;
use issuecommand_core::domain::time::Clock as _;
use issuecommand_core::engine::command::NotifyAction;
use issuecommand_notify::test_notification;
use serde_json::json;
use uuid::Uuid;

use super::{act, configured, open_if_there, show};
use crate::clock::SystemClock;
use crate::error::AppError;
use crate::output::tell;
use crate::settings::Settings;

pub(super) async fn run(settings: &Settings, name: &str, json: bool) -> Result<(), AppError> {
    let endpoint = configured(settings, name)?;
    let sender = crate::notify::sender(settings.notify.reach)?;
    let now = SystemClock.now();
    let dashboard = settings.notify.dashboard.as_deref();
    let unique = Uuid::new_v4().simple().to_string();
    let message = test_notification(endpoint, dashboard, &unique, now);
    let (status, error) = match sender.send(endpoint, &message, now).await {
        SendOutcome::Delivered { status } => (status, None),
        SendOutcome::Gone => (
            Some(410),
            Some("the receiver answered 410: it wants nothing any more".to_owned()),
        ),
        SendOutcome::Failed { status, error, .. } => (status, Some(error)),
    };
    let place = endpoint.place();
    if let Some(error) = error {
        if json {
            let value =
                json!({ "name": name, "delivered": false, "status": status, "error": error });
            show(json, &value, "")?;
        }
        return Err(AppError::Command(format!("{name} ({place}): {error}")));
    }
    let after = status.map_or_else(String::new, |status| format!(" ({status})"));
    let value = json!({ "name": name, "delivered": true, "status": status, "id": message.id });
    show(json, &value, &format!("{name} ({place}): delivered{after}"))?;
    enable(settings, name).await
}

/// Sends to the endpoint again, if it was disabled, what happens from now on.
async fn enable(settings: &Settings, name: &str) -> Result<(), AppError> {
    let Some(opened) = open_if_there(settings).await? else {
        return Ok(());
    };
    let store = opened.port();
    let all = store.endpoints().await?;
    let known = all.into_iter().find(|known| known.name == name);
    if let Some(known) = known.filter(|known| known.disabled.is_some()) {
        let last = store.last_event().await?;
        let action = NotifyAction::Enable {
            endpoint: name.to_owned(),
            cursor: Some(last),
        };
        act(&*store, action).await?;
        tell(&format!("{name} was disabled, and is enabled again."))?;
        if known.cursor < last {
            tell(&format!(
                "It was not told what happened after event {0}: `issuecommand notify replay {name} --since {0}` sends it.",
                known.cursor
            ))?;
        }
    }
    opened.close().await;
    Ok(())
}
