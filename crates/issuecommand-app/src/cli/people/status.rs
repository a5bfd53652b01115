//! `issuecommand status`: what needs a person, who is at work, what comes next.

use std::fmt::Write as _;

use clap::Args;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::call::GetOverview;
use serde_json::Value;

use super::channel::Given;
use super::failure::Failure;
use super::output::{Look, Output};
use super::reference::RepoReference;
use super::table::{Cell, Column, Give, Table};
use super::{Common, Here, events};
use crate::text::{length, one_line};

/// How many lines of each kind a terminal gets.
const LINES: usize = 10;

/// Of which repository or agent.
#[derive(Args, Clone, Debug)]
pub struct StatusArgs {
    /// Only of this repository
    #[arg(long, value_name = "REPO")]
    repo: Option<RepoReference>,
    /// Only of this agent
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) async fn run(here: &Here, args: StatusArgs) -> Result<(), Failure> {
    let repo = match &args.repo {
        Some(repo) => Some(repo.find(&here.channel).await?),
        None => None,
    };
    let given = Given::new()
        .maybe("repo", repo.as_ref().map(RepoName::as_str))
        .maybe("agent_id", args.agent.as_ref().map(AgentId::as_str));
    let answer = here.channel.call::<GetOverview>(given).await?;
    if here.output.json {
        return here.output.document(&answer);
    }
    let overview = &answer["overview"];
    here.output
        .result(&shown(overview, &here.channel.place(), &here.output))?;
    here.output.tell_warnings(&answer);
    Ok(())
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// For people the whole picture; for programs what needs a person, a line each.
pub(super) fn shown(overview: &Value, place: &str, output: &Output) -> String {
    if output.screen.is_none() {
        return needs(overview).render(None);
    }
    let mut text = format!("{}\n", head(overview, place, output));
    let section = |text: &mut String, name: &str, table: &Table, total: u64, shown: usize| {
        if table.is_empty() {
            return;
        }
        let _ = write!(
            text,
            "\n{}\n{}",
            output.look(Look::Bold, name),
            table.render_bare(output.screen)
        );
        if total > shown as u64 {
            let _ = write!(text, "{shown} of {total}\n");
        }
    };
    let total = overview["needs_person"]["total"].as_u64().unwrap_or(0);
    let shown = list(&overview["needs_person"], "items").len();
    section(&mut text, "NEEDS YOU", &needs(overview), total, shown);
    let total = overview["work"]["total"].as_u64().unwrap_or(0);
    let shown = list(&overview["work"], "claims").len().min(LINES);
    section(&mut text, "AT WORK", &work(overview, output), total, shown);
    section(&mut text, "NEXT", &next(overview, output), 0, 0);
    let lately: String = list(overview, "events")
        .iter()
        .take(5)
        .map(|event| events::line(event, output))
        .collect();
    if !lately.is_empty() {
        let _ = write!(text, "\n{}\n{lately}", output.look(Look::Bold, "LATELY"));
    }
    text
}

/// The numbers in one line.
fn head(overview: &Value, place: &str, output: &Output) -> String {
    let counts = &overview["counts"];
    let number = |name: &str| counts[name].as_u64().unwrap_or(0);
    let held = number("working") + number("in_review") + number("stale");
    let agents = number("agents");
    let mut parts = vec![
        one_line(place),
        format!("{} ready", number("ready")),
        format!(
            "{held} held by {agents} agent{}",
            if agents == 1 { "" } else { "s" }
        ),
    ];
    parts.push(match number("needs_person") {
        0 => "nothing needs you".to_owned(),
        1 => output.look(Look::Warn, "1 needs you"),
        n => output.look(Look::Warn, &format!("{n} need you")),
    });
    if number("feedback_waiting") > 0 {
        parts.push(format!("{} with feedback", number("feedback_waiting")));
    }
    let github = overview["github"]["remaining"]
        .as_i64()
        .map(|left| format!("GitHub {left} left"));
    let synced = overview["last_github_sync_at"].as_str();
    let synced = synced.map(|at| format!("synced {} ago", length(output.age(at))));
    let github: Vec<String> = github.into_iter().chain(synced).collect();
    if !github.is_empty() {
        parts.push(github.join(", "));
    }
    parts.join(" · ")
}

const NEEDS: &[Column] = &[
    Column::new("WHAT", Give::Front(12)),
    Column::new("KIND", Give::Never),
    Column::new("MESSAGE", Give::End(20)),
    Column::new("NEXT", Give::End(20)),
];

fn needs(overview: &Value) -> Table {
    let mut table = Table::new(NEEDS);
    for item in list(&overview["needs_person"], "items") {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let number = |name: &str, sign: char| {
            item[name]
                .as_i64()
                .map(|n| format!("{}{sign}{n}", text("repo")))
        };
        let what = number("issue_number", '#').or_else(|| number("pr_number", '!'));
        let what = what.unwrap_or_else(|| {
            if text("repo").is_empty() {
                text("agent_id").to_owned()
            } else {
                text("repo").to_owned()
            }
        });
        table.row(vec![
            Cell::new(what),
            Cell::of(text("kind").replace('_', " "), text("kind")).look(Look::Warn),
            Cell::new(text("message")),
            Cell::new(text("command")),
        ]);
    }
    table
}

const WORK: &[Column] = &[
    Column::new("ISSUE", Give::Front(12)),
    Column::new("AGENT", Give::End(10)),
    Column::new("STATUS", Give::Never),
    Column::right("FOR"),
    Column::right("LIFE"),
    Column::new("TITLE", Give::End(10)),
];

/// A line of what an agent holds.
pub(super) fn working_row(table: &mut Table, claim: &Value, output: &Output) {
    let text = |name: &str| claim[name].as_str().unwrap_or_default();
    let status = text("status");
    let mut words = status.replace('_', " ");
    if let Some(number) = claim["pr_number"]
        .as_i64()
        .filter(|_| status.starts_with("pr_"))
    {
        words = format!("{words} !{number}");
    }
    let look = if status == "stale" {
        Look::Warn
    } else {
        Look::Plain
    };
    let age = |name: &str| Cell::of(length(output.age(text(name))), text(name));
    table.row(vec![
        Cell::new(format!("{}#{}", text("repo"), claim["issue_number"])),
        Cell::new(text("agent_id")),
        Cell::of(words, status).look(look),
        age("since"),
        age("last_sign_of_life"),
        Cell::new(text("title")),
    ]);
}

/// A table of what agents hold.
pub(super) fn working_table() -> Table {
    Table::new(WORK)
}

fn work(overview: &Value, output: &Output) -> Table {
    let mut table = working_table();
    for claim in list(&overview["work"], "claims").iter().take(LINES) {
        working_row(&mut table, claim, output);
    }
    table
}

const NEXT: &[Column] = &[
    Column::new("ISSUE", Give::Front(12)),
    Column::new("PRIORITY", Give::Never),
    Column::right("WAITS"),
    Column::new("TITLE", Give::End(10)),
];

fn next(overview: &Value, output: &Output) -> Table {
    let mut table = Table::new(NEXT);
    for issue in list(overview, "next") {
        let text = |name: &str| issue[name].as_str().unwrap_or_default();
        table.row(vec![
            Cell::new(format!("{}#{}", text("repo"), issue["issue_number"])),
            Cell::new(text("priority")),
            Cell::of(length(output.age(text("waits_since"))), text("waits_since")),
            Cell::new(text("title")),
        ]);
    }
    table
}
