//! `issuecommand wait`: waits until there is work for an agent, without taking it.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::session::SessionId;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::hook::{self, Asker, Channel, Feedback, Marks, Sign, is_new};
use super::{Flags, fail};
use crate::error::AppError;
use crate::output::print;
use crate::processes;
use crate::processes::MachineProcesses;
use crate::settings::Settings;
use issuecommand_core::ports::processes::Processes as _;

/// The time is over.
const NOTHING_CAME: u8 = 3;
/// The code by which a client's background hook begins a turn.
const WAKES: u8 = 2;
/// How long `wait` and a background hook wait if nothing else is said.
const DEFAULT: Duration = Duration::from_mins(10);
const DEFAULT_OF_HOOK: Duration = Duration::from_hours(24);
/// How long a request to a service elsewhere may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pauses between two attempts to ask a service elsewhere that does not answer: from the first on each is twice as long.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often it is looked whether the client is still there.
const LOOK: Duration = Duration::from_secs(1);

/// Who waits for what.
#[derive(Args, Clone, Debug)]
pub struct WaitArgs {
    /// The agent that waits
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse, required_unless_present = "hook")]
    agent: Option<AgentId>,
    /// Its session
    #[arg(long, value_name = "SESSION_ID", value_parser = SessionId::parse)]
    session: Option<SessionId>,
    /// What it waits for
    #[arg(long = "for", value_name = "WHAT", value_enum, default_value_t = Wanted::Any)]
    wanted: Wanted,
    /// How long: 50s, 10m, 8h. Then the code is 3 [default: 10m; with --hook: 24h]
    #[arg(long, value_name = "TIME", value_parser = length)]
    timeout: Option<Duration>,
    /// Wait as the background hook of this client at the end of a turn: read its JSON, and end with 2 and the words for the model
    /// when feedback comes
    #[arg(long, value_name = "CLIENT", value_parser = ["claude-code"])]
    hook: Option<String>,
    /// The service is at this address, with ISSUECOMMAND_KEY, instead of on a database of this machine
    #[arg(long, value_name = "URL")]
    remote: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

/// What may end the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Wanted {
    /// Review feedback that the agent may take
    Feedback,
    /// Issues that it may take
    Work,
    /// Either
    Any,
}

/// Runs the command. `before` are the flags given before its name. 0: there is work; 3: the time is over.
pub fn wait(args: &WaitArgs, before: Flags) -> ExitCode {
    let flags = args.flags.clone().over(before);
    if let Some(client) = &args.hook {
        return match hooked(client, args, flags) {
            Ok(Some(words)) => {
                // Without a reader there is nobody to wake.
                let _ = writeln!(io::stderr(), "{words}");
                ExitCode::from(WAKES)
            }
            Ok(None) => ExitCode::SUCCESS,
            Err(error) => {
                hook::tell_debugger(&error.to_string());
                ExitCode::SUCCESS
            }
        };
    }
    let waited = flags.settings().map_err(AppError::from);
    let waited = waited.and_then(|settings| hook::run(waiting(&settings, args))?);
    match waited {
        Ok(Some(found)) => match print(&format!("{found}\n")) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        },
        Ok(None) => ExitCode::from(NOTHING_CAME),
        Err(error) => fail(&error),
    }
}

async fn waiting(settings: &Settings, args: &WaitArgs) -> Result<Option<Value>, AppError> {
    let asker = Asker {
        agent: args.agent.as_ref(),
        client: None,
        session: args.session.as_ref(),
        remote: args.remote.as_deref(),
        patience: PATIENCE,
        marks: None,
    };
    let channel = Channel::open(settings, asker).await?;
    let mut channel = channel.ok_or_else(|| {
        AppError::Command(
            "there is no database here: set SQLITE_PATH or DATABASE_URL as the service has it, or give --remote URL".to_owned(),
        )
    })?;
    let (mut reached, mut away, mut pause) = (false, None, PAUSE);
    let looking = async {
        loop {
            let looked = channel.open_work(args.wanted != Wanted::Feedback).await;
            let (feedback, ready) = match looked {
                Ok(seen) => seen,
                // It is started again, or something between is.
                Err(error @ AppError::Away(_)) => {
                    if away.is_none() && !reached {
                        // Who reads it may see that the address is wrong.
                        let _ = writeln!(
                            io::stderr(),
                            "issuecommand wait: {error}. It is asked again"
                        );
                    }
                    away = Some(error);
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    continue;
                }
                Err(error) => return Err(error),
            };
            (reached, away, pause) = (true, None, PAUSE);
            let feedback: Vec<Value> = match args.wanted {
                Wanted::Work => Vec::new(),
                Wanted::Feedback | Wanted::Any => feedback.iter().map(record).collect(),
            };
            if !feedback.is_empty() || ready > 0 {
                let agent = args.agent.as_ref().map(ToString::to_string);
                return Ok(
                    json!({ "agent_id": agent, "feedback": feedback, "ready_issues": ready }),
                );
            }
            channel.changed().await?;
        }
    };
    let found = timeout(args.timeout.unwrap_or(DEFAULT), looking).await;
    channel.close().await;
    match (found, away) {
        (Ok(found), _) => found.map(Some),
        // The time is over, and nobody was there in all of it.
        (Err(_), Some(error)) if !reached => Err(error),
        (Err(_), _) => Ok(None),
    }
}

