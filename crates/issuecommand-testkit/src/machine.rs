//! Programs that some tests need and not every machine has. Without them a test is skipped with a message, or fails if the
//! program was required.
//!
//! Two variables, each a list such as `gh,postgres`, steer that:
//! - `ISSUECOMMAND_TEST_HIDE`: the tests behave as if these were not installed;
//! - `ISSUECOMMAND_TEST_REQUIRE`: a test that lacks one of these fails instead of being skipped. CI names what it installed.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Such a program, or a group that is installed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// GitHub's command-line client. Most of its tests use a stand-in.
    Gh,
    /// The package manager of Node.js, which installs GitHub's example payloads.
    Npm,
    /// The connection pooler for PostgreSQL.
    PgBouncer,
    /// A PostgreSQL server, by its `initdb`.
    Postgres,
}

/// Programs that the tests must treat as missing.
const HIDE: &str = "ISSUECOMMAND_TEST_HIDE";
/// Programs that must be installed.
const REQUIRE: &str = "ISSUECOMMAND_TEST_REQUIRE";

impl Program {
    const ALL: [Self; 4] = [Self::Gh, Self::Npm, Self::PgBouncer, Self::Postgres];

    fn name(self) -> &'static str {
        match self {
            Self::Gh => "gh",
            Self::Npm => "npm",
            Self::PgBouncer => "pgbouncer",
            Self::Postgres => "postgres",
        }
    }

    /// Whether the tests must treat it as missing.
    ///
    /// # Panics
    /// If the variable names an unknown program.
    pub fn is_hidden(self) -> bool {
        listed(HIDE).contains(&self)
    }

    /// Reports on the real stderr that this test is skipped without it.
    ///
    /// # Panics
    /// If it is required, with the reason `why` it is missing; if the variable names an unknown program.
    pub fn is_missing(self, why: &str) {
        assert!(
            !listed(REQUIRE).contains(&self),
            "{why}; {REQUIRE} says that it must be there"
        );
        skipped(why);
    }
}

/// Reports that the calling test was skipped, and why. It writes to the real stderr, because the test harness hides the output
/// of passing tests. Each test and reason is reported once.
pub fn skipped(why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let thread = std::thread::current();
    let line = format!("SKIPPED {}: {why}\n", thread.name().unwrap_or("a test"));
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if said.insert(line.clone()) {
        // One write, so that lines of parallel tests do not mix. A closed stderr is ignored.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

#[expect(clippy::disallowed_methods, reason = "what CI tells the tests")]
fn listed(variable: &str) -> Vec<Program> {
    let list = std::env::var(variable).unwrap_or_default();
    parse(&list).unwrap_or_else(|name| panic!("{variable} names `{name}`, which tests do not use"))
}

/// The programs of a list, or the first unknown name.
fn parse(list: &str) -> Result<Vec<Program>, String> {
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names
        .map(|name| {
            let known = Program::ALL.into_iter().find(|known| known.name() == name);
            known.ok_or_else(|| name.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Program, parse};

    #[test]
    fn a_hide_list_names_known_programs_only() {
        assert_eq!(parse(""), Ok(Vec::new()));
        let both = Ok(vec![Program::Gh, Program::Postgres]);
        assert_eq!(parse("gh, postgres,"), both);
        assert_eq!(parse("gh,postgresql"), Err("postgresql".to_owned()));
    }
}
