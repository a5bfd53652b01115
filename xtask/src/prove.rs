//! The long proofs: tests with many more rounds if the environment asks for them.

use crate::repo::{self, Outcome};

/// The variable that selects the number of rounds: `full`, or about a tenth of that by default.
const COUNTS: &str = "ISSUECOMMAND_PROVE";

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
    for proof in proofs {
        eprintln!("  {proof}");
    }
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
    if quick {
        test.env_remove(COUNTS);
    } else {
        test.env(COUNTS, "full");
    }
    repo::run(&mut test)
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
