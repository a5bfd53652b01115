//! `issuecommand demo`: everything embedded, with simulated agents. No token, no network, nothing left behind.

mod agent;
mod api;
mod intro;
mod table;
mod world;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use issuecommand_config::{Database, JournalMode, Synchronous};
use issuecommand_core::command::Scope;
use issuecommand_core::policy::Policy;
use issuecommand_core::time::Millis;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::agent::Agent;
use self::api::Api;
use self::world::{DemoWorld, TOKEN};
use crate::background::{self, Rhythm};
use crate::compose::Composition;
use crate::error::AppError;
use crate::stop;

/// What the demo can be told.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// How many agents to simulate
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(0..=200))]
    agents: u16,
    /// Run on a real repository's history instead of made-up ones (a JSON archive of issues and pull requests)
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
    /// Begin at this moment of the history, such as 2022-09-14T00:00:00Z [default: when most issues were open]
    #[arg(long, value_name = "TIME", requires = "archive")]
    at: Option<jiff::Timestamp>,
    /// Take another course than last time
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How long agents think, as a factor: 0.1 is ten times as fast
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pace: f64,
    /// End after so many seconds instead of with Ctrl-C
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
}

/// Runs the demo until Ctrl-C.
///
/// # Errors
/// An archive that cannot be read, a temporary folder that cannot be made, and whatever keeps a server from starting.
pub async fn run(args: DemoArgs) -> Result<(), AppError> {
    let stop = CancellationToken::new();
    stop::on_signals(stop.clone());
    let io = |what: &str| {
        let what = what.to_owned();
        move |cause| AppError::Io { what, cause }
    };
    let world = DemoWorld::start(&args).await?;
    let folder = tempfile::Builder::new()
        .prefix("issuecommand-demo-")
        .tempdir()
        .map_err(io("no temporary folder could be made"))?;
    let database = Database::Sqlite {
        path: folder.path().join("issuecommand.db"),
        busy_timeout: Duration::from_secs(5),
        journal_mode: JournalMode::Wal,
        synchronous: Synchronous::Full,
    };
    // Agents of the demo crash within seconds, so what is silent for half a minute has crashed.
    let policy = Policy {
        claim_timeout: Millis::seconds(30),
        stale_auto_release: Some(Millis::seconds(20)),
        ..Policy::default()
    };
    let token = SecretString::from(TOKEN);
    let composition = Composition::new(&database, policy, Scope::All, world.url(), token).await?;
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(io("no free port was found"))?;
    let address = listener
        .local_addr()
        .map_err(io("the port has no address"))?;
    let key = Uuid::new_v4().simple().to_string();
    let settings = issuecommand_http::HttpSettings::new(key.as_str().into());
    let serving = tokio::spawn(issuecommand_http::serve(
        listener,
        composition.service.clone(),
        settings,
        stop.clone(),
    ));
    let second = Duration::from_secs(1);
    let rhythm = Rhythm {
        sync: 2 * second,
        sweep: 2 * second,
        outbox: second,
    };
    let working = tokio::spawn(background::run(
        composition.service.clone(),
        rhythm,
        stop.clone(),
    ));

    let api = Api::new(format!("http://{address}"), key, world.url().to_owned())
        .map_err(AppError::Github)?;
    api.wait_until_synced(&stop).await;
    intro::print(&api, &database, address.port());
    let mut agents = JoinSet::new();
    for n in 0..args.agents {
        let agent = Agent::new(n, &args, api.clone(), world.history());
        agents.spawn(agent.run(stop.clone()));
    }
    let limit = async {
        match args.seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    let last = tokio::select! {
        () = stop.cancelled() => None,
        () = limit => None,
        broken = table::live(&api, &world) => Some(broken),
    };
    agents.shutdown().await;
    table::farewell(&api, last).await;
    stop.cancel();
    // Both end by the token; a panic in one of them was reported by its own thread.
    let _ = tokio::join!(serving, working);
    composition.close().await;
    drop(world);
    folder
        .close()
        .map_err(io("the temporary folder could not be removed"))
}
