//! The output of `/metrics` of a real process is valid for Prometheus, every family with its help text.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use issuecommand_testkit::http::{Response, exchange_blocking, request};
use issuecommand_testkit::machine::skipped;
use serde_json::json;

use crate::harness::{Http, PATIENCE, Program, Site, wait_for};

/// The text of `/metrics`, which is public here.
pub(crate) fn scrape(address: &str) -> String {
    let answer = exchange_blocking(address, &request("GET", "/metrics", &[], b"")).unwrap();
    let answer = Response::parse(&answer).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.text();
    if answer.header("transfer-encoding") == Some("chunked") {
        let lines = body.split("\r\n").collect::<Vec<_>>();
        return lines
            .chunks(2)
            .filter_map(|pair| pair.get(1))
            .copied()
            .collect();
    }
    body.to_owned()
}

/// What the text format asks for: each sample belongs to a family that was described right before, and the names of counters
/// alone end with `_total`.
fn families(text: &str) -> BTreeMap<String, String> {
    let mut helped = BTreeSet::new();
    let mut kinds = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "HELP", name, help] => {
                assert!(!help.is_empty(), "{line}");
                assert!(helped.insert(name.to_owned()), "twice: {line}");
            }
            ["#", "TYPE", name, kind] => {
                assert!(helped.contains(name), "no help: {line}");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                kinds.insert(name.to_owned(), kind.to_owned());
            }
            _ => {
                let name = line.split(['{', ' ']).next().unwrap();
                let family = ["_bucket", "_sum", "_count"]
                    .iter()
                    .filter_map(|part| name.strip_suffix(part))
                    .find(|family| kinds.get(*family).is_some_and(|kind| kind == "histogram"));
                let family = family.unwrap_or(name);
                assert!(kinds.contains_key(family), "no type: {line}");
                let value = line.rsplit(' ').next().unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
            }
        }
    }
    kinds
}

/// The value of a sample with its labels.
pub(crate) fn value(text: &str, sample: &str) -> Option<f64> {
    let line = text.lines().find(|line| {
        line.strip_prefix(sample)
            .is_some_and(|rest| rest.starts_with(' '))
    })?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn every_family_is_described_and_counts() {
    let site = Site::with_issues("acme/harbour", 3);
    let mut service = site
        .program(Program::Combined)
        .env("METRICS_PUBLIC", "true")
        .env("RATE_LIMIT_ENABLED", "true")
        .env("RATE_LIMIT_SSE_CONNECT_BURST", "0")
        .start();
    let address = service.address();
    let http = Http::at(&address);
    let claims: Vec<_> = ["ann", "bob"]
        .iter()
        .map(|agent| {
            let given = http.post("/api/next", &json!({"agent_id": agent}));
            assert_eq!(given.status, 200, "{given:?}");
            given.body["claim"]["claim_id"].as_str().unwrap().to_owned()
        })
        .collect();
    let release = json!({"agent_id": "ann"});
    let path = format!("/api/claims/{}", claims[0]);
    assert_eq!(
        http.ask("DELETE", &path, Some(&release)).unwrap().status,
        200
    );
    let stale = json!({"agent_id": "bob", "status": "stale"});
    let path = format!("/api/claims/{}", claims[1]);
    assert_eq!(http.ask("PATCH", &path, Some(&stale)).unwrap().status, 200);
    assert_eq!(http.get("/sse").status, 429);
    let hook = http
        .send("POST", "/api/webhooks/github", &[], b"{}")
        .unwrap();
    assert_eq!(hook.status, 401, "{hook:?}");

    let text = wait_for("the sync to be counted", PATIENCE, || {
        let text = scrape(&address);
        value(&text, "issuecommand_sync_last_duration_seconds").map(|_| text)
    });
    // A requested sync counts like one of the background.
    let runs = |text: &str| -> f64 {
        let samples = ["complete", "partial", "failed"].map(|result| {
            let sample = format!("issuecommand_sync_runs_total{{result=\"{result}\"}}");
            value(text, &sample).unwrap_or_default()
        });
        samples.iter().sum()
    };
    let before = runs(&text);
    assert_eq!(http.post("/api/sync", &json!({})).status, 200);
    let text = wait_for(
        "the sync that was asked for to be counted",
        PATIENCE,
        || Some(scrape(&address)).filter(|text| runs(text) > before),
    );
    let kinds = families(&text);
    for (sample, wanted) in [
        ("issuecommand_issues_ready", Some(2.0)),
        (
            "issuecommand_claims_ended_total{outcome=\"released\"}",
            Some(1.0),
        ),
        (
            "issuecommand_claims_ended_total{outcome=\"closed\"}",
            Some(0.0),
        ),
        ("issuecommand_claims_stale_total", Some(1.0)),
        ("issuecommand_waiting_calls", Some(0.0)),
        ("issuecommand_wakeups_total{found=\"nothing\"}", Some(0.0)),
        (
            "issuecommand_deliveries_total{result=\"rejected\"}",
            Some(1.0),
        ),
        (
            "issuecommand_rate_limited_total{scope=\"sse_connect\"}",
            Some(1.0),
        ),
        ("issuecommand_rate_limited_total{scope=\"ip\"}", Some(0.0)),
        ("issuecommand_leader", Some(1.0)),
        (
            concat!(
                "issuecommand_build_info{version=\"",
                env!("CARGO_PKG_VERSION"),
                "\"}"
            ),
            Some(1.0),
        ),
        ("issuecommand_sync_runs_total{result=\"complete\"}", None),
        ("issuecommand_sync_last_success_timestamp_seconds", None),
        ("issuecommand_store_read_seconds", None),
        (
            "issuecommand_store_transaction_seconds_count{outcome=\"ok\"}",
            None,
        ),
        ("process_cpu_seconds_total", None),
        ("process_resident_memory_bytes", None),
        ("process_open_fds", None),
        ("process_start_time_seconds", None),
    ] {
        let found = value(&text, sample).unwrap_or_else(|| panic!("{sample} in\n{text}"));
        if let Some(wanted) = wanted {
            assert!((found - wanted).abs() < 0.1, "{sample} is {found}");
        }
    }
    assert!(kinds.len() >= 30, "{kinds:?}");
    lint(&text);
}

/// The result of `promtool`, if it is installed.
fn lint(text: &str) {
    let tool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut tool) = tool else {
        skipped("promtool is not installed");
        return;
    };
    tool.stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = tool.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}\n{text}");
}
