//! Reads lists page by page to their end.

use std::collections::BTreeSet;

use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use reqwest::Url;
use serde::de::DeserializeOwned;

use super::endpoint::Endpoint;
use super::response::Answer;
use super::{CIRCLE, PAGES, Rest};
use crate::api_types::BadRow;

impl Rest {
    /// Reads a list to its end. Returns the rows and the unreadable ones.
    pub(super) async fn all_readable<T: DeserializeOwned>(
        &self,
        first: Endpoint,
    ) -> Result<(Vec<T>, Vec<BadRow>), GithubError> {
        let first = self.client.get(first, None).await?;
        self.all_from(first).await
    }

    /// Like `all_readable`, from the first page that was already read.
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
            let Some(next) = self.turn(&page, &mut seen)? else {
                return Ok((rows, bad));
            };
            page = self.client.get(next, None).await?;
        }
    }

    /// The address of the next page of a list that is read a page at a call; `None` after the last. One that does not come later is an
    /// error, because the list loops.
    pub(super) fn following(&self, page: &Answer) -> Result<Option<String>, GithubError> {
        let Some(next) = page.next() else {
            return Ok(None);
        };
        let (read, next) = (
            &page.endpoint.url,
            self.next_page(&page.endpoint, &next)?.url,
        );
        if next == *read || !is_later(&next, read) {
            return Err(self.client.unexpected(&page.request, CIRCLE));
        }
        Ok(Some(String::from(next)))
    }

    /// The next page; `None` after the last. A page that was already read is an error, because the list loops and
    /// its end is unknown. So is a page above the limit.
    pub(super) fn turn(
        &self,
        page: &Answer,
        seen: &mut BTreeSet<String>,
    ) -> Result<Option<Endpoint>, GithubError> {
        seen.insert(page.endpoint.url.to_string());
        let Some(next) = page.next() else {
            return Ok(None);
        };
        let next = self.next_page(&page.endpoint, &next)?;
        if seen.contains(next.url.as_str()) || !is_later(&next.url, &page.endpoint.url) {
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
        Ok(Some(next))
    }

    /// The next page of a list, on the configured base, whatever host the link names. GitHub Enterprise behind a proxy names
    /// itself, and the token must not go to another host.
    pub(super) fn next_page(&self, list: &Endpoint, next: &str) -> Result<Endpoint, GithubError> {
        let url = self.client.on_own_base(next).ok_or_else(|| {
            let request = format!("GET {}", list.url.path());
            self.client
                .unexpected(&request, "a link that cannot be read")
        })?;
        Ok(list.moved_to(url))
    }
}

/// Whether a page comes after another by number. Pages without numbers have no order.
fn is_later(next: &Url, page: &Url) -> bool {
    let number = |url: &Url| {
        let mut pairs = url.query_pairs();
        let page = pairs.find(|(name, _)| name == "page");
        page.map(|(_, value)| value.parse::<u64>().unwrap_or(0))
    };
    number(next).is_none_or(|next| next > number(page).unwrap_or(1))
}
