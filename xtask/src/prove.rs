//! The long proofs: tests with many more rounds if the environment asks for them.

use std::path::PathBuf;
use std::process::Command;

use crate::repo::{self, Outcome};

/// The variable that selects the number of rounds: `full`, or about a tenth of that by default.
const COUNTS: &str = "ISSUECOMMAND_PROVE";

/// What the names of proofs with real clients have in them.
const CLIENTS: &str = "prove_clients_";

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
    let clients = if proofs.iter().any(|name| name.contains(CLIENTS)) {
        clients()
    } else {
        None
    };
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
    if quick {
        test.env_remove(COUNTS);
    } else {
        test.env(COUNTS, "full");
    }
    repo::run(&mut test)
}

/// The real clients of the proofs that run them, installed from their lock file. `None` if they cannot be: then these proofs say that
/// they are skipped.
fn clients() -> Option<PathBuf> {
    let from = repo::root().join("bins/issuecommand/tests/clients");
    let folder = repo::target().join("test-clients");
    let files = ["package.json", "package-lock.json", ".npmrc"];
    let copied = std::fs::create_dir_all(&folder).and_then(|()| {
        files
            .iter()
            .try_for_each(|file| std::fs::copy(from.join(file), folder.join(file)).map(drop))
    });
    let installed = copied.map_err(|error| error.to_string()).and_then(|()| {
        let mut npm = Command::new("npm");
        // Their programs are whole without a script of theirs.
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        repo::run(npm.current_dir(&folder))
    });
    match installed {
        Ok(()) => Some(folder),
        Err(why) => {
            eprintln!("the real clients are not installed: {why}");
            None
        }
    }
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
