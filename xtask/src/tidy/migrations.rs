//! Every migration of SQLite has a twin of the same number and name for PostgreSQL.

use std::collections::{BTreeMap, BTreeSet};

use super::{File, rust::has_extension};

const SQLITE: &str = "migrations/sqlite/";
const POSTGRES: &str = "migrations/postgres/";

pub(super) fn check(files: &[File]) -> Vec<String> {
    let sqlite = names(files, SQLITE);
    let postgres = names(files, POSTGRES);
    let mut found = clashes(SQLITE, &sqlite);
    found.extend(clashes(POSTGRES, &postgres));
    found.extend(lonely(SQLITE, &sqlite, POSTGRES, &postgres));
    found.extend(lonely(POSTGRES, &postgres, SQLITE, &sqlite));
    found
}

fn names<'a>(files: &'a [File], folder: &str) -> BTreeSet<&'a str> {
    files
        .iter()
        .filter_map(|file| file.path.strip_prefix(folder))
        .filter(|name| has_extension(name, "sql"))
        .collect()
}

/// Two migrations of one number would run in an undefined order.
fn clashes(folder: &str, names: &BTreeSet<&str>) -> Vec<String> {
    let mut by_number: BTreeMap<&str, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for name in names {
        match name.split_once('_') {
            Some((number, _))
                if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                if let Some(other) = by_number.insert(number, name) {
                    found.push(format!("{folder}{name}: has the number of {other}"));
                }
            }
            _ => found.push(format!("{folder}{name}: no `NUMBER_name.sql`")),
        }
    }
    found
}

fn lonely(
    folder: &str,
    names: &BTreeSet<&str>,
    other: &str,
    twins: &BTreeSet<&str>,
) -> Vec<String> {
    names
        .difference(twins)
        .map(|name| format!("{folder}{name}: has no twin {other}{name}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::file;

    fn found(paths: &[&str]) -> Vec<String> {
        check(&paths.iter().map(|path| file(path, "")).collect::<Vec<_>>())
    }

    #[test]
    fn twins_and_other_files_pass() {
        assert_eq!(
            found(&[
                "migrations/sqlite/0001_a.sql",
                "migrations/postgres/0001_a.sql"
            ]),
            Vec::<String>::new()
        );
        assert_eq!(
            found(&[
                "migrations/sqlite/0001_a.sql",
                "migrations/postgres/0001_a.sql",
                "migrations/sqlite/README.md"
            ]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_migration_without_its_twin_is_reported() {
        let lonely = found(&[
            "migrations/sqlite/0001_a.sql",
            "migrations/postgres/0001_b.sql",
        ]);
        assert_eq!(
            lonely,
            [
                "migrations/sqlite/0001_a.sql: has no twin migrations/postgres/0001_a.sql",
                "migrations/postgres/0001_b.sql: has no twin migrations/sqlite/0001_b.sql",
            ]
        );
    }

    #[test]
    fn numbers_are_there_and_differ() {
        assert!(
            found(&[
                "migrations/sqlite/0001_a.sql",
                "migrations/sqlite/0001_b.sql"
            ])[0]
                .contains("the number of")
        );
        assert!(found(&["migrations/postgres/first.sql"])[0].contains("NUMBER_name"));
    }
}
