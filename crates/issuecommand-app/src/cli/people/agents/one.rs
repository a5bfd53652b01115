//! One agent: its sessions, what it holds, what it did.

use std::fmt::Write as _;

use issuecommand_core::domain::id::AgentId;
use issuecommand_wire::call::GetAgent;
use serde_json::Value;

use crate::cli::people::channel::Given;
use crate::cli::people::failure::Failure;
use crate::cli::people::output::{Look, Output};
use crate::cli::people::{Here, events, status};
use crate::text::{length, one_line};

/// How many events are shown.
const EVENTS: u32 = 20;

pub(super) async fn run(here: &Here, agent: &AgentId) -> Result<(), Failure> {
    let given = Given::new()
        .with("agent_id", agent.as_str())
        .with("limit", EVENTS);
    let answer = here.channel.call::<GetAgent>(given).await;
    let answer = answer.map_err(|failure| {
        if failure.is("not_found") {
            failure.hint("Who was heard: issuecommand agents")
        } else {
            failure
        }
    })?;
    if here.output.json {
        return here.output.document(&answer);
    }
    here.output.result(&shown(&answer, &here.output))?;
    here.output.tell_warnings(&answer);
    Ok(())
}

pub(in crate::cli::people) fn shown(answer: &Value, output: &Output) -> String {
    let agent = &answer["agent"];
    let word = |of: &Value, name: &str| one_line(of[name].as_str().unwrap_or_default());
    let heard = agent["last_seen"].as_str().unwrap_or_default();
    let heard = match output.screen {
        Some(_) => format!("heard {} ago", length(output.age(heard))),
        None => format!("heard {heard}"),
    };
    let name = output.look(Look::Bold, &word(agent, "agent_id"));
    let client = [word(agent, "client"), word(agent, "client_version")].join(" ");
    let mut text = format!("{name}  {}  {heard}\n", client.trim());
    let halted = &agent["halted"];
    if halted.is_object() {
        let note = word(halted, "note");
        let note = if note.is_empty() {
            note
        } else {
            format!(": {note}")
        };
        let line = format!(
            "{} by {} since {}{note}",
            word(halted, "state"),
            word(halted, "by"),
            output.moment(&word(halted, "since"))
        );
        let _ = write!(text, "  {}\n", output.look(Look::Warn, &line));
    }
    let counts = &answer["counts"];
    if counts.is_object() {
        let number = |name: &str| counts[name].as_u64().unwrap_or(0);
        let _ = write!(
            text,
            "  {} taken, {} merged, {} given back, {} gone stale\n",
            number("claimed"),
            number("merged"),
            number("released"),
            number("stale")
        );
    }
    for session in agent["sessions"].as_array().into_iter().flatten() {
        let state = if session["alive"] == true {
            "alive"
        } else {
            "away"
        };
        let _ = write!(
            text,
            "  session {}  {} {}  {state}, heard {}\n",
            word(session, "session_id"),
            word(session, "client"),
            word(session, "transport"),
            output.moment(&word(session, "last_seen"))
        );
    }
    let working = answer["working"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if !working.is_empty() {
        let mut table = status::working_table();
        for claim in working {
            status::working_row(&mut table, claim, output);
        }
        let _ = write!(
            text,
            "\n{}\n{}",
            output.look(Look::Bold, "HOLDS"),
            table.render_bare(output.screen)
        );
    }
    let lately: String = answer["events"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|event| events::line(event, output))
        .collect();
    if !lately.is_empty() {
        let _ = write!(
            text,
            "\n{}\n{lately}",
            output.look(Look::Bold, "WHAT IT DID")
        );
    }
    text
}
