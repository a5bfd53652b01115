//! Reads the lists of a pull request: reviews, line comments and comments.

use std::collections::BTreeSet;

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::ports::github::Fetched;

use crate::api_types::pulls::ReviewOrComment;
use crate::rest::endpoint::Endpoint;
use crate::rest::response::Answer;
use crate::rest::{FULL, PER_PAGE, Rest};

/// A list of reviews or comments: unchanged since the last poll, or read.
pub(super) enum Listed {
    Unchanged,
    /// All readable rows.
    Rows(Vec<ReviewOrComment>),
}

/// The parts of a pull request that could not be read.
#[derive(Default)]
pub(super) struct Gaps {
    /// The reasons, without any text that users wrote.
    pub(super) reasons: Vec<String>,
    /// A review is among them, so it is unknown which comments belong to it.
    pub(super) reviews: bool,
}

impl Listed {
    pub(super) fn rows(&self) -> &[ReviewOrComment] {
        match self {
            Self::Unchanged => &[],
            Self::Rows(rows) => rows,
        }
    }

    /// The ids in the list, if it was read.
    pub(super) fn ids(&self) -> Option<BTreeSet<i64>> {
        match self {
            Self::Unchanged => None,
            Self::Rows(rows) => Some(rows.iter().map(|row| row.id).collect()),
        }
    }

    pub(super) fn into_rows(self) -> Vec<ReviewOrComment> {
        match self {
            Self::Unchanged => Vec::new(),
            Self::Rows(rows) => rows,
        }
    }
}

impl Rest {
    /// The reviews that have a state.
    pub(super) async fn reviews(
        &self,
        list: &Endpoint,
        validator: &mut Option<String>,
        gaps: &mut Gaps,
    ) -> Result<Listed, GithubError> {
        let before = gaps.reasons.len();
        let mut listed = self.listed(list, validator, gaps).await?;
        if let Listed::Rows(rows) = &mut listed {
            let all = rows.len();
            rows.retain(ReviewOrComment::has_state);
            if rows.len() < all {
                gaps.reasons.push("a review without a state".to_owned());
                *validator = None;
            }
        }
        gaps.reviews |= gaps.reasons.len() > before;
        Ok(listed)
    }

    /// All rows of a list, with a conditional request. Replaces the validator of the last poll by that of the next.
    pub(super) async fn listed(
        &self,
        list: &Endpoint,
        validator: &mut Option<String>,
        gaps: &mut Gaps,
    ) -> Result<Listed, GithubError> {
        let list = list.clone().with_query(&[("per_page", PER_PAGE)]);
        let first = match self.ask_again(list, validator.as_deref()).await? {
            Fetched::New(answer) => answer,
            Fetched::Unchanged => return Ok(Listed::Unchanged),
        };
        let etag = first.validator.clone();
        let (rows, bad) = self.all_from::<ReviewOrComment>(first).await?;
        // A full first page does not change when the next one grows, so its validator would hide new rows. Pages with
        // unreadable rows are read again too.
        *validator = etag.filter(|_| rows.len() < FULL && bad.is_empty());
        gaps.reasons.extend(bad.into_iter().map(|row| row.reason));
        Ok(Listed::Rows(rows))
    }

    /// Sends a conditional request.
    pub(super) async fn ask_again(
        &self,
        endpoint: Endpoint,
        validator: Option<&str>,
    ) -> Result<Fetched<Answer>, GithubError> {
        // A pull request never leaves its repository, so a redirect leads to the same one.
        let answer = self.client.get_following(endpoint, validator).await?;
        if answer.unchanged {
            return Ok(Fetched::Unchanged);
        }
        Ok(Fetched::New(answer))
    }
}
