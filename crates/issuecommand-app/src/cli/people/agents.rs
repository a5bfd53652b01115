//! `issuecommand agents`: the agents that were heard lately.

pub(super) mod one;

use clap::Args;
use issuecommand_core::domain::id::AgentId;
use issuecommand_wire::call::GetAgents;
use serde_json::Value;

use super::channel::Given;
use super::failure::Failure;
use super::output::{Look, Output};
use super::table::{Cell, Column, Give, Table};
use super::{Common, Here};
use crate::text::length;

/// Which of them.
#[derive(Args, Clone, Debug)]
pub struct AgentsArgs {
    /// Only this one: its sessions, what it holds, what it did
    #[arg(value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) async fn run(here: &Here, args: AgentsArgs) -> Result<(), Failure> {
    if let Some(agent) = &args.agent {
        return one::run(here, agent).await;
    }
    let answer = here.channel.call::<GetAgents>(Given::new()).await?;
    if here.output.json {
        return here.output.document(&answer);
    }
    let agents = answer["agents"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    here.output
        .table(&table(agents, &here.output), "no agent was heard lately")?;
    here.output.tell_warnings(&answer);
    Ok(())
}

/// Within how many milliseconds an agent was heard lately.
const LATELY: i64 = 10 * 60 * 1_000;

const COLUMNS: &[Column] = &[
    Column::new("AGENT", Give::End(10)),
    Column::new("CLIENT", Give::End(8)),
    Column::right("HEARD"),
    Column::new("STATE", Give::End(8)),
    Column::new("HOLDS", Give::End(12)),
];

pub(super) fn table(agents: &[Value], output: &Output) -> Table {
    let mut table = Table::new(COLUMNS);
    for agent in agents {
        let text = |name: &str| agent[name].as_str().unwrap_or_default();
        let client = [text("client"), text("client_version")].join(" ");
        let (state, look) = state(agent, output);
        table.row(vec![
            Cell::new(text("agent_id")),
            Cell::new(client),
            Cell::of(length(output.age(text("last_seen"))), text("last_seen")),
            Cell::new(state).look(look),
            Cell::new(holds(agent)),
        ]);
    }
    table
}

/// Whether an agent is paused, alive, or gone. One without a session is alive while it was heard lately.
fn state<'a>(agent: &'a Value, output: &Output) -> (&'a str, Look) {
    if let Some(state) = agent["halted"]["state"].as_str() {
        return (state, Look::Warn);
    }
    let sessions = agent["sessions"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let heard = output.age(agent["last_seen"].as_str().unwrap_or_default());
    let alive = match sessions {
        [] => heard < LATELY,
        some => some.iter().any(|session| session["alive"] == true),
    };
    if alive {
        ("alive", Look::Good)
    } else {
        ("away", Look::Dim)
    }
}

/// What an agent holds, in a line.
fn holds(agent: &Value) -> String {
    let held = agent["holds"].as_array().into_iter().flatten();
    let names = held.map(|held| {
        let (sign, number) = match held["issue_number"].as_i64() {
            Some(number) => ('#', number),
            None => ('!', held["pr_number"].as_i64().unwrap_or_default()),
        };
        format!(
            "{}{sign}{number}",
            held["repo"].as_str().unwrap_or_default()
        )
    });
    names.collect::<Vec<_>>().join(" ")
}
