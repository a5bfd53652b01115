//! The long proofs: tests with many more rounds if the environment asks for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::repo::{self, Outcome};

/// The variable that selects the number of rounds: `full`, or about a tenth of that by default.
const COUNTS: &str = "ISSUECOMMAND_PROVE";

/// What the names of proofs with real clients have in them.
const CLIENTS: &str = "prove_clients_";

/// What the names of those proofs have in them whose clients only list and connect: they are large, and no other test needs them.
const LISTED: &str = "clients::listed::";

/// What the names of proofs in a browser have in them.
const BROWSER: &str = "prove_browser_";

/// What the names of proofs with other people's libraries and tools have in them.
const SDKS: [&str; 3] = ["prove_sdks_", "prove_conformance_", "prove_openapi_"];

/// The prefix of every proof's name.
const PREFIX: &str = "prove_";

pub(crate) fn run(name: Option<&str>, quick: bool) -> Outcome {
    let filter = filter(name);
    // libtest reports success without any test, but a proof that did not run must not look passed.
    let listed = repo::stdout_of(&mut repo::cargo(&[
        "test",
        "--workspace",
        &filter,
        "--",
        "--list",
    ]))?;
    let proofs = proofs(&listed);
    if proofs.is_empty() {
        return Err(format!("no test has `{filter}` in its name"));
    }
    eprintln!(
        "proofs, at {} counts:",
        if quick { "ordinary" } else { "full" }
    );
    for proof in &proofs {
        eprintln!("  {proof}");
    }
    let any = |part: &str| proofs.iter().any(|name| name.contains(part));
    let clients = any(CLIENTS).then(|| npm_folder("clients")).flatten();
    let listed = any(LISTED).then(|| npm_folder("listed-clients")).flatten();
    let browser = any(BROWSER).then(|| npm_folder("browser")).flatten();
    let sdks = SDKS.into_iter().any(any).then(sdks).flatten();
    // One at a time and with output, because each loads both cores and prints its figures.
    let mut test = repo::cargo(&[
        "test",
        "--workspace",
        "--no-fail-fast",
        &filter,
        "--",
        "--nocapture",
        "--test-threads=1",
    ]);
    if let Some(clients) = clients {
        test.env("ISSUECOMMAND_TEST_CLIENTS", clients);
    }
    if let Some(listed) = listed {
        test.env("ISSUECOMMAND_TEST_LISTED_CLIENTS", listed);
    }
    if let Some(browser) = browser {
        test.env("ISSUECOMMAND_TEST_BROWSER", browser);
    }
    if let Some(sdks) = sdks {
        test.env("ISSUECOMMAND_TEST_SDKS", sdks);
    }
    if quick {
        test.env_remove(COUNTS);
    } else {
        test.env(COUNTS, "full");
    }
    repo::run(&mut test)
}

/// The npm packages of a folder of the tests, installed from its lock file. `None` if they cannot be: then the proofs that use them say
/// that they are skipped.
fn npm_folder(name: &str) -> Option<PathBuf> {
    let folder = repo::target().join(format!("test-{name}"));
    let installed = copied(name, &folder).and_then(|()| npm(&folder));
    told(&format!("the packages of {name} are"), installed, folder)
}

/// The same of other people's libraries and tools: packages of npm, and of Python in an environment of their own.
fn sdks() -> Option<PathBuf> {
    let folder = repo::target().join("test-sdks");
    let installed = copied("sdk", &folder)
        .and_then(|()| npm(&folder))
        .and_then(|()| pip(&folder));
    told("the MCP libraries are", installed, folder)
}

fn told(what: &str, installed: Outcome, folder: PathBuf) -> Option<PathBuf> {
    let why = installed.err();
    if let Some(why) = &why {
        eprintln!("{what} not installed: {why}");
    }
    why.is_none().then_some(folder)
}

/// Copies a folder of the tests, so that what it asks for is installed beside it.
fn copied(name: &str, folder: &Path) -> Outcome {
    let from = repo::root().join("bins/issuecommand/tests").join(name);
    let copy = || {
        fs::create_dir_all(folder)?;
        for file in fs::read_dir(&from)? {
            let file = file?;
            fs::copy(file.path(), folder.join(file.file_name()))?;
        }
        Ok(())
    };
    copy().map_err(|error: std::io::Error| format!("{}: {error}", from.display()))
}

fn npm(folder: &Path) -> Outcome {
    let mut npm = Command::new("npm");
    // Their programs are whole without a script of theirs.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    repo::run(npm.current_dir(folder))
}

fn pip(folder: &Path) -> Outcome {
    let mut venv = Command::new("python3");
    repo::run(venv.args(["-m", "venv", "venv"]).current_dir(folder))?;
    let mut pip = Command::new(folder.join("venv/bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"])
        .args(["--requirement", "requirements.txt"]);
    repo::run(pip.current_dir(folder))
}

/// The part of a test's name to look for; the prefix may be given or left out.
fn filter(name: Option<&str>) -> String {
    match name {
        None => PREFIX.to_owned(),
        Some(name) if name.contains(PREFIX) => name.to_owned(),
        Some(name) => format!("{PREFIX}{name}"),
    }
}

/// The names in the output of `--list`.
fn proofs(listed: &str) -> Vec<&str> {
    listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_narrows_the_proofs_and_never_widens_to_other_tests() {
        assert_eq!(filter(None), "prove_");
        assert_eq!(filter(Some("kill")), "prove_kill");
        assert_eq!(
            filter(Some("processes::prove_kill")),
            "processes::prove_kill"
        );
    }

    #[test]
    fn only_tests_count_in_a_list() {
        let listed = "processes::prove_kill: test\nbench_it: benchmark\n\n1 test, 1 benchmark\n";
        assert_eq!(proofs(listed), ["processes::prove_kill"]);
    }
}
