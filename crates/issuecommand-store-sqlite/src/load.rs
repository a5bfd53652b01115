//! Loading a view: each question is one call of one or several statements.

pub(crate) mod sql;
pub(crate) mod window;

use std::collections::BTreeSet;

use async_trait::async_trait;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::SourceId;
use issuecommand_core::domain::holding::Holding;
use issuecommand_core::domain::id::{IssueKey, PullKey, RepoId};
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::read_set::{Asking, CHUNK, Cutoff, PageNeed, ReadSet};
use issuecommand_core::engine::windows::FollowupWindowNeed;
use issuecommand_store_sql::json::{issue_keys, parse};
use issuecommand_store_sql::plain::PlainQuestion;
use issuecommand_store_sql::rows::{ClaimRow, PullRow, SyncFailureRow, decode};
use issuecommand_store_sql::{
    Args as _, AskingRows, CandidateQuestion, DependentRows, FoundRows, KeyedRows, Loader,
    NamedRows, PullRelatedRows, counted,
};
use serde::Serialize;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::error::unreadable;
use crate::statement::{Args, joined, rows, run, run_all, united};
use crate::store::{explain, sql as store};

/// Loads within the transaction of a connection.
pub(crate) struct SqliteLoader<'c>(pub(crate) &'c mut SqliteConnection);

