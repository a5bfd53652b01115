//! The demo as a new user runs it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use issuecommand_testkit::machine::skipped;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Http, Mcp, PATIENCE, Process, Program, bare, wait_for};

/// A demo with its working folder and its folder for temporary files.
struct Demo {
    process: Process,
    out: PathBuf,
    temporary: PathBuf,
    _folder: TempDir,
}

impl Demo {
    fn start(args: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let (out, log) = (folder.path().join("out"), folder.path().join("log"));
        let temporary = folder.path().join("temporary");
        fs::create_dir(&temporary).unwrap();
        let mut command = bare(Program::Combined, folder.path());
        command
            .env("TMPDIR", &temporary)
            .arg("demo")
            .args(["--pace", "0.05"])
            .args(args);
        command
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&log).unwrap());
        let child = command.spawn().unwrap();
        Self {
            process: Process::new(format!("demo {args:?}"), child, log),
            out,
            temporary,
            _folder: folder,
        }
    }

    fn printed(&self) -> String {
        fs::read_to_string(&self.out).unwrap()
    }

    /// Waits for the introduction.
    fn intro(&self) -> Intro {
        wait_for("the demo's first words", PATIENCE, || {
            let text = self.printed();
            text.contains("Ctrl-C ends it").then(|| Intro::read(&text))
        })
    }

    /// Waits for a successful end, and returns the reported number of claims.
    fn end(mut self) -> u64 {
        let status = self.process.wait_for_end(PATIENCE);
        let text = self.printed();
        assert!(status.success(), "{status}: {text}");
        assert!(text.contains("o issue had two owners"), "{text}");
        assert!(!text.contains("The demo ended"), "{text}");
        assert_eq!(
            left_in(&self.temporary),
            [] as [PathBuf; 0],
            "something was left behind"
        );
        let made = text
            .lines()
            .find(|line| line.contains(" claims were made"))
            .expect("a last line");
        made.split(' ').next().unwrap().parse().unwrap()
    }
}

fn left_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

/// The parsed introduction.
struct Intro {
    base: String,
    key: String,
    curl: Vec<String>,
    mcp: Value,
}

impl Intro {
    fn read(text: &str) -> Self {
        let after = |label: &str| {
            let line = text
                .lines()
                .find_map(|line| line.trim().strip_prefix(label));
            line.unwrap_or_else(|| panic!("no {label} in {text}"))
                .trim()
                .to_owned()
        };
        let curl = text.lines().filter(|line| line.trim().starts_with("curl "));
        let settings = text
            .find("{ \"mcpServers\"")
            .or_else(|| text.find("{\n  \"mcpServers\""));
        let end = text.find("Ctrl-C ends it").unwrap();
        Self {
            base: after("address"),
            key: after("key"),
            curl: curl.map(|line| line.trim().to_owned()).collect(),
            mcp: serde_json::from_str(&text[settings.unwrap()..end]).unwrap(),
        }
    }

    fn http(&self) -> Http {
        Http::at(self.base.strip_prefix("http://").unwrap()).key(&self.key)
    }

    /// Starts the command of the MCP settings as a client would.
    fn mcp(&self, folder: &Path) -> Mcp {
        let server = &self.mcp["mcpServers"]["issuecommand-demo"];
        let log = folder.join("log");
        let mut command = Command::new(server["command"].as_str().unwrap());
        command
            .env_clear()
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command.stderr(File::create(&log).unwrap());
        for (name, value) in server["env"].as_object().unwrap() {
            command.env(name, value.as_str().unwrap());
        }
        Mcp::new(Process::new(
            "the demo's MCP settings".to_owned(),
            command.spawn().unwrap(),
            log,
        ))
    }
}

/// The active claims, each issue once.
fn claims(http: &Http) -> Vec<Value> {
    let reply = http.get("/api/claims");
    assert_eq!(reply.status, 200, "{}", reply.body);
    let claims = reply.body["claims"].as_array().unwrap().clone();
    let mut issues: Vec<String> = claims
        .iter()
        .map(|c| format!("{}#{}", c["repo"], c["issue_number"]))
        .collect();
    issues.sort();
    issues.dedup();
    assert_eq!(issues.len(), claims.len(), "{claims:?}");
    claims
}

