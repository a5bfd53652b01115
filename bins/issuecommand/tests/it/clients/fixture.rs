//! A service, a client with an empty home, and a scripted model.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use issuecommand_testkit::prove::{is_full, rounds};
use serde_json::json;

use super::model::{Model, Turn};
use crate::followups::talk::{REPO, say, site};
use crate::harness::{API_KEY, Http, PATIENCE, Process, Program, Site, Store, path_of, wait_for};

/// The pull request of the first issue.
const PULL: u64 = 3;

/// How the client reaches IssueCommand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// It starts a program.
    Stdio,
    /// The service's `/mcp`.
    Http,
}

pub(super) struct Fixture {
    pub(super) site: Site,
    pub(super) model: Model,
    pub(super) home: PathBuf,
    transport: Transport,
    address: String,
    http: Http,
    _service: Process,
}

impl Fixture {
    pub(super) fn new(model: Model, transport: Transport) -> Self {
        let site = site(Store::Sqlite, 2, 1);
        let service = site.program(Program::Http);
        let mut service = service.env("MCP_ALLOWED_HOSTS", "test,127.0.0.1").start();
        let address = service.address();
        let http = Http::at(&address);
        service.wait_until_logged("synced with GitHub", PATIENCE);
        let home = site.folder().join("client");
        fs::create_dir_all(home.join("project")).unwrap();
        Self {
            site,
            model,
            home,
            transport,
            address,
            http,
            _service: service,
        }
    }

