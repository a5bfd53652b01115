//! Text output of keys for their operator. It contains neither secrets nor their digests.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyState};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use serde_json::{Value, json};

/// A short text of what a key may do.
pub(super) fn rights(key: &AccessKey) -> String {
    let what = if key.read_only {
        "it may look and change nothing"
    } else {
        "it may look and change things"
    };
    let who = match &key.agent {
        Some(agent) => format!(", as agent {:?} alone", agent.as_str()),
        None => String::new(),
    };
    let place = match repos(key) {
        Some(repos) => format!(", in {} alone", repos.join(", ")),
        None => String::new(),
    };
    let end = match key.expires_at {
        Some(end) => format!(", until {}", end.as_github()),
        None => String::new(),
    };
    format!("{what}{who}{place}{end}")
}

pub(super) fn table(keys: &[AccessKey], now: Timestamp) -> String {
    if keys.is_empty() {
        return "There are no keys. issuecommand key create makes one.\n".to_owned();
    }
    let head = [
        "NAME", "ID", "AGENT", "RIGHTS", "REPOS", "CREATED", "EXPIRES", "STATE",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(keys.iter().map(|key| row(key, now)));
    let wide = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(wide).collect();
    let line = |row: &[String; 8]| {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", line.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(key: &AccessKey, now: Timestamp) -> [String; 8] {
    let day = |moment: Timestamp| moment.as_github();
    let any = || "any".to_owned();
    [
        key.name.to_string(),
        key.id.clone(),
        key.agent.as_ref().map_or_else(any, ToString::to_string),
        if key.read_only { "read" } else { "change" }.to_owned(),
        repos(key).map_or_else(|| "all".to_owned(), |repos| repos.join(",")),
        // Whole seconds suffice for people.
        day(Timestamp(key.created_at.0 / 1000 * 1000)),
        key.expires_at.map_or_else(
            || "never".to_owned(),
            |end| day(Timestamp(end.0 / 1000 * 1000)),
        ),
        state(key, now).to_owned(),
    ]
}

pub(super) fn json(keys: &[AccessKey], now: Timestamp) -> String {
    let moment = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string());
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| {
            json!({
                "id": key.id,
                "name": key.name.as_str(),
                "agent_id": key.agent.as_ref().map(AgentId::as_str),
                "read_only": key.read_only,
                "repos": repos(key),
                "created_at": key.created_at.to_string(),
                "expires_at": moment(key.expires_at),
                "revoked_at": moment(key.revoked_at),
                "state": state(key, now),
            })
        })
        .collect();
    format!("{:#}\n", Value::Array(keys))
}

fn repos(key: &AccessKey) -> Option<Vec<&str>> {
    match &key.scope {
        Scope::All => None,
        Scope::Only(repos) => Some(repos.iter().map(RepoName::as_str).collect()),
    }
}

fn state(key: &AccessKey, now: Timestamp) -> &'static str {
    match key.state(now) {
        KeyState::Good => "good",
        KeyState::Expired => "expired",
        KeyState::Revoked => "revoked",
    }
}
