//! Loading a view: each question is one statement or a few, and those whose lists are empty are not asked.

pub(crate) mod pull_sql;
pub(crate) mod sql;
pub(crate) mod window;

use std::collections::BTreeSet;

use async_trait::async_trait;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::SourceId;
use issuecommand_core::domain::id::{AgentId, IssueKey, PullKey, RepoId};
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::read_set::{Asking, CHUNK, Cutoff, PageNeed, ReadSet};
use issuecommand_core::engine::windows::FollowupWindowNeed;
use issuecommand_store_sql::json::issue_keys;
use issuecommand_store_sql::plain::PlainQuestion;
use issuecommand_store_sql::rows::{
    ClaimRow, FeedbackEventRow, FollowupRow, PullRow, SyncFailureRow,
};
use issuecommand_store_sql::{
    Args as _, AskingRows, CandidateQuestion, DependentRows, FoundRows, KeyedRows, Loader,
    NamedRows, PullRelatedRows, WindowItem, counted,
};
use serde::Serialize;
use sqlx::FromRow;
use sqlx::postgres::PgRow;

use crate::error::unreadable;
use crate::statement::{Args, Db};
use crate::store::{explain, sql as store};

/// Loads within a transaction.
pub(crate) struct PostgresLoader<'d, 'c> {
    pub(crate) db: &'d mut Db<'c>,
    /// The id that the next new repository gets, as the beginning of the transaction read it.
    pub(crate) next_repo: i64,
}

impl PostgresLoader<'_, '_> {
    /// Asks for the rows of a list of texts; nothing for an empty one.
    async fn by_texts<T>(
        &mut self,
        sql: &'static str,
        texts: impl ExactSizeIterator<Item = impl AsRef<str>>,
    ) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, PgRow>,
    {
        if texts.len() == 0 {
            return Ok(Vec::new());
        }
        self.db.read(sql, Args::default().texts(texts)?).await
    }

    /// Asks for the rows of a list of keys; nothing for an empty one.
    async fn by_keys<T>(
        &mut self,
        sql: &'static str,
        keys: &BTreeSet<IssueKey>,
    ) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, PgRow>,
    {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.db.read(sql, Args::default().keys(keys)?).await
    }

    /// Rows of a plain table as JSON objects; nothing for an empty list of keys.
    async fn plain(&mut self, question: &PlainQuestion) -> Result<Vec<String>, StoreError> {
        let table = &question.table.postgres;
        let (sql, args) = match &question.keys {
            Some(keys) if keys.is_empty() => return Ok(Vec::new()),
            Some(keys) => (table.load, Args::default().rows(keys)?),
            None => (table.load_all, Args::default()),
        };
        let rows: Vec<(String,)> = self.db.read(sql, args).await?;
        Ok(rows.into_iter().map(|(row,)| row).collect())
    }

    async fn feedback_events(
        &mut self,
        ids: &BTreeSet<SourceId>,
    ) -> Result<Vec<FeedbackEventRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let bases = ids.iter().map(SourceId::base);
        let mut events = self.by_texts(pull_sql::SOURCES, bases).await?;
        let (from, until): (Vec<_>, Vec<_>) = ids
            .iter()
            .map(SourceId::edits)
            .map(|(from, until)| (from.0, until.0))
            .unzip();
        let args = Args::default().texts(from)?.texts(until)?;
        events.extend(self.db.read(pull_sql::EDITS, args).await?);
        Ok(events)
    }

    /// The items of each list, in the order of the lists.
    async fn windows(
        &mut self,
        needs: &ReadSet,
        paused: &BTreeSet<RepoId>,
    ) -> Result<Vec<Vec<WindowItem>>, StoreError> {
        let asked = needs.followup_windows.iter().enumerate();
        let asked: Vec<_> = asked.map(FollowupWindow::of).collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let args = Args::default()
            .rows(&asked)?
            .number(needs.affinity_passed.0)?
            .number(count(needs.consumers + needs.passed_over + 1))?
            .with(paused.iter().map(|repo| repo.0).collect::<Vec<i64>>())?;
        let rows: Vec<(i64, String, i64, i64)> =
            self.db.read(pull_sql::FOLLOWUP_WINDOWS, args).await?;
        let mut windows = vec![Vec::new(); asked.len()];
        for (n, item, repo, number) in rows {
            let n = usize::try_from(n).map_err(unreadable)?;
            windows[n].push((item, repo, number));
        }
        Ok(windows)
    }
}

