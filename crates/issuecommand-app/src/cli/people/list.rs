//! `issuecommand list`: who holds what.

pub(super) mod queue;

use clap::Args;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::call::GetAllClaims;
use serde_json::{Value, json};

use super::channel::Given;
use super::claims::Claim;
use super::failure::Failure;
use super::output::{Look, Output};
use super::reference::RepoReference;
use super::table::{Cell, Column, Give, Table};
use super::{Common, Here};
use crate::text::length;

/// How many lines a terminal gets if nothing else is said.
const LINES: usize = 50;

/// Which of them.
#[derive(Args, Clone, Debug)]
pub struct ListArgs {
    /// What is handed out next, instead of what is held
    #[arg(long, group = "state")]
    ready: bool,
    /// What is neither held nor handed out, with the first reason
    #[arg(long, group = "state")]
    blocked: bool,
    /// All open issues
    #[arg(long, group = "state")]
    all: bool,
    /// Of --blocked and --all: only those with this reason: blocked_by, needs_human, assigned …
    #[arg(long, value_name = "CODE", value_parser = reason, conflicts_with = "ready")]
    reason: Option<String>,
    /// Only stale ones: their agents gave no sign of life
    #[arg(long, group = "state")]
    stale: bool,
    /// Only yours
    #[arg(long, conflicts_with = "agent")]
    mine: bool,
    /// Only this agent's
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    /// Only those of this repository
    #[arg(long, value_name = "REPO")]
    repo: Option<RepoReference>,
    /// Only those with all of these labels, comma separated
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    label: Vec<String>,
    /// How many at most [default: 50 on a terminal, else all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    #[command(flatten)]
    pub(super) common: Common,
}

impl ListArgs {
    fn limit(&self, output: &Output) -> usize {
        let said = self.limit.and_then(|limit| usize::try_from(limit).ok());
        said.unwrap_or(if output.screen.is_some() {
            LINES
        } else {
            usize::MAX
        })
    }
}

pub(super) async fn run(here: &Here, args: ListArgs) -> Result<(), Failure> {
    let repo = match &args.repo {
        Some(repo) => Some(repo.find(&here.channel).await?),
        None => None,
    };
    let agent = if args.mine {
        Some(&here.person)
    } else {
        args.agent.as_ref()
    };
    let state = match (args.ready, args.blocked || args.reason.is_some(), args.all) {
        (true, ..) => Some("ready"),
        (_, _, true) => Some("all"),
        (_, true, _) => Some("blocked"),
        _ => None,
    };
    if let Some(state) = state {
        return queue::run(here, &args, state, repo.as_ref(), agent).await;
    }
    let given = Given::new()
        .maybe("repo", repo.as_ref().map(RepoName::as_str))
        .maybe("agent_id", agent.map(AgentId::as_str))
        .maybe("status", args.stale.then_some("stale"));
    let mut answer = here.channel.call::<GetAllClaims>(given).await?;
    let claims = match answer["claims"].take() {
        Value::Array(claims) => claims,
        _ => Vec::new(),
    };
    let mut claims: Vec<Value> = claims
        .into_iter()
        .filter(|claim| has_labels(claim, &args.label))
        .collect();
    let total = claims.len();
    claims.truncate(args.limit(&here.output));
    if here.output.json {
        if claims.len() < total {
            answer["total"] = json!(total);
        }
        answer["claims"] = claims.into();
        return here.output.document(&answer);
    }
    let shown = claims.len();
    here.output
        .table(&table(&claims, &here.output), "no agent holds an issue")?;
    here.output.tell_warnings(&answer);
    if shown < total {
        here.output
            .tell(&format!("{shown} of {total}; --limit shows more"));
    }
    Ok(())
}

fn reason(text: &str) -> Result<String, String> {
    let codes = ReasonCode::ALL.map(ReasonCode::as_str);
    let known = codes.contains(&text).then(|| text.to_owned());
    known.ok_or_else(|| format!("the reasons are {}", codes.join(", ")))
}

fn has_labels(claim: &Value, wanted: &[String]) -> bool {
    let labels: Vec<&str> = claim["issue_labels"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    wanted
        .iter()
        .map(|label| label.trim())
        .all(|label| labels.iter().any(|own| own.eq_ignore_ascii_case(label)))
}

const COLUMNS: &[Column] = &[
    Column::new("ISSUE", Give::Front(12)),
    Column::new("AGENT", Give::End(10)),
    Column::new("STATUS", Give::Never),
    Column::right("FOR"),
    Column::right("LIFE"),
    Column::new("TITLE", Give::End(10)),
];

pub(super) fn table(claims: &[Value], output: &Output) -> Table {
    let mut table = Table::new(COLUMNS);
    for claim in claims.iter().map(Claim::read) {
        let look = match claim.status.as_str() {
            "stale" => Look::Warn,
            "pr_merged" => Look::Good,
            _ => Look::Plain,
        };
        let age = |of: &str| Cell::of(length(output.age(of)), of);
        table.row(vec![
            Cell::new(claim.issue()),
            Cell::new(&claim.agent_id),
            Cell::of(claim.status_words(), &claim.status).look(look),
            age(&claim.claimed_at),
            age(&claim.last_updated),
            Cell::new(&claim.issue_title),
        ]);
    }
    table
}
