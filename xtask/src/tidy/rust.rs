//! Rules for Rust files: a module comment on the first line, and a limited length.

use super::File;

/// A longer file does more than one thing.
const MOST_LINES: usize = 400;

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| has_extension(&file.path, "rs")) {
        let path = &file.path;
        if !file.text.starts_with("//!") {
            found.push(format!(
                "{path}: opens without a `//!` line that says what it is for"
            ));
        }
        if path.ends_with("/mod.rs") {
            found.push(format!(
                "{path}: no mod.rs here, name it after its folder: `foo.rs` beside `foo/`"
            ));
        }
        let nameless = nameless_events(&file.text);
        if !is_test(path) && path.starts_with("crates/") {
            found.extend(nameless.into_iter().map(|line| {
                format!(
                    "{path}:{line}: an event of the log without `name:`, which would be called by its place in the source"
                )
            }));
        }
        let lines = production_lines(&file.text);
        if lines > MOST_LINES && !is_test(path) {
            found.push(format!(
                "{path}: {lines} production lines, {MOST_LINES} at most; split it"
            ));
        }
    }
    found
}

pub(super) fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, end)| end == extension)
}

/// Whether the whole file is only built for tests, benchmarks or as an example.
fn is_test(path: &str) -> bool {
    path.split('/')
        .any(|folder| matches!(folder, "tests" | "benches" | "examples"))
}

/// The lines of `warn!(`, `error!(` and `info!(` in production code whose first argument is no `name:`.
fn nameless_events(text: &str) -> Vec<usize> {
    let text = text.lines().take(production_lines(text));
    let lines: Vec<&str> = text.collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        for level in ["warn!(", "error!(", "info!("] {
            let Some(begin) = code.find(level) else {
                continue;
            };
            // A longer word with this end is another macro.
            let before = code[..begin].chars().last();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let rest = code[begin + level.len()..].trim_start();
            let first = if rest.is_empty() {
                lines.get(at + 1).map_or("", |next| next.trim_start())
            } else {
                rest
            };
            if !first.starts_with("name:") {
                found.push(at + 1);
            }
        }
    }
    found
}

/// Lines before the test module at the end of a file. A lone `#[cfg(test)]` on another item does not count, because one at the
/// top would hide the whole file.
fn production_lines(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let test_module = lines.iter().enumerate().position(|(at, line)| {
        *line == "#[cfg(test)]"
            && lines[at + 1..]
                .iter()
                .find(|next| !next.starts_with("#["))
                .is_some_and(|next| next.contains("mod ") && next.ends_with('{'))
    });
    test_module.unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::file;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&[file(path, text)])
    }

    #[test]
    fn a_file_opens_with_a_module_comment() {
        assert_eq!(
            found("crates/a/src/lib.rs", "//! What for.\n"),
            Vec::<String>::new()
        );
        assert!(found("crates/a/src/lib.rs", "#![warn(x)]\n//! Late.\n")[0].contains("`//!`"));
        assert!(found("crates/a/tests/it/main.rs", "")[0].contains("`//!`"));
        assert_eq!(found("docs/a.md", "# no Rust"), Vec::<String>::new());
    }

    #[test]
    fn modules_stand_beside_their_folders() {
        assert!(found("crates/a/src/b/mod.rs", "//! B.\n")[0].contains("mod.rs"));
        assert_eq!(
            found("crates/a/src/b_mod.rs", "//! B.\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn only_production_lines_count() {
        let long = format!("//! Long.\n{}", "// line\n".repeat(MOST_LINES));
        assert!(found("crates/a/src/lib.rs", &long)[0].contains("401 production lines"));
        assert_eq!(
            found("crates/a/tests/it/long.rs", &long),
            Vec::<String>::new()
        );
        let tested = format!(
            "//! Short.\n#[cfg(test)]\n#[allow(x, reason = \"y\")]\nmod tests {{\n{long}}}\n"
        );
        assert_eq!(found("crates/a/src/lib.rs", &tested), Vec::<String>::new());
    }

    #[test]
    fn an_event_of_the_log_has_a_name() {
        let named = "//! A.\nwarn!(name: \"a\", \"x\");\ntracing::error!(\n    name: \"b\", x,\n);\n// info!(\nbig_info!(x);\n";
        assert_eq!(found("crates/a/src/lib.rs", named), Vec::<String>::new());
        for nameless in [
            "warn!(\"x\");",
            "tracing::info!(\n    \"x\"\n);",
            "Err(_) => error!(%x, \"y\"),",
        ] {
            let text = format!("//! A.\n{nameless}\n");
            assert!(
                found("crates/a/src/lib.rs", &text)[0].starts_with("crates/a/src/lib.rs:2: "),
                "{nameless}"
            );
            assert_eq!(found("crates/a/tests/it/a.rs", &text), Vec::<String>::new());
        }
    }

    #[test]
    fn a_lone_cfg_test_hides_nothing() {
        let long = format!(
            "//! Long.\n#[cfg(test)]\nmod tests;\n{}",
            "// line\n".repeat(MOST_LINES)
        );
        assert!(found("crates/a/src/lib.rs", &long)[0].contains("403 production lines"));
    }
}
