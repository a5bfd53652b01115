//! Runs the tests as on a machine with only Rust and a C compiler.
//!
//! Programs are hidden in two ways: `ISSUECOMMAND_TEST_HIDE` tells the tests, which also search outside the PATH, and the PATH
//! points to a folder with only the everyday programs, so that none is found by accident.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::repo::{self, Outcome};

/// The programs that tests may rely on: the toolchain, a POSIX shell, and everyday programs.
const EVERYWHERE: [&str; 24] = [
    "cargo", "rustc", "cc", "ld", "sh", "cat", "cp", "cut", "date", "env", "head", "id", "ls",
    "mkdir", "mkfifo", "mktemp", "mv", "printf", "rm", "sed", "sleep", "sort", "tail", "yes",
];
const HIDE: &str = "ISSUECOMMAND_TEST_HIDE";
const REQUIRE: &str = "ISSUECOMMAND_TEST_REQUIRE";
/// The line on stderr of a skipped test: `SKIPPED name: why`.
const SKIPPED: &str = "SKIPPED ";

/// The package whose tests all need PostgreSQL.
const STORE: &str = "issuecommand-store-postgres";
/// Parts of the names of the other tests that use such programs.
const NAMES: [&str; 7] = [
    "backends::",
    "examples::",
    "gh::",
    "_gh_",
    "instances::",
    "over_gh",
    "postgres",
];

/// Parts of the names of those that use PostgreSQL.
const ON_POSTGRES: [&str; 2] = ["instances::", "postgres"];

/// A built test program of a package.
struct Built {
    package: String,
    program: PathBuf,
}

pub(crate) fn run() -> Outcome {
    let built = built()?;
    let path = path_without_them()?;
    let mut skipped = Vec::new();
    for tests in &built {
        let names: &[&str] = if tests.package == STORE { &[] } else { &NAMES };
        let mut command = tests.command(names);
        command.env("PATH", &path);
        command.env(HIDE, "gh,npm,pgbouncer,postgres");
        command.env_remove(REQUIRE).env_remove("TEST_DATABASE_URL");
        skipped.extend(skipped_by(&mut command)?);
    }
    report(&skipped);
    for needed in ["gh", "npm", "PostgreSQL"] {
        some_say(&skipped, needed)?;
    }
    pooler_hidden(&built)?;
    promise_broken(&built)
}

/// With PostgreSQL, if installed, and without PgBouncer.
fn pooler_hidden(built: &[Built]) -> Outcome {
    let mut skipped = Vec::new();
    for tests in built.iter().filter(|tests| tests.package == STORE) {
        let mut command = tests.command(&["bouncer"]);
        command.env(HIDE, "pgbouncer").env_remove(REQUIRE);
        skipped.extend(skipped_by(&mut command)?);
    }
    report(&skipped);
    if skipped.iter().any(|line| line.contains("PostgreSQL")) {
        return Ok(());
    }
    some_say(&skipped, "pgbouncer")
}

