//! `issuecommand show`: everything about one issue. `issuecommand history`: what happened to it, or lately.

use std::fmt::Write as _;

use clap::Args;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::call::{EventSelection, GetIssueHistory, LatestEvents};
use serde_json::{Value, json};

use super::channel::Given;
use super::failure::Failure;
use super::output::{Look, Output};
use super::reference::{Place, Reference, RepoReference};
use super::sentences::{sentence, subject};
use super::table::{Cell, Column, Give, Table};
use super::{Common, Here, events, followups};
use crate::text::{length, one_line};

/// How many events are shown if nothing else is said.
const EVENTS: u32 = 20;
/// How many events are read at once.
const PAGE: u32 = 200;

/// Which issue.
#[derive(Args, Clone, Debug)]
pub struct ShowArgs {
    /// The issue: acme/web#127, web#127, its address, or 127 in a checkout
    issue: Reference,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Whose history.
#[derive(Args, Clone, Debug)]
pub struct HistoryArgs {
    /// The issue: acme/web#127, web#127, its address, or 127 in a checkout. Without one: what happened lately
    issue: Option<Reference>,
    /// Only in this repository
    #[arg(long, value_name = "REPO", conflicts_with = "issue")]
    repo: Option<RepoReference>,
    /// Only of this agent
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse, conflicts_with = "issue")]
    agent: Option<AgentId>,
    /// Only these types: claim.created,followup.created
    #[arg(long, value_name = "TYPES", alias = "type", value_parser = events::types, conflicts_with = "issue")]
    types: Option<String>,
    /// How many at most, the latest ones
    #[arg(long, value_name = "N", default_value_t = EVENTS, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    pub(super) common: Common,
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn word<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

fn of_issue(place: &Place) -> Given {
    Given::new()
        .with("repo", place.repo.as_str())
        .with("issue_number", place.number)
}

pub(super) async fn show(here: &Here, args: ShowArgs) -> Result<(), Failure> {
    let place = args.issue.find(&here.channel).await?;
    let given = of_issue(&place).with("limit", EVENTS);
    let answer = here.channel.call::<GetIssueHistory>(given).await?;
    if here.output.json {
        return here.output.document(&answer);
    }
    here.output.result(&shown(&answer, &place, &here.output))?;
    here.output.tell_warnings(&answer);
    Ok(())
}

/// Everything about an issue, for people and for programs: what it is, who has it, what was tried, what happened.
pub(super) fn shown(answer: &Value, place: &Place, output: &Output) -> String {
    let issue = &answer["issue"];
    let title = one_line(word(issue, "title"));
    let mut text = format!("{}  {title}\n", output.look(Look::Bold, &place.to_string()));
    let mut field = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(text, "  {:<9} {value}\n", output.look(Look::Dim, name));
        }
    };
    field("page", &one_line(word(issue, "url")));
    field("state", &state(answer, output));
    let labels: Vec<String> = list(issue, "labels")
        .iter()
        .filter_map(Value::as_str)
        .map(one_line)
        .collect();
    field("labels", &labels.join(", "));
    if issue.is_object() {
        let why = one_line(word(issue, "priority_why"));
        field(
            "priority",
            &format!("{} ({why})", one_line(word(issue, "priority"))),
        );
    }
    field("for", &one_line(word(issue, "lane")));
    for reason in list(issue, "not_ready") {
        let code = word(reason, "reason").replace('_', " ");
        let mark = output.look(Look::Bad, "✗");
        let _ = write!(
            text,
            "  {mark} {code}: {}\n",
            one_line(word(reason, "words"))
        );
    }
    for pull in list(answer, "pulls") {
        let state = one_line(word(pull, "state"));
        let _ = write!(
            text,
            "  pull request {}!{} {state}  {}\n",
            one_line(word(pull, "repo")),
            pull["pr_number"],
            one_line(word(pull, "title"))
        );
    }
    let followups = list(answer, "followups");
    if !followups.is_empty() {
        let _ = write!(
            text,
            "\n{}\n{}",
            output.look(Look::Bold, "FEEDBACK"),
            followups::table(followups, output).render_bare(output.screen)
        );
    }
    let attempts = list(answer, "attempts");
    if !attempts.is_empty() {
        let _ = write!(text, "\n{}\n", output.look(Look::Bold, "TRIED BEFORE"));
        for attempt in attempts {
            text.push_str(&attempt_line(attempt, output));
        }
    }
    let events = list(answer, "events");
    if !events.is_empty() {
        let _ = write!(text, "\n{}\n", output.look(Look::Bold, "WHAT HAPPENED"));
        for event in events {
            text.push_str(&event_line(event, output));
        }
        if answer["next_before"].is_string() {
            let _ = write!(text, "  more: issuecommand history {place} --limit 200\n");
        }
    }
    text
}

