//! Issues that nobody holds: the queue, and what is not handed out.

use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::call::ListIssues;
use serde_json::{Value, json};

use super::ListArgs;
use crate::cli::people::Here;
use crate::cli::people::channel::Given;
use crate::cli::people::failure::Failure;
use crate::cli::people::output::{Look, Output};
use crate::cli::people::table::{Cell, Column, Give, Table};
use crate::text::length;

/// How many are read at once.
const PAGE: usize = 200;

/// Lists the issues in this state: `ready`, `blocked` or `all`.
pub(super) async fn run(
    here: &Here,
    args: &ListArgs,
    state: &str,
    repo: Option<&RepoName>,
    agent: Option<&AgentId>,
) -> Result<(), Failure> {
    let labels = (!args.label.is_empty()).then(|| args.label.join(","));
    let given = Given::new()
        .with("state", state)
        .maybe("repo", repo.map(RepoName::as_str))
        .maybe("agent_id", agent.map(AgentId::as_str))
        .maybe("label", labels)
        .maybe("reason", args.reason.as_deref());
    let most = args.limit(&here.output);
    let (mut issues, mut cursor): (Vec<Value>, Option<String>) = (Vec::new(), None);
    let mut document = loop {
        let left = PAGE.min(most - issues.len());
        let given = given
            .clone()
            .with("limit", left)
            .maybe("cursor", cursor.take());
        let mut page = here.channel.call::<ListIssues>(given).await?;
        if let Value::Array(rows) = page["issues"].take() {
            issues.extend(rows);
        }
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() || issues.len() >= most {
            break page;
        }
    };
    let total = document["total"].as_u64().unwrap_or(issues.len() as u64);
    let shown = issues.len();
    if here.output.json {
        document["issues"] = issues.into();
        return here.output.document(&document);
    }
    let none = match state {
        "ready" => "no issue is ready; issuecommand explain says why",
        _ => "there is no such issue",
    };
    here.output.table(&table(&issues, &here.output), none)?;
    here.output.tell_warnings(&document);
    if (shown as u64) < total {
        let more = if document["at_least"] == json!(true) {
            " or more"
        } else {
            ""
        };
        here.output
            .tell(&format!("{shown} of {total}{more}; --limit shows more"));
    }
    Ok(())
}

const COLUMNS: &[Column] = &[
    Column::new("ISSUE", Give::Front(12)),
    Column::new("PRIORITY", Give::Never),
    Column::new("STATE", Give::End(10)),
    Column::right("WAITS"),
    Column::new("TITLE", Give::End(10)),
];

pub(in crate::cli::people) fn table(issues: &[Value], output: &Output) -> Table {
    let mut table = Table::new(COLUMNS);
    for issue in issues {
        let text = |name: &str| issue[name].as_str().unwrap_or_default();
        let (state, look) = state(issue);
        table.row(vec![
            Cell::new(format!("{}#{}", text("repo"), issue["issue_number"])),
            Cell::new(text("priority")),
            Cell::of(state, text("state")).look(look),
            Cell::of(length(output.age(text("waits_since"))), text("waits_since")),
            Cell::new(text("title")),
        ]);
    }
    table
}

/// Whether an issue is ready, who holds it, or the first thing that stands against it.
fn state(issue: &Value) -> (String, Look) {
    let text = |name: &str| issue[name].as_str().unwrap_or_default();
    match text("state") {
        "ready" => ("ready".to_owned(), Look::Good),
        "held" => (format!("held by {}", text("agent_id")), Look::Plain),
        other => {
            let first = issue["not_ready"][0]["words"].as_str();
            (first.unwrap_or(other).to_owned(), Look::Warn)
        }
    }
}
