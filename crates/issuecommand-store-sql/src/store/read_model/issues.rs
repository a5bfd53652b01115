//! Pages of open issues, searches among them, and their lines.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueKey, RepoId};
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::read_model::{
    BlockedCursor, FoundIssue, IssueLine, IssueLines, IssuePageQuery, QueueCursor, Search,
    SearchQuery,
};

use super::rows::{FoundRow, LineClaimRow, PolicyRow};
use crate::json::{issue_number, text};
use crate::new_rows::label_tag;
use crate::plain::{standing_keys, standings};
use crate::rows::{IssueRow, RepoRow};
use crate::store::{Args as _, Database, SqlStore};

/// Up to so many repositories of a scope a page is read from each and the pages are merged. Beyond, the index of all is read and those
/// outside of the scope are passed over.
const FEW: usize = 32;

/// Behind every reason, by any order of letters.
const LAST_REASON: &str = "zzzz";

impl<D: Database> SqlStore<D> {
    async fn lanes(&self) -> Result<Vec<Lane>, StoreError> {
        let sql = D::STATEMENTS.explain.lanes;
        let lanes: Vec<(String,)> = self.database.ask(sql, D::Args::default()).await?;
        Ok(lanes.into_iter().map(|(lane,)| Lane::new(lane)).collect())
    }

    /// The ids of the repositories of a scope, if they are few.
    async fn few(&self, scope: &Scope) -> Result<Option<Vec<i64>>, StoreError> {
        match scope {
            Scope::Only(repos) if repos.len() <= FEW => {
                let args = D::Args::default().scope(scope)?;
                let sql = D::STATEMENTS.reads.repo_ids;
                let ids: Vec<(i64,)> = self.database.ask(sql, args).await?;
                Ok(Some(ids.into_iter().map(|(id,)| id).collect()))
            }
            Scope::Only(_) | Scope::All => Ok(None),
        }
    }

    pub(super) async fn page_of_ready(
        &self,
        query: &IssuePageQuery<QueueCursor>,
    ) -> Result<Vec<QueueCursor>, StoreError> {
        let sql = &D::STATEMENTS.reads;
        let few = self.few(&query.scope).await?;
        let after = query.after.map_or((i64::MIN, i64::MIN, 0, 0), |after| {
            let (repo, number) = after.key;
            (after.turn.0, after.created_at.0, repo.0, number.get())
        });
        let mut lanes = self.lanes().await?;
        lanes.retain(|lane| (query.agent.as_ref()).is_none_or(|agent| lane.admits(agent)));
        let mut rows: Vec<(i64, i64, i64, i64)> = Vec::new();
        for lane in &lanes {
            let of_lane = || D::Args::default().text(Some(lane.as_str()));
            let rest = |args: D::Args| {
                args.number(after.0)?
                    .number(after.1)?
                    .number(after.2)?
                    .number(after.3)?
                    .number(i64::from(query.limit))
            };
            match &few {
                None => {
                    let args = rest(of_lane()?.scope(&query.scope)?)?;
                    rows.append(&mut self.database.ask(sql.ready, args).await?);
                }
                Some(repos) => {
                    for repo in repos {
                        let args = rest(of_lane()?.number(*repo)?)?;
                        rows.append(&mut self.database.ask(sql.ready_of_repo, args).await?);
                    }
                }
            }
        }
        let cursor = |(turn, created_at, repo, number): (i64, i64, i64, i64)| {
            Ok(QueueCursor {
                turn: Timestamp(turn),
                created_at: Timestamp(created_at),
                key: (RepoId(repo), issue_number(number)?),
            })
        };
        rows.sort_unstable();
        rows.truncate(query.limit as usize);
        rows.into_iter().map(cursor).collect()
    }