/// Who has it, or whether it is offered.
fn state(answer: &Value, output: &Output) -> String {
    let working = &answer["working"];
    if working.is_object() {
        let client = one_line(word(working, "client"));
        let client = if client.is_empty() {
            client
        } else {
            format!(" ({client})")
        };
        let stale = match working["stale_at"].as_str() {
            Some(at) if word(working, "status") == "stale" => {
                format!(", stale since {}", output.moment(at))
            }
            Some(at) => format!(", stale at {} if silent", output.moment(at)),
            None => String::new(),
        };
        return format!(
            "held by {}{client} since {}, {}{stale}",
            one_line(word(working, "agent_id")),
            output.moment(word(working, "since")),
            word(working, "status").replace('_', " "),
        );
    }
    let issue = &answer["issue"];
    match (word(issue, "state"), issue["position"].as_u64()) {
        ("ready", Some(1)) => "ready, the next to be given".to_owned(),
        ("ready", Some(n)) => format!("ready, {} before it", n - 1),
        ("", _) => "not known here yet".to_owned(),
        (state, _) => state.replace("blocked", "not offered"),
    }
}

fn attempt_line(attempt: &Value, output: &Output) -> String {
    let how = word(attempt, "how").replace('_', " ");
    let outcome = word(attempt, "outcome").replace('_', " ");
    let outcome = if outcome.is_empty() {
        outcome
    } else {
        format!(", {outcome}")
    };
    let note = match attempt["note"].as_str() {
        Some(note) => format!(": {}", one_line(note)),
        None => String::new(),
    };
    format!(
        "  {}  {}  {how}{outcome}{note}\n",
        output.look(Look::Dim, &output.moment(word(attempt, "to"))),
        one_line(word(attempt, "agent_id")),
    )
}

fn event_line(event: &Value, output: &Output) -> String {
    let agent = one_line(word(event, "agent_id"));
    let agent = if agent.is_empty() {
        "–".to_owned()
    } else {
        agent
    };
    format!(
        "  {}  {agent}  {}\n",
        output.look(Look::Dim, &output.moment(word(event, "timestamp"))),
        sentence(event)
    )
}

pub(super) async fn history(here: &Here, args: HistoryArgs) -> Result<(), Failure> {
    let (mut found, mut before, mut rest) = (Vec::new(), None::<Value>, true);
    let place = match &args.issue {
        Some(issue) => Some(issue.find(&here.channel).await?),
        None => None,
    };
    let repo = match &args.repo {
        Some(repo) => Some(repo.find(&here.channel).await?),
        None => None,
    };
    let wanted = args.limit as usize;
    while rest && found.len() < wanted {
        let left = u32::try_from(wanted - found.len())
            .unwrap_or(PAGE)
            .min(PAGE);
        let page = match &place {
            Some(place) => {
                let given = of_issue(place)
                    .with("limit", left)
                    .maybe("before", before.take());
                here.channel.call::<GetIssueHistory>(given).await?
            }
            None => {
                let given = Given::new()
                    .with("limit", left)
                    .maybe("before", before.take())
                    .maybe("repo", repo.as_ref().map(RepoName::as_str))
                    .maybe("agent_id", args.agent.as_ref().map(AgentId::as_str))
                    .maybe("types", args.types.as_deref());
                here.channel.call::<LatestEvents>(given).await?
            }
        };
        found.extend(list(&page, "events").iter().cloned());
        before = page["next_before"]
            .as_str()
            .and_then(|id| id.parse::<i64>().ok())
            .map(Value::from);
        rest = before.is_some();
    }
    found.truncate(wanted);
    if here.output.json {
        let mut document = json!({ "events": found });
        if let Some(before) = before {
            document["next_before"] = before.to_string().into();
        }
        return here.output.document(&document);
    }
    here.output
        .table(&table(&found, &here.output), "nothing happened yet")
}

const COLUMNS: &[Column] = &[
    Column::new("WHEN", Give::Never),
    Column::new("AGENT", Give::End(10)),
    Column::new("WHERE", Give::Front(12)),
    Column::new("WHAT", Give::End(20)),
];

pub(super) fn table(events: &[Value], output: &Output) -> Table {
    let mut table = Table::new(COLUMNS);
    for event in events {
        table.row(vec![
            Cell::new(output.moment(word(event, "timestamp"))).look(Look::Dim),
            Cell::new(word(event, "agent_id")),
            Cell::new(subject(event)),
            Cell::new(sentence(event)),
        ]);
    }
    table
}
