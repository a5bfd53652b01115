//! Two databases on one machine: a process whose port is held by a process on another database gives way, and processes that
//! hand out the same repositories are warned.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Http, Mcp, PATIENCE, Process, Program, Site, Start, free_port, wait_for};

const REPO: &str = "acme/harbour";

fn site() -> Site {
    Site::with_issues(REPO, 5)
}

fn start(site: &Site, program: Program, database: &Path) -> Start {
    let start = site.program(program);
    start.env("SQLITE_PATH", database.to_str().unwrap())
}

fn file(site: &Site, name: &str) -> PathBuf {
    site.folder().join(name)
}

/// A server on this port and database that has synced.
fn serving(site: &Site, port: u16, database: &Path) -> Process {
    let mut server = start(site, Program::Http, database).port(port).start();
    server.address();
    server.wait_until_logged("synced with GitHub", PATIENCE);
    server
}

fn claims(database: &Path, site: &Site) -> usize {
    let mut mcp = start(site, Program::Mcp, database).start_mcp();
    mcp.greet();
    let all = mcp.call("get_all_claims", &json!({}));
    all["claims"].as_array().unwrap().len()
}

#[test]
fn a_port_of_another_database_ends_the_start_and_informs_the_client() {
    let (site, port) = (site(), free_port());
    let (one, two) = (file(&site, "one.db"), file(&site, "two.db"));
    let _holder = serving(&site, port, &one);
    for program in [Program::Combined, Program::Http] {
        let mut process = start(&site, program, &two).port(port).start();
        assert_eq!(process.wait_for_end(PATIENCE).code(), Some(1));
        let words = process.stderr();
        let last = words.lines().last().unwrap();
        for name in ["one.db", "two.db", "SQLITE_PATH", &port.to_string()] {
            assert!(last.contains(name), "{program:?}: {last}");
        }
    }
    let mut mcp = start(&site, Program::Combined, &two).port(port).start_mcp();
    let greeting = mcp.greeted();
    assert!(
        greeting.starts_with("IssueCommand hands out nothing in this process")
            && greeting.contains("two.db"),
        "{greeting}"
    );
    for tool in ["next_work", "next_issue", "get_my_work"] {
        let told = mcp.fail(tool, &json!({ "agent_id": "a" }));
        for name in ["one.db", "two.db", "SQLITE_PATH", "tell your user"] {
            assert!(told.contains(name), "{tool}: {told}");
        }
        assert!(!told.contains("retry_after"), "{tool}: {told}");
    }
    // It stays as long as its client, and does nothing.
    std::thread::sleep(Duration::from_millis(1500));
    assert!(mcp.process.is_running());
    assert!(mcp.process.logged("background work now").is_empty());
    mcp.leave();
    assert_eq!(mcp.process.wait_for_end(PATIENCE).code(), Some(1));
    assert_eq!(claims(&two, &site), 0);
}

