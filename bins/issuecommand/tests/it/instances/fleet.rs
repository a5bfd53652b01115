//! Instances on one database, each with an address that it keeps over restarts.

use std::time::{Duration, Instant};

use super::REPO;
use crate::harness::{Http, PATIENCE, Process, Program, Site, free_port, wait_for};

pub(super) struct Fleet {
    site: Site,
    ports: Vec<u16>,
    addresses: Vec<String>,
    faces: Vec<Http>,
    pub(super) servers: Vec<Process>,
}

impl Fleet {
    /// Starts so many at once; all serve, and have synced.
    pub(super) fn new(site: Site, instances: usize) -> Self {
        let ports: Vec<u16> = (0..instances).map(|_| free_port()).collect();
        let addresses: Vec<String> = ports.iter().map(|p| format!("127.0.0.1:{p}")).collect();
        let servers = ports.iter().map(|port| start(&site, *port)).collect();
        let faces = addresses.iter().map(Http::at).collect();
        let mut fleet = Self {
            site,
            ports,
            addresses,
            faces,
            servers,
        };
        for n in 0..instances {
            fleet.wait_until_there(n);
        }
        fleet
    }

    pub(super) fn site(&self) -> &Site {
        &self.site
    }

    /// Their HTTP clients.
    pub(super) fn faces(&self) -> &[Http] {
        &self.faces
    }

    /// Of the one at this place.
    pub(super) fn address(&self, n: usize) -> &str {
        &self.addresses[n]
    }

    /// Kills one with SIGKILL and restarts it.
    pub(super) fn kill_and_restart(&mut self, n: usize) {
        self.servers[n].kill_9();
        self.servers[n] = start(&self.site, self.ports[n]);
    }

    /// Waits until one serves, and has the issues.
    pub(super) fn wait_until_there(&mut self, n: usize) {
        self.servers[n].address();
        let list = format!("/api/repos/{REPO}/issues");
        wait_for("the issues", PATIENCE, || {
            let reply = self.faces[n].ask("GET", &list, None).ok()?;
            (reply.status == 200).then_some(())
        });
    }

    /// Asserts that all started instances run, and can write and read again. Returns how long that took.
    pub(super) fn assert_recovers(&mut self, since: Instant) -> Duration {
        for server in &mut self.servers {
            assert!(server.is_running(), "an instance ended");
        }
        for http in &self.faces {
            // A claim of an issue that GitHub does not have changes nothing, and is refused by a transaction.
            let claim =
                serde_json::json!({ "agent_id": "nobody", "repo": REPO, "issue_number": 999_999 });
            wait_for("an instance to recover", PATIENCE, || {
                let reads = http.get("/api/claims").status == 200;
                let writes = http.post("/api/claims", &claim).status < 500;
                (reads && writes).then_some(())
            });
        }
        since.elapsed()
    }
}

fn start(site: &Site, port: u16) -> Process {
    let program = site.program(Program::Http).port(port);
    program.env("METRICS_PUBLIC", "true").start()
}
