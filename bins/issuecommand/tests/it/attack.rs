//! Floods by clients without a key, and their effect on a client with one: `cargo xtask prove attack`.

mod crowd;

use std::time::{Duration, Instant};

use issuecommand_github_emulator::{NewIssue, World};
use issuecommand_testkit::prove::rounds;
use serde_json::{Value, json};

use self::crowd::{Crowd, Kind};
use crate::harness::{Events, Http, PATIENCE, Process, Program, Site, wait_for};

/// The memory limit of the program, in MB.
const MEMORY: u64 = 128;
/// The number of calls of the client with the key.
const CALLS: usize = 200;

/// Peak resident memory of a process, in MB; `None` if the system does not report it.
fn peak(process: &Process) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes / 1024)
}

fn assert_lean(process: &Process) {
    let peak = peak(process);
    eprintln!("at most resident: {peak:?} MB");
    assert!(peak.is_none_or(|peak| peak < MEMORY), "{peak:?} MB");
}

/// Calls with the key, each by a new connection, and their durations.
fn calls(http: &Http, claim: &Value) -> Vec<Duration> {
    let path = format!("/api/claims/{}", claim["claim_id"].as_str().unwrap());
    let alive = json!({ "agent_id": "ann", "status": "claimed" });
    let call = |n: usize| {
        std::thread::sleep(Duration::from_millis(10));
        let begun = Instant::now();
        let reply = match n % 4 {
            0 => http.ask("GET", "/api/repos/acme/api/issues", None),
            1 => http.ask("GET", "/api/claims", None),
            2 => http.ask("GET", "/api/my-work?agent_id=ann", None),
            _ => http.ask("PATCH", &path, Some(&alive)),
        };
        let reply = reply.unwrap_or_else(|_| panic!("call {n} was not answered"));
        assert_eq!(reply.status, 200, "call {n}: {reply:?}");
        begun.elapsed()
    };
    let mut times: Vec<Duration> = (0..CALLS).map(call).collect();
    times.sort_unstable();
    times
}

/// 2,000 silent connections, 600 that send byte by byte, 300 of HTTP/2 and 300 bodies in flight, all without a key and from the
/// same address as the client with the key.
#[test]
fn prove_attack_without_a_key_does_not_block_clients() {
    let site = Site::with_issues("acme/api", 20);
    let mut program = site.program(Program::Combined).start();
    let address = program.address();
    let http = Http::at(&address);
    let claim = json!({ "agent_id": "ann", "repo": "acme/api", "issue_number": 1 });
    let claim = http.post("/api/claims", &claim).body["claim"].clone();
    let mut events = Events::open(&address);
    let quiet = calls(&http, &claim);
    let crowd = Crowd::gather(
        &address,
        &[
            (Kind::Silent, rounds(200, 2_000)),
            (Kind::Dripping, rounds(60, 600)),
            (Kind::Http2, rounds(30, 300)),
            (Kind::Body, rounds(30, 300)),
        ],
    );
    let times = calls(&http, &claim);
    let (connected, ended) = crowd.leave();
    for (what, times) in [("alone", quiet), ("under attack", times)] {
        let [median, p99, most] = [CALLS / 2, CALLS * 99 / 100, CALLS - 1].map(|n| times[n]);
        eprintln!("{what}: {CALLS} calls, median {median:?}, p99 {p99:?}, most {most:?}");
    }
    eprintln!("strangers: {connected} connections, of which {ended} were ended");
    assert_lean(&program);
    // A stream that was opened before is still open.
    let release = format!("/api/claims/{}", claim["claim_id"].as_str().unwrap());
    let released = http.ask("DELETE", &release, Some(&json!({ "agent_id": "ann" })));
    assert_eq!(released.unwrap().status, 200);
    let told = events.find(|event, _| event == "claim.released");
    assert_eq!(told.expect("an open stream")["claim_id"], claim["claim_id"]);
    site.assert_sound();
}

/// Clients with a key that request a large list and do not read it.
#[test]
fn prove_attack_of_readers_that_do_not_read_costs_little_memory() {
    let mut world = World::new();
    world.add_repo("acme/api");
    for n in 1..=100 {
        let issue = NewIssue::titled(&format!("Issue {n}")).body(&"x".repeat(20_000));
        world.open_issue("acme/api", issue);
    }
    let site = Site::new(world);
    let mut program = site.program(Program::Combined).start();
    let address = program.address();
    let http = Http::at(&address);
    let list = "/api/repos/acme/api/issues";
    let length = http.get(list).body.to_string().len();
    let before = peak(&program);
    let crowd = Crowd::gather(&address, &[(Kind::Unread, rounds(12, 60))]);
    assert_eq!(http.get("/api/claims").status, 200);
    let (connected, _) = crowd.leave();
    eprintln!("{connected} readers of {length} bytes; at most resident before: {before:?} MB");
    assert_lean(&program);
}

/// Attacks leave few and short log lines, and a count of the others.
#[test]
fn refusals_leave_few_lines_and_a_count_of_the_others() {
    const TRIED: usize = 300;
    let site = Site::with_issues("acme/api", 1);
    let mut program = site.program(Program::Combined).start();
    let http = Http::at(program.address());
    let before = program.stderr().len();
    let long = "x".repeat(10_000);
    let path = format!("/api/{long}");
    for n in 0..TRIED {
        let key = format!("Bearer ick_{n}");
        let headers = [("Authorization", &*key), ("X-Request-Id", &*long)];
        assert_eq!(http.send("GET", &path, &headers, b"").unwrap().status, 401);
        let reply = http.send("POST", "/api/webhooks/github", &headers, b"{}");
        assert_eq!(reply.unwrap().status, 401);
    }
    program.signal("TERM");
    assert!(program.wait_for_end(PATIENCE).success());
    let output = program.stderr().split_off(before);
    assert!(output.len() < 60_000, "{} bytes", output.len());
    for (event, kind) in [
        ("http.unauthorized", "key"),
        ("webhook.rejected", "delivery"),
    ] {
        let lines = output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let (mut written, mut left_out) = (0, 0);
        for line in lines {
            let line: Value = line;
            written += usize::from(line["event"] == event);
            if line["event"] == "http.refusals_left_out" && line["details"]["kind"] == kind {
                left_out += usize::try_from(line["details"]["left_out"].as_u64().unwrap()).unwrap();
            }
        }
        assert!((1..=30).contains(&written), "{written} lines of {event}");
        assert_eq!(written + left_out, TRIED, "{event}");
    }
}

/// Waits until so many have arrived.
fn gathered(what: &str, patience: Duration, is: impl Fn() -> bool) {
    wait_for(what, patience, || is().then_some(()));
}
