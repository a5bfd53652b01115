//! The steps of CI, ordered so that the fastest failures come first.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::repo::{self, Outcome};
use crate::{bare, layers, tidy};

/// The README's test command, which CI runs unchanged.
const TEST: &[&str] = &["test", "--workspace"];

enum Step {
    Own(&'static str, fn() -> Outcome),
    Cargo(Command),
    /// Tests, some of which may be skipped.
    Tests(Command),
}

pub(crate) fn run() -> Outcome {
    let mut times: Vec<(String, Duration)> = Vec::new();
    let mut skipped = Vec::new();
    for step in steps() {
        let name = match &step {
            Step::Own(name, _) => format!("cargo xtask {name}"),
            Step::Cargo(command) | Step::Tests(command) => repo::shown(command),
        };
        eprintln!("\n=== {name}");
        let start = Instant::now();
        let outcome = match step {
            Step::Own(_, run) => run(),
            Step::Cargo(mut command) => repo::run(&mut command),
            Step::Tests(mut command) => bare::skipped_by(&mut command).map(|lines| skipped = lines),
        };
        times.push((name, start.elapsed()));
        if let Err(why) = outcome {
            report(&times);
            return Err(why);
        }
    }
    if !has_deny() {
        eprintln!(
            "\n!!! SKIPPED: licences, bans and sources were not checked, for cargo-deny is not installed"
        );
        eprintln!("!!! (`cargo install cargo-deny --locked`, then `cargo xtask ci` again)");
    }
    bare::report(&skipped);
    report(&times);
    Ok(())
}

fn steps() -> Vec<Step> {
    let mut doc = repo::cargo(&["doc", "--workspace", "--no-deps"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    let mut steps = vec![
        Step::Cargo(repo::cargo(&["fmt", "--all", "--check"])),
        Step::Own("tidy", tidy::run),
        Step::Own("layers", layers::run),
    ];
    if has_deny() {
        steps.push(Step::Cargo(repo::cargo(&[
            "deny", "check", "licenses", "bans", "sources",
        ])));
    }
    steps.extend([
        Step::Cargo(repo::cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ])),
        Step::Cargo(doc),
        Step::Tests(repo::cargo(TEST)),
        Step::Own("bare", bare::run),
    ]);
    steps
}

/// Whether cargo has the `deny` command, because a missing one must not look like a passed check.
fn has_deny() -> bool {
    let mut probe = repo::cargo(&["deny", "--version"]);
    probe
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn report(times: &[(String, Duration)]) {
    eprintln!();
    for (name, time) in times {
        eprintln!("{:>8.1} s  {name}", time.as_secs_f64());
    }
}