#[test]
fn a_demo_shows_agents_and_cleans_up() {
    let demo = Demo::start(&["--seconds", "6", "--agents", "8"]);
    let intro = demo.intro();
    assert_eq!(intro.curl.len(), 3, "{:?}", intro.curl);
    for line in &intro.curl {
        assert!(
            line.contains(&intro.base) && line.contains(&format!("Bearer {}", intro.key)),
            "{line}"
        );
    }
    let http = intro.http();
    let holding = wait_for("agents at work", PATIENCE, || {
        Some(claims(&http)).filter(|c| c.len() > 2)
    });
    assert!(holding.iter().all(|claim| {
        claim["issue_title"]
            .as_str()
            .is_some_and(|title| !title.is_empty())
    }));
    for _ in 0..10 {
        claims(&http);
        std::thread::sleep(Duration::from_millis(50));
    }
    let made = demo.end();
    assert!(made > 8, "only {made} claims in six seconds");
}

#[test]
fn a_visitor_joins_with_the_settings_that_the_demo_prints_and_ctrl_c_ends_it() {
    let demo = Demo::start(&["--agents", "2"]);
    let intro = demo.intro();

    let folder = TempDir::new().unwrap();
    let mut mcp = intro.mcp(folder.path());
    mcp.greet();
    let given = mcp.call("next_work", &json!({ "agent_id": "visitor" }));
    assert_eq!(given["ok"], true, "{given}");
    let mine = |claim: &Value| {
        claim["claim_id"] == given["claim"]["claim_id"] && claim["agent_id"] == "visitor"
    };
    assert!(
        claims(&intro.http()).iter().any(mine),
        "the demo does not know what it gave its visitor"
    );
    mcp.leave();
    assert!(mcp.process.wait_for_end(PATIENCE).success());

    demo.process.signal("INT");
    assert!(demo.end() > 0);
}

#[test]
fn a_visitor_with_the_printed_settings_keeps_its_issue() {
    // At this pace a silent agent is stale after 3 s and loses its issue 3 s later.
    let demo = Demo::start(&["--agents", "2"]);
    let intro = demo.intro();
    let http = intro.http();
    let given = http.post("/api/next-work", &json!({ "agent_id": "me" }));
    assert_eq!(given.status, 200, "{given:?}");
    std::thread::sleep(Duration::from_secs(9));
    let mine = http.get("/api/claims?agent_id=me").body["claims"].clone();
    assert_eq!(
        mine[0]["claim_id"], given.body["claim"]["claim_id"],
        "{mine}"
    );
    assert_eq!(mine[0]["status"], "claimed", "{mine}");
    let printed = demo.printed();
    assert!(
        printed.contains("keeps an issue for 10 minutes"),
        "{printed}"
    );
    assert!(printed.contains("me has joined, and keeps "), "{printed}");
    demo.process.signal("INT");
    assert!(demo.end() > 0);
}

#[test]
fn a_demo_without_agents_waits_for_visitors() {
    let demo = Demo::start(&["--agents", "0", "--seconds", "1"]);
    assert_eq!(demo.end(), 0);
}

#[test]
fn a_demo_runs_on_real_histories() {
    let Some(folder) = std::env::var_os("ISSUECOMMAND_TEST_DATA") else {
        return skipped("ISSUECOMMAND_TEST_DATA is not set, the folder with the two histories");
    };
    let mut histories = left_in(Path::new(&folder));
    histories.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    assert_eq!(histories.len(), 2, "{histories:?}");
    for history in histories {
        let demo = Demo::start(&["--archive", history.to_str().unwrap(), "--seconds", "5"]);
        let http = demo.intro().http();
        wait_for("agents at work", PATIENCE, || {
            Some(claims(&http)).filter(|c| !c.is_empty())
        });
        let made = demo.end();
        assert!(made > 4, "only {made} claims on {}", history.display());
    }
}

#[test]
fn an_invalid_archive_is_one_sentence() {
    let mut demo = Demo::start(&["--archive", "no-such-file.json"]);
    assert_eq!(demo.process.wait_for_end(PATIENCE).code(), Some(1));
    let words = demo.process.stderr();
    assert!(
        words.lines().count() == 1 && words.contains("archive"),
        "{words}"
    );
}
