//! GitHub's closing keywords: which issues the text of a pull request closes.

use crate::id::IssueNumber;
use crate::repo::RepoName;

/// The words, as GitHub documents them ("Linking a pull request to an issue").
const WORDS: [&str; 9] = [
    "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved",
];

/// The issues that a text closes, in order and each once: `closes #1`, `fixes owner/repo#2`, `Resolved: https://HOST/owner/repo/issues/3`.
/// `home` is the repository of the pull request, which a bare `#1` means.
pub fn closed_by(text: &str, home: &RepoName) -> Vec<(RepoName, IssueNumber)> {
    let mut found = Vec::new();
    let lower = text.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    for word in WORDS {
        for (at, _) in lower.match_indices(word) {
            let begins = at == 0 || !is_word(bytes[at - 1]);
            let rest = &text[at + word.len()..];
            if !begins {
                continue;
            }
            let Some(rest) = gap(rest) else { continue };
            if let Some(issue) = reference(rest, home) {
                found.push((at, issue));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    let mut issues: Vec<(RepoName, IssueNumber)> = Vec::new();
    for (_, issue) in found {
        if !issues.contains(&issue) {
            issues.push(issue);
        }
    }
    issues
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || !byte.is_ascii()
}

/// A colon or nothing, then white space; a colon alone is enough.
fn gap(rest: &str) -> Option<&str> {
    let after = rest.strip_prefix(':').unwrap_or(rest);
    let trimmed = after.trim_start_matches([' ', '\t']);
    (after.len() != rest.len() || trimmed.len() != after.len()).then_some(trimmed)
}

/// `#1`, `GH-1`, `owner/repo#1` or an address of an issue at the beginning of the text.
fn reference(text: &str, home: &RepoName) -> Option<(RepoName, IssueNumber)> {
    if let Some(rest) = text.strip_prefix('#').or_else(|| text.strip_prefix("GH-")) {
        return Some((home.clone(), number(rest)?));
    }
    if let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    {
        let mut parts = rest.splitn(5, '/').skip(1);
        let repo = RepoName::new(parts.next()?, parts.next()?).ok()?;
        let issues = parts.next()? == "issues";
        return issues
            .then_some(())
            .and_then(|()| number(parts.next()?))
            .map(|number| (repo, number));
    }
    let (name, rest) = text.split_once('#')?;
    Some((
        RepoName::parse(name)
            .ok()
            .filter(|_| !name.contains(char::is_whitespace))?,
        number(rest)?,
    ))
}

/// The number that a text begins with, if no word goes on behind it.
fn number(text: &str) -> Option<IssueNumber> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let ends = text[end..].bytes().next().is_none_or(|next| !is_word(next));
    IssueNumber::new(text[..end].parse().ok().filter(|_| ends)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closes(text: &str) -> Vec<String> {
        let home = RepoName::parse("acme/api").unwrap();
        closed_by(text, &home)
            .into_iter()
            .map(|(repo, n)| format!("{repo}#{n}"))
            .collect()
    }

    #[test]
    fn every_keyword_and_every_form() {
        for word in WORDS {
            assert_eq!(
                closes(&format!("This {word} #7.")),
                ["acme/api#7"],
                "{word}"
            );
            assert_eq!(
                closes(&format!("{}: #7", word.to_uppercase())),
                ["acme/api#7"],
                "{word}"
            );
        }
        assert_eq!(
            closes("Fixes other/Repo#12, closes GH-3"),
            ["other/Repo#12", "acme/api#3"]
        );
        assert_eq!(
            closes("resolves https://github.com/martinduke/drafts/issues/61\r\n\r\n(also …)"),
            ["martinduke/drafts#61"]
        );
        assert_eq!(
            closes("fix #1, fix #2 and closes #1"),
            ["acme/api#1", "acme/api#2"]
        );
        assert_eq!(closes("Closes:#4"), ["acme/api#4"]);
    }

    #[test]
    fn what_closes_nothing() {
        for text in [
            "see #7",
            "fixes7",
            "fixes #",
            "prefixes #7",
            "fix the #7",
            "closes #7a",
            "fixes#7",
            "closes #0",
            "closes a b#7",
            "fixes https://github.com/acme/api/pull/7",
            "ficloses #7",
            "größcloses #7",
        ] {
            assert_eq!(closes(text), Vec::<String>::new(), "{text}");
        }
    }
}
