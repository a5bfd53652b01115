//! `issuecommand hook`: what a client runs at certain moments of a session. It never fails and never keeps the client waiting:
//! whatever is wrong, it says nothing and ends with 0.

mod channel;
mod client;
mod local;
mod marks;
mod remote;
mod words;

use std::io::{self, Read as _, Write as _};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Args;
use issuecommand_core::domain::session::SessionId;
use serde_json::Value;

pub(super) use self::channel::{Asker, Channel};
use self::client::{Client, Input, Moment};
pub(super) use self::local::database;
pub(super) use self::marks::Marks;
pub(super) use self::words::Feedback;
use super::Flags;
use super::wait::{self, length};
use crate::error::AppError;
use crate::processes;

/// How long a hook may take in all, but for what it was told to wait.
const PATIENCE: Duration = Duration::from_millis(900);

/// The client and its event.
#[derive(Args, Clone, Debug)]
pub struct HookArgs {
    /// claude-code, codex, cursor, gemini or copilot
    client: String,
    /// The event, as the client names it
    event: String,
    /// The service is at this address, with ISSUECOMMAND_KEY, instead of on a database of this machine
    #[arg(long, value_name = "URL")]
    remote: Option<String>,
    /// At the end of a turn, wait so long for feedback on the session's pull requests: 50s [default: 50s for codex, else 0]
    #[arg(long, value_name = "TIME", value_parser = length)]
    wait: Option<Duration>,
    #[command(flatten)]
    flags: Flags,
}

impl HookArgs {
    /// How long it may wait beyond its time.
    fn waits(&self) -> Duration {
        let client = Client::parse(&self.client);
        let stops = client.filter(|client| client.moment(&self.event) == Some(Moment::Stop));
        stops.map_or(Duration::ZERO, |client| {
            self.wait.unwrap_or_else(|| client.waits())
        })
    }
}

/// Runs the command. `before` are the flags given before its name. Always succeeds.
pub fn hook(args: &HookArgs, before: Flags) -> ExitCode {
    end_after(PATIENCE + args.waits());
    panic::set_hook(Box::new(|_| {}));
    let answer = panic::catch_unwind(AssertUnwindSafe(|| answer(args, before)));
    match answer {
        Ok(Ok(Some(answer))) => {
            // The client has gone if it does not read.
            let _ = io::stdout().write_all(format!("{answer}\n").as_bytes());
        }
        Ok(Ok(None)) => {}
        Ok(Err(error)) => tell_debugger(&error.to_string()),
        Err(_) => tell_debugger("the hook panicked"),
    }
    ExitCode::SUCCESS
}

/// What the client is told; `None` for nothing.
fn answer(args: &HookArgs, before: Flags) -> Result<Option<Value>, AppError> {
    let Some(client) = Client::parse(&args.client) else {
        return Err(unused(&format!("client {}", args.client)));
    };
    let Some(moment) = client.moment(&args.event) else {
        return Err(unused(&format!("event {}", args.event)));
    };
    let input = read_input()?;
    let session = input.session().map(str::to_owned);
    let marks = marks(&args.client, session.as_deref())?;
    // The usual call does nothing else.
    if moment == Moment::Tool && !marks.sign_is_due() {
        return Ok(None);
    }
    if moment == Moment::End && !input.ends() || moment == Moment::Stop && input.is_broken_off() {
        return Ok(None);
    }
    let settings = args.flags.clone().over(before).settings()?;
    let session = session.and_then(|id| SessionId::parse(&id).ok());
    let asker = Asker {
        agent: settings.client.agent.as_ref(),
        client: Some(&args.client),
        session: session.as_ref(),
        remote: args.remote.as_deref(),
        patience: PATIENCE,
        marks: Some(&marks),
    };
    let words = run(async {
        let Some(channel) = Channel::open(&settings, asker).await? else {
            return Ok(None);
        };
        said(moment, &input, channel, &marks, args.waits()).await
    })??;
    Ok(words.and_then(|words| client.answer(moment, &words)))
}