    /// Enters IssueCommand into a client, as its user does. The client itself must say that it is there.
    pub(super) fn install(&self, client: &str, program: &Path) {
        let mut command = self.client(&path_of(Program::Combined), program);
        command.args(["install", client]);
        if self.transport == Transport::Http {
            let url = format!("http://{}/mcp", self.address);
            command.args(["--remote", &url]);
        }
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() && said.contains(" tools."), "{said}");
        assert!(
            said.contains(" says:\n") && !said.contains("warning"),
            "{said}"
        );
    }

    /// A program with an empty home, the user's environment, and the client on the path.
    pub(super) fn client(&self, program: &Path, client: &Path) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = client.parent().map(Path::to_owned).into_iter();
        let path = std::env::join_paths(folders.chain(std::env::split_paths(&path))).unwrap();
        command.env_clear();
        match self.transport {
            Transport::Stdio => {
                command.envs(self.site.program(Program::Combined).environment());
            }
            Transport::Http => {
                command.env("ISSUECOMMAND_KEY", API_KEY);
            }
        }
        command
            .env("PATH", path)
            .env("HOME", &self.home)
            // Where running services find each other, which hooks look for.
            .env("XDG_RUNTIME_DIR", self.site.folder().join("home"))
            // OpenCode looks for models and for its next version elsewhere.
            .env("OPENCODE_DISABLE_MODELS_FETCH", "1")
            .env("OPENCODE_DISABLE_AUTOUPDATE", "1")
            .current_dir(self.home.join("project"));
        command
    }

    /// Plays the work loop up to the pull request, with a loss in the middle and a question at the end of a turn, and checks what
    /// the model heard of both from the hooks. `other` is a call of a tool that is not ours, which tells nothing by itself.
    pub(super) fn script_work(&self, other: Turn) {
        let (http, marks) = (
            self.http.clone(),
            self.site.folder().join("home/issuecommand"),
        );
        let give = move || {
            let claims = http.get("/api/claims").body;
            let claims = claims["claims"].as_array().unwrap();
            let second = claims
                .iter()
                .find(|claim| claim["issue_number"] == 2)
                .unwrap();
            let path = format!("/api/claims/{}/give", second["claim_id"].as_str().unwrap());
            let reply = http.post(&path, &json!({ "to_agent_id": "bob" }));
            assert_eq!(reply.status, 200, "{}", reply.body);
            // A minute passes, for the hooks.
            for file in fs::read_dir(&marks).unwrap().flatten() {
                if file.file_name().to_string_lossy().ends_with("-sign") {
                    fs::remove_file(file.path()).unwrap();
                }
            }
        };
        let url = format!("https://github.com/{REPO}/pull/{PULL}");
        let agent = "$agent_id";
        let moved = |status: &str| json!({ "agent_id": agent, "claim_id": "$claim_id", "status": status, "pr_url": url });
        let begun = json!({ "agent_id": agent, "claim_id": "$claim_id", "status": "in_progress", "note": "the parser is next" });
        self.model.then([
            Turn::Tool(
                "claim_issue",
                json!({ "agent_id": agent, "repo": REPO, "issue_number": 2 }),
            ),
            Turn::Meanwhile(Box::new(give)),
            other,
            Turn::Tool("next_work", json!({ "agent_id": agent })),
            Turn::Tool("update_claim_status", begun),
            Turn::Text("I have begun."),
            // The hook at the end of the turn asks.
            Turn::Tool("update_claim_status", moved("pr_submitted")),
            Turn::Text("I have opened a pull request."),
        ]);
    }

    pub(super) fn assert_worked(&self) {
        self.model.hears(0, &format!("You lost {REPO}#2 to bob"));
        self.model
            .hears(0, &format!("you still hold {REPO}#1, in_progress"));
        wait_for("the submitted claim", PATIENCE, || {
            let claims = self.http.get("/api/claims").body;
            let claims = claims["claims"].as_array().unwrap();
            let first = claims.iter().find(|claim| claim["issue_number"] == 1)?;
            (first["status"] == "pr_submitted").then_some(())
        });
    }

    /// Reviews, each of which must wake the session, which then takes and answers it. Prints the times from the signed delivery to
    /// the first request to the model.
    pub(super) fn wakes(&self, client: &str) {
        let mut times = Vec::new();
        for n in 0..rounds(3, 50) {
            self.model.rests();
            self.model.then([
                Turn::Tool("next_work", json!({ "agent_id": "$agent_id" })),
                Turn::Tool(
                    "update_followup_status",
                    json!({ "agent_id": "$agent_id", "work_item_id": "$work_item_id", "status": "done" }),
                ),
                Turn::Text("I have answered."),
            ]);
            let heard = self.model.asked().len();
            let told = self
                .site
                .github
                .world(|world| say(world, PULL, 3 * n as usize));
            let begin = Instant::now();
            for told in &told {
                let reply = self.http.deliver(&told.delivery).expect("an answer");
                assert_eq!(reply.status, 202, "{}", reply.body);
            }
            let words = format!("review feedback came on your pull request {REPO}#{PULL}");
            times.push(self.model.hears(heard, &words).at - begin);
            wait_for("the answered review", PATIENCE, || {
                let open = self.http.get("/api/followups").body;
                open["followups"]
                    .as_array()
                    .unwrap()
                    .is_empty()
                    .then_some(())
            });
        }
        times.sort();
        let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
        eprintln!(
            "{client}: {} rounds, from the delivery to the model: median {median:?}, longest {most:?}",
            times.len()
        );
        // Beside other tests a time says nothing.
        let in_time = median < Duration::from_secs(2) && most < Duration::from_secs(5);
        assert!(in_time || !is_full(), "{times:?}");
    }

    /// How the sessions that hold the pull request ended.
    pub(super) fn ends(&self) -> Vec<String> {
        self.site.ask_database("SELECT coalesce(s.ended_how, 'no') FROM session s JOIN claim c USING (agent_id, session_id) WHERE c.number = 1")
    }
}

/// A client that runs. It ends with the test.
pub(super) struct Running(pub(super) Child);

impl Running {
    pub(super) fn wait(&mut self) {
        let status = wait_for("the end of the client", PATIENCE, || {
            self.0.try_wait().unwrap()
        });
        assert!(status.success(), "{status}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