#[async_trait]
impl Loader for PostgresLoader<'_, '_> {
    async fn named(
        &mut self,
        needs: &ReadSet,
        questions: &[PlainQuestion],
    ) -> Result<NamedRows, StoreError> {
        let (repos, names) = if needs.all_repos {
            let repos: Vec<(i64,)> = self.db.read(sql::ALL_REPOS, Args::default()).await?;
            let names = self.db.read(sql::ALL_NAMES, Args::default()).await?;
            (repos.into_iter().map(|(id,)| id).collect(), names)
        } else {
            let names = self.by_texts(sql::NAMES, needs.repos.iter()).await?;
            (Vec::new(), names)
        };
        let claims = needs.claims.iter().map(ToString::to_string);
        let claims = self.by_texts(sql::CLAIMS, claims).await?;
        let mut plain = Vec::with_capacity(questions.len());
        for question in questions {
            plain.push(self.plain(question).await?);
        }
        let agents = needs.holdings_of.iter().map(AgentId::as_str);
        let holdings = self.by_texts(sql::HOLDINGS, agents).await?;
        Ok(NamedRows {
            next_repo: self.next_repo,
            repos,
            names,
            claims,
            plain,
            holdings,
        })
    }

    async fn sync_failures(&mut self) -> Result<Vec<SyncFailureRow>, StoreError> {
        let args = Args::default().scope(&Scope::All)?;
        self.db.read(store::SYNC_FAILURES_OF, args).await
    }

    async fn found(
        &mut self,
        needs: &ReadSet,
        github_ids: &BTreeSet<i64>,
        paused: &BTreeSet<RepoId>,
    ) -> Result<FoundRows, StoreError> {
        let repos = if github_ids.is_empty() {
            Vec::new()
        } else {
            let ids: Vec<i64> = github_ids.iter().copied().collect();
            let args = Args::default().with(ids)?;
            self.db.read(pull_sql::FIND_REPOS, args).await?
        };
        let items = needs.items.iter().map(|item| item.0.to_string());
        let items = self.by_texts(pull_sql::FIND_ITEMS, items).await?;
        let expired = match needs.expired_items {
            None => Vec::new(),
            Some(before) => {
                let args = Args::default().number(before.0)?.number(count(CHUNK))?;
                self.db.read(pull_sql::EXPIRED_FOLLOWUPS, args).await?
            }
        };
        Ok(FoundRows {
            repos,
            items: issue_keys(items)?,
            sources: self.feedback_events(&needs.sources).await?,
            deliveries: self
                .by_texts(pull_sql::DELIVERIES, needs.tables.deliveries.keys.iter())
                .await?,
            expired,
            windows: self.windows(needs, paused).await?,
        })
    }

    async fn asking(&mut self, asking: &Asking) -> Result<AskingRows, StoreError> {
        let mut all = AskingRows::default();
        let agents = || asking.agents.iter().map(AgentId::as_str);
        if let Some(since) = asking.gave_back_after {
            let args = Args::default().texts(agents())?.number(since.0)?;
            all.gave_back = self.db.read(sql::GAVE_BACK, args).await?;
        }
        let statuses = counted(asking.counts_pr);
        if asking.loads {
            let args = Args::default().texts(agents())?.texts(statuses)?;
            all.loads = self.db.read(sql::CLAIMS_OF_AGENTS, args).await?;
        }
        if asking.full_at.is_some() {
            let args = Args::default().texts(statuses)?;
            all.repo_loads = self.db.read(sql::CLAIMS_OF_REPOS, args).await?;
        }
        let lanes: Vec<(String,)> = self.db.read(explain::LANES, Args::default()).await?;
        all.lanes = lanes.into_iter().map(|(lane,)| Lane::new(lane)).collect();
        Ok(all)
    }

    async fn candidates(
        &mut self,
        question: CandidateQuestion<'_>,
    ) -> Result<Vec<IssueKey>, StoreError> {
        window::keys(self.db, question).await
    }

    async fn unsynced(&mut self) -> Result<(bool, Vec<String>), StoreError> {
        let known: Vec<(bool,)> = self.db.read(sql::KNOWS_REPOS, Args::default()).await?;
        let unsynced: Vec<(String,)> = self.db.read(sql::UNSYNCED, Args::default()).await?;
        let names = unsynced.into_iter().map(|(name,)| name);
        Ok((known.iter().any(|(known,)| *known), names.collect()))
    }

    async fn expired(&mut self, cutoffs: &BTreeSet<Cutoff>) -> Result<Vec<ClaimRow>, StoreError> {
        let last: Vec<i64> = cutoffs.iter().map(|cut| cut.before.0).collect();
        let first: Vec<i64> = cutoffs.iter().map(|cut| cut.since.0).collect();
        let args = Args::default()
            .texts(cutoffs.iter().map(|cut| cut.status.as_str()))?
            .with(last)?
            .number(count(CHUNK))?
            .with(first)?;
        self.db.read(sql::EXPIRED, args).await
    }

    async fn left_behind(&mut self, before: Timestamp) -> Result<Vec<ClaimRow>, StoreError> {
        let args = Args::default().number(before.0)?.number(count(CHUNK))?;
        self.db.read(sql::LEFT_BEHIND, args).await
    }

