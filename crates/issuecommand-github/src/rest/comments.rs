//! The comments of an issue, with a cap for very long lists.

use std::collections::BTreeSet;

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{Comment, CommentGap, CommentList};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::github::{Fetched, TaggedComments};

use super::endpoint::Endpoint;
use super::response::Answer;
use super::{FULL, PAGES, PER_PAGE, Rest, link_header};
use crate::api_types::CommentRow;

/// How many pages are read at each end of a list that is too long.
const ENDS: usize = 5;
/// A list whose texts have more bytes than this is too long, whatever its number of rows.
const BYTES: usize = 4 << 20;

impl Rest {
    /// All comments, with a conditional request.
    pub(super) async fn comments_of(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
    ) -> Result<Fetched<TaggedComments>, GithubError> {
        let list = (self
            .client
            .of_repo(repo, &format!("issues/{number}/comments")))
        .with_query(&[("per_page", PER_PAGE)]);
        let first = self.client.get(list.clone(), etag).await?;
        if first.unchanged {
            return Ok(Fetched::Unchanged);
        }
        let validator = first.validator.clone();
        let list = self.comments_from(&list, first).await?;
        // A full first page does not change when the next one grows, so its validator is not kept.
        let whole = list.comments.len() < FULL && list.gap.is_none();
        let etag = validator.filter(|_| whole);
        Ok(Fetched::New(TaggedComments { list, etag }))
    }

    /// All comments; the first and last ones if they exceed the limit of pages or memory.
    async fn comments_from(
        &self,
        first: &Endpoint,
        mut page: Answer,
    ) -> Result<CommentList, GithubError> {
        let last = link_header::last(&page.headers).and_then(|last| usize::try_from(last).ok());
        let most = if last.is_some_and(|last| last > PAGES) {
            ENDS
        } else {
            PAGES
        };
        let (mut comments, mut seen) = (self.comments_on(&page)?, BTreeSet::new());
        let (mut read, mut bytes) = (1, page.body.len());
        while read < most && bytes < BYTES {
            let Some(next) = self.turn(&page, &mut seen)? else {
                return Ok(comments.into());
            };
            page = self.client.get(next, None).await?;
            comments.extend(self.comments_on(&page)?);
            (read, bytes) = (read + 1, bytes + page.body.len());
        }
        if page.next().is_none() {
            return Ok(comments.into());
        }
        let after = comments.len();
        let tail = match last {
            Some(last) => self.last_pages(first, read, last).await?,
            None => Vec::new(),
        };
        // All pages but the last are full.
        let left_out = last.map(|last| {
            let from = last.saturating_sub(ENDS).max(read);
            (from - read.min(from)) * FULL
        });
        comments.extend(tail);
        let gap = CommentGap {
            after,
            count: left_out,
        };
        let gap = Some(gap).filter(|gap| gap.count != Some(0));
        Ok(CommentList { comments, gap })
    }

    /// The last pages of a list, without those that were read already.
    async fn last_pages(
        &self,
        first: &Endpoint,
        read: usize,
        count: usize,
    ) -> Result<Vec<Comment>, GithubError> {
        let mut comments = Vec::new();
        for number in count.saturating_sub(ENDS).max(read) + 1..=count {
            let page = first.clone().with_query(&[("page", &number.to_string())]);
            let page = self.client.get(page, None).await?;
            comments.extend(self.comments_on(&page)?);
        }
        Ok(comments)
    }

    /// The readable comments of a page. A missing comment proves nothing, so unreadable ones are skipped.
    fn comments_on(&self, page: &Answer) -> Result<Vec<Comment>, GithubError> {
        let (rows, unreadable) = self.client.rows::<CommentRow>(page)?;
        for row in unreadable {
            tracing::warn!(
                name: "github.row_skipped", request = page.request, number = row.number,
                why = row.reason, "a row of a list cannot be read; the others count"
            );
        }
        Ok(rows.into_iter().map(Comment::from).collect())
    }
}
