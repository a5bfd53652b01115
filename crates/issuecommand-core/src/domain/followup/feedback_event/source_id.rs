//! Ids of feedback events.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// The permanent id of a feedback event, from any route: `review:ID`, `review_comment:ID`, `issue_comment:ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(pub String);

impl SourceId {
    /// The id of a review.
    pub fn review(id: i64) -> Self {
        Self(format!("review:{id}"))
    }

    /// The id of a line comment.
    pub fn review_comment(id: i64) -> Self {
        Self(format!("review_comment:{id}"))
    }

    /// The id of a comment under the pull request.
    pub fn issue_comment(id: i64) -> Self {
        Self(format!("issue_comment:{id}"))
    }

    /// The id of a review or comment after an edit that added text to an answered one: `issue_comment:5@2026-01-02T03:04:05Z`.
    #[must_use]
    pub fn edited(&self, at: Timestamp) -> Self {
        Self(format!("{}@{}", self.base(), at.as_github()))
    }

    /// The id of the review or comment itself, without an edit's suffix.
    pub fn base(&self) -> &str {
        self.0.split_once('@').map_or(&*self.0, |(base, _)| base)
    }

    /// The range of ids of this review's or comment's edits: first included, second excluded.
    pub fn edits(&self) -> (Self, Self) {
        let base = self.base();
        (Self(format!("{base}@")), Self(format!("{base}A")))
    }

    /// Whether it is a review of any kind.
    pub fn is_review(&self) -> bool {
        self.0.starts_with("review:")
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_has_a_name_of_its_own() {
        let at = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        let said = SourceId::issue_comment(5);
        let edited = said.edited(at);
        assert_eq!(edited.0, "issue_comment:5@2026-01-02T03:04:05Z");
        assert_eq!(
            (edited.base(), said.base()),
            ("issue_comment:5", "issue_comment:5")
        );
        assert_eq!(edited.edited(at), edited);
        let (from, until) = edited.edits();
        assert!(from < edited && edited < until);
        let others = [
            said,
            SourceId::issue_comment(50).edited(at),
            SourceId::issue_comment(51),
        ];
        assert!(others.iter().all(|other| *other < from || *other >= until));
    }
}
