//! Hooks of clients, and waiting, by real processes on a real database.

mod awry;
mod moments;
mod waiting;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::followups::talk::{REPO, say, site};
use crate::harness::{API_KEY, Http, Mcp, Process, Program, Site, Start, Store};

/// The client's id of the session of most tests.
const SESSION: &str = "7f3e9a-session";
/// The agent of that session: the client of the tests calls itself so.
const AGENT: &str = "tests-7f3e";
/// The pull request of the second issue.
const PULL: u64 = 3;

/// A site with two issues and a pull request, a service with HTTP, and a client's session.
struct Fixture {
    site: Site,
    service: Process,
    address: String,
    http: Http,
    mcp: Mcp,
}

/// How hooks reach the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channel {
    Database,
    Http,
}

impl Fixture {
    fn new(store: Store) -> Self {
        let site = site(store, 2, 1);
        let service = site.program(Program::Http);
        let mut service = service.env("MCP_ALLOWED_HOSTS", "test").start();
        let address = service.address();
        service.wait_until_logged("synced with GitHub", crate::harness::PATIENCE);
        let http = Http::at(&address);
        let mcp = client(&site, SESSION);
        Self {
            site,
            service,
            address,
            http,
            mcp,
        }
    }

    /// The session claims an issue and begins with it. Returns the claim's id.
    fn begins(&mut self, issue: u64) -> String {
        let wanted = json!({ "repo": REPO, "issue_number": issue });
        let given = self.mcp.call("claim_issue", &wanted);
        assert_eq!(given["ok"], true, "{given}");
        let claim = given["claim"]["claim_id"].as_str().unwrap().to_owned();
        self.moves(
            &claim,
            "in_progress",
            &json!({ "note": format!("plan for {issue}") }),
        );
        claim
    }

    /// The session opens the pull request of an issue that it has begun with.
    fn submits(&mut self, claim: &str) {
        let url = format!("https://github.com/{REPO}/pull/{PULL}");
        self.moves(claim, "pr_submitted", &json!({ "pr_url": url }));
    }

    fn moves(&mut self, claim: &str, status: &str, more: &Value) {
        let mut to = json!({ "agent_id": AGENT, "claim_id": claim, "status": status });
        to.as_object_mut()
            .unwrap()
            .append(&mut more.as_object().unwrap().clone());
        let moved = self.mcp.call("update_claim_status", &to);
        assert_eq!(moved["ok"], true, "{moved}");
    }

    /// A review asks for changes of the pull request, as a signed delivery says.
    fn review(&self, n: usize) {
        let told = self.site.github.world(|world| say(world, PULL, n));
        for told in &told {
            let reply = self.http.deliver(&told.delivery).expect("an answer");
            assert_eq!(reply.status, 202, "{}", reply.body);
        }
    }

    /// A person gives the claim to somebody else.
    fn give(&self, claim: &str, to: &str) {
        let path = format!("/api/claims/{claim}/give");
        let reply = self.http.post(&path, &json!({ "to_agent_id": to }));
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    /// A command with the settings of the channel.
    fn command(&self, channel: Channel, words: &[&str]) -> Start {
        let start = self.site.program(Program::Combined);
        match channel {
            Channel::Database => start.args(words),
            Channel::Http => {
                let url = format!("http://{}", self.address);
                start
                    .args(words)
                    .args(&["--remote", &url])
                    .env("ISSUECOMMAND_KEY", API_KEY)
                    .without("SQLITE_PATH")
                    .without("DATABASE_URL")
            }
        }
    }

    /// What a hook of Claude Code says. It must succeed in a second.
    fn hook(&self, channel: Channel, event: &str, more: Value) -> Option<Value> {
        self.hook_of(channel, "claude-code", event, "session_id", more)
    }

    fn hook_of(
        &self,
        channel: Channel,
        client: &str,
        event: &str,
        id: &str,
        mut more: Value,
    ) -> Option<Value> {
        more[id] = json!(SESSION);
        let start = self.command(channel, &["hook", client, event]);
        silent_or_json(start.answer_to(&more.to_string()))
    }

    /// A minute passes, for the marks of hooks.
    fn minute_passes(&self) {
        let folder = self.marks();
        for file in fs::read_dir(folder).unwrap().flatten() {
            if file.file_name().to_string_lossy().ends_with("-sign") {
                fs::remove_file(file.path()).unwrap();
            }
        }
    }

    fn marks(&self) -> PathBuf {
        self.site.folder().join("home/issuecommand")
    }
}

/// An MCP client in this session.
fn client(site: &Site, session: &str) -> Mcp {
    let program = site.program(Program::Mcp).without("API_KEY");
    let mut mcp = program.env("CLAUDE_CODE_SESSION_ID", session).start_mcp();
    mcp.greet();
    mcp
}

/// The answer of a hook, which must end well and soon, and say nothing else.
fn silent_or_json((output, took): (std::process::Output, Duration)) -> Option<Value> {
    assert!(output.status.success(), "{output:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    if output.stdout.is_empty() {
        return None;
    }
    Some(serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}")))
}

/// The words for the model, in the form of Claude Code.
fn context(answer: Option<Value>) -> String {
    let answer = answer.expect("an answer");
    let words = &answer["hookSpecificOutput"]["additionalContext"];
    words
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}
