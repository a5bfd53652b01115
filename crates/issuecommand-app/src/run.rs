//! Runs a program: starts its surfaces and decides when it ends.

mod ending;

use std::io::IsTerminal;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::session::{CallerSession, ProcessRef, SessionId, Transport};
use issuecommand_core::ports::processes::Processes as _;
use issuecommand_core::service::{DatabaseInfo, Service};
use issuecommand_http::{HttpSettings, Metrics, Mount};
use issuecommand_mcp::{HttpOptions, SessionEnd, Shown};
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::SecretString;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::background;
use crate::client::Client;
use crate::composition::Composition;
use crate::dashboard;
use crate::error::AppError;
use crate::logging;
use crate::metrics;
use crate::needs;
use crate::neighbours::{self, Neighbours};
use crate::open_files;
use crate::parent;
use crate::port::{Attempt, Port};
use crate::processes::MachineProcesses;
use crate::reach::Reach;
use crate::role::Role;
use crate::settings::{ClientEnvironment, DatabaseOptions, Settings};
use crate::start_report;
use crate::unstarted;

/// How many connections read a file for a single client. Each costs a thread and some 300 KB.
const READERS_OF_ONE: u32 = 2;

/// Runs until the MCP client leaves, the token is cancelled, HTTP cannot be served and MCP is not in use, or the database is no
/// longer the one that was opened.
///
/// # Errors
/// The reason why it could not start, or why it ended.
pub async fn run(role: Role, settings: &Settings, stop: CancellationToken) -> Result<(), AppError> {
    let (key, counted, composition) = match begin(role, settings, &stop).await {
        Ok(begun) => begun,
        Err(error) => return Err(unstarted::explain(role, error, &stop).await),
    };
    // Boxed because the future is large.
    let result = Box::pin(on(role, settings, key, counted, &composition, &stop)).await;
    composition.close().await;
    result
}

/// The startup steps whose errors an MCP client must be told.
async fn begin(
    role: Role,
    settings: &Settings,
    stop: &CancellationToken,
) -> Result<(Option<SecretString>, Option<PrometheusHandle>, Composition), AppError> {
    logging::start(&settings.log)?;
    for warning in &settings.warnings {
        tracing::warn!(name: "settings.warning", "{warning}");
    }
    let (key, github) = needs::of(role, settings).await?;
    let counted = role.has_http().then(|| metrics::start(stop)).flatten();
    let unasked = neighbours::unasked_file(settings);
    let mut database = settings.database()?;
    if let DatabaseOptions::Sqlite(file) = &mut database
        && role.serves_one()
    {
        file.readers = READERS_OF_ONE;
    }
    let composition = Composition::over(settings, database, github).await?;
    // Logged above.
    drop(
        composition
            .service
            .standing_warnings()
            .set("settings", settings.warnings.clone()),
    );
    if let Some(path) = unasked {
        neighbours::warn_of_unasked_file(&composition.service, &path);
    }
    Ok((key, counted, composition))
}

/// Everything between opening and closing the database.
#[expect(
    clippy::disallowed_methods,
    reason = "background work of the process, ended by its token"
)]
async fn on(
    role: Role,
    settings: &Settings,
    key: Option<SecretString>,
    counted: Option<PrometheusHandle>,
    composition: &Composition,
    stop: &CancellationToken,
) -> Result<(), AppError> {
    let neighbours = Neighbours::start(composition, settings).await;
    let nameless = DatabaseInfo {
        id: String::new(),
        place: String::new(),
    };
    let database = composition.service.database().unwrap_or(&nameless);
    let port = key.as_ref().map(|key| Port {
        reach: Reach::new(
            &settings.listen,
            role.has_mcp(),
            std::io::stdin().is_terminal(),
        ),
        has_mcp: role.has_mcp(),
        key,
        database,
        neighbours: &neighbours,
        fence: composition.fence(),
    });
    let at_first = if role.has_mcp() {
        Client::Awaited
    } else {
        Client::Never
    };
    let (client, presence) = watch::channel(at_first);
    // Before anything is handed out, because another database may have the port.
    let first = match &port {
        Some(port) => match port.first(at_first).await {
            Ok(first) => Some(first),
            Err(error) => return Err(unstarted::explain(role, error, stop).await),
        },
        None => None,
    };
    let another = composition.fence().is_closed();
    if another {
        // The fence is closed, so this does not wait.
        let told = composition.fenced().await;
        composition.service.standing_warnings().give_up(told);
    }
    let work = stop.child_token();
    let working = (!another).then(|| {
        tokio::spawn(background::run(
            composition.service.clone(),
            settings.intervals,
            work.clone(),
        ))
    });
    if !another {
        let report = start_report::report(composition.service.clone(), settings.allowed.clone());
        tokio::spawn(work.clone().run_until_cancelled_owned(report));
    }
    let faces = async {
        let mcp = async {
            if role.has_mcp() {
                let caller = stdio_caller(settings, MachineProcesses.own());
                let (service, shown) = (composition.service.clone(), settings.mcp.shown);
                mcp(role, service, (caller, shown), client, stop).await;
            }
            Ok(())
        };
        let http = async {
            let (Some(port), Some(first)) = (&port, first) else {
                return Ok(());
            };
            http(
                settings,
                port,
                first,
                presence.clone(),
                counted,
                composition,
                stop,
            )
            .await
        };
        tokio::try_join!(mcp, http).map(drop)
    };
    let watched = async {
        tokio::pin!(faces);
        tokio::select! {
            result = &mut faces => result,
            told = composition.fenced() => {
                work.cancel();
                ending::give_up(composition.fence(), told, &mut faces, &presence, stop).await
            }
        }
    };
    let result = tokio::select! {
        result = watched => result,
        // Waits for the other surface to end.
        () = neighbours.watch() => Ok(()),
    };
    stop.cancel();
    if let Some(working) = working {
        // The thread has already reported its panic.
        let _ = working.await;
    }
    result
}

