//! `issuecommand notify deliveries`.

use clap::Args;
use issuecommand_core::domain::notification::{Notification, NotificationState};
use issuecommand_core::ports::notifications::NotificationFilter;
use serde_json::{Value, json};

use super::{CommonArgs, open, table};
use crate::error::AppError;
use crate::output::print;
use crate::settings::Settings;

/// Which notifications to list.
#[derive(Args, Clone, Debug)]
pub(super) struct DeliveriesArgs {
    /// Of this endpoint alone
    name: Option<String>,
    /// In this state alone: waiting, delivered or failed
    #[arg(long, value_parser = state)]
    state: Option<NotificationState>,
    /// How many, the latest
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

fn state(text: &str) -> Result<NotificationState, String> {
    NotificationState::parse(text).ok_or_else(|| "it is waiting, delivered or failed".to_owned())
}

pub(super) async fn run(settings: &Settings, args: DeliveriesArgs) -> Result<(), AppError> {
    let opened = open(settings).await?;
    let filter = NotificationFilter {
        endpoint: args.name,
        state: args.state,
        limit: args.limit,
    };
    let found = opened.port().notifications(&filter).await?;
    opened.close().await;
    let text = if args.common.json {
        let found: Vec<Value> = found.iter().map(value).collect();
        format!("{:#}\n", json!({ "deliveries": found }))
    } else if found.is_empty() {
        "There are no notifications.\n".to_owned()
    } else {
        let head = [
            "MADE", "ENDPOINT", "TYPE", "STATE", "STATUS", "TRIES", "ID", "ERROR",
        ];
        table(head, found.iter().map(cells).collect())
    };
    print(&text)
}

fn cells(row: &Notification) -> [String; 8] {
    let state = match row.state {
        NotificationState::Waiting if row.attempts > 0 => {
            format!("waiting until {}", row.due.as_github())
        }
        state => state.as_str().to_owned(),
    };
    [
        row.created_at.as_github(),
        row.endpoint.clone(),
        row.kind.clone(),
        state,
        row.status
            .map(|status| status.to_string())
            .unwrap_or_default(),
        row.attempts.to_string(),
        row.id.clone(),
        row.error.clone().unwrap_or_default(),
    ]
}

fn value(row: &Notification) -> Value {
    let is_waiting = row.state == NotificationState::Waiting;
    json!({
        "id": row.id,
        "endpoint": row.endpoint,
        "type": row.kind,
        "state": row.state.as_str(),
        "attempts": row.attempts,
        "due_at": is_waiting.then(|| row.due.to_string()),
        "status": row.status,
        "error": row.error,
        "created_at": row.created_at.to_string(),
        "ended_at": row.ended_at.map(|at| at.to_string()),
        "content": serde_json::from_str::<Value>(&row.content).unwrap_or_default(),
    })
}
