//! `issuecommand events`: the event log, one event a line, as JSON.
//!
//! It reads the existing database directly, as every process does, SQLite and PostgreSQL alike. So it works whether a service runs
//! or not, and needs no token and no `API_KEY`. If the database cannot be reached from here, use `GET /api/events`.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::event::Seq;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::store::Store;
use issuecommand_core::service::{EventPage, EventQuery, event_page};
use issuecommand_wire::call::EventSelection;
use issuecommand_wire::record::{EventRecord, ResetRecord};
use tokio_util::sync::CancellationToken;

use super::find;
use crate::cli::Flags;
use crate::clock::{DatabaseClock, SystemClock};
use crate::composition::AnyStore;
use crate::error::AppError;
use crate::output::tell;
use crate::settings::Settings;

/// How many events are read at once.
const PAGE: usize = 500;
/// How often the log is looked at when nothing says that it grew.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// What `issuecommand events` prints: from which event on, whether it goes on, and a filter. All given conditions must hold.
#[derive(Args, Clone, Debug)]
pub struct EventsArgs {
    /// Go on with what happens; without --since from now on
    #[arg(long)]
    follow: bool,
    /// Only events after the one with this event_id; 0: all that are kept
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(0..))]
    since: Option<Seq>,
    /// Only events of this repository, as owner/name
    #[arg(long, value_name = "OWNER/NAME", value_parser = RepoName::parse)]
    repo: Option<RepoName>,
    /// Only events of this agent
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    /// Only events of these types: claim.created,followup.created
    #[arg(long, value_name = "TYPES", value_parser = EventSelection::of_types)]
    types: Option<EventSelection>,
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) async fn run(
    settings: &Settings,
    args: EventsArgs,
    stop: CancellationToken,
) -> Result<(), AppError> {
    let place = find(settings).await?;
    tell(&format!("database: {place}"))?;
    let clock = Arc::new(DatabaseClock::over(Arc::new(SystemClock)));
    let opened = AnyStore::open(settings.database()?, settings.policy.clone(), &clock).await?;
    let store = opened.port();
    let printed = tokio::select! {
        () = stop.cancelled() => Ok(()),
        printed = print_all(&*store, args) => printed,
    };
    opened.close().await;
    printed
}

async fn print_all(store: &dyn Store, args: EventsArgs) -> Result<(), AppError> {
    let mut filter = args.types.map(|types| types.filter).unwrap_or_default();
    (filter.repo, filter.agent) = (args.repo, args.agent);
    let after = match args.since {
        None if args.follow => Some(store.last_event().await?),
        since => since,
    };
    let mut query = EventQuery {
        after,
        limit: PAGE,
        filter,
    };
    loop {
        let page = event_page(store, &Scope::All, &query).await?;
        if !shown(&page)? {
            return Ok(());
        }
        query.after = Some(page.last);
        if page.more {
            continue;
        }
        if !args.follow {
            return Ok(());
        }
        let _ = tokio::time::timeout(POLL_INTERVAL, store.changed()).await;
    }
}

/// Prints a page. Returns whether anybody still reads.
fn shown(page: &EventPage) -> Result<bool, AppError> {
    if let Some(gap) = page.gap {
        let reset = ResetRecord::from(gap);
        let (reason, oldest) = (reset.reason, reset.oldest_event_id);
        tell(&format!(
            "events are missing ({reason}): the oldest that is kept is {oldest}, the next that comes is after {}",
            page.last
        ))?;
    }
    let mut lines = String::new();
    for event in &page.events {
        lines += &serde_json::to_string(&EventRecord::from(event)).unwrap_or_default();
        lines.push('\n');
    }
    let mut out = io::stdout();
    match out.write_all(lines.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(cause) => Err(AppError::Io {
            what: "the events could not be written".to_owned(),
            cause,
        }),
    }
}
