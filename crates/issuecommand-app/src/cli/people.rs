//! The command line for people: what agents do, what comes next and why, and what a person may do about it.

mod acts;
mod agents;
mod channel;
mod claims;
mod confirm;
mod events;
mod explain;
mod failure;
mod followups;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod golden_reads;
mod hosts;
mod list;
mod login;
mod next;
mod output;
mod pages;
mod person;
mod reference;
mod sentences;
mod show;
mod status;
mod table;
mod terminal;
mod watch;
mod words;
mod work;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use issuecommand_core::domain::id::AgentId;
use tokio_util::sync::CancellationToken;

use self::channel::Channel;
use self::failure::Failure;
use self::output::Output;
use super::{Flags, block_on};

pub use self::pages::{CompletionsArgs, ManArgs, completions, man};

/// What all commands for people take.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Common {
    /// Print JSON, with the names of the API; errors too
    #[arg(long)]
    json: bool,
    /// Print no colours
    #[arg(long)]
    no_color: bool,
    /// The service at this address, instead of the one that login was told or that of this machine
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

/// What commands that change something take besides.
#[derive(Args, Clone, Debug, Default)]
struct Acting {
    /// Act as this agent [default: you@host]
    #[arg(long = "as", value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
    /// Why; the agent is told it
    #[arg(long, value_name = "TEXT", alias = "note")]
    reason: Option<String>,
}

/// The commands for people.
#[derive(Subcommand, Clone, Debug)]
pub enum PeopleCommand {
    /// Show what needs you, who is at work, and what comes next
    Status(status::StatusArgs),
    /// Show who holds what; with --ready what comes next
    List(list::ListArgs),
    /// Show everything about an issue
    Show(show::ShowArgs),
    /// Say why an issue is not handed out, or why an agent gets nothing
    Explain(explain::ExplainArgs),
    /// Take the most urgent work, as an agent does
    Next(next::NextArgs),
    /// Take an issue
    Claim(acts::ClaimArgs),
    /// Give an issue back, so that it is offered again
    Release(acts::ReleaseArgs),
    /// Give an issue, or the feedback on a pull request, to an agent
    Give(acts::GiveArgs),
    /// Give a sign of life for the agent that holds an issue
    Keep(acts::KeepArgs),
    /// Offer a parked issue again
    Offer(work::IssueArgs),
    /// Keep an issue from being offered
    Park(work::IssueArgs),
    /// Give no work, to an agent, in a repository or at all
    Pause(work::PauseArgs),
    /// Give work again
    Resume(work::ResumeArgs),
    /// Show the agents that were heard lately, or one of them
    Agents(agents::AgentsArgs),
    /// Show the feedback that waits or is worked on
    Followups(followups::FollowupsArgs),
    /// Show what happened to an issue, or lately
    History(show::HistoryArgs),
    /// Print the event log, and go on with what happens; one event a line, as JSON where a program reads
    Events(events::EventsArgs),
    /// Watch who holds what, live; q quits, r releases, e explains
    Watch(watch::WatchArgs),
    /// Remember a service elsewhere and the key for it, which is read from standard input
    Login(login::LoginArgs),
}

impl PeopleCommand {
    /// What all commands take; `None` for one that has no service yet.
    fn common(&self) -> Option<&Common> {
        Some(match self {
            Self::Status(args) => &args.common,
            Self::List(args) => &args.common,
            Self::Show(args) => &args.common,
            Self::History(args) => &args.common,
            Self::Explain(args) => &args.common,
            Self::Next(args) => &args.common,
            Self::Claim(args) => &args.common,
            Self::Release(args) => &args.common,
            Self::Give(args) => &args.common,
            Self::Keep(args) => &args.common,
            Self::Offer(args) | Self::Park(args) => &args.common,
            Self::Pause(args) => &args.common,
            Self::Resume(args) => &args.common,
            Self::Agents(args) => &args.common,
            Self::Followups(args) => &args.common,
            Self::Events(args) => &args.common,
            Self::Watch(args) => &args.common,
            Self::Login(_) => return None,
        })
    }

