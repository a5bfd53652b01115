//! Reading a list page by page, to its end.

use std::collections::BTreeSet;

use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use reqwest::Url;
use serde::de::DeserializeOwned;

use super::answer::Answer;
use super::{CIRCLE, PAGES, Rest};
use crate::shapes::BadRow;

impl Rest {
    /// Reads a list to its end, and says which of its rows cannot be read.
    pub(super) async fn all_readable<T: DeserializeOwned>(
        &self,
        first: Url,
    ) -> Result<(Vec<T>, Vec<BadRow>), GithubError> {
        let first = self.client.get(first, None).await?;
        self.all_from(first).await
    }

    /// The same of a list whose first page this is.
    pub(super) async fn all_from<T: DeserializeOwned>(
        &self,
        mut page: Answer,
    ) -> Result<(Vec<T>, Vec<BadRow>), GithubError> {
        let (mut rows, mut bad, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        loop {
            let (read, unreadable) = self.client.rows::<T>(&page)?;
            rows.extend(read);
            for row in &unreadable {
                tracing::warn!(
                    name: "github.row_skipped", request = page.request, number = row.number,
                    why = row.reason, "a row of a list cannot be read; the others count"
                );
            }
            bad.extend(unreadable);
            let Some(url) = self.turn(&page, &mut seen)? else {
                return Ok((rows, bad));
            };
            page = self.client.get(url, None).await?;
        }
    }

    /// The address of the page after this one, `None` after the last. A page that was read before is an error: the list
    /// leads in a circle, and to end it there would be to say that there is no more. So is one page too many.
    pub(super) fn turn(
        &self,
        page: &Answer,
        seen: &mut BTreeSet<String>,
    ) -> Result<Option<Url>, GithubError> {
        seen.insert(page.url.to_string());
        let Some(next) = page.next() else {
            return Ok(None);
        };
        let url = self.next_page(&page.request, &next)?;
        if seen.contains(url.as_str()) || !is_later(&url, &page.url) {
            return Err(self.client.unexpected(&page.request, CIRCLE));
        }
        if seen.len() >= PAGES {
            return Err(GithubError {
                kind: GithubErrorKind::TooMany,
                ..self
                    .client
                    .unexpected(&page.request, "a list of more than 10,000 rows")
            });
        }
        Ok(Some(url))
    }

    /// The address of a next page, on our own base whatever host the link names: GitHub Enterprise behind a proxy names
    /// itself, and the token goes nowhere else.
    pub(super) fn next_page(&self, request: &str, next: &str) -> Result<Url, GithubError> {
        self.client.on_own_base(next).ok_or_else(|| {
            self.client
                .unexpected(request, "a link that cannot be read")
        })
    }
}

/// Whether a page comes after another by its number. Pages that are not numbered say nothing of their order.
pub(super) fn is_later(next: &Url, page: &Url) -> bool {
    let number = |url: &Url| {
        let mut pairs = url.query_pairs();
        let page = pairs.find(|(name, _)| name == "page");
        page.map(|(_, value)| value.parse::<u64>().unwrap_or(0))
    };
    number(next).is_none_or(|next| next > number(page).unwrap_or(1))
}
