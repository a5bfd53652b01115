//! The HTTP surface against its own document: schemathesis makes requests from the document and judges the answers.

use std::process::Command;

use issuecommand_testkit::machine::skipped;
use issuecommand_testkit::prove::rounds;

use crate::harness::{API_KEY, Program, Site};

/// What it asks for beside, and the contract does not promise.
///
/// - An optional field of a wrong type and an unknown field are ignored with a warning, so not all wrong data is refused.
/// - A method that a path does not have is 404, never 405.
/// - That a parameter needs another, or excludes it, is nothing that the document can say. So requests of two calls are refused
///   whose parameters are good each for itself.
const CONFIG: &str = r#"
[checks]
negative_data_rejection.enabled = false
unsupported_method.enabled = false

[[operations]]
include-path = "/api/explain"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-path = "/api/work"
checks.positive_data_acceptance.enabled = false
"#;

#[test]
fn prove_every_answer_is_as_the_document_says() {
    let tool = || Command::new("st");
    if tool().arg("--version").output().is_err() {
        skipped("schemathesis (st) is not installed: pip install schemathesis");
        return;
    }
    let site = Site::with_issues("acme/harbour", 40);
    let mut service = site.program(Program::Combined).start();
    let address = service.address();
    let key = format!("Authorization: Bearer {API_KEY}");
    let examples = rounds(25, 750).to_string();
    let config = site.folder().join("schemathesis.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let mut run = tool();
    run.arg("--config-file").arg(config);
    run.arg("run")
        .arg(format!("http://{address}/api/openapi.json"))
        .args(["--header", &key])
        .args(["--mode", "all", "--max-examples", &examples])
        // The stream does not end, and its own tests read it.
        .args(["--exclude-path", "/sse"])
        .args(["--continue-on-failure", "--no-color", "--seed", "1"])
        .args(["--generation-database", "none"])
        .args(["--suppress-health-check", "all"])
        .current_dir(site.folder());
    let output = run.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    assert!(output.status.success(), "{text}\n{output:?}");
}
