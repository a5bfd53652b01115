//! The last comments of an issue. GitHub lists comments oldest first, so they are on the last page.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::Comment;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::github::LatestComments;

use super::Rest;
use crate::api_types::CommentRow;

/// Comments per page. Most issues have no more, so one request is enough.
const PAGE: u64 = 10;

/// The most cached answers for conditional requests. Above this all are dropped.
const KEPT: usize = 256;

/// Cached answers by issue.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<HashMap<(RepoName, IssueNumber), LastPage>>);

/// The last page of an issue's comments. Only a page that is not full is kept, because one more comment changes it.
#[derive(Clone, Debug)]
struct LastPage {
    number: u64,
    validator: String,
    latest: LatestComments,
}

/// A page with its links.
struct Page {
    comments: Vec<Comment>,
    /// Rows of the page, including unreadable ones.
    rows: u64,
    last: Option<u64>,
    validator: Option<String>,
}

impl Rest {
    /// One request for most issues, three at most. Conditional if an answer is cached.
    pub(super) async fn last_comments(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<LatestComments, GithubError> {
        let key = (repo.clone(), number);
        let kept = self.kept_comments.get(&key);
        let mut at = kept.as_ref().map_or(1, |kept| kept.number);
        let validator = kept.as_ref().map(|kept| kept.validator.as_str());
        let page = self.page(repo, number, at, validator).await?;
        let mut page = match (page, kept) {
            (Some(page), _) => page,
            (None, Some(kept)) => return Ok(kept.latest),
            // Cannot happen: without a cached answer the request was not conditional.
            (None, None) => return Ok(LatestComments::default()),
        };
        let mut before = None;
        if let Some(last) = page.last.filter(|last| *last > at) {
            let next = self.page(repo, number, last, None).await?;
            if last == at + 1 {
                before = Some(page.comments);
            }
            at = last;
            page = next.unwrap_or(Page {
                comments: Vec::new(),
                rows: 0,
                last: None,
                validator: None,
            });
        }
        let mut comments = page.comments;
        if comments.len() < LatestComments::MOST && at > 1 {
            let mut more = match before {
                Some(comments) => comments,
                None => self
                    .page(repo, number, at - 1, None)
                    .await?
                    .map(|page| page.comments)
                    .unwrap_or_default(),
            };
            more.append(&mut comments);
            comments = more;
        }
        let latest = LatestComments {
            total: usize::try_from((at - 1) * PAGE + page.rows).unwrap_or(usize::MAX),
            ..LatestComments::of(comments.into())
        };
        match page.validator {
            Some(validator) if page.rows < PAGE => {
                let last = LastPage {
                    number: at,
                    validator,
                    latest: latest.clone(),
                };
                self.kept_comments.keep(key, last);
            }
            Some(_) | None => self.kept_comments.forget(&key),
        }
        Ok(latest)
    }

    /// One page; `None` if it is unchanged.
    async fn page(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        page: u64,
        validator: Option<&str>,
    ) -> Result<Option<Page>, GithubError> {
        let path = format!("issues/{number}/comments");
        let query = [
            ("per_page", &*PAGE.to_string()),
            ("page", &*page.to_string()),
        ];
        let list = self.client.of_repo(repo, &path).with_query(&query);
        let answer = self.client.get(list, validator).await?;
        if answer.unchanged {
            return Ok(None);
        }
        let (rows, unreadable) = self.client.rows::<CommentRow>(&answer)?;
        let count = rows.len() + unreadable.len();
        Ok(Some(Page {
            rows: u64::try_from(count).unwrap_or(u64::MAX),
            last: answer.last(),
            comments: rows.into_iter().map(Comment::from).collect(),
            validator: answer.validator,
        }))
    }
}

impl Kept {
    fn with<T>(
        &self,
        look: impl FnOnce(&mut HashMap<(RepoName, IssueNumber), LastPage>) -> T,
    ) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self, key: &(RepoName, IssueNumber)) -> Option<LastPage> {
        self.with(|kept| kept.get(key).cloned())
    }

    fn keep(&self, key: (RepoName, IssueNumber), page: LastPage) {
        self.with(|kept| {
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(key, page);
        });
    }

    fn forget(&self, key: &(RepoName, IssueNumber)) {
        self.with(|kept| kept.remove(key));
    }
}