#[async_trait]
impl Loader for SqliteLoader<'_> {
    async fn named(
        &mut self,
        needs: &ReadSet,
        plain: &[PlainQuestion],
    ) -> Result<NamedRows, StoreError> {
        // The first repository gets 1, and none is ever deleted.
        let mut all = NamedRows {
            next_repo: 1,
            ..NamedRows::default()
        };
        if needs.all_repos {
            let [(repos, _), (names, _)] = run(self.0, sql::ALL_REPOS, Args::default()).await?;
            let repos: Vec<(i64,)> = decode(&repos)?;
            all.repos = repos.into_iter().map(|(id,)| id).collect();
            all.next_repo = all.repos.last().map_or(1, |last| last + 1);
            all.names = decode(&names)?;
        }
        // A repository is only made by a command that names one.
        if needs.repos.is_empty() && needs.claims.is_empty() && plain.is_empty() {
            return Ok(all);
        }
        let mut texts = vec![sql::NAMES, sql::NEXT_REPO];
        let mut args = Args::default().list(&needs.repos)?;
        for PlainQuestion { table, keys } in plain {
            if let Some(keys) = keys {
                args = args.list(keys)?;
                texts.push(table.sqlite.load);
            } else {
                texts.push(table.sqlite.load_all);
            }
        }
        if !needs.holdings_of.is_empty() {
            texts.push(sql::HOLDINGS);
            for _ in 0..2 {
                args = args
                    .list(&needs.holdings_of)?
                    .number(count(Holding::MOST))?;
            }
        }
        let mut sql = united(&texts);
        if !needs.claims.is_empty() {
            sql = joined(&[sql, sql::CLAIMS]);
            args = args.list(&needs.claims)?;
        }
        let mut answers = run_all(self.0, sql, args).await?.into_iter();
        let mut answer = || answers.next().map(|(rows, _)| rows).unwrap_or_default();
        let (united, claims) = (answer(), answer());
        let mut sets: Vec<Vec<String>> = vec![Vec::new(); texts.len()];
        let placed: Vec<(i64, String)> = decode(&united)?;
        for (place, row) in placed {
            let set = usize::try_from(place).ok().and_then(|n| sets.get_mut(n));
            set.ok_or_else(|| unreadable(format!("a row of statement {place}")))?
                .push(row);
        }
        let mut sets = sets.into_iter();
        let mut next = || sets.next().unwrap_or_default();
        let (names, next_repo) = (next(), next());
        for name in &names {
            all.names.push(parse(name)?);
        }
        all.plain.extend(plain.iter().map(|_| next()));
        for held in &next() {
            all.holdings.push(parse(held)?);
        }
        Ok(NamedRows {
            next_repo: next_repo.first().map_or(Ok(1), |next| parse(next))?,
            claims: decode(&claims)?,
            ..all
        })
    }

    async fn sync_failures(&mut self) -> Result<Vec<SyncFailureRow>, StoreError> {
        let args = Args::default().scope(&Scope::All)?;
        rows(self.0, store::SYNC_FAILURES_OF, args).await
    }

    async fn found(
        &mut self,
        needs: &ReadSet,
        github_ids: &BTreeSet<i64>,
        paused: &BTreeSet<RepoId>,
    ) -> Result<FoundRows, StoreError> {
        let sources: Vec<_> = needs.sources.iter().map(source_range).collect();
        let windows: Vec<_> = needs.followup_windows.iter().map(window_row).collect();
        let args = Args::default()
            .list(github_ids)?
            .list(&needs.items)?
            .list(&sources)?
            .list(&needs.tables.deliveries.keys)?
            .number(needs.expired_items.map(|before| before.0))?
            .number(count(CHUNK))?
            .list(paused)?
            .number(needs.affinity_passed.0)?
            .number(count(needs.consumers + needs.passed_over + 1))?
            .list(&windows)?;
        let [
            (repos, _),
            (items, _),
            (sources, _),
            (deliveries, _),
            (expired, _),
            (windows, _),
        ] = run(self.0, sql::FIND, args).await?;
        let windows: Vec<(String,)> = decode(&windows)?;
        let windows = windows.iter().map(|(items,)| parse(items));
        Ok(FoundRows {
            repos: decode(&repos)?,
            items: issue_keys(decode(&items)?)?,
            sources: decode(&sources)?,
            deliveries: decode(&deliveries)?,
            expired: decode(&expired)?,
            windows: windows.collect::<Result<_, _>>()?,
        })
    }

    async fn asking(&mut self, asking: &Asking) -> Result<AskingRows, StoreError> {
        let statuses = counted(asking.counts_pr);
        let (mut texts, mut args) = (vec![explain::LANES], Args::default());
        if let Some(since) = asking.gave_back_after {
            texts.push(sql::GAVE_BACK);
            args = args.list(&asking.agents)?.number(since.0)?;
        }
        if asking.loads {
            texts.push(sql::CLAIMS_OF_AGENTS);
            args = args.list(statuses)?.list(&asking.agents)?;
        }
        if asking.full_at.is_some() {
            texts.push(sql::CLAIMS_OF_REPOS);
            args = args.list(statuses)?;
        }
        let mut sets = run_all(self.0, joined(&texts), args).await?.into_iter();
        let mut next = |is_asked: bool| {
            let set = is_asked.then(|| sets.next()).flatten();
            set.map(|(rows, _)| rows).unwrap_or_default()
        };
        let lanes: Vec<(String,)> = decode(&next(true))?;
        Ok(AskingRows {
            lanes: lanes.into_iter().map(|(lane,)| Lane::new(lane)).collect(),
            gave_back: decode(&next(asking.gave_back_after.is_some()))?,
            loads: decode(&next(asking.loads))?,
            repo_loads: decode(&next(asking.full_at.is_some()))?,
        })
    }

    async fn candidates(
        &mut self,
        question: CandidateQuestion<'_>,
    ) -> Result<Vec<IssueKey>, StoreError> {
        window::keys(self.0, question).await
    }

    async fn unsynced(&mut self) -> Result<(bool, Vec<String>), StoreError> {
        let [(known, _), (unsynced, _)] = run(self.0, sql::UNSYNCED, Args::default()).await?;
        let known: Vec<(bool,)> = decode(&known)?;
        let unsynced: Vec<(String,)> = decode(&unsynced)?;
        let names = unsynced.into_iter().map(|(name,)| name);
        Ok((known.iter().any(|(known,)| *known), names.collect()))
    }

    async fn expired(&mut self, cutoffs: &BTreeSet<Cutoff>) -> Result<Vec<ClaimRow>, StoreError> {
        let cutoffs: Vec<(&str, i64, i64)> = cutoffs
            .iter()
            .map(|cut| (cut.status.as_str(), cut.before.0, cut.since.0))
            .collect();
        let args = Args::default().list(&cutoffs)?.number(count(CHUNK))?;
        rows(self.0, sql::EXPIRED, args).await
    }

    async fn left_behind(&mut self, before: Timestamp) -> Result<Vec<ClaimRow>, StoreError> {
        let args = Args::default().number(before.0)?.number(count(CHUNK))?;
        rows(self.0, sql::LEFT_BEHIND, args).await
    }

    async fn page(&mut self, page: PageNeed) -> Result<Vec<IssueKey>, StoreError> {
        let (repo, number) = page
            .after
            .map_or((0, 0), |(repo, number)| (repo.0, number.get()));
        let args = Args::default()
            .number(repo)?
            .number(number)?
            .number(count(CHUNK))?;
        issue_keys(rows(self.0, sql::PAGE, args).await?)
    }

    async fn reported_closed(
        &mut self,
        repo: RepoId,
        before: Timestamp,
    ) -> Result<Vec<IssueKey>, StoreError> {
        let args = Args::default().number(repo.0)?.number(before.0)?;
        issue_keys(rows(self.0, sql::REPORTED_CLOSED, args).await?)
    }

    async fn pulls(&mut self, keys: &BTreeSet<PullKey>) -> Result<Vec<PullRow>, StoreError> {
        rows(self.0, sql::PULLS, Args::default().list(keys)?).await
    }

    async fn by_pull(
        &mut self,
        whole: &BTreeSet<PullKey>,
        light: &BTreeSet<PullKey>,
    ) -> Result<PullRelatedRows, StoreError> {
        let args = Args::default()
            .list(whole)?
            .list(light)?
            .list(whole)?
            .list(whole.union(light))?;
        let [(mut followups, _), (light, _), (suspended, _), (claims, _)] =
            run(self.0, sql::BY_PULL, args).await?;
        followups.extend(light);
        Ok(PullRelatedRows {
            followups: decode(&followups)?,
            suspended: decode(&suspended)?,
            claims: decode(&claims)?,
        })
    }

    async fn closed_issues(
        &mut self,
        pulls: &BTreeSet<PullKey>,
    ) -> Result<Vec<IssueKey>, StoreError> {
        let args = Args::default().list(pulls)?.list(pulls)?;
        issue_keys(rows(self.0, sql::CLOSES, args).await?)
    }

    async fn pulls_of_issues(
        &mut self,
        issues: &BTreeSet<IssueKey>,
    ) -> Result<Vec<PullRow>, StoreError> {
        let args = Args::default().list(issues)?.list(issues)?.list(issues)?;
        let [(candidates, _), (linked, _), (replaced, _)] =
            run(self.0, sql::CANDIDATES, args).await?;
        let pulls: Vec<_> = [candidates, linked, replaced]
            .into_iter()
            .flatten()
            .collect();
        decode(&pulls)
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
        issue_keys(rows(self.0, sql::ISSUES_OF_AUTHOR, args).await?)
    }

    async fn edges(
        &mut self,
        from: &BTreeSet<IssueKey>,
        to: &BTreeSet<IssueKey>,
    ) -> Result<Vec<String>, StoreError> {
        let args = Args::default().list(from)?.list(to)?;
        let [(mut edges, _), (to, _)] = run(self.0, sql::EDGES, args).await?;
        edges.extend(to);
        texts(&edges)
    }

    async fn dependents(
        &mut self,
        issues: &BTreeSet<IssueKey>,
        standings: &PlainQuestion,
        repos: &BTreeSet<RepoId>,
    ) -> Result<DependentRows, StoreError> {
        let args = Args::default()
            .list(issues)?
            .list(repos)?
            .list(standings.keys.iter().flatten())?;
        let sql = joined(&[sql::DEPENDENTS, standings.table.sqlite.load]);
        let [(held, _), (repos, _), (standings, _)] = run(self.0, sql, args).await?;
        Ok(DependentRows {
            repos: decode(&repos)?,
            standings: texts(&standings)?,
            held: issue_keys(decode(&held)?)?,
        })
    }

    async fn by_key(
        &mut self,
        issues: &BTreeSet<IssueKey>,
        standings: &PlainQuestion,
        repos: &BTreeSet<RepoId>,
    ) -> Result<KeyedRows, StoreError> {
        let args = Args::default()
            .list(issues)?
            .list(issues)?
            .list(issues)?
            .list(repos)?
            .list(standings.keys.iter().flatten())?;
        let sql = joined(&[sql::BY_KEY, standings.table.sqlite.load]);
        let [(issues, _), (claims, _), (repos, _), (standings, _)] = run(self.0, sql, args).await?;
        Ok(KeyedRows {
            repos: decode(&repos)?,
            issues: decode(&issues)?,
            claims: decode(&claims)?,
            standings: texts(&standings)?,
        })
    }
}

/// The only column of rows.
fn texts(rows: &[SqliteRow]) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = decode(rows)?;
    Ok(rows.into_iter().map(|(row,)| row).collect())
}

/// A number of rows as SQLite counts.
fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn source_range(id: &SourceId) -> impl Serialize {
    let (from, until) = id.edits();
    (id.base().to_owned(), from, until)
}

fn window_row(need: &FollowupWindowNeed) -> impl Serialize {
    let scope: Option<Vec<&str>> = match &need.scope {
        Scope::All => None,
        Scope::Only(repos) => Some(repos.iter().map(RepoName::key).collect()),
    };
    (&need.agent, &need.repo, scope)
}
