//! `issuecommand followups`: the feedback that waits or is worked on.

use clap::Args;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::call::GetFollowups;
use serde_json::Value;

use super::channel::Given;
use super::failure::Failure;
use super::output::{Look, Output};
use super::reference::RepoReference;
use super::table::{Cell, Column, Give, Table};
use super::{Common, Here};
use crate::text::length;

/// Which of them.
#[derive(Args, Clone, Debug)]
pub struct FollowupsArgs {
    /// Only those of this repository
    #[arg(long, value_name = "REPO")]
    repo: Option<RepoReference>,
    /// Only what this agent works on
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) async fn run(here: &Here, args: FollowupsArgs) -> Result<(), Failure> {
    let repo = match &args.repo {
        Some(repo) => Some(repo.find(&here.channel).await?),
        None => None,
    };
    let given = Given::new()
        .maybe("repo", repo.as_ref().map(RepoName::as_str))
        .maybe(
            "claimed_by_agent_id",
            args.agent.as_ref().map(AgentId::as_str),
        );
    let answer = here.channel.call::<GetFollowups>(given).await?;
    if here.output.json {
        return here.output.document(&answer);
    }
    let items = answer["followups"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    here.output
        .table(&table(items, &here.output), "no feedback waits")?;
    here.output.tell_warnings(&answer);
    Ok(())
}

const COLUMNS: &[Column] = &[
    Column::new("PULL REQUEST", Give::Front(12)),
    Column::new("STATUS", Give::Never),
    Column::new("AGENT", Give::End(10)),
    Column::right("WAITS"),
    Column::new("FEEDBACK", Give::End(10)),
];

pub(super) fn table(items: &[Value], output: &Output) -> Table {
    let mut table = Table::new(COLUMNS);
    for item in items {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let status = text("status");
        let look = if status == "stale" {
            Look::Warn
        } else {
            Look::Plain
        };
        let (owner, preferred) = (text("claimed_by_agent_id"), text("preferred_agent_id"));
        let agent = match (owner, preferred, status) {
            (owner, _, "claimed" | "in_progress" | "stale") if !owner.is_empty() => {
                Cell::new(owner)
            }
            (_, "", _) => Cell::of("for anybody", ""),
            (_, preferred, _) => Cell::of(format!("for {preferred}"), ""),
        };
        table.row(vec![
            Cell::new(format!("{}!{}", text("repo"), item["pr_number"])),
            Cell::of(status.replace('_', " "), status).look(look),
            agent,
            Cell::of(length(output.age(text("created_at"))), text("created_at")),
            Cell::new(text("summary")),
        ]);
    }
    table
}
