//! A program that was killed while its clock was ahead, and restarts with a correct one; and one that starts after a night
//! without any process.

use std::time::Duration;

use issuecommand_core::domain::time::Timestamp;
use serde_json::{Value, json};

use crate::harness::{Http, PATIENCE, Process, Program, Site, Store};

on_each_store!(
    a_start_after_a_clock_that_was_ahead_heals,
    a_night_in_which_nothing_ran_makes_nothing_stale_at_once,
);

/// The timestamp columns of a claim, a sync and the lease.
const DATED: [(&str, &str); 5] = [
    ("meta", "last_now"),
    ("meta", "last_sync"),
    ("claim", "claimed_at"),
    ("claim", "last_updated"),
    ("lease", "until"),
];

const YEAR: i64 = 365 * 24 * 3_600_000;

/// Shifts all of them by so many milliseconds, as if written by a clock that was ahead.
fn dated_ahead(site: &Site, by: i64) {
    for (table, column) in DATED {
        let sql = format!("UPDATE {table} SET {column} = {column} + {by} RETURNING 'done'");
        assert!(!site.ask_database(&sql).is_empty(), "{table}.{column}");
    }
}

fn claimed(site: &Site) -> Value {
    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    server.wait_until_logged("synced with GitHub", PATIENCE);
    let claim = http.post("/api/next", &json!({"agent_id": "ann"}));
    assert_eq!(claim.status, 200, "{}", claim.body);
    server.kill_9();
    claim.body["claim"].clone()
}

fn names(server: &Process, event: &str) -> usize {
    let lines = server.stderr();
    let lines = lines.lines();
    let lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["event"] == event).count()
}

fn moment(text: &Value) -> Timestamp {
    Timestamp::parse(text.as_str().unwrap()).unwrap()
}

fn clocks(site: &Site) -> Vec<String> {
    let told = site.program(Program::Combined).args(&["doctor", "--json"]);
    let told: Value = serde_json::from_slice(&told.output().stdout).unwrap();
    let checks = told["checks"].as_array().unwrap().iter();
    // The emulated GitHub has its own time.
    let clocks =
        checks.filter(|check| check["check"] == "clock" && !check.to_string().contains("GitHub"));
    clocks
        .map(|check| check["verdict"].as_str().unwrap().to_owned())
        .collect()
}

fn a_start_after_a_clock_that_was_ahead_heals(store: Store) {
    for by in [3_600_000, YEAR] {
        let site = Site::with_issues_on(store, "acme/harbour", 5);
        let before = claimed(&site);
        dated_ahead(&site, by);
        assert!(clocks(&site).contains(&"fail".to_owned()));
        let mut server = site.program(Program::Http).start();
        let http = Http::at(server.address());
        // The lease with the wrong time does not delay anything.
        server.wait_until_logged(
            "this process does the background work now",
            Duration::from_secs(40),
        );
        assert_eq!(names(&server, "clock.went_back"), 1, "{}", server.stderr());
        let claims = http.get("/api/claims").body["claims"].clone();
        let claim = &claims.as_array().unwrap()[0];
        let started = moment(&claim["claimed_at"]);
        assert!(
            started.0 < moment(&before["claimed_at"]).0 + 300_000,
            "{claim}"
        );
        let next = http.post("/api/next", &json!({"agent_id": "bob"}));
        let made = moment(&next.body["claim"]["claimed_at"]);
        assert!(
            made >= started && made.0 < started.0 + 300_000,
            "{}",
            next.body
        );
        for path in ["/readyz", "/api/health"] {
            let told = http.get(path);
            assert_eq!(told.status, 200);
            assert!(
                told.body.to_string().contains("The clock went back"),
                "{}",
                told.body
            );
        }
        server.signal("TERM");
        assert!(server.wait_for_end(PATIENCE).success());
        assert!(!clocks(&site).contains(&"fail".to_owned()));
        site.assert_sound();
    }
}

fn a_night_in_which_nothing_ran_makes_nothing_stale_at_once(store: Store) {
    let site = Site::with_issues_on(store, "acme/harbour", 5);
    claimed(&site);
    dated_ahead(&site, -8 * 3_600_000);
    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    server.wait_until_logged("synced with GitHub", PATIENCE);
    assert_eq!(names(&server, "clock.jumped"), 1, "{}", server.stderr());
    // Its agent returns and sends a heartbeat.
    let claims = http.get("/api/claims?status=claimed").body["claims"].clone();
    let claim = claims.as_array().unwrap()[0].clone();
    let path = format!("/api/claims/{}", claim["claim_id"].as_str().unwrap());
    let alive = json!({"agent_id": "ann", "status": "in_progress"});
    let reply = http.ask("PATCH", &path, Some(&alive)).unwrap();
    assert_eq!(reply.status, 200, "{}", reply.body);
    server.signal("TERM");
    assert!(server.wait_for_end(PATIENCE).success());
}
