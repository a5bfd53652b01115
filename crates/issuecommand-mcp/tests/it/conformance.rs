//! The protocol's own conformance suite (`@modelcontextprotocol/conformance`) against the transport of `/mcp`, with the tools,
//! resources and prompts that the suite asks for behind it. It runs only where `ISSUECOMMAND_TEST_SDKS` names a folder with the suite,
//! as `cargo xtask prove conformance` makes it.

mod fixtures;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::Principal;
use issuecommand_executor::{Executor, Surface};
use issuecommand_mcp::{HttpOptions, http_service, http_service_of};
use issuecommand_testkit::machine::skipped;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

use self::fixtures::Fixtures;
use crate::world::World;

/// Who listens where, and what is served there as `issuecommand-http` serves its tools to this machine alone.
struct Place {
    listener: TcpListener,
    origin: String,
}

impl Place {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, origin }
    }

    /// The suite calls from a page of the same place, which is let in by the operator (`MCP_ALLOWED_ORIGINS`).
    fn options(&self) -> HttpOptions {
        let local = ["localhost", "127.0.0.1", "::1"];
        HttpOptions {
            allowed_hosts: local.map(str::to_owned).into(),
            allowed_origins: vec![self.origin.clone()],
            ..HttpOptions::default()
        }
    }

    /// Serves until the test ends; the URL.
    fn serve<S, B>(self, service: S) -> String
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send,
        B: Body<Data: Send, Error = Infallible> + Send + 'static,
    {
        // The suite sends no key: everybody is let in.
        let let_in = |mut request: Request<Incoming>| {
            let caller = Caller::full(Principal::ApiKey);
            request.extensions_mut().insert(caller);
            request
        };
        let service = TowerToHyperService::new(service.map_request(let_in));
        tokio::spawn(async move {
            loop {
                let (stream, _) = self.listener.accept().await.unwrap();
                let service = service.clone();
                tokio::spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    // A client that leaves in the middle is none of this test's business.
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        format!("{}/mcp", self.origin)
    }
}

/// Runs the suite with these words.
async fn run(sdks: &Path, url: &str, words: &[&str]) {
    let bin = sdks.join("node_modules/.bin");
    let mut suite = Command::new(bin.join("node"));
    suite
        .arg(bin.join("conformance"))
        .args(["server", "--url", url])
        .args(words)
        .arg("--output-dir")
        .arg(sdks.join("conformance-results"));
    let output = tokio::task::spawn_blocking(move || suite.output().unwrap());
    let output = output.await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let at = text.find("=== SUMMARY ===").unwrap_or(0);
    eprintln!("{}", &text[at..]);
    // An expected failure that does not fail any more is an error too.
    assert!(output.status.success(), "{words:?}: {text}\n{output:?}");
}

fn executor(world: &World) -> Executor {
    let (service, stop) = (world.service.clone(), CancellationToken::new());
    Executor::new(service, Surface::Mcp, Duration::from_secs(20), None, stop)
}

fn installed() -> Option<PathBuf> {
    let folder = std::env::var_os("ISSUECOMMAND_TEST_SDKS");
    if folder.is_none() {
        skipped("the conformance suite is not installed: cargo xtask prove conformance");
    }
    folder.map(PathBuf::from)
}

#[tokio::test(flavor = "multi_thread")]
async fn prove_conformance_of_the_transport() {
    let Some(sdks) = installed() else {
        return;
    };
    let ((world, _stream), place) = (World::open(), Place::new().await);
    let service = http_service_of(Fixtures::default, executor(&world), place.options());
    let url = place.serve(service);
    let expected = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/conformance/expected-failures.yaml"
    );
    let words = ["--suite", "all", "--expected-failures", expected];
    run(&sdks, &url, &words).await;
}

/// What needs no fixtures, with our own tools.
#[tokio::test(flavor = "multi_thread")]
async fn prove_conformance_of_the_server() {
    let Some(sdks) = installed() else {
        return;
    };
    let ((world, _stream), place) = (World::open(), Place::new().await);
    let service = http_service(executor(&world), place.options());
    let url = place.serve(service);
    for scenario in [
        "server-initialize",
        "ping",
        "tools-list",
        "server-sse-multiple-streams",
        "dns-rebinding-protection",
    ] {
        run(&sdks, &url, &["--scenario", scenario]).await;
    }
}
