//! The alert rules and the dashboard of `deploy`, as Prometheus reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use issuecommand_testkit::machine::skipped;
use serde_json::{Value, json};
use tempfile::TempDir;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// Runs `promtool`, which must succeed; without it the test is skipped.
fn promtool(words: &[&str], folder: &Path) {
    let Ok(output) = Command::new("promtool")
        .args(words)
        .current_dir(folder)
        .output()
    else {
        skipped("promtool is not installed");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{wrong}");
}

#[test]
fn alerts_fire_when_a_person_is_needed_and_only_then() {
    let folder = deploy().join("prometheus");
    promtool(&["check", "rules", "issuecommand.rules.yaml"], &folder);
    promtool(&["test", "rules", "issuecommand.rules.test.yaml"], &folder);
}

#[test]
fn every_question_of_the_dashboard_can_be_asked() {
    let text = fs::read_to_string(deploy().join("grafana/issuecommand.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels
        .iter()
        .filter_map(|panel| panel["targets"].as_array())
        .flatten();
    let asked: Vec<&str> = targets
        .map(|target| target["expr"].as_str().unwrap())
        .collect();
    assert!(asked.len() >= 20, "{asked:?}");
    let record = |(n, expr)| json!({ "record": format!("panel:{n}"), "expr": expr });
    let rules: Vec<Value> = asked.iter().enumerate().map(record).collect();
    let file = json!({ "groups": [{ "name": "dashboard", "rules": rules }] });
    let folder = TempDir::new().unwrap();
    // YAML has JSON in it.
    fs::write(folder.path().join("rules.yaml"), file.to_string()).unwrap();
    promtool(&["check", "rules", "rules.yaml"], folder.path());
    let ids: std::collections::BTreeSet<i64> = panels
        .iter()
        .map(|panel| panel["id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids.len(), panels.len(), "two panels have one id");
}
