//! `issuecommand demo`: a GitHub emulator, a temporary database and simulated agents in one process. It needs no token and no
//! network, and leaves nothing behind.

mod agent;
mod api;
mod event_log;
mod host;
mod intro;
mod looper;
mod maintainer;
mod pause;
mod render;
mod screen;
mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use issuecommand_app::background::{self, Intervals};
use issuecommand_app::settings::{Dashboard, DatabaseOptions};
use issuecommand_app::{AppError, Composition, dashboard};
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Millis;
use issuecommand_github::RestSettings;
use issuecommand_http::HttpSettings;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::agent::Agent;
use self::api::Api;
use self::event_log::EventLog;
use self::host::Host;
use self::maintainer::Maintainer;
use self::world::{DemoWorld, TOKEN};

/// Shorter than the service's own, so that changes show quickly.
const INTERVALS: Intervals = Intervals {
    sync: Duration::from_secs(2),
    sweep: Duration::from_secs(1),
    outbox: Duration::from_secs(1),
};

/// The line above every page of the dashboard.
const BANNER: &str = "Simulated: the repositories, agents and people here are made up.";

/// How the demo's dashboard is served: to this machine alone. Addresses of its made-up repositories lead nowhere.
fn shown() -> Dashboard {
    Dashboard {
        allowed_hosts: ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into(),
        ..Dashboard::default()
    }
}

/// The flags of the demo.
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

/// Runs the demo until told to stop.
///
/// # Errors
/// An archive that cannot be read, a temporary folder that cannot be created, a server that cannot start, and an issue
/// with two owners.
#[expect(
    clippy::disallowed_methods,
    reason = "the parts of the demo, waited for at its end"
)]
pub async fn run(args: DemoArgs, stop: CancellationToken) -> Result<(), AppError> {
    let world = Arc::new(DemoWorld::start(&args).await?);
    let folder = tempfile::Builder::new()
        .prefix("issuecommand-demo-")
        .tempdir()
        .map_err(io("no temporary folder could be made"))?;
    let path = folder.path().join("issuecommand.db");
    let token = SecretString::from(TOKEN);
    let composition = Composition::new(
        DatabaseOptions::file(&path),
        args.policy(),
        Scope::All,
        RestSettings::new(world.url(), token),
        false,
    )
    .await?;
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(io("no free port was found"))?;
    let address = listener
        .local_addr()
        .map_err(io("the port has no address"))?;
    // Random, because web pages can reach a port of this machine; short, because people paste it.
    let mut key = format!("demo-{}", Uuid::new_v4().simple());
    key.truncate(21);
    // The server runs until the farewell is printed, for every kind of end.
    let over = CancellationToken::new();
    let settings = HttpSettings {
        dashboard: dashboard::mount(Some(&shown()), None, Some(BANNER)),
        ..HttpSettings::new(key.as_str().into())
    };
    let serving = tokio::spawn(issuecommand_http::serve(
        listener,
        composition.service.clone(),
        settings,
        over.clone(),
    ));
    let working = tokio::spawn(background::run(
        composition.service.clone(),
        INTERVALS,
        over.clone(),
    ));

    let api = Api::new(format!("http://{address}"), key, world.url().to_owned())
        .map_err(AppError::Github)?;
    let log = EventLog::default();
    let following = tokio::spawn(log.clone().follow(api.clone()));
    let ended = tokio::select! {
        () = stop.cancelled() => None,
        ended = play(&args, &api, &world, &log, &path, address.port()) => ended,
    };
    screen::farewell(&api, &log, ended).await;
    over.cancel();
    // All tasks end by the token. Their panics were already reported by their threads.
    let _ = tokio::join!(serving, working, following);
    composition.close().await;
    drop(world);
    folder
        .close()
        .map_err(io("the temporary folder could not be removed"))?;
    match log.read().two_owners {
        0 => Ok(()),
        times => Err(AppError::Command(format!(
            "{times} times in this demo an issue had two owners, which must never be; please report it"
        ))),
    }
}

/// Runs the agents and shows their work for the requested time. Returns the reason if it ends earlier.
async fn play(
    args: &DemoArgs,
    api: &Api,
    world: &Arc<DemoWorld>,
    log: &EventLog,
    database: &Path,
    port: u16,
) -> Option<&'static str> {
    api.wait_until_synced().await;
    log.begun().await;
    intro::print(api, database, port);
    let own = (0..args.agents).map(agent::name);
    let own = own.chain([looper::NAME.to_owned()]).collect();
    // Dropping the set aborts the agents.
    let mut agents = JoinSet::new();
    for n in 0..args.agents {
        agents.spawn(Agent::new(n, args, api.clone(), world.clone(), log.clone()).run());
    }
    if args.agents > 0 {
        agents.spawn(looper::run(api.clone(), log.clone(), args.pace()));
    }
    agents.spawn(Host::new(api.clone(), log.clone(), own).run());
    agents.spawn(Maintainer::new(api.clone(), world.clone(), args.seed, args.pace()).run());
    let limit = async {
        match args.seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        () = limit => None,
        why = screen::show(api, world, log) => Some(why),
    };
    agents.shutdown().await;
    ended
}

impl DemoArgs {
    fn pace(&self) -> f64 {
        self.pace.clamp(0.001, 100.0)
    }

    /// Agents of the demo send heartbeats every few seconds, so 15 s of silence mean a crash.
    fn policy(&self) -> Policy {
        let silence = Millis(
            Duration::from_secs_f64(15.0 * self.pace.clamp(0.2, 100.0))
                .as_millis()
                .try_into()
                .unwrap_or(i64::MAX),
        );
        Policy {
            claim_timeout: silence,
            stale_auto_release: Some(silence),
            ..Policy::default()
        }
    }
}

fn io(what: &str) -> impl FnOnce(std::io::Error) -> AppError {
    let what = what.to_owned();
    move |cause| AppError::Io { what, cause }
}
