//! `issuecommand notify replay`.

use clap::Args;
use issuecommand_core::domain::event::Seq;
use issuecommand_core::engine::command::NotifyAction;
use issuecommand_core::ports::store::Store;
use serde_json::json;

use super::{CommonArgs, act, open, show, unknown};
use crate::error::AppError;
use crate::settings::Settings;

/// What to send once more.
#[derive(Args, Clone, Debug)]
pub(super) struct ReplayArgs {
    /// The id of a notification; with --since the name of an endpoint
    what: String,
    /// To this endpoint alone
    #[arg(long, value_name = "NAME", conflicts_with = "since")]
    endpoint: Option<String>,
    /// All that happened after this event, with the same ids
    #[arg(long, value_name = "EVENT_ID", value_parser = clap::value_parser!(i64).range(0..))]
    since: Option<Seq>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

pub(super) async fn run(settings: &Settings, args: ReplayArgs) -> Result<(), AppError> {
    let opened = open(settings).await?;
    let store = opened.port();
    let done = match args.since {
        Some(since) => all(&*store, &args.what, since, args.common.json).await,
        None => {
            one(
                &*store,
                &args.what,
                args.endpoint.as_deref(),
                args.common.json,
            )
            .await
        }
    };
    opened.close().await;
    done
}

async fn all(store: &dyn Store, name: &str, since: Seq, json: bool) -> Result<(), AppError> {
    let endpoints = store.endpoints().await?;
    if endpoints.iter().all(|known| known.name != name) {
        return Err(unknown(
            endpoints.iter().map(|known| known.name.as_str()),
            name,
        ));
    }
    let (oldest, last) = (store.oldest_event().await?, store.last_event().await?);
    if since > last {
        let words =
            format!("event {since} is none of this log: the latest is {last}; nothing was changed");
        return Err(AppError::Command(words));
    }
    let from = since.max(oldest - 1);
    let action = NotifyAction::Enable {
        endpoint: name.to_owned(),
        cursor: Some(from),
    };
    act(store, action).await?;
    let missing = if from > since {
        format!(" Events before {oldest} are not kept any more.")
    } else {
        String::new()
    };
    let value = json!({ "endpoint": name, "after_event_id": from.to_string() });
    show(
        json,
        &value,
        &format!("{name} is sent what happened after event {from}.{missing}"),
    )
}

async fn one(
    store: &dyn Store,
    id: &str,
    endpoint: Option<&str>,
    json: bool,
) -> Result<(), AppError> {
    let mut again = Vec::new();
    for known in store.endpoints().await? {
        let key = (known.name.clone(), id.to_owned());
        if endpoint.is_none_or(|name| name == known.name)
            && store.notification(&key).await?.is_some()
        {
            act(store, NotifyAction::Replay(key)).await?;
            again.push(known);
        }
    }
    if again.is_empty() {
        return Err(AppError::Command(format!(
            "no notification has the id {id:?}; issuecommand notify deliveries lists them"
        )));
    }
    let disabled = again.iter().find(|known| known.disabled.is_some());
    let hint = disabled.map_or_else(String::new, |known| {
        format!(
            " {0} is disabled: `issuecommand notify test {0}` enables it.",
            known.name
        )
    });
    let names: Vec<&str> = again.iter().map(|known| known.name.as_str()).collect();
    let value = json!({ "id": id, "endpoints": names });
    show(
        json,
        &value,
        &format!("{id} is sent once more to {}.{hint}", names.join(", ")),
    )
}
