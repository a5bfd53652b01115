//! `issuecommand notify list`.

use issuecommand_core::domain::notification::{Endpoint, NotificationState};
use issuecommand_core::ports::notifications::NotificationFilter;
use issuecommand_notify::EndpointSettings;
use serde_json::{Value, json};

use super::{open_if_there, table};
use crate::composition::AnyStore;
use crate::error::AppError;
use crate::output::{print, tell};
use crate::settings::Settings;

/// How many notifications of an endpoint are counted.
const COUNTED: u32 = 10_000;

/// An endpoint of the settings or of the database.
struct Line<'a> {
    name: &'a str,
    kind: &'a str,
    settings: Option<&'a EndpointSettings>,
    known: Option<&'a Endpoint>,
    waiting: usize,
    failed: usize,
}

pub(super) async fn run(settings: &Settings, json: bool) -> Result<(), AppError> {
    let opened = open_if_there(settings).await?;
    let store = opened.as_ref().map(AnyStore::port);
    let known = match &store {
        Some(store) => store.endpoints().await?,
        None => Vec::new(),
    };
    let all = &settings.notify.endpoints;
    let mut lines: Vec<Line<'_>> = all
        .iter()
        .map(|one| Line {
            name: &one.name,
            kind: one.kind,
            settings: Some(one),
            known: known.iter().find(|known| known.name == one.name),
            waiting: 0,
            failed: 0,
        })
        .collect();
    let others = known
        .iter()
        .filter(|known| all.iter().all(|one| one.name != known.name));
    lines.extend(others.map(|known| Line {
        name: &known.name,
        kind: &known.kind,
        settings: None,
        known: Some(known),
        waiting: 0,
        failed: 0,
    }));
    if let Some(store) = &store {
        for line in &mut lines {
            let count = async |state| {
                let filter = NotificationFilter {
                    endpoint: Some(line.name.to_owned()),
                    state: Some(state),
                    limit: COUNTED,
                };
                store.notifications(&filter).await.map(|found| found.len())
            };
            let waiting = count(NotificationState::Waiting).await?;
            let failed = count(NotificationState::Failed).await?;
            (line.waiting, line.failed) = (waiting, failed);
        }
    }
    let text = if json {
        let lines: Vec<Value> = lines.iter().map(value).collect();
        format!(
            "{:#}\n",
            json!({ "endpoints": lines, "unusable": settings.notify.unusable })
        )
    } else if lines.is_empty() {
        "Nobody is told anything. issuecommand notify add makes an endpoint.\n".to_owned()
    } else {
        let head = [
            "NAME", "KIND", "PLACE", "ON", "REPOS", "STATE", "WAITING", "FAILED",
        ];
        table(head, lines.iter().map(cells).collect())
    };
    if let Some(opened) = opened {
        opened.close().await;
    }
    print(&text)?;
    if !json {
        for words in &settings.notify.unusable {
            tell(words)?;
        }
    }
    Ok(())
}

fn state(line: &Line<'_>) -> String {
    match (line.settings, line.known) {
        (
            _,
            Some(Endpoint {
                disabled: Some((at, why)),
                ..
            }),
        ) => {
            format!("disabled since {}: {why}", at.as_github())
        }
        (None, _) => "not in these settings".to_owned(),
        (Some(_), None) => "new".to_owned(),
        (Some(_), Some(_)) => "on".to_owned(),
    }
}

fn words(line: &Line<'_>) -> Vec<String> {
    line.settings
        .map(|settings| settings.on.words())
        .unwrap_or_default()
}

fn repos(line: &Line<'_>) -> Vec<String> {
    let repos = line.settings.map(|settings| settings.on.repos.iter());
    repos
        .into_iter()
        .flatten()
        .map(ToString::to_string)
        .collect()
}

fn cells(line: &Line<'_>) -> [String; 8] {
    let repos = repos(line);
    [
        line.name.to_owned(),
        line.kind.to_owned(),
        line.settings
            .map(EndpointSettings::place)
            .unwrap_or_default(),
        words(line).join(","),
        if repos.is_empty() {
            "all".to_owned()
        } else {
            repos.join(",")
        },
        state(line),
        line.waiting.to_string(),
        line.failed.to_string(),
    ]
}

fn value(line: &Line<'_>) -> Value {
    let disabled = line.known.and_then(|known| known.disabled.as_ref());
    json!({
        "name": line.name,
        "kind": line.kind,
        "place": line.settings.map(EndpointSettings::place),
        "on": words(line),
        "repos": repos(line),
        "configured": line.settings.is_some(),
        "last_event_id": line.known.map(|known| known.cursor.to_string()),
        "disabled_at": disabled.map(|(at, _)| at.to_string()),
        "disabled_why": disabled.map(|(_, why)| why),
        "waiting": line.waiting,
        "failed": line.failed,
    })
}
