//! House rules that no compiler checks, as pure functions over the files of the tree.

mod links;
mod migrations;
mod replaced;
mod rust;
mod words;

use crate::repo::{self, Outcome};
use std::process::Command;

/// A file of the tree, as listed by git.
struct File {
    /// Relative to the workspace's root, with `/`.
    path: String,
    text: String,
}

/// A longer README is not read.
const README_LINES_BELOW: usize = 100;

pub(crate) fn run() -> Outcome {
    repo::verdict("tidy", &check(&tree()?))
}

/// All tracked and untracked files, because waiting for `git add` would report violations too late.
fn tree() -> Outcome<Vec<File>> {
    let mut git = Command::new("git");
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ])
    .current_dir(repo::root());
    let mut files = Vec::new();
    for path in repo::stdout_of(&mut git)?.split_terminator('\0') {
        let bytes = match std::fs::read(repo::root().join(path)) {
            Ok(bytes) => bytes,
            // Deleted, without the deletion being committed yet.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{path} cannot be read: {error}")),
        };
        // A binary file has a path that links may name, and no text to check.
        let text = String::from_utf8(bytes).unwrap_or_default();
        files.push(File {
            path: path.to_owned(),
            text,
        });
    }
    Ok(files)
}

/// Every violation, each a sentence that begins with its place.
fn check(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(rust::check(files));
    found.extend(words::check(files));
    found.extend(links::check(files));
    found.extend(replaced::check(files));
    found.extend(migrations::check(files));
    found.extend(readme(files));
    found
}

fn readme(files: &[File]) -> Option<String> {
    let Some(readme) = files.iter().find(|file| file.path == "README.md") else {
        return Some("README.md: missing".into());
    };
    let lines = readme.text.lines().count();
    (lines >= README_LINES_BELOW)
        .then(|| format!("README.md: {lines} lines, fewer than {README_LINES_BELOW} are wanted; move detail to docs/"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(super) fn file(path: &str, text: &str) -> File {
        File {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn a_short_readme_is_wanted() {
        assert_eq!(readme(&[file("README.md", &"line\n".repeat(99))]), None);
        assert!(
            readme(&[file("README.md", &"line\n".repeat(100))])
                .is_some_and(|why| why.contains("100 lines"))
        );
        assert_eq!(
            readme(&[file("docs/README.md", "")]),
            Some("README.md: missing".into())
        );
    }

    #[test]
    fn every_rule_is_part_of_the_check() {
        let found = check(&[
            file("README.md", "[gone](docs/gone.md)"),
            file("crates/a/src/lib.rs", "fn undocumented() {}"),
            file("docs/a.md", concat!("see ..", "/shared")),
            file("migrations/sqlite/0001_a.sql", ""),
            file("migrations/postgres/0001_b.sql", ""),
        ]);
        for place in [
            "README.md:1",
            "crates/a/src/lib.rs",
            "docs/a.md:1",
            "migrations/sqlite/0001_a.sql",
        ] {
            assert!(
                found.iter().any(|why| why.starts_with(place)),
                "nothing on {place} in {found:#?}"
            );
        }
    }
}