/// The holder belongs to another user or container: it is identified only over the port, with a proof that it has the same key.
#[test]
fn the_holder_is_asked_over_the_port_where_it_is_on_no_list() {
    let (site, port) = (site(), free_port());
    let (one, two) = (file(&site, "one.db"), file(&site, "two.db"));
    let elsewhere = file(&site, "elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let _holder = serving(&site, port, &one);
    let other = |database: &Path| {
        let start = start(&site, Program::Http, database).port(port);
        start.env("XDG_RUNTIME_DIR", elsewhere.to_str().unwrap())
    };
    for (start, said) in [
        (other(&two), "on another database"),
        (other(&one), "is taken by another issuecommand"),
        // A client with another key gets no details.
        (
            other(&two).env("API_KEY", "another"),
            "is taken by another issuecommand",
        ),
    ] {
        let mut process = start.start();
        assert_eq!(process.wait_for_end(PATIENCE).code(), Some(1));
        let words = process.stderr();
        assert!(
            words.lines().last().unwrap().contains(said),
            "{said}: {words}"
        );
    }
    // Nor does a client without a key.
    let http = Http::at(format!("127.0.0.1:{port}"));
    let plain = http.send("GET", "/healthz", &[], b"").unwrap();
    assert_eq!(plain.body, json!({ "service": "issuecommand", "ok": true }));
    let forged = format!("{}.{}", "0".repeat(32), "0".repeat(64));
    let forged = http.send("GET", "/healthz", &[("x-issuecommand-proof", &forged)], b"");
    assert_eq!(forged.unwrap().body, plain.body);
    let health = http.get("/api/health").body["health"].clone();
    assert_eq!(health["database"]["place"], one.to_str().unwrap());
}

/// A copy has the same random id, but is another database.
#[test]
fn a_copy_of_the_file_is_another_database() {
    let (site, port) = (site(), free_port());
    let (one, copy) = (file(&site, "one.db"), file(&site, "copy.db"));
    let mut first = serving(&site, port, &one);
    first.signal("TERM");
    assert!(first.wait_for_end(PATIENCE).success());
    fs::copy(&one, &copy).unwrap();
    let _holder = serving(&site, port, &one);
    let mut process = start(&site, Program::Http, &copy).port(port).start();
    assert_eq!(process.wait_for_end(PATIENCE).code(), Some(1));
    assert!(process.stderr().contains("on another database"));
}

#[test]
fn a_client_that_loses_the_port_to_another_database_stands_aside() {
    let (site, port) = (site(), free_port());
    let (one, two) = (file(&site, "one.db"), file(&site, "two.db"));
    let mut holder = serving(&site, port, &one);
    let mut mcp = start(&site, Program::Combined, &one).port(port).start_mcp();
    mcp.greet();
    mcp.process
        .wait_until_logged("another issuecommand serves HTTP", PATIENCE);
    assert_eq!(
        mcp.call("next_work", &json!({ "agent_id": "a" }))["ok"],
        true
    );
    holder.signal("TERM");
    assert!(holder.wait_for_end(PATIENCE).success());
    let mut other = start(&site, Program::Http, &two).port(port).start();
    other.address();
    // It tries every 5 s.
    mcp.process
        .wait_until_logged("on another database", Duration::from_secs(20));
    let told = mcp.fail("next_work", &json!({ "agent_id": "a" }));
    assert!(told.contains("two.db"), "{told}");
    mcp.leave();
    assert_eq!(mcp.process.wait_for_end(PATIENCE).code(), Some(1));
}

fn warnings(health: &Value) -> Vec<String> {
    let all = health["health"]["warnings"].as_array();
    let all = all.into_iter().flatten();
    all.map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_same_repositories_on_two_databases_are_warned_of_everywhere() {
    let site = site();
    let (one, two) = (file(&site, "one.db"), file(&site, "two.db"));
    let mut first = start(&site, Program::Http, &one).start();
    let http = Http::at(first.address());
    first.wait_until_logged("synced with GitHub", PATIENCE);
    assert_eq!(
        warnings(&http.get("/api/health").body),
        Vec::<String>::new()
    );

    // On its first start a database knows no repositories yet.
    let mut mcp: Mcp = start(&site, Program::Mcp, &two).start_mcp();
    let instructions = mcp.greeted();
    for name in ["one.db", "two.db", "SQLITE_PATH", "may hand out the same"] {
        assert!(instructions.contains(name), "{instructions}");
    }
    mcp.process
        .wait_until_logged("another database is in use", PATIENCE);
    let named = |text: &String| text.contains(REPO) && text.contains("one.db");
    wait_for("the repositories to be known", PATIENCE, || {
        let health = mcp.call("system_health", &json!({}));
        warnings(&health).iter().any(named).then_some(())
    });
    // The earlier process is told too.
    wait_for("the other to see it", PATIENCE, || {
        let said = warnings(&http.get("/api/health").body);
        said.iter()
            .any(|text| text.contains("two.db"))
            .then_some(())
    });
    mcp.leave();
    assert!(mcp.process.wait_for_end(PATIENCE).success());
    wait_for("the warning to be withdrawn", PATIENCE, || {
        warnings(&http.get("/api/health").body)
            .is_empty()
            .then_some(())
    });

    // Other repositories, or the same database, give no warning.
    let apart = start(&site, Program::Mcp, &two).env("ALLOWED_REPOS", "acme/other");
    let same = start(&site, Program::Mcp, &one);
    for start in [apart, same] {
        let mut mcp = start.start_mcp();
        assert!(!mcp.greeted().contains("one.db"));
    }
}

#[test]
fn a_default_file_in_a_work_tree_is_warned_of_once() {
    let site = site();
    let tree = site.folder().join("tree");
    let deep = tree.join("src");
    fs::create_dir_all(&deep).unwrap();
    fs::write(tree.join(".git"), "gitdir: /elsewhere").unwrap();
    let run = |start: Start| {
        let mut mcp = start.in_folder(&deep).start_mcp();
        mcp.greet();
        let said = warnings(&mcp.call("system_health", &json!({})));
        mcp.leave();
        assert!(mcp.process.wait_for_end(PATIENCE).success());
        (said, mcp.process.logged("made in a git work tree").len())
    };
    let asked = || site.program(Program::Mcp).env("SQLITE_PATH", "asked.db");
    assert_eq!(run(asked()), (Vec::new(), 0));
    let by_default = || site.program(Program::Mcp).without("SQLITE_PATH");
    let (said, logged) = run(by_default());
    assert_eq!((said.len(), logged), (1, 1), "{said:?}");
    let path = deep.join("issuecommand.db");
    assert!(said[0].contains(path.to_str().unwrap()), "{said:?}");
    // Now it is known.
    assert_eq!(run(by_default()), (Vec::new(), 0));
}

#[test]
fn doctor_sees_a_running_process_whose_file_was_replaced_and_one_on_another_database() {
    let site = site();
    let path = site.folder().join("issuecommand.db");
    let mut service = site.program(Program::Http).start();
    let port = service.address().rsplit(':').next().unwrap().to_owned();
    service.wait_until_logged("synced with GitHub", PATIENCE);
    // Stopped, so that it cannot notice and end.
    service.signal("STOP");
    fs::rename(&path, site.folder().join("gone.db")).unwrap();
    let doctor = |start: Start| {
        let output = start
            .env("HTTP_PORT", &port)
            .args(&["doctor", "--json"])
            .output();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = told["checks"].as_array().unwrap().clone();
        checks.into_iter().filter(|check| check["verdict"] != "ok")
    };
    let ills: Vec<Value> = doctor(site.program(Program::Combined)).collect();
    let lost = ills.iter().find(|ill| ill["check"] == "processes").unwrap();
    assert_eq!(lost["verdict"], "fail", "{ills:?}");
    assert!(
        lost["says"]
            .as_str()
            .unwrap()
            .contains("replaced or removed")
    );
    fs::rename(site.folder().join("gone.db"), &path).unwrap();
    service.signal("CONT");

    let two = start(&site, Program::Combined, &file(&site, "two.db"));
    let ills: Vec<Value> = doctor(two).collect();
    let of = |check: &str| ills.iter().find(|ill| ill["check"] == check).unwrap();
    assert_eq!(of("processes")["verdict"], "warn");
    assert_eq!(of("port")["verdict"], "fail");
    assert!(of("port")["says"].as_str().unwrap().contains("two.db"));
}
