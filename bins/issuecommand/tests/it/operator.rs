//! The operator's commands.

mod alerts;
mod doctor;
mod events;
mod files;
mod install;
mod keys;
pub(crate) mod metrics;
mod moving;
mod paths;
mod settings;

use std::process::Output;

use crate::harness::{PATIENCE, Program, Site, free_port};

/// The result of an `issuecommand` command at this site, with these changes of its environment.
fn run(site: &Site, args: &[&str], changes: &[(&str, Option<&str>)]) -> Output {
    let mut start = site.program(Program::Combined).args(args);
    for (name, value) in changes {
        start = match value {
            Some(value) => start.env(name, value),
            None => start.without(name),
        };
    }
    start.output()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn health_tells_the_exit_code_whether_the_service_runs() {
    let site = Site::with_issues("acme/harbour", 1);
    let port = free_port().to_string();
    let here: &[(&str, Option<&str>)] = &[("HTTP_PORT", Some(&port))];
    let none = run(&site, &["health"], here);
    assert_eq!(none.status.code(), Some(1));
    assert!(stderr(&none).contains("cannot be reached"), "{none:?}");

    let mut service = site
        .program(Program::Combined)
        .env("HTTP_PORT", &port)
        .start();
    service.address();
    let well = run(&site, &["health"], here);
    assert!(well.status.success(), "{well:?}");
    assert!(stdout(&well).contains("active_claims"), "{well:?}");
    // Without a key there are fewer details, and with a wrong one it fails.
    let keyless = [here[0], ("API_KEY", None)];
    assert_eq!(stdout(&run(&site, &["health"], &keyless)), "up\n");
    let wrong = run(&site, &["health"], &[here[0], ("API_KEY", Some("another"))]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(stderr(&wrong).contains("refuses API_KEY"), "{wrong:?}");

    service.signal("TERM");
    assert!(service.wait_for_end(PATIENCE).success());
    assert_eq!(run(&site, &["health"], here).status.code(), Some(1));
}

#[test]
fn config_is_checked_and_shown_without_secrets() {
    let site = Site::with_issues("acme/harbour", 1);
    let canary = [
        ("API_KEY", Some("canary-key")),
        ("GITHUB_TOKEN", Some("canary-token")),
        ("HTTP_PORT", Some("4711")),
    ];
    let good = run(&site, &["config", "check"], &canary);
    assert!(good.status.success(), "{good:?}");
    let shown = run(
        &site,
        &["config", "show", "--set", "LOG_LEVEL=warn"],
        &canary,
    );
    assert!(shown.status.success(), "{shown:?}");
    let text = stdout(&shown);
    for line in [
        ("HTTP_PORT", "\"4711\"  in the environment"),
        ("LOG_LEVEL", "\"warn\"  on the command line"),
        ("API_KEY", "(hidden)  in the environment"),
        ("CLAIM_TIMEOUT_MINUTES", "\"120\"  by default"),
    ] {
        let found = text
            .lines()
            .find(|found| found.split_whitespace().next() == Some(line.0));
        assert!(found.is_some_and(|found| found.ends_with(line.1)), "{text}");
    }
    assert!(!format!("{shown:?}{good:?}").contains("canary"), "{text}");

    let bad = run(
        &site,
        &["config", "check"],
        &[("HTTP_PORT", Some("eighty"))],
    );
    assert_eq!(bad.status.code(), Some(1));
    assert!(stderr(&bad).contains("eighty"), "{bad:?}");
    let missing = run(&site, &["config", "check"], &[("API_KEY", None)]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(!site.has_database());
}
