//! Relative links in the documentation must point to files in the tree.

use super::{File, rust::has_extension};

pub(super) fn check(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for page in files.iter().filter(|file| is_documentation(&file.path)) {
        for (line, target) in targets(&page.text) {
            let Some(path) = relative_path(target) else {
                continue;
            };
            let there = resolve(&page.path, path).is_some_and(|wanted| exists(files, &wanted));
            if !there {
                found.push(format!(
                    "{}:{line}: link to `{target}`, and no such file is in the tree",
                    page.path
                ));
            }
        }
    }
    found
}

fn is_documentation(path: &str) -> bool {
    has_extension(path, "md") && (path == "README.md" || path.starts_with("docs/"))
}

/// Link targets with their line, of `[text](target)` and `[label]: target`, outside of code.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_fence = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        }
        if in_fence {
            continue;
        }
        // Odd parts between backticks are code, and `[…](…)` in code is no link.
        for prose in line.split('`').step_by(2) {
            found.extend(
                prose
                    .split("](")
                    .skip(1)
                    .filter_map(|rest| Some((at + 1, first_word(rest.split_once(')')?.0)?))),
            );
        }
        if line.starts_with('[')
            && let Some((_, target)) = line.split_once("]: ")
            && let Some(target) = first_word(target)
        {
            found.push((at + 1, target));
        }
    }
    found
}

/// A link target without the title that may follow it.
fn first_word(target: &str) -> Option<&str> {
    target.split_whitespace().next()
}

/// The path of a link into the tree, without its anchor; `None` for the web, mail, or a place on the same page.
fn relative_path(target: &str) -> Option<&str> {
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    let path = target.split('#').next().unwrap_or_default();
    (!elsewhere && !path.is_empty()).then_some(path)
}

/// The target relative to the root; `None` if it is outside the tree.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Whether it is a file, or a folder that contains one.
fn exists(files: &[File], wanted: &str) -> bool {
    wanted.is_empty()
        || files.iter().any(|file| {
            file.path
                .strip_prefix(wanted)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::file;

    fn found(page: &str, text: &str) -> Vec<String> {
        check(&[
            file(page, text),
            file("docs/guide.md", ""),
            file("crates/a/src/lib.rs", ""),
        ])
    }

    #[test]
    fn links_into_the_tree_are_fine() {
        let text = "[a](docs/guide.md) [b](docs/guide.md#part \"Title\") [c](crates/a/) [d](./docs)\n[e]: docs/guide.md\n";
        assert_eq!(found("README.md", text), Vec::<String>::new());
        assert_eq!(
            found(
                "docs/b.md",
                "[up](../crates/a/src/lib.rs) [beside](guide.md)"
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn links_elsewhere_are_not_judged() {
        let text = "[a](https://example.com/x) [b](mailto:a@example.com) [c](#part) `[d](gone)`\n```\n[e](gone)\n```\n";
        assert_eq!(found("README.md", text), Vec::<String>::new());
        assert_eq!(
            found("crates/a/notes.md", "[f](gone)"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_broken_link_is_reported_with_its_line() {
        let wrong = found(
            "README.md",
            "fine\n[a](docs/gone.md) [b](doc)\n[c]: gone.md\n",
        );
        assert_eq!(wrong.len(), 3, "{wrong:#?}");
        assert!(wrong[0].starts_with("README.md:2: link to `docs/gone.md`"));
        assert_eq!(found("docs/b.md", "[out](../../etc/passwd)").len(), 1);
    }
}
