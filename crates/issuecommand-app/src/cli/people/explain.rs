//! `issuecommand explain`: why an issue is not handed out, or why an agent gets nothing.

use std::fmt::Write as _;

use clap::Args;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::call::ExplainWork;
use serde_json::Value;

use super::channel::Given;
use super::failure::Failure;
use super::output::{Look, Output};
use super::reference::{Place, Reference, RepoReference};
use super::table::{Cell, Column, Give, Table};
use super::{Common, Here};
use crate::text::one_line;

/// What is to be explained.
#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// The issue: acme/web#127, web#127, its address, or 127 in a checkout
    issue: Option<Reference>,
    /// For this agent; without an issue: why it gets nothing
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    /// Only the issues of this repository
    #[arg(long, value_name = "REPO", conflicts_with = "issue")]
    repo: Option<RepoReference>,
    #[command(flatten)]
    pub(super) common: Common,
}

pub(super) async fn run(here: &Here, args: ExplainArgs) -> Result<(), Failure> {
    let agent = args.agent.as_ref().map(AgentId::as_str);
    let given = Given::new().maybe("agent_id", agent);
    let output = &here.output;
    if let Some(issue) = &args.issue {
        let place = issue.find(&here.channel).await?;
        let given = given
            .with("repo", place.repo.as_str())
            .with("issue_number", place.number);
        let answer = here.channel.call::<ExplainWork>(given).await?;
        if output.json {
            return output.document(&answer);
        }
        output.result(&of_issue(&answer["readiness"], &place, agent, output))?;
        output.tell_warnings(&answer);
        return Ok(());
    }
    let repo = match &args.repo {
        Some(repo) => Some(repo.find(&here.channel).await?),
        None => None,
    };
    let given = given.maybe("repo", repo.as_ref().map(RepoName::as_str));
    let answer = here.channel.call::<ExplainWork>(given).await?;
    if output.json {
        return output.document(&answer);
    }
    output.result(&of_work(&answer["explain"], agent, output))?;
    output.tell_warnings(&answer);
    Ok(())
}

const REASONS: &[Column] = &[
    Column::new("ISSUE", Give::Never),
    Column::new("REASON", Give::Never),
    Column::new("MESSAGE", Give::Never),
];

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of[name].as_array().into_iter().flatten()
}

fn word<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

/// Everything that stands against an issue, and what does not.
pub(super) fn of_issue(
    readiness: &Value,
    place: &Place,
    agent: Option<&str>,
    output: &Output,
) -> String {
    let reasons: Vec<&Value> = list(readiness, "reasons")
        .chain(list(readiness, "agent"))
        .collect();
    if output.screen.is_none() {
        let mut table = Table::new(REASONS);
        for reason in &reasons {
            table.row(vec![
                Cell::new(place.to_string()),
                Cell::new(word(reason, "reason")),
                Cell::new(word(reason, "message")),
            ]);
        }
        if reasons.is_empty() {
            table.row(vec![
                Cell::new(place.to_string()),
                Cell::new("ready"),
                Cell::default(),
            ]);
        }
        return table.render(None);
    }
    let whom = agent
        .map(|agent| format!(" to {}", one_line(agent)))
        .unwrap_or_default();
    let mut text = if reasons.is_empty() {
        let rank = one_line(word(readiness, "rank"));
        let source = one_line(word(readiness, "rank_source"));
        format!("{place} is offered{whom}. Priority {rank} ({source}).\n")
    } else {
        format!("{place} is not offered{whom}:\n")
    };
    let widest = reasons
        .iter()
        .map(|reason| word(reason, "reason").len())
        .max()
        .unwrap_or(0);
    for reason in &reasons {
        let code = word(reason, "reason");
        let mark = output.look(Look::Bad, "✗");
        let message = one_line(word(reason, "message"));
        let _ = write!(
            text,
            "  {mark} {:<widest$}  {message}\n",
            code.replace('_', " ")
        );
        if let Some(next) = mend(code, place) {
            let _ = write!(
                text,
                "    {:<widest$}  {}\n",
                "",
                output.look(Look::Dim, &next)
            );
        }
    }
    let stands: Vec<&str> = reasons
        .iter()
        .map(|reason| word(reason, "reason"))
        .collect();
    let good: Vec<&str> = ReasonCode::ALL
        .into_iter()
        .filter(|code| !stands.contains(&code.as_str()))
        .map(passed)
        .collect();
    let mark = output.look(Look::Good, "✓");
    text.push_str(&wrapped(&good, &mark, output));
    text
}

