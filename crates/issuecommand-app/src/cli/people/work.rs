//! What a person does about work: `offer`, `park`, `pause`, `resume`.

use clap::{ArgGroup, Args};
use issuecommand_core::domain::id::AgentId;
use issuecommand_wire::call::{OfferIssue, ParkIssue, SetWork};
use serde_json::Value;

use super::acts::done;
use super::channel::Given;
use super::failure::Failure;
use super::reference::{Reference, RepoReference};
use super::{Common, Here};
use crate::text::one_line;

/// Which issue.
#[derive(Args, Clone, Debug)]
pub struct IssueArgs {
    /// The issue: acme/web#127, web#127, its address, or 127 in a checkout
    issue: Reference,
    /// Why; agents and people read it
    #[arg(long, value_name = "TEXT", alias = "note")]
    reason: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Whose work is paused.
#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("of").required(true).args(["agent", "repo", "all"]))]
pub struct PauseArgs {
    #[command(flatten)]
    of: WorkOf,
    /// Give no new issues, but still the feedback on pull requests
    #[arg(long)]
    drain: bool,
    /// Why; agents are told it
    #[arg(long, value_name = "TEXT", alias = "note")]
    reason: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Whose work goes on.
#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("of").required(true).args(["agent", "repo", "all"]))]
pub struct ResumeArgs {
    #[command(flatten)]
    of: WorkOf,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Args, Clone, Debug)]
struct WorkOf {
    /// The work of this agent
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    /// The work in this repository
    #[arg(long, value_name = "REPO")]
    repo: Option<RepoReference>,
    /// All work
    #[arg(long)]
    all: bool,
}

pub(super) async fn offer(here: &Here, args: IssueArgs) -> Result<(), Failure> {
    let place = args.issue.find(&here.channel).await?;
    let given = Given::new()
        .with("repo", place.repo.as_str())
        .with("issue_number", place.number)
        .maybe("note", args.reason);
    let answer = here.channel.call::<OfferIssue>(given).await?;
    let readiness = &answer["readiness"];
    let line = if readiness["ready"] == true {
        format!("{place} is offered again")
    } else {
        format!(
            "{place} is not parked any more, but not offered either{}",
            first_reason(readiness)
        )
    };
    done(here, &answer, &line)
}

pub(super) async fn park(here: &Here, args: IssueArgs) -> Result<(), Failure> {
    let place = args.issue.find(&here.channel).await?;
    let why = args
        .reason
        .unwrap_or_else(|| format!("parked by {}", here.person));
    let given = Given::new()
        .with("repo", place.repo.as_str())
        .with("issue_number", place.number)
        .with("note", why);
    let answer = here.channel.call::<ParkIssue>(given).await?;
    done(
        here,
        &answer,
        &format!("{place} is parked. Undo: issuecommand offer {place}"),
    )
}

fn first_reason(readiness: &Value) -> String {
    let first = readiness["reasons"]
        .as_array()
        .and_then(|reasons| reasons.first());
    let words = first.and_then(|reason| reason["message"].as_str());
    words
        .map(|words| format!(": {}", one_line(words)))
        .unwrap_or_default()
}

pub(super) async fn pause(here: &Here, args: PauseArgs) -> Result<(), Failure> {
    let action = if args.drain { "drain" } else { "pause" };
    let (given, whose, flag) = of_work(here, &args.of).await?;
    let given = given.with("action", action).maybe("note", args.reason);
    let answer = here.channel.call::<SetWork>(given).await?;
    let how = if args.drain {
        "drained: no new issues are given"
    } else {
        "paused: nothing is given"
    };
    done(
        here,
        &answer,
        &format!("{whose} is {how}. Undo: issuecommand resume {flag}"),
    )
}

pub(super) async fn resume(here: &Here, args: ResumeArgs) -> Result<(), Failure> {
    let (given, whose, _) = of_work(here, &args.of).await?;
    let answer = here
        .channel
        .call::<SetWork>(given.with("action", "resume"))
        .await?;
    done(here, &answer, &format!("{whose} goes on"))
}

/// The work that is meant, in the words of the call, of people, and of the command line.
async fn of_work(here: &Here, of: &WorkOf) -> Result<(Given, String, String), Failure> {
    if let Some(repo) = &of.repo {
        let repo = repo.find(&here.channel).await?;
        return Ok((
            Given::new().with("repo", repo.as_str()),
            format!("work in {repo}"),
            format!("--repo {repo}"),
        ));
    }
    Ok(match &of.agent {
        Some(agent) => {
            let shown = one_line(agent.as_str());
            (
                Given::new().with("agent_id", agent.as_str()),
                format!("the work of {shown}"),
                format!("--agent {shown}"),
            )
        }
        None => (Given::new(), "all work".to_owned(), "--all".to_owned()),
    })
}