/// If a server is required and missing, every test that needs it must fail and none may be skipped.
fn promise_broken(built: &[Built]) -> Outcome {
    let mut failed = 0;
    for tests in built {
        let names: &[&str] = if tests.package == STORE {
            &[]
        } else {
            &ON_POSTGRES
        };
        let mut command = tests.command(names);
        command.env(HIDE, "postgres").env(REQUIRE, "postgres");
        command.env_remove("TEST_DATABASE_URL");
        let shown = repo::shown(&command);
        let output = command.output();
        let output = output.map_err(|error| format!("`{shown}` did not start: {error}"))?;
        let errors = String::from_utf8_lossy(&output.stderr);
        let skipped = |line: &&str| line.starts_with(SKIPPED) && line.contains("PostgreSQL");
        if let Some(line) = errors.lines().find(skipped) {
            return Err(format!("PostgreSQL was promised, and still: {line}"));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        if said.contains("says that it must be there") && !output.status.success() {
            failed += 1;
        }
    }
    if failed == 0 {
        return Err("the tests pass where PostgreSQL was promised and is missing".to_owned());
    }
    eprintln!("the tests fail where PostgreSQL was promised and is missing: fine");
    Ok(())
}

/// Fails if no test reported a missing program.
fn some_say(skipped: &[String], needed: &str) -> Outcome {
    if skipped.iter().any(|line| line.contains(needed)) {
        return Ok(());
    }
    Err(format!(
        "no test says that it was skipped for want of {needed}"
    ))
}

/// All tests of the workspace, built as by the README's command: with fewer packages cargo would choose other features, and
/// compile most of it again.
fn built() -> Outcome<Vec<Built>> {
    let listed = repo::stdout_of(&mut repo::cargo(&[
        "test",
        "--workspace",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ]))?;
    let built: Vec<Built> = listed.lines().filter_map(test_program).collect();
    if built.iter().any(|tests| tests.package == STORE) {
        return Ok(built);
    }
    Err(format!("cargo built no tests of {STORE}"))
}

/// The test program in a line of cargo's output, if there is one.
fn test_program(line: &str) -> Option<Built> {
    let line: Value = serde_json::from_str(line).ok()?;
    let is_test = line["profile"]["test"].as_bool()?;
    let manifest = Path::new(line["manifest_path"].as_str()?);
    let package = manifest.parent()?.file_name()?.to_str()?.to_owned();
    let program = line["executable"].as_str()?.into();
    is_test.then_some(Built { package, program })
}

impl Built {
    /// The command, run in the folder of the package as cargo does.
    fn command(&self, names: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        let root = repo::root();
        let folders = ["crates", "bins", ""].map(|folder| root.join(folder).join(&self.package));
        let folder = folders.into_iter().find(|folder| folder.is_dir());
        command.args(names).current_dir(folder.unwrap_or(root));
        command
    }
}

/// Runs it with its output passed through, and returns the lines of skipped tests.
pub(crate) fn skipped_by(command: &mut Command) -> Outcome<Vec<String>> {
    let mut skipped = Vec::new();
    repo::run_and_hear(command, |line| {
        if line.starts_with(SKIPPED) {
            skipped.push(line.to_owned());
        }
    })?;
    Ok(skipped)
}

/// Prints how many tests were skipped, by reason.
pub(crate) fn report(skipped: &[String]) {
    let mut by_reason: BTreeMap<&str, usize> = BTreeMap::new();
    for line in skipped {
        let reason = line.split_once(": ").map_or(line.as_str(), |(_, why)| why);
        *by_reason.entry(reason).or_default() += 1;
    }
    eprintln!();
    for (reason, tests) in by_reason {
        eprintln!("!!! SKIPPED, {tests} tests: {reason}");
    }
}

/// A folder of links to the everyday programs.
#[expect(clippy::disallowed_methods, reason = "PATH, to find programs")]
fn path_without_them() -> Outcome<OsString> {
    // In the target folder, beside this program.
    let ours = std::env::current_exe().unwrap_or_default();
    let folder = ours.with_file_name("bare-path");
    let made = || -> std::io::Result<()> {
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        for name in EVERYWHERE {
            let found = std::env::split_paths(&path).map(|place| place.join(name));
            if let Some(program) = found.into_iter().find(|program| program.is_file()) {
                link(&program, &folder.join(name))?;
            }
        }
        Ok(())
    };
    made().map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    Ok(folder.into())
}

#[cfg(unix)]
fn link(program: &Path, name: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(program, name)
}

#[cfg(not(unix))]
fn link(program: &Path, name: &Path) -> std::io::Result<()> {
    std::fs::copy(program, name).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_with_tests_are_run() {
        let line = |test: bool, program: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/a/crates/one/Cargo.toml","profile":{{"test":{test}}},"executable":{program}}}"#
            )
        };
        let built = test_program(&line(true, r#""/t/one-1""#)).unwrap();
        assert_eq!(built.package, "one");
        assert_eq!(built.program, Path::new("/t/one-1"));
        for other in [
            line(false, r#""/t/one""#),
            line(true, "null"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
            "   Compiling one".to_owned(),
        ] {
            assert!(test_program(&other).is_none(), "{other}");
        }
    }
}
