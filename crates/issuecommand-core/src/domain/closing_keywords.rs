//! Finds the issues that a pull request's text closes by GitHub's closing keywords.
//!
//! The input is plain text. Code, quotations and comments must be removed before.

use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;

/// The keywords in GitHub's docs ("Linking a pull request to an issue").
const WORDS: [&str; 9] = [
    "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved",
];

/// The most issues taken from one text.
pub const MOST: usize = 100;

/// The longest `owner/name` is 201 bytes, and the longest host name 255.
const LONGEST_REFERENCE: usize = 512;

/// The issues that a text closes, in order, each once, at most [`MOST`]: `closes #1`, `fixes owner/repo#2`, `Resolved:
/// https://HOST/owner/repo/issues/3`. A bare `#1` is in `home`, the pull request's repository. Addresses count only on `host`
/// (`github.com`, with the port if any).
pub fn closed_by(text: &str, home: &RepoName, host: &str) -> Vec<(RepoName, IssueNumber)> {
    let mut issues: Vec<(RepoName, IssueNumber)> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && issues.len() < MOST {
        let end = word_end(bytes, at);
        if end == at {
            at += 1;
            continue;
        }
        let is_keyword = WORDS
            .iter()
            .any(|word| word.as_bytes().eq_ignore_ascii_case(&bytes[at..end]));
        if is_keyword
            && let Some(issue) = gap(&text[end..]).and_then(|rest| reference(rest, home, host))
            && !issues.contains(&issue)
        {
            issues.push(issue);
        }
        at = end;
    }
    issues
}

/// The end of the word at this byte, or `from` if there is none.
fn word_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes[from..].iter();
    from + rest.take_while(|byte| is_word(**byte)).count()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || !byte.is_ascii()
}

/// Skips an optional colon and white space. At least one of them is required.
fn gap(rest: &str) -> Option<&str> {
    let after = rest.strip_prefix(':').unwrap_or(rest);
    let trimmed = after.trim_start_matches([' ', '\t']);
    (after.len() != rest.len() || trimmed.len() != after.len()).then_some(trimmed)
}

/// Parses `#1`, `GH-1`, `owner/repo#1` or an issue's address at the start of the text.
fn reference(text: &str, home: &RepoName, host: &str) -> Option<(RepoName, IssueNumber)> {
    // Bounded, so that a text full of keywords is not scanned to its end for each of them.
    let end = text
        .char_indices()
        .take(LONGEST_REFERENCE)
        .find(|(_, c)| c.is_whitespace())
        .map_or_else(
            || text.floor_char_boundary(LONGEST_REFERENCE),
            |(end, _)| end,
        );
    let text = &text[..end];
    if let Some(rest) = text.strip_prefix('#').or_else(|| text.strip_prefix("GH-")) {
        return Some((home.clone(), number(rest)?));
    }
    if let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    {
        let mut parts = rest.splitn(5, '/');
        let here = parts.next()?.eq_ignore_ascii_case(host);
        let repo = RepoName::new(parts.next()?, parts.next()?).ok()?;
        let is_issue = here && parts.next()? == "issues";
        let number = number(parts.next().filter(|_| is_issue)?)?;
        return Some((repo, number));
    }
    let (name, rest) = text.split_once('#')?;
    Some((RepoName::parse(name).ok()?, number(rest)?))
}

/// The number at the start of a text, unless a word character follows.
fn number(text: &str) -> Option<IssueNumber> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let ends = !text.as_bytes().get(end).copied().is_some_and(is_word);
    ends.then(|| text[..end].parse().ok().and_then(IssueNumber::new))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closes(text: &str) -> Vec<String> {
        let home = RepoName::parse("acme/api").unwrap();
        closed_by(text, &home, "github.com")
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
    fn texts_without_a_valid_closing_keyword() {
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
            "closes https://gitlab.com/acme/api/issues/7",
            "closes https://github.com.evil.example/acme/api/issues/7",
            "closes https://github.com/acme/api/issues/",
        ] {
            assert_eq!(closes(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn at_most_a_hundred_issues_are_closed() {
        let many: Vec<String> = (1..=300).map(|n| format!("closes #{n}")).collect();
        let many = many.join(" ");
        let found = closes(&many);
        assert_eq!(found.len(), MOST);
        assert_eq!(found.last().map(String::as_str), Some("acme/api#100"));
    }

    #[test]
    fn a_text_of_only_keywords_is_read_in_linear_time() {
        for unit in ["closes:", "closes ", "closes #1 ", "fixes größe:"] {
            let text = unit.repeat(1_000_000 / unit.len());
            assert!(closes(&text).len() <= 1, "{unit}");
        }
    }
}