    pub(super) async fn page_of_blocked(
        &self,
        query: &IssuePageQuery<BlockedCursor>,
        reason: Option<ReasonCode>,
    ) -> Result<Vec<BlockedCursor>, StoreError> {
        let sql = &D::STATEMENTS.reads;
        let few = self.few(&query.scope).await?;
        let lanes = match &query.agent {
            Some(agent) => {
                let mut lanes = self.lanes().await?;
                lanes.retain(|lane| lane.admits(agent));
                let lanes: Vec<&str> = lanes.iter().map(Lane::as_str).collect();
                Some(text(&lanes)?)
            }
            None => None,
        };
        let reason = reason.map(ReasonCode::as_str);
        let rest = |args: D::Args| {
            let after = query.after.as_ref();
            let first = after.map(|after| after.first.as_str()).or(reason);
            args.text(Some(first.unwrap_or_default()))?
                .number(after.map_or(i64::MIN, |after| after.created_at.0))?
                .number(after.map_or(0, |after| after.key.0.0))?
                .number(after.map_or(0, |after| after.key.1.get()))?
                .text(Some(reason.unwrap_or(LAST_REASON)))?
                .number(i64::from(query.limit))
        };
        let of_lanes = || D::Args::default().text(lanes.as_deref());
        let mut rows: Vec<(String, i64, i64, i64)> = Vec::new();
        match few {
            None => {
                let args = rest(of_lanes()?.scope(&query.scope)?)?;
                rows = self.database.ask(sql.blocked, args).await?;
            }
            Some(repos) => {
                for repo in repos {
                    let args = rest(of_lanes()?.number(repo)?)?;
                    rows.append(&mut self.database.ask(sql.blocked_of_repo, args).await?);
                }
            }
        }
        rows.sort_unstable();
        rows.truncate(query.limit as usize);
        let cursor = |(first, created_at, repo, number): (String, i64, i64, i64)| {
            Ok(BlockedCursor {
                first,
                created_at: Timestamp(created_at),
                key: (RepoId(repo), issue_number(number)?),
            })
        };
        rows.into_iter().map(cursor).collect()
    }

    pub(super) async fn found(&self, query: &SearchQuery) -> Result<Vec<FoundIssue>, StoreError> {
        let sql = &D::STATEMENTS.reads;
        let tags: Vec<String> = query.labels.iter().map(|label| label_tag(label)).collect();
        let args = D::Args::default()
            .texts(tags.iter().map(String::as_str))?
            .scope(&query.scope)?
            .number(i64::from(query.most))?;
        let is_whole = query.scope == Scope::All;
        let (sql, args) = match &query.search {
            Search::Labels if is_whole => (sql.of_tags, args),
            Search::Labels => (sql.of_tags_in, args),
            Search::Number(number) => (sql.of_number, args.number(number.get())?),
            Search::Words(words) => {
                let question = (sql.words)(words);
                let args = args.text(Some(&question))?;
                let sql = if is_whole {
                    sql.of_words
                } else {
                    sql.of_words_in
                };
                (sql, args)
            }
        };
        self.json::<FoundRow>(sql, args).await
    }

    pub(super) async fn lines(&self, keys: &[IssueKey]) -> Result<IssueLines, StoreError> {
        if keys.is_empty() {
            return Ok(IssueLines::default());
        }
        let sql = &D::STATEMENTS.reads;
        let numbers = || {
            let numbers = keys.iter().map(|(repo, n)| (repo.0 << 32) + n.get());
            D::Args::default().numbers(numbers)
        };
        let issues = self.all::<IssueRow>(sql.issues, numbers()?).await?;
        let claims = self
            .json::<LineClaimRow>(sql.line_claims, numbers()?)
            .await?;
        let mut claims: BTreeMap<IssueKey, _> = claims.into_iter().collect();
        let args = D::Args::default().text(Some(&standing_keys(keys)?))?;
        let rows: Vec<(String,)> = self.database.ask(sql.standings, args).await?;
        let mut standings = standings(rows.iter().map(|(row,)| row.as_str()))?;
        let ids: BTreeSet<i64> = keys.iter().map(|(repo, _)| repo.0).collect();
        let ids = || D::Args::default().numbers(ids.iter().copied());
        let repos = self
            .all::<RepoRow>(D::STATEMENTS.explain.repos, ids()?)
            .await?;
        let policies = self.json::<PolicyRow>(sql.policies, ids()?).await?;
        let policies = policies.into_iter();
        let own = policies.filter(|(_, policy)| !policy.priority.is_empty());
        Ok(IssueLines {
            lines: issues
                .into_iter()
                .map(|issue| IssueLine {
                    standing: standings.remove(&issue.key()),
                    claim: claims.remove(&issue.key()),
                    issue,
                })
                .collect(),
            repos: repos.into_iter().map(|repo| (repo.id, repo)).collect(),
            priorities: own.map(|(repo, policy)| (repo, policy.priority)).collect(),
        })
    }
}
