//! Parses the forms in which people and tools name a pull request.

use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;

/// A pull request as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullRef {
    /// `#12`: in the repository of the context.
    Here(IssueNumber),
    /// With its repository.
    In {
        /// The repository's name.
        repo: RepoName,
        /// The pull request's number.
        number: IssueNumber,
        /// The page's host, in lower case, with the port if any; `None` for `owner/repo#12` and API addresses.
        host: Option<String>,
    },
}

/// The most bytes of a text that is parsed. GitHub's addresses are far shorter.
const LONGEST: usize = 2_000;

impl PullRef {
    /// Parses a page's address (`https://HOST/OWNER/NAME/pull/12`, with any suffix), an API address
    /// (`…/repos/OWNER/NAME/pulls/12`), `owner/name#12` or `#12`. Brackets, quotes, punctuation and the words "PR" or "pull
    /// request" may surround it. An address may also be the only one in a sentence.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let is_label = |word: &&str| {
            let word = word.trim_end_matches(':');
            ["pr", "pull", "request", "mr"]
                .iter()
                .any(|label| label.eq_ignore_ascii_case(word))
        };
        let words: Vec<&str> = text.split_whitespace().skip_while(is_label).collect();
        if let [word] = words.as_slice() {
            return Self::of_word(bare(word));
        }
        let addresses = words.iter().filter(|word| word.contains("://"));
        let mut named: Vec<Self> = addresses
            .filter_map(|word| Self::of_word(bare(word)))
            .collect();
        named.dedup();
        match named.as_slice() {
            [_] => named.pop(),
            _ => None,
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        if let Some(digits) = word.strip_prefix('#') {
            return Some(Self::Here(number(digits)?));
        }
        if let Some((_, address)) = word.split_once("://") {
            return Self::of_address(address);
        }
        if let Some((name, digits)) = word.split_once('#')
            && let (Ok(repo), Some(number)) = (RepoName::parse(name), number(digits))
        {
            let host = None;
            return Some(Self::In { repo, number, host });
        }
        // An address without a scheme has a dot in its host and more than a repository in its path.
        let (host, _) = word.split_once('/')?;
        host.contains('.').then(|| Self::of_address(word))?
    }

    /// Parses `HOST/…`.
    fn of_address(address: &str) -> Option<Self> {
        let path = address.split(['?', '#']).next()?;
        let mut parts = path.split('/');
        let host = parts.next().filter(|host| !host.is_empty())?;
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let (host, owner, name, digits) = match parts.as_slice() {
            ["repos", owner, name, "pulls", digits, ..]
            | ["api", "v3", "repos", owner, name, "pulls", digits, ..] => {
                (None, owner, name, digits)
            }
            [owner, name, "pull" | "pulls", digits, ..] => (Some(host), owner, name, digits),
            _ => return None,
        };
        let digits = digits.trim_end_matches(".diff").trim_end_matches(".patch");
        Some(Self::In {
            repo: RepoName::new(owner, name).ok()?,
            number: number(digits)?,
            host: host.map(str::to_ascii_lowercase),
        })
    }
}

/// The host of an address, in lower case, with the port if any.
pub fn host_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// Strips quotes, brackets and punctuation from a word.
fn bare(word: &str) -> &str {
    let word = match word.split_once("](") {
        // A Markdown link.
        Some((_, address)) => address,
        None => word,
    };
    let quotes = ['<', '>', '(', ')', '[', ']', '{', '}', '"', '\'', '`', '*'];
    word.trim_start_matches(quotes)
        .trim_end_matches(|c| quotes.contains(&c) || matches!(c, '.' | ',' | ';' | ':' | '!' | '?'))
}

fn number(digits: &str) -> Option<IssueNumber> {
    // `parse` would accept a sign.
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse()
        .ok()
        .filter(|_| plain)
        .and_then(IssueNumber::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        PullRef::parse(text).map(|named| match named {
            PullRef::Here(number) => format!("#{number}"),
            PullRef::In { repo, number, host } => {
                format!("{} {repo}#{number}", host.unwrap_or_default())
            }
        })
    }

    #[test]
    fn every_form() {
        for (text, wanted) in [
            (
                "https://github.com/Acme/Api/pull/12",
                "github.com Acme/Api#12",
            ),
            (
                "http://GitHub.com/acme/api/pull/12/",
                "github.com acme/api#12",
            ),
            (
                " https://github.com/acme/api/pull/12. ",
                "github.com acme/api#12",
            ),
            (
                "<https://github.com/acme/api/pull/12>",
                "github.com acme/api#12",
            ),
            (
                "(https://github.com/acme/api/pull/12),",
                "github.com acme/api#12",
            ),
            (
                "\"https://github.com/acme/api/pull/12\"",
                "github.com acme/api#12",
            ),
            (
                "https://github.com/acme/api/pull/12/files#diff-1",
                "github.com acme/api#12",
            ),
            (
                "https://github.com/acme/api/pull/12?w=1",
                "github.com acme/api#12",
            ),
            (
                "https://github.com/acme/api/pull/12#issuecomment-7",
                "github.com acme/api#12",
            ),
            (
                "https://github.com/acme/api/pull/12.diff",
                "github.com acme/api#12",
            ),
            (
                "https://github.com/acme/api/pull/12/commits/c0ffee",
                "github.com acme/api#12",
            ),
            (
                "[#12](https://github.com/acme/api/pull/12)",
                "github.com acme/api#12",
            ),
            ("github.com/acme/api/pull/12", "github.com acme/api#12"),
            (
                "https://ghe.example:8443/acme/api/pull/12",
                "ghe.example:8443 acme/api#12",
            ),
            (
                "https://api.github.com/repos/acme/api/pulls/12",
                " acme/api#12",
            ),
            (
                "https://ghe.example/api/v3/repos/acme/api/pulls/12/reviews",
                " acme/api#12",
            ),
            ("acme/api#12", " acme/api#12"),
            ("`acme/api#12`.", " acme/api#12"),
            ("#12", "#12"),
            ("#12.", "#12"),
            ("PR #12", "#12"),
            ("Pull request: acme/api#12", " acme/api#12"),
            (
                "Opened https://github.com/acme/api/pull/12 for review",
                "github.com acme/api#12",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn texts_that_are_not_pull_request_urls() {
        for text in [
            "",
            "my-branch",
            "see my branch #12",
            "12",
            "#",
            "#0",
            "#+12",
            "#12a",
            "acme#12",
            "acme/api",
            "https://github.com/acme/api/issues/3",
            "https://github.com/acme/api/pull/x",
            "https://github.com/acme/api/pull/",
            "https://github.com/acme/pull/12",
            "https://github.com/acme/api/compare/main...mend",
            "https://github.com/acme/api/tree/mend",
            "https://github.com/acme/api/pull/1 https://github.com/acme/api/pull/2",
            "https:///acme/api/pull/1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"#1 ".repeat(10_000)), None);
    }
}
