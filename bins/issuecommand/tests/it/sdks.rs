//! Other people's MCP clients: the TypeScript SDKs, the Python client and the Inspector's command line call every tool. They run
//! only where `ISSUECOMMAND_TEST_SDKS` names a folder with what `tests/sdk` asks for, as `cargo xtask prove sdks` makes it.

mod bridge;
mod inspector;
mod plan;

use std::path::PathBuf;

use issuecommand_testkit::machine::skipped;
use serde_json::Value;

use self::bridge::Bridge;
use self::inspector::Inspector;
use crate::followups::talk::{REPO, say, site};
use crate::harness::{Http, PATIENCE, Process, Program, Site, Store};

on_each_store!(
    prove_sdks_typescript_v1_calls_every_tool,
    prove_sdks_typescript_v2_calls_every_tool,
    prove_sdks_python_calls_every_tool,
    prove_sdks_inspector_calls_every_tool,
);

/// The pull request that feedback waits on; its author is ada.
const PULL: u64 = 6;

/// The protocol with a handshake, and the one without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Era {
    Legacy,
    Modern,
}

impl Era {
    fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }

    /// The version of the protocol that is agreed upon.
    fn version(self) -> &'static str {
        match self {
            Self::Legacy => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wire {
    Stdio,
    Http,
}

/// A client that is connected.
trait Client {
    /// The names of the tools that the server has shown.
    fn tools(&self) -> Vec<String>;

    /// The whole result of a call.
    fn call(&mut self, tool: &str, arguments: &Value) -> Value;
}

/// The folder with the packages. The tests are skipped without it.
pub(crate) fn installed() -> Option<PathBuf> {
    let folder = std::env::var_os("ISSUECOMMAND_TEST_SDKS");
    if folder.is_none() {
        skipped("the MCP libraries are not installed: cargo xtask prove sdks");
    }
    folder.map(PathBuf::from)
}

/// What clients are pointed at: a service where feedback waits, whose answers have schemas for those that check them.
struct Fixture {
    sdks: PathBuf,
    site: Site,
    service: Process,
}

impl Fixture {
    fn new(store: Store) -> Option<Self> {
        let sdks = installed()?;
        let site = site(store, 5, 1);
        let mut service = site
            .program(Program::Http)
            .env("MCP_OUTPUT_SCHEMAS", "true")
            .start();
        let http = Http::at(service.address());
        service.wait_until_logged("synced with GitHub", PATIENCE);
        for told in site.github.world(|world| say(world, PULL, 0)) {
            assert_eq!(http.deliver(&told.delivery).unwrap().status, 202);
        }
        Some(Self {
            sdks,
            site,
            service,
        })
    }

    /// The environment of a client and of what it starts.
    fn environment(&self) -> Vec<(String, String)> {
        let program = self.site.program(Program::Combined);
        program.env("MCP_OUTPUT_SCHEMAS", "true").environment()
    }

    fn url(&mut self) -> String {
        format!("http://{}/mcp", self.service.address())
    }
}

/// Lets a client work over both transports in these eras, each on a site of its own.
fn each(
    store: Store,
    pairs: &[(Wire, Era)],
    connect: impl Fn(&mut Fixture, Wire, Era) -> Box<dyn Client>,
) {
    for (wire, era) in pairs {
        let Some(mut fixture) = Fixture::new(store) else {
            return;
        };
        let mut client = connect(&mut fixture, *wire, *era);
        let calls = plan::work_through(&mut *client, REPO, PULL);
        eprintln!(
            "{wire:?} {era:?}: {calls} calls of {} tools",
            client.tools().len()
        );
        drop(client);
        fixture.site.assert_sound();
    }
}

const BOTH: [(Wire, Era); 2] = [(Wire::Stdio, Era::Legacy), (Wire::Http, Era::Legacy)];
const ALL: [(Wire, Era); 4] = [
    (Wire::Stdio, Era::Legacy),
    (Wire::Stdio, Era::Modern),
    (Wire::Http, Era::Legacy),
    (Wire::Http, Era::Modern),
];

fn prove_sdks_typescript_v1_calls_every_tool(store: Store) {
    over_a_bridge(store, &BOTH, "node_modules/.bin/node", "typescript_v1.mjs");
}

fn prove_sdks_typescript_v2_calls_every_tool(store: Store) {
    over_a_bridge(store, &ALL, "node_modules/.bin/node", "typescript_v2.mjs");
}

fn prove_sdks_python_calls_every_tool(store: Store) {
    over_a_bridge(store, &ALL, "venv/bin/python", "python.py");
}

/// `interpreter` is a path in the folder with the packages.
fn over_a_bridge(store: Store, pairs: &[(Wire, Era)], interpreter: &str, script: &str) {
    each(store, pairs, |fixture, wire, era| {
        let interpreter = fixture.sdks.join(interpreter);
        Box::new(Bridge::start(fixture, &interpreter, script, wire, era))
    });
}

/// It starts anew for each call, so that each era is seen over one transport alone.
fn prove_sdks_inspector_calls_every_tool(store: Store) {
    let pairs = [(Wire::Stdio, Era::Legacy), (Wire::Http, Era::Modern)];
    each(store, &pairs, |fixture, wire, era| {
        Box::new(Inspector::new(fixture, wire, era))
    });
}
