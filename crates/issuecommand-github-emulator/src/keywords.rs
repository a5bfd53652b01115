//! GitHub's closing keywords: which issues a merged pull request closes.

const KEYWORDS: [&str; 9] = [
    "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved",
];

/// An issue named after a keyword; without a repository it is in that of the pull request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    pub(crate) repo: Option<String>,
    pub(crate) number: u64,
}

/// Every issue that `text` promises to close: a keyword, an optional colon, then `#12`, `owner/name#12`, `GH-12` or the
/// issue's address.
pub(crate) fn closing(text: &str) -> Vec<Closing> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .windows(2)
        .filter(|pair| {
            let word = pair[0].trim_start_matches(|c: char| !c.is_alphanumeric());
            let word = word.strip_suffix(':').unwrap_or(word);
            KEYWORDS
                .iter()
                .any(|keyword| keyword.eq_ignore_ascii_case(word))
        })
        .filter_map(|pair| reference(pair[1]))
        .collect()
}

fn reference(word: &str) -> Option<Closing> {
    if let Some((_, path)) = word.split_once("github.com/") {
        let mut parts = path.split('/');
        let repo = format!("{}/{}", parts.next()?, parts.next()?);
        return (parts.next()? == "issues")
            .then(|| leading_number(parts.next()?))
            .flatten()
            .map(|number| Closing {
                repo: Some(repo),
                number,
            });
    }
    if let Some(rest) = word.strip_prefix("GH-") {
        return leading_number(rest).map(|number| Closing { repo: None, number });
    }
    let (repo, rest) = word.split_once('#')?;
    let number = leading_number(rest)?;
    match repo.trim_start_matches(['(', '[', '*']) {
        "" => Some(Closing { repo: None, number }),
        repo if repo.split('/').count() == 2 => Some(Closing {
            repo: Some(repo.to_owned()),
            number,
        }),
        _ => None,
    }
}

fn leading_number(text: &str) -> Option<u64> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .map_or(text, |end| &text[..end]);
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Closing, closing};

    fn numbers(text: &str) -> Vec<u64> {
        closing(text).into_iter().map(|c| c.number).collect()
    }

    #[test]
    fn each_keyword_closes_the_issue_after_it() {
        assert_eq!(
            numbers("Fixes #3, resolves: #14. Closes GH-15"),
            [3, 14, 15]
        );
        assert_eq!(numbers("(closes #7)\n\nFIXED #8"), [7, 8]);
    }

    #[test]
    fn words_that_are_no_keyword_close_nothing() {
        assert!(numbers("see #3, prefixes #4, fixing #5, fixes 6, fixes #x").is_empty());
        assert_eq!(
            numbers("closes #1, #2"),
            [1],
            "each issue needs its own keyword"
        );
    }

    #[test]
    fn another_repository_is_named() {
        let other = || Some("acme/app".to_owned());
        assert_eq!(
            closing("fixes acme/app#9"),
            [Closing {
                repo: other(),
                number: 9
            }]
        );
        assert_eq!(
            closing("Fixes https://github.com/acme/app/issues/60."),
            [Closing {
                repo: other(),
                number: 60
            }]
        );
        assert!(closing("fixes https://github.com/acme/app/pull/60").is_empty());
    }
}