/// The checks that an issue passes, in lines that fit.
fn wrapped(checks: &[&str], mark: &str, output: &Output) -> String {
    let columns = output.screen.map_or(80, |screen| screen.columns);
    let (mut text, mut room) = (String::new(), 0);
    for check in checks {
        let wide = check.chars().count() + 4;
        if room < wide {
            text.push_str(if text.is_empty() { "  " } else { "\n  " });
            room = columns.saturating_sub(2);
        }
        let _ = write!(text, "{mark} {check}  ");
        room = room.saturating_sub(wide);
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// What a person may do about a reason.
fn mend(code: &str, place: &Place) -> Option<String> {
    Some(match code {
        "needs_human" => format!("offer it again: issuecommand offer {place}"),
        "held" => format!("who has it: issuecommand show {place}"),
        "repo_paused" | "repo_halted" => {
            format!("go on: issuecommand resume --repo {}", place.repo)
        }
        _ => return None,
    })
}

/// What is in order where a reason does not stand.
fn passed(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::Closed => "open",
        ReasonCode::RepoNotOffered => "repository offered",
        ReasonCode::RepoPaused => "not paused",
        ReasonCode::Held => "not held",
        ReasonCode::Withheld => "seen on GitHub",
        ReasonCode::UntrustedAuthor => "trusted author",
        ReasonCode::NeedsHuman => "not parked",
        ReasonCode::MergedPr => "not merged",
        ReasonCode::HasOpenPr => "no pull request",
        ReasonCode::BlockedBy => "not blocked",
        ReasonCode::HasOpenChildren => "no open sub-issues",
        ReasonCode::Assigned => "no human assignee",
        ReasonCode::ExcludedLabel => "no excluded label",
        ReasonCode::MissingLabel => "labels and type",
    }
}

/// What a reason says of several issues.
pub(super) fn several(code: &str) -> &str {
    match code {
        "closed" => "closed",
        "repo_not_offered" => "in repositories that are not offered",
        "repo_paused" => "in paused repositories",
        "held" => "held",
        "withheld" => "not confirmed by GitHub",
        "untrusted_author" => "of strangers",
        "needs_human" => "parked",
        "merged_pr" => "merged and not closed",
        "has_open_pr" => "have a pull request",
        "blocked_by" => "blocked",
        "has_open_children" => "have open sub-issues",
        "assigned" => "assigned to people",
        "excluded_label" => "excluded by a label",
        "missing_label" => "without a needed label or type",
        other => other,
    }
}

const COUNTS: &[Column] = &[
    Column::right("COUNT"),
    Column::new("REASON", Give::Never),
    Column::new("THE OLDEST", Give::End(10)),
];

/// How many issues there are, and what stands against them.
pub(super) fn of_work(why: &Value, agent: Option<&str>, output: &Output) -> String {
    let number = |name: &str| why[name].as_u64().unwrap_or(0);
    let mut table = Table::new(COUNTS);
    let mut row = |count: u64, shown: &str, code: &str, example: &str| {
        table.row(vec![
            Cell::new(count.to_string()),
            Cell::of(shown, code),
            Cell::new(example),
        ]);
    };
    row(number("ready"), "ready", "ready", "");
    for reason in list(why, "reasons") {
        let example = &reason["example"];
        let oldest = if example.is_object() {
            format!(
                "{}#{}: {}",
                word(example, "repo"),
                example["issue_number"],
                word(example, "message")
            )
        } else {
            String::new()
        };
        let code = word(reason, "reason");
        row(
            reason["count"].as_u64().unwrap_or(0),
            several(code),
            code,
            &oldest,
        );
    }
    if number("elsewhere") > 0 {
        row(
            number("elsewhere"),
            "for other agents alone",
            "elsewhere",
            "",
        );
    }
    for hindrance in list(why, "agent") {
        let code = word(hindrance, "reason");
        row(
            hindrance["count"].as_u64().unwrap_or(number("ready")),
            &code.replace('_', " "),
            code,
            word(hindrance, "message"),
        );
    }
    if output.screen.is_none() {
        return table.render(None);
    }
    let about = if why["approximate"] == true {
        "about "
    } else {
        ""
    };
    let whom = agent.map_or_else(|| "any agent".to_owned(), one_line);
    let kept = list(why, "agent")
        .map(|it| it["count"].as_u64().unwrap_or(u64::MAX))
        .fold(0, u64::saturating_add);
    let can = number("ready").saturating_sub(kept);
    let open = number("considered");
    let mut text = format!("Of {about}{open} open issues {whom} can take {can}:\n");
    text.push_str(&table.render(output.screen));
    if let Some(at) = why["next_free_at"].as_str() {
        let _ = write!(
            text,
            "The next that it gave back is offered to it at {}.\n",
            output.moment(at)
        );
    }
    text
}