    /// Whether it goes on until it is stopped, so that to be stopped is its end.
    fn follows(&self) -> bool {
        match self {
            Self::Events(args) => args.follows(),
            Self::Watch(_) => true,
            _ => false,
        }
    }
}

/// What a command works with.
#[derive(Debug)]
struct Here {
    channel: Channel,
    output: Output,
    /// The agent that the person acts as, unless the command line names another.
    person: AgentId,
}

impl Here {
    /// The agent that acts.
    fn acting(&self, acting: &Acting) -> AgentId {
        acting.agent.clone().unwrap_or_else(|| self.person.clone())
    }
}

/// Says as JSON what is wrong with the command line, in the words of its parser.
pub fn wrong_usage(words: &str) -> ExitCode {
    let words = words.split("\n\nUsage:").next().unwrap_or_default();
    let words = words.trim().trim_start_matches("error: ");
    let lines: Vec<&str> = words
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    Failure::usage(lines.join("; ")).tell(&Output::of_process(true, true))
}

/// Runs a command for people. `before` are the flags given before its name.
pub fn people(command: PeopleCommand, before: Flags) -> ExitCode {
    if let PeopleCommand::Login(args) = &command {
        return login::main(args, before);
    }
    let common = command.common().cloned().unwrap_or_default();
    let output = Output::of_process(common.json, common.no_color);
    let mut told = ExitCode::SUCCESS;
    let ended = block_on(async |stop| {
        if let Err(failure) = until_stopped(command, common, before, &output, &stop).await {
            told = failure.tell(&output);
        }
        Ok(())
    });
    if ended == ExitCode::SUCCESS {
        told
    } else {
        ended
    }
}

async fn until_stopped(
    command: PeopleCommand,
    common: Common,
    before: Flags,
    output: &Output,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let settings = common.flags.over(before).settings()?;
    let here = async {
        let channel = Channel::open(&settings, common.url.as_deref()).await?;
        let person = person::of_process(&settings);
        Ok::<_, Failure>(Here {
            channel,
            output: output.clone(),
            person,
        })
    };
    let follows = command.follows();
    let stopped = || {
        if follows {
            Ok(())
        } else {
            Err(Failure::failed("it was stopped before its end"))
        }
    };
    let mut here = tokio::select! {
        here = here => here?,
        () = stop.cancelled() => return stopped(),
    };
    let done = tokio::select! {
        done = run(&mut here, command) => done,
        () = stop.cancelled() => stopped(),
    };
    here.channel.close().await;
    done
}

async fn run(here: &mut Here, command: PeopleCommand) -> Result<(), Failure> {
    match command {
        PeopleCommand::Status(args) => status::run(here, args).await,
        PeopleCommand::Show(args) => show::show(here, args).await,
        PeopleCommand::History(args) => show::history(here, args).await,
        PeopleCommand::List(args) => list::run(here, args).await,
        PeopleCommand::Explain(args) => explain::run(here, args).await,
        PeopleCommand::Next(args) => next::run(here, args).await,
        PeopleCommand::Claim(args) => acts::claim(here, args).await,
        PeopleCommand::Release(args) => acts::release(here, args).await,
        PeopleCommand::Give(args) => acts::give(here, args).await,
        PeopleCommand::Keep(args) => acts::keep(here, args).await,
        PeopleCommand::Offer(args) => work::offer(here, args).await,
        PeopleCommand::Park(args) => work::park(here, args).await,
        PeopleCommand::Pause(args) => work::pause(here, args).await,
        PeopleCommand::Resume(args) => work::resume(here, args).await,
        PeopleCommand::Agents(args) => agents::run(here, args).await,
        PeopleCommand::Followups(args) => followups::run(here, args).await,
        PeopleCommand::Events(args) => events::run(here, args).await,
        PeopleCommand::Watch(args) => watch::run(here, args).await,
        PeopleCommand::Login(_) => Ok(()),
    }
}
