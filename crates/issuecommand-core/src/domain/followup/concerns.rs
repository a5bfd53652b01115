//! The issues that feedback is about. They select among several claims that name one pull request.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::bounds::beginning;
use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;

/// The most issues of each kind.
const MOST: usize = 20;
/// The most bytes of a text that are read.
const LONGEST: usize = 64 << 10;
/// The most bytes of a branch name that are read. Git allows hardly more than 250.
const LONGEST_BRANCH: usize = 1 << 10;

/// Issues of the pull request's own repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Concerns {
    /// Issues that the feedback names.
    pub feedback: BTreeSet<IssueNumber>,
    /// Issues that the head branch may be named after.
    pub branch: BTreeSet<IssueNumber>,
}

impl Concerns {
    /// Adds the issues in a feedback's text: `#1`, `owner/name#1`, `GH-1` or an issue's address.
    pub fn add_text(&mut self, text: &str, home: &RepoName) {
        let room = MOST.saturating_sub(self.feedback.len());
        if room == 0 {
            return;
        }
        let text = beginning(text, LONGEST);
        let named = text
            .split_whitespace()
            .filter_map(|word| named_in(word, home));
        self.feedback.extend(named.take(room));
    }

    /// Sets the numbers in the branch name: `12-mend-it`, `fix/issue-12`, `gh12`.
    pub fn set_branch(&mut self, branch: &str) {
        let branch = beginning(branch, LONGEST_BRANCH);
        let parts = branch.split(|c: char| !c.is_ascii_alphanumeric());
        let digits = parts.map(|part| {
            let part = part.to_ascii_lowercase();
            let bare = ["issue", "gh", "fix"]
                .iter()
                .find_map(|word| part.strip_prefix(word));
            bare.unwrap_or(&part).to_owned()
        });
        self.branch = digits
            .filter_map(|digits| number(&digits))
            .take(MOST)
            .collect();
    }

    /// How well a claim of this issue fits; lower is better.
    pub fn rank(&self, issue: IssueNumber) -> u8 {
        if self.feedback.contains(&issue) {
            0
        } else if self.branch.contains(&issue) {
            1
        } else {
            2
        }
    }
}

/// The stored form: `,1,2,b3,`, with a `b` for branch numbers. Empty if there are none.
impl fmt::Display for Concerns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let feedback = self.feedback.iter().map(|issue| format!(",{issue}"));
        let branch = self.branch.iter().map(|issue| format!(",b{issue}"));
        let all: String = feedback.chain(branch).collect();
        if all.is_empty() {
            return Ok(());
        }
        write!(f, "{all},")
    }
}

impl FromStr for Concerns {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut concerns = Self::default();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            match part.strip_prefix('b') {
                Some(digits) => concerns.branch.extend(number(digits)),
                None => concerns.feedback.extend(number(part)),
            }
        }
        Ok(concerns)
    }
}

fn named_in(word: &str, home: &RepoName) -> Option<IssueNumber> {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '#');
    if let Some((_, address)) = word.split_once("://") {
        let mut parts = address.split('/').skip(1);
        let repo = RepoName::new(parts.next()?, parts.next()?).ok()?;
        let is_issue = parts.next()? == "issues" && repo == *home;
        return leading_number(parts.next().filter(|_| is_issue)?);
    }
    if let Some(rest) = word.strip_prefix("GH-") {
        return leading_number(rest);
    }
    let (name, rest) = word.split_once('#')?;
    let is_own = name.is_empty() || RepoName::parse(name).is_ok_and(|name| name == *home);
    is_own.then(|| leading_number(rest))?
}

/// The number at the start of a text, unless a letter follows.
fn leading_number(text: &str) -> Option<IssueNumber> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let ends = !text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    number(text.get(..end).filter(|_| ends)?)
}

fn number(digits: &str) -> Option<IssueNumber> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| plain)?;
    IssueNumber::new(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<i64> {
        let mut concerns = Concerns::default();
        concerns.add_text(text, &RepoName::parse("acme/api").unwrap());
        concerns
            .feedback
            .into_iter()
            .map(IssueNumber::get)
            .collect()
    }

    #[test]
    fn issues_named_in_feedback() {
        for (text, wanted) in [
            ("This breaks #12 again.", vec![12]),
            ("(#12), Acme/API#7 and GH-3", vec![3, 7, 12]),
            (
                "see https://github.com/acme/api/issues/9#issuecomment-1",
                vec![9],
            ),
            (
                "other/repo#5, #12a, C#, ##, #0, #99999999999999999999",
                vec![],
            ),
            (
                "https://github.com/other/repo/issues/9 https://github.com/acme/api/pull/9",
                vec![],
            ),
        ] {
            assert_eq!(named(text), wanted, "{text}");
        }
        let many: Vec<String> = (1..100).map(|n| format!("#{n}")).collect();
        assert_eq!(named(&many.join(" ")).len(), MOST);
    }

    #[test]
    fn text_beyond_the_bound_is_not_read() {
        for (before, wanted) in [(LONGEST - 10, vec![1]), (LONGEST, vec![])] {
            assert_eq!(named(&format!("{}#1", " ".repeat(before))), wanted);
        }
        let mut concerns = Concerns::default();
        concerns.set_branch(&format!("{}12", "-".repeat(LONGEST_BRANCH)));
        assert_eq!(concerns, Concerns::default());
    }

    #[test]
    fn issues_named_in_a_branch() {
        for (branch, wanted) in [
            ("12-mend-it", vec![12]),
            ("fix/issue-12", vec![12]),
            ("gh12_and_Issue13", vec![12, 13]),
            ("main", vec![]),
            ("v2/sha1", vec![]),
        ] {
            let mut concerns = Concerns::default();
            concerns.set_branch(branch);
            let numbers: Vec<i64> = concerns.branch.into_iter().map(IssueNumber::get).collect();
            assert_eq!(numbers, wanted, "{branch}");
        }
    }

    #[test]
    fn concerns_round_trip_as_text() {
        let mut concerns = Concerns::default();
        assert_eq!(concerns.to_string(), "");
        concerns.add_text("#1 #22", &RepoName::parse("acme/api").unwrap());
        concerns.set_branch("issue-3");
        assert_eq!(concerns.to_string(), ",1,22,b3,");
        assert_eq!(concerns.to_string().parse(), Ok(concerns));
    }
}
