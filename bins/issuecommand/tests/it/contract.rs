//! The HTTP surface against its own document: schemathesis makes requests from the document and judges the answers
//! (`tests/sdk/openapi.toml`). A check of our own compares the tables around each refusal (`tests/sdk/openapi.py`).

use std::process::Command;

use issuecommand_testkit::prove::rounds;

use crate::followups::talk::{say, site};
use crate::harness::{API_KEY, Http, PATIENCE, Program, Store};
use crate::sdks::installed;

#[test]
fn prove_openapi_document_is_what_is_answered() {
    let Some(sdks) = installed() else {
        return;
    };
    // Pull requests 41 to 43 have feedback that waits.
    let site = site(Store::Sqlite, 40, 3);
    let start = site
        .program(Program::Http)
        // Nothing but the requests changes the database.
        .env("SYNC_INTERVAL_MINUTES", "1000000")
        .env("SESSION_GRACE_MINUTES", "1000000");
    let environment = start.environment();
    let path = environment.iter().find(|(name, _)| name == "SQLITE_PATH");
    let path = path.unwrap().1.clone();
    let mut service = start.start();
    let address = service.address();
    service.wait_until_logged("synced with GitHub", PATIENCE);
    let http = Http::at(&*address);
    for pull in 41..=43 {
        for told in site.github.world(|world| say(world, pull, 0)) {
            assert_eq!(http.deliver(&told.delivery).unwrap().status, 202);
        }
    }
    let examples = rounds(5, 800).to_string();
    let mut run = Command::new(sdks.join("venv/bin/st"));
    run.arg("--config-file")
        .arg(sdks.join("openapi.toml"))
        .arg("run")
        .arg(format!("http://{address}/api/openapi.json"))
        .args(["--header", &format!("Authorization: Bearer {API_KEY}")])
        .args(["--mode", "all", "--max-examples", &examples])
        .args(["--continue-on-failure", "--no-color", "--seed", "1"])
        .args(["--generation-database", "none"])
        .args(["--suppress-health-check", "all"])
        .env("SCHEMATHESIS_HOOKS", "openapi")
        .env("PYTHONPATH", &sdks)
        .env("SQLITE_PATH", path)
        .current_dir(site.folder());
    let output = run.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    eprintln!("{text}");
    assert!(output.status.success(), "{text}\n{output:?}");
    let cases = number(&text, "generated").expect("a number of cases");
    assert!(cases >= rounds(1_000, 20_000), "only {cases} cases");
    let compared = number(&text, "refusals").expect("a number of refusals");
    assert!(compared > cases / 10, "only {compared} refusals");
    site.assert_sound();
}

/// The number before a word, in the last line that has it.
fn number(text: &str, word: &str) -> Option<u32> {
    let line = text.lines().rfind(|line| line.contains(word))?;
    let before = &line[..line.find(word)?];
    let digits = before.split_whitespace().next_back()?.replace(',', "");
    digits.parse().ok()
}