    async fn page(&mut self, page: PageNeed) -> Result<Vec<IssueKey>, StoreError> {
        let (repo, number) = page
            .after
            .map_or((0, 0), |(repo, number)| (repo.0, number.get()));
        let args = Args::default()
            .number(repo)?
            .number(number)?
            .number(count(CHUNK))?;
        issue_keys(self.db.read(sql::PAGE, args).await?)
    }

    async fn reported_closed(
        &mut self,
        repo: RepoId,
        before: Timestamp,
    ) -> Result<Vec<IssueKey>, StoreError> {
        let args = Args::default().number(repo.0)?.number(before.0)?;
        issue_keys(self.db.read(sql::REPORTED_CLOSED, args).await?)
    }

    async fn pulls(&mut self, keys: &BTreeSet<PullKey>) -> Result<Vec<PullRow>, StoreError> {
        self.by_keys(pull_sql::PULLS, keys).await
    }

    async fn by_pull(
        &mut self,
        whole: &BTreeSet<PullKey>,
        light: &BTreeSet<PullKey>,
    ) -> Result<PullRelatedRows, StoreError> {
        let mut followups: Vec<FollowupRow> = self.by_keys(pull_sql::FOLLOWUPS, whole).await?;
        followups.extend(self.by_keys(pull_sql::LIGHT_FOLLOWUPS, light).await?);
        let all = whole.union(light).copied().collect();
        Ok(PullRelatedRows {
            followups,
            suspended: self.by_keys(pull_sql::SUSPENDED, whole).await?,
            claims: self.by_keys(pull_sql::LINKED_CLAIMS, &all).await?,
        })
    }

    async fn closed_issues(
        &mut self,
        pulls: &BTreeSet<PullKey>,
    ) -> Result<Vec<IssueKey>, StoreError> {
        issue_keys(self.by_keys(pull_sql::CLOSES, pulls).await?)
    }

    async fn pulls_of_issues(
        &mut self,
        issues: &BTreeSet<IssueKey>,
    ) -> Result<Vec<PullRow>, StoreError> {
        let mut pulls = Vec::new();
        for sql in [
            pull_sql::CANDIDATES,
            pull_sql::LINKED_PULLS,
            pull_sql::REPLACED_PULLS,
        ] {
            pulls.extend(self.by_keys(sql, issues).await?);
        }
        Ok(pulls)
    }

    async fn issues_of_author(
        &mut self,
        (repo, login, may): (RepoId, &str, bool),
        limit: usize,
    ) -> Result<Vec<IssueKey>, StoreError> {
        let args = Args::default()
            .number(repo.0)?
            .text(Some(login))?
            .number(i64::from(may))?
            .number(count(limit))?;
        issue_keys(self.db.read(sql::ISSUES_OF_AUTHOR, args).await?)
    }

    async fn edges(
        &mut self,
        from: &BTreeSet<IssueKey>,
        to: &BTreeSet<IssueKey>,
    ) -> Result<Vec<String>, StoreError> {
        let mut edges: Vec<(String,)> = self.by_keys(sql::EDGES_FROM, from).await?;
        edges.extend(self.by_keys::<(String,)>(sql::EDGES_TO, to).await?);
        Ok(edges.into_iter().map(|(row,)| row).collect())
    }

    async fn dependents(
        &mut self,
        issues: &BTreeSet<IssueKey>,
        standings: &PlainQuestion,
        repos: &BTreeSet<RepoId>,
    ) -> Result<DependentRows, StoreError> {
        let ids: Vec<i64> = repos.iter().map(|repo| repo.0).collect();
        Ok(DependentRows {
            repos: self.db.read(sql::REPOS, Args::default().with(ids)?).await?,
            standings: self.plain(standings).await?,
            held: issue_keys(self.by_keys(sql::HELD, issues).await?)?,
        })
    }

    async fn by_key(
        &mut self,
        issues: &BTreeSet<IssueKey>,
        standings: &PlainQuestion,
        repos: &BTreeSet<RepoId>,
    ) -> Result<KeyedRows, StoreError> {
        let ids: Vec<i64> = repos.iter().map(|repo| repo.0).collect();
        Ok(KeyedRows {
            repos: self.db.read(sql::REPOS, Args::default().with(ids)?).await?,
            issues: self.by_keys(sql::ISSUES, issues).await?,
            claims: self.by_keys(sql::ACTIVE, issues).await?,
            standings: self.plain(standings).await?,
        })
    }
}

/// A number of rows as PostgreSQL counts.
fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A list of follow-ups that is asked for.
#[derive(Serialize)]
struct FollowupWindow<'a> {
    n: usize,
    agent: &'a str,
    repo: Option<&'a str>,
    scope: Option<Vec<&'a str>>,
}

impl<'a> FollowupWindow<'a> {
    fn of((n, need): (usize, &'a FollowupWindowNeed)) -> Self {
        Self {
            n,
            agent: need.agent.as_str(),
            repo: need.repo.as_deref(),
            scope: match &need.scope {
                Scope::All => None,
                Scope::Only(repos) => Some(repos.iter().map(RepoName::key).collect()),
            },
        }
    }
}