fn record(item: &Feedback) -> Value {
    json!({
        "work_item_id": item.item,
        "repo": item.repo,
        "pr_number": item.number,
        "waiting": item.asks,
    })
}

/// Waits in the background of a client. Returns the words that wake its model.
fn hooked(client: &str, args: &WaitArgs, flags: Flags) -> Result<Option<String>, AppError> {
    let input = hook::read_input()?;
    let session = input.session().map(str::to_owned);
    let marks = hook::marks(client, session.as_deref())?;
    let settings = flags.settings()?;
    let session = session.and_then(|id| SessionId::parse(&id).ok());
    let asker = Asker {
        agent: args.agent.as_ref().or(settings.client.agent.as_ref()),
        client: Some(client),
        session: session.as_ref(),
        remote: args.remote.as_deref(),
        patience: PATIENCE,
        marks: Some(&marks),
    };
    hook::run(async {
        let Some(mut channel) = Channel::open(&settings, asker).await? else {
            return Ok(None);
        };
        let waiting = for_feedback(&mut channel, &marks);
        let longest = args.timeout.unwrap_or(DEFAULT_OF_HOOK);
        let woken = timeout(longest, waiting).await.unwrap_or(Ok(None));
        channel.close().await;
        woken
    })?
}

/// Waits for feedback of which the session was not told at the end of a turn. `None` if another one waits already, the client has
/// gone, or the session has no pull request that could get any.
pub(super) async fn for_feedback(
    channel: &mut Channel,
    marks: &Marks,
) -> Result<Option<String>, AppError> {
    let Some(_waiter) = marks.only_waiter() else {
        return Ok(None);
    };
    tokio::select! {
        woken = until_feedback(channel, marks) => woken,
        () = client_gone() => Ok(None),
    }
}

async fn until_feedback(channel: &mut Channel, marks: &Marks) -> Result<Option<String>, AppError> {
    loop {
        // An error of a service elsewhere passes.
        match channel.sight(Sign::None).await {
            Ok(mut sight) => {
                sight.feedback.retain(|item| is_new("stop", item, marks));
                if let Some(words) = sight.woken() {
                    return Ok(Some(words));
                }
                if !sight.held.iter().any(|held| held.has_pull) {
                    return Ok(None);
                }
            }
            Err(error) if matches!(channel, Channel::Local(_)) => return Err(error),
            Err(_) => sleep(PATIENCE).await,
        }
        channel.changed().await?;
    }
}

/// Returns when the client that started this process is gone.
async fn client_gone() {
    let client = processes::client();
    let left = async {
        match client {
            Some(client) => {
                while !MachineProcesses.is_gone(&client) {
                    sleep(LOOK).await;
                }
            }
            None => crate::parent::gone().await,
        }
    };
    left.await;
}

/// A length of time: `50s`, `10m`, `8h`; seconds without a unit.
pub(super) fn length(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: Option<u64> = digits.parse().ok();
    let seconds = match (&text[digits.len()..], number) {
        ("" | "s", Some(n)) => Some(n),
        ("m", Some(n)) => n.checked_mul(60),
        ("h", Some(n)) => n.checked_mul(60 * 60),
        _ => None,
    };
    seconds
        .filter(|seconds| *seconds <= 366 * 24 * 60 * 60)
        .map(Duration::from_secs)
        .ok_or_else(|| "a length of time is given as 50s, 10m or 8h, at most a year".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        assert_eq!(length("50s"), Ok(Duration::from_secs(50)));
        assert_eq!(length("50"), Ok(Duration::from_secs(50)));
        assert_eq!(length("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(length("8h"), Ok(Duration::from_hours(8)));
        for wrong in [
            "",
            "s",
            "1d",
            "-1s",
            "1.5h",
            "9000h",
            "99999999999999999999s",
        ] {
            assert!(length(wrong).is_err(), "{wrong}");
        }
    }
}
