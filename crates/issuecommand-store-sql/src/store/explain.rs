//! How many open issues have which first reason: from the numbers that are kept, or one by one where a filter names labels.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::explain::{CountedRepo, ExplainQuery, Explained, Oldest, OpenIssue};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueKey, RepoId};
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;

use super::{Args as _, Database, SqlStore};
use crate::error::unreadable;
use crate::json::{issue_number, parse};
use crate::new_rows::{OptionalTags, wanted_tags};
use crate::rows::{OpenIssueOfTagRow, RepoRow, values};

/// What the numbers of issues that are ready for other agents come under.
const ELSEWHERE: &str = "elsewhere";

impl<D: Database> SqlStore<D> {
    pub(super) async fn explained(&self, query: &ExplainQuery) -> Result<Explained, StoreError> {
        let tags = wanted_tags(&query.filter);
        let optional = OptionalTags::of(&query.filter);
        if tags.is_empty() && optional.is_empty() {
            self.counted(query).await
        } else {
            self.counted_one_by_one(query, &tags, &optional).await
        }
    }

    async fn counted(&self, query: &ExplainQuery) -> Result<Explained, StoreError> {
        let sql = &D::STATEMENTS.explain;
        let lanes: Vec<(String,)> = self.database.ask(sql.lanes, D::Args::default()).await?;
        let lanes = lanes.into_iter().map(|(lane,)| Lane::new(lane));
        let (own, others): (Vec<Lane>, Vec<Lane>) = lanes.partition(|lane| query.admits(lane));
        let args = D::Args::default()
            .texts(own.iter().map(Lane::as_str))?
            .texts(others.iter().map(Lane::as_str))?
            .text(query.filter.repo.as_ref().map(RepoName::key))?
            .scope(&query.scope)?;
        let sums: Vec<(i64, String, i64)> = self.database.ask(sql.sums, args).await?;
        let ids: BTreeSet<i64> = sums.iter().map(|(repo, _, _)| *repo).collect();
        let mut repos: BTreeMap<RepoId, CountedRepo> = self
            .repos_by_id(ids)
            .await?
            .into_iter()
            .map(|repo| (repo.id, CountedRepo::new(repo)))
            .collect();
        for (repo, first, n) in sums {
            let row = repos
                .get_mut(&RepoId(repo))
                .ok_or_else(|| unreadable(format!("issues of the repository {repo}")))?;
            if first == ELSEWHERE {
                row.elsewhere = n.unsigned_abs();
            } else {
                row.counts.insert(first_reason(&first)?, n.unsigned_abs());
            }
        }
        let mut explained = Explained {
            repos: repos.into_values().collect(),
            ..Explained::default()
        };
        explained.oldest = self.oldest(&explained.repos, &own).await?;
        Ok(explained)
    }

    /// The oldest issue of each reason, in these lanes.
    async fn oldest(
        &self,
        repos: &[CountedRepo],
        lanes: &[Lane],
    ) -> Result<BTreeMap<ReasonCode, IssueKey>, StoreError> {
        let sql = &D::STATEMENTS.explain;
        let mut oldest = Oldest::default();
        let (mut open, mut own) = (Vec::new(), BTreeSet::new());
        let (mut held, mut closed) = (BTreeMap::new(), BTreeMap::new());
        for row in repos.iter().filter(|row| !row.counts.is_empty()) {
            let id = row.repo.id.0;
            if let Some(code) = row.closed_by() {
                closed.insert(id, code);
                continue;
            }
            open.push(id);
            for code in row.counts.keys().flatten() {
                if code.is_own() {
                    own.insert(code.as_str());
                } else {
                    held.insert(id, *code);
                }
            }
        }
        let lanes = || lanes.iter().map(Lane::as_str);
        for (sql, lowest) in [(sql.lowest_held, held), (sql.lowest_open, closed)] {
            if lowest.is_empty() {
                continue;
            }
            let args = D::Args::default()
                .numbers(lowest.keys().copied())?
                .texts(lanes())?;
            let found: Vec<(i64, Option<String>)> = self.database.ask(sql, args).await?;
            for (repo, issue) in found {
                let (Some(issue), Some(code)) = (issue, lowest.get(&repo)) else {
                    continue;
                };
                let (created_at, number): (i64, i64) = parse(&issue)?;
                let key = (RepoId(repo), issue_number(number)?);
                oldest.see(*code, Timestamp(created_at), key);
            }
        }
        let mut oldest = oldest.into_keys();
        if !own.is_empty() {
            let args = D::Args::default()
                .texts(own)?
                .texts(lanes())?
                .numbers(open)?;
            let found: Vec<(String, Option<String>)> =
                self.database.ask(sql.oldest_unready, args).await?;
            for (code, issue) in found {
                if let (Some(code), Some(issue)) = (first_reason(&code)?, issue) {
                    let (repo, number): (i64, i64) = parse(&issue)?;
                    oldest.insert(code, (RepoId(repo), issue_number(number)?));
                }
            }
        }
        Ok(oldest)
    }

    async fn counted_one_by_one(
        &self,
        query: &ExplainQuery,
        tags: &BTreeSet<String>,
        optional: &OptionalTags,
    ) -> Result<Explained, StoreError> {
        let one_more = i64::try_from(query.most.saturating_add(1)).unwrap_or(i64::MAX);
        let args = D::Args::default()
            .texts(tags.iter().map(String::as_str))?
            .text(query.filter.repo.as_ref().map(RepoName::key))?
            .scope(&query.scope)?
            .number(one_more)?
            .texts(optional.any.iter().map(String::as_str))?
            .texts(optional.none.iter().map(String::as_str))?
            .texts(optional.types.iter().map(String::as_str))?;
        let sql = &D::STATEMENTS.explain;
        let sql = if tags.is_empty() {
            sql.fitting
        } else {
            sql.of_tags
        };
        let rows: Vec<OpenIssueOfTagRow> = self.database.ask(sql, args).await?;
        let mut issues: Vec<OpenIssue> = values(rows)?;
        let approximate = issues.len() > query.most;
        issues.truncate(query.most);
        let ids = issues.iter().map(|issue| issue.key.0.0).collect();
        let repos = self.repos_by_id(ids).await?;
        Ok(Explained {
            approximate,
            ..Explained::of(query, repos, issues)
        })
    }

    async fn repos_by_id(&self, ids: BTreeSet<i64>) -> Result<Vec<Repo>, StoreError> {
        let args = D::Args::default().numbers(ids)?;
        self.all::<RepoRow>(D::STATEMENTS.explain.repos, args).await
    }
}

/// Reads the first reason of an issue; empty for one that has none.
pub(crate) fn first_reason(text: &str) -> Result<Option<ReasonCode>, StoreError> {
    if text.is_empty() {
        return Ok(None);
    }
    let code = ReasonCode::parse(text);
    code.map(Some)
        .ok_or_else(|| unreadable(format!("the reason {text:?}")))
}
