//! Words that must not be committed: unfinished code, disabled tests, names of one machine.

use super::{File, rust::has_extension};

/// A word, where it is allowed, and why it is banned elsewhere.
struct Banned {
    word: &'static str,
    /// Whether only Rust files are checked, because only code can be unfinished.
    rust_only: bool,
    why: &'static str,
}

// Each is split in two, so that this file does not match itself.
const BANNED: &[Banned] = &[
    Banned {
        word: concat!("todo", "!("),
        rust_only: true,
        why: "finish it, or leave it out and say so",
    },
    Banned {
        word: concat!("unimplemented", "!("),
        rust_only: true,
        why: "finish it, or leave it out and say so",
    },
    Banned {
        word: concat!("dbg", "!("),
        rust_only: true,
        why: "a leftover of debugging",
    },
    Banned {
        word: concat!("#[", "ignore"),
        rust_only: true,
        why: "a test that does not run proves nothing",
    },
    Banned {
        word: concat!(".lib", "rary"),
        rust_only: false,
        why: "a name of one workplace",
    },
    Banned {
        word: concat!("..", "/shared"),
        rust_only: false,
        why: "a name of one workplace",
    },
    Banned {
        word: concat!("/work", "/main"),
        rust_only: false,
        why: "a path of one workplace",
    },
    Banned {
        word: concat!("/work", "/shared"),
        rust_only: false,
        why: "a path of one workplace",
    },
    Banned {
        word: concat!("before", "-stop"),
        rust_only: false,
        why: "a name of one workplace",
    },
];

/// The script that CI calls knows where it runs.
const MAY_NAME_THE_WORKPLACE: &str = ".ci/";

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files
        .iter()
        .filter(|file| !file.path.starts_with(MAY_NAME_THE_WORKPLACE))
    {
        let is_rust = has_extension(&file.path, "rs");
        for (at, line) in file.text.lines().enumerate() {
            for banned in BANNED.iter().filter(|banned| is_rust || !banned.rust_only) {
                if line.contains(banned.word) {
                    found.push(format!(
                        "{}:{}: `{}`: {}",
                        file.path,
                        at + 1,
                        banned.word,
                        banned.why
                    ));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::file;

    #[test]
    fn every_banned_word_is_found_with_its_position() {
        for banned in BANNED {
            let found = check(&[file(
                "crates/a/src/lib.rs",
                &format!("//! A.\n    {}x)\n", banned.word),
            )]);
            assert_eq!(found.len(), 1, "{}", banned.word);
            assert!(
                found[0].starts_with("crates/a/src/lib.rs:2: "),
                "{}",
                found[0]
            );
        }
    }

    #[test]
    fn prose_may_talk_of_code_and_ci_of_its_workplace() {
        let all = BANNED
            .iter()
            .map(|banned| banned.word)
            .collect::<Vec<_>>()
            .join("\n");
        let workplace = BANNED.iter().filter(|banned| !banned.rust_only).count();
        assert_eq!(check(&[file("docs/a.md", &all)]).len(), workplace);
        assert_eq!(check(&[file(".ci/run", &all)]), Vec::<String>::new());
    }
}