async fn http(
    settings: &Settings,
    port: &Port<'_>,
    first: Attempt,
    mut presence: watch::Receiver<Client>,
    counted: Option<PrometheusHandle>,
    composition: &Composition,
    stop: &CancellationToken,
) -> Result<(), AppError> {
    let settings = HttpSettings {
        connections: open_files::connections(settings.http.connections),
        metrics: counted.map(|render| Metrics {
            render,
            public: settings.metrics_public,
            refresh: metrics::refresh,
        }),
        mcp: Some(mcp_over_http(settings.mcp.clone())),
        dashboard: dashboard::mount(settings.dashboard.as_ref(), Some(settings), None),
        ..settings.http.clone()
    };
    let mut first = Some(first);
    tokio::select! {
        () = port.reach.settled(&mut presence) => {}
        () = stop.cancelled() => return Ok(()),
    }
    loop {
        let bound = port.bind(first.take(), presence.clone(), stop).await?;
        let Some((listener, place)) = bound else {
            return Ok(());
        };
        let address = listener.local_addr().ok();
        if let Some(address) = address {
            port.neighbours.serves(address.port());
        }
        let address = address.map_or_else(String::new, |address| address.to_string());
        tracing::info!(name: "http.serving", address, "serving HTTP");
        let here = stop.child_token();
        let serving = issuecommand_http::serve(
            listener,
            composition.service.clone(),
            settings.clone(),
            here.clone(),
        );
        tokio::pin!(serving);
        tokio::select! {
            result = &mut serving => return result.map_err(AppError::Serve),
            () = port.reach.moved(&mut presence, place) => {}
        }
        // A client connected after the process counted as a service.
        here.cancel();
        serving.await.map_err(AppError::Serve)?;
    }
}

/// MCP at `/mcp`, for both programs that serve HTTP.
fn mcp_over_http(options: HttpOptions) -> Mount {
    Mount::new(move |parts| issuecommand_mcp::http_service(parts.executor, options.clone()))
}

/// The client on stdio, in the session that the environment names or one of this process.
fn stdio_caller(settings: &Settings, process: Option<ProcessRef>) -> Caller {
    let ClientEnvironment { agent, session } = settings.client.clone();
    let own = || SessionId::parse(&Uuid::new_v4().to_string()).ok();
    Caller {
        session: session.or_else(own).map(|id| CallerSession {
            id,
            agent,
            client: None,
            transport: Transport::Stdio,
            process,
        }),
        ..Caller::full(Principal::Local)
    }
}

/// Serves one client on stdio. The process ends when the client leaves; if none ever connected, HTTP continues.
async fn mcp(
    role: Role,
    service: Service,
    (caller, shown): (Caller, Shown),
    client: watch::Sender<Client>,
    stop: &CancellationToken,
) {
    let (there, mut seen) = watch::channel(false);
    let noticing = async {
        if seen.wait_for(|there| *there).await.is_err() {
            std::future::pending::<()>().await;
        }
        client.send_replace(Client::Here);
        parent::gone().await;
    };
    let leaving = stop.child_token();
    let serving = issuecommand_mcp::serve_stdio(service, caller, shown, there, leaving.clone());
    tokio::pin!(serving);
    let end = tokio::select! {
        end = &mut serving => end,
        () = noticing => {
            leaving.cancel();
            // Its running calls are finished.
            serving.await;
            SessionEnd::ClientLeft
        }
    };
    match end {
        SessionEnd::ClientLeft => {
            tracing::info!(name: "mcp.client_left", "the MCP client has left");
            stop.cancel();
        }
        SessionEnd::NoClient if role.has_http() => {
            tracing::info!(name: "mcp.no_client", "there is no MCP client on standard input; serving HTTP alone");
            client.send_replace(Client::Never);
        }
        SessionEnd::NoClient => {
            tracing::info!(name: "mcp.no_client", "standard input ended before an MCP client spoke");
            stop.cancel();
        }
        SessionEnd::Stopped => {}
    }
}
