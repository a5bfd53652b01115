//! `issuecommand events`: the event log, and what happens from now on.

use clap::Args;
use issuecommand_core::domain::event::Seq;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::call::{EventSelection, ListEvents};
use serde_json::Value;

use super::channel::Given;
use super::failure::Failure;
use super::output::{Look, Output};
use super::reference::RepoReference;
use super::sentences::{sentence, subject};
use super::{Common, Here};
use crate::text::{cut, one_line, visible_json, width};

/// How many events are read at once.
const PAGE: u32 = 500;

/// From which event on, whether it goes on, and a filter. All given conditions must hold.
#[derive(Args, Clone, Debug)]
pub struct EventsArgs {
    /// Go on with what happens; without --since from now on
    #[arg(long, short)]
    follow: bool,
    /// Only events after the one with this event_id; 0: all that are kept
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(0..))]
    since: Option<Seq>,
    /// Only events of this repository
    #[arg(long, value_name = "REPO")]
    repo: Option<RepoReference>,
    /// Only events of this agent
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    /// Only events of these types: claim.created,followup.created
    #[arg(long, value_name = "TYPES", alias = "type", value_parser = types)]
    types: Option<String>,
    #[command(flatten)]
    pub(super) common: Common,
}

impl EventsArgs {
    /// Whether it goes on until it is stopped.
    pub(super) fn follows(&self) -> bool {
        self.follow
    }
}

pub(super) fn types(text: &str) -> Result<String, String> {
    match EventSelection::of_types(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.message),
    }
}

pub(super) async fn run(here: &mut Here, args: EventsArgs) -> Result<(), Failure> {
    here.output
        .tell(&format!("events of {}", here.channel.place()));
    let repo = match &args.repo {
        Some(repo) => Some(repo.find(&here.channel).await?),
        None => None,
    };
    let filter = Given::new()
        .maybe("repo", repo.as_ref().map(RepoName::as_str))
        .maybe("agent_id", args.agent.as_ref().map(AgentId::as_str))
        .maybe("types", args.types.as_deref());
    let mut after = match args.since {
        Some(since) => Some(since),
        None if args.follow => Some(last(here).await?),
        None => None,
    };
    loop {
        let given = filter.clone().with("limit", PAGE).maybe("after", after);
        let page = here.channel.call::<ListEvents>(given).await?;
        show(&page, &here.output)?;
        after = page["last_event_id"]
            .as_str()
            .and_then(|id| id.parse().ok())
            .or(after);
        if page["more"] == true {
            continue;
        }
        if !args.follow {
            return Ok(());
        }
        here.channel.changed().await;
    }
}

/// The last event of the log.
async fn last(here: &Here) -> Result<Seq, Failure> {
    // The page after the end says where the end is.
    let given = Given::new().with("limit", 1).with("after", Seq::MAX);
    let page = here.channel.call::<ListEvents>(given).await?;
    let last = page["last_event_id"]
        .as_str()
        .and_then(|id| id.parse().ok());
    last.ok_or_else(|| Failure::failed("the service does not say where its event log ends"))
}

fn show(page: &Value, output: &Output) -> Result<(), Failure> {
    if let Some(reset) = page["reset"].as_object() {
        let word = |name: &str| reset.get(name).and_then(Value::as_str).unwrap_or_default();
        output.tell(&format!(
            "events are missing ({}): the oldest that is kept is {}",
            one_line(word("reason")),
            one_line(word("oldest_event_id"))
        ));
    }
    let events = page["events"].as_array().into_iter().flatten();
    let lines: String = match output.screen {
        // Programs have always got JSON here.
        None => events
            .map(|event| visible_json(&event.to_string()) + "\n")
            .collect(),
        Some(_) => events.map(|event| line(event, output)).collect(),
    };
    output.result(&lines)
}

/// An event in a line for people.
pub(super) fn line(event: &Value, output: &Output) -> String {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    let columns = output.screen.map_or(usize::MAX, |screen| screen.columns);
    let at = output.moment(text("timestamp"));
    let agent = one_line(text("agent_id"));
    let agent = if agent.is_empty() {
        "–".to_owned()
    } else {
        cut(&agent, 20)
    };
    let subject = subject(event);
    let gap = if subject.is_empty() { "" } else { "  " };
    let rest = format!("{subject}{gap}{}", sentence(event));
    let front = width(&at) + 2 + width(&agent).max(12) + 2;
    let pad = " ".repeat(12_usize.saturating_sub(width(&agent)));
    let rest = cut(&rest, columns.saturating_sub(front));
    format!("{}  {agent}{pad}  {rest}\n", output.look(Look::Dim, &at))
}