/// What there is to say at this moment.
async fn said(
    moment: Moment,
    input: &Input,
    mut channel: Channel,
    marks: &Marks,
    wait: Duration,
) -> Result<Option<String>, AppError> {
    match moment {
        Moment::Start => {
            marks.sweep();
            let sight = channel.sight(true).await?;
            Ok(sight.at_start(channel.name_to_give()))
        }
        Moment::Tool => {
            let mut sight = channel.sight(true).await?;
            sight.feedback.retain(|item| is_new("tool", item, marks));
            Ok(sight.after_tool())
        }
        Moment::Stop => {
            let mut sight = channel.sight(false).await?;
            sight.feedback.retain(|item| is_new("stop", item, marks));
            if let Some(words) = sight.woken() {
                return Ok(Some(words));
            }
            if !input.is_continued() {
                let asked = |claim: &str| marks.first_time(&["asked", claim]);
                let claims: Vec<String> = (sight.unfinished_claims())
                    .map(|held| held.claim.clone())
                    .filter(|claim| asked(claim))
                    .collect();
                sight.held.retain(|held| claims.contains(&held.claim));
                if let Some(words) = sight.unfinished() {
                    return Ok(Some(words));
                }
            }
            if wait.is_zero() {
                return Ok(None);
            }
            let waited = tokio::time::timeout(wait, wait::for_feedback(&mut channel, marks));
            waited.await.unwrap_or(Ok(None))
        }
        Moment::End => channel.over().await.map(|()| None),
    }
}

/// Whether the agent hears for the first time of this feedback, as it is now, by this kind of hook.
pub(super) fn is_new(how: &str, item: &Feedback, marks: &Marks) -> bool {
    marks.first_time(&[how, &item.item, &item.version])
}

/// The marks of the session, or of the client's process if it says none.
pub(super) fn marks(client: &str, session: Option<&str>) -> Result<Marks, AppError> {
    let process = || processes::client().map(|it| format!("{} {}", it.pid, it.started));
    let session = session.map(str::to_owned).or_else(process);
    Marks::of(client, &session.unwrap_or_default()).map_err(|cause| AppError::Io {
        what: "the folder for what hooks remember cannot be used".to_owned(),
        cause,
    })
}

/// The client's JSON, which is read without waiting for the end of the input. It may have a tool's whole answer in it.
pub(super) fn read_input() -> Result<Input, AppError> {
    let mut stdin = io::stdin().lock();
    let (mut text, mut chunk) = (Vec::new(), vec![0; 64 << 10]);
    let unread = |cause| AppError::Io {
        what: "the input cannot be read".to_owned(),
        cause,
    };
    loop {
        let read = stdin.read(&mut chunk).map_err(unread)?;
        text.extend_from_slice(&chunk[..read]);
        let seen = text.trim_ascii_end();
        if read == 0 && seen.is_empty() {
            return Ok(Input::default());
        }
        if read > 0 && !seen.ends_with(b"}") {
            continue;
        }
        match serde_json::from_slice(seen) {
            Err(_) if read > 0 => {}
            read => {
                return read.map_err(|error| {
                    AppError::Command(format!("the input is no JSON of a hook: {error}"))
                });
            }
        }
    }
}

/// Runs a future on a runtime of its own that nothing waits for.
pub(super) fn run<T>(future: impl Future<Output = T>) -> Result<T, AppError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| AppError::Io {
            what: "no runtime could be started".to_owned(),
            cause,
        })?;
    let result = runtime.block_on(future);
    runtime.shutdown_background();
    Ok(result)
}

#[expect(
    clippy::exit,
    reason = "the client must not wait, and whatever hangs may hang in the operating system; a transaction that is cut off is rolled back"
)]
fn end_after(patience: Duration) {
    thread::spawn(move || {
        thread::sleep(patience);
        tell_debugger("it took too long");
        std::process::exit(0);
    });
}

fn unused(what: &str) -> AppError {
    AppError::Command(format!("nothing is done for the {what}"))
}

/// Says why nothing was said, to whoever looks for it.
#[expect(
    clippy::disallowed_methods,
    reason = "how much a hook tells is no setting of the service"
)]
pub(super) fn tell_debugger(why: &str) {
    if std::env::var("RUST_LOG").is_ok_and(|level| level.contains("debug")) {
        // Nobody reads it if it cannot be written.
        let _ = writeln!(io::stderr(), "issuecommand hook: {why}");
    }
}
