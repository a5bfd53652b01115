//! Rows of repositories and issues.

use issuecommand_core::domain::explain::OpenIssue;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::issue::{
    Issue, IssueFacts, IssueState, Milestone, MirroredIssue, WithheldReason,
};
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::readiness::ReasonSet;
use issuecommand_core::domain::repo::{Repo, RepoSnapshot};
use issuecommand_core::domain::sync::CountCheck;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::{AllowedRepo, OpenRow, RepoCount};
use sqlx::FromRow;

use super::StoredRow;
use crate::json::{count, issue_number, parse, parse_enum, priority, repo_name};
use crate::store::first_reason;

/// A repository. See [`repo_columns`](crate::repo_columns).
#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
#[derive(Debug, FromRow)]
pub struct RepoRow {
    id: i64,
    github_id: i64,
    name: String,
    url: String,
    description: Option<String>,
    private: bool,
    archived: bool,
    open_count: i64,
    known_at: i64,
    offered: bool,
    unseen: bool,
    synced_at: Option<i64>,
    polled_at: Option<i64>,
    watermark: Option<i64>,
    etag: Option<String>,
    full_at: Option<i64>,
    count_gap: i64,
    count_runs: i64,
}

impl StoredRow for RepoRow {
    type Value = Repo;

    const TABLE: &'static str = "repo";

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn value(self) -> Result<Repo, StoreError> {
        Ok(Repo {
            id: RepoId(self.id),
            facts: RepoSnapshot {
                github_id: self.github_id,
                name: repo_name(&self.name)?,
                url: self.url,
                description: self.description,
                private: self.private,
                archived: self.archived,
                open_count: self.open_count,
            },
            known_at: Timestamp(self.known_at),
            offered: self.offered,
            unseen: self.unseen,
            synced_at: self.synced_at.map(Timestamp),
            polled_at: self.polled_at.map(Timestamp),
            watermark: self.watermark.map(Timestamp),
            etag: self.etag,
            full_at: self.full_at.map(Timestamp),
            counts: CountCheck {
                gap: self.count_gap,
                runs: count(self.count_runs)?,
            },
        })
    }
}

/// A repository with the number of its open issues.
#[derive(Debug, FromRow)]
pub struct RepoCountRow {
    #[sqlx(flatten)]
    repo: RepoRow,
    open: i64,
}

impl StoredRow for RepoCountRow {
    type Value = RepoCount;

    const TABLE: &'static str = RepoRow::TABLE;

    fn id(&self) -> String {
        self.repo.id()
    }

    fn value(self) -> Result<RepoCount, StoreError> {
        Ok(RepoCount {
            repo: self.repo.value()?,
            open: self.open.cast_unsigned(),
        })
    }
}

/// A name of `ALLOWED_REPOS` with the repository that it leads to.
#[derive(Debug, FromRow)]
pub struct AllowedRepoRow {
    asked: String,
    bound: bool,
    names: String,
    #[sqlx(flatten)]
    repo: RepoRow,
}

impl StoredRow for AllowedRepoRow {
    type Value = AllowedRepo;

    const TABLE: &'static str = RepoRow::TABLE;

    fn id(&self) -> String {
        self.repo.id()
    }

    fn value(self) -> Result<AllowedRepo, StoreError> {
        let names: Vec<String> = parse(&self.names)?;
        let names = names.iter().map(|key| repo_name(key));
        Ok(AllowedRepo {
            asked: repo_name(&self.asked)?,
            names: names.collect::<Result<_, _>>()?,
            repo: self.repo.value()?,
            bound: self.bound,
        })
    }
}

/// An issue that the mirror has as open, without its facts.
#[derive(Debug, FromRow)]
pub struct OpenIssueRow {
    number: i64,
    checked_at: i64,
    doubt: Option<String>,
    etag: Option<String>,
}

impl StoredRow for OpenIssueRow {
    type Value = OpenRow;

    const TABLE: &'static str = IssueRow::TABLE;

    fn id(&self) -> String {
        format!("#{}", self.number)
    }

    fn value(self) -> Result<OpenRow, StoreError> {
        Ok(OpenRow {
            number: issue_number(self.number)?,
            checked_at: Timestamp(self.checked_at),
            withheld: withheld(self.doubt.as_deref())?,
            etag: self.etag,
        })
    }
}

/// A mirrored issue. See [`issue_columns`](crate::issue_columns).
#[derive(Debug, FromRow)]
pub struct IssueRow {
    repo_id: i64,
    repo_name: String,
    number: i64,
    rank: i64,
    state: String,
    created_at: i64,
    updated_at: i64,
    checked_at: i64,
    doubt: Option<String>,
    doubt_at: Option<i64>,
    title: String,
    labels: String,
    assignees: String,
    milestone_number: Option<i64>,
    milestone_title: Option<String>,
    author: Option<String>,
    url: String,
    etag: Option<String>,
    facts: Option<String>,
    body: String,
}

impl StoredRow for IssueRow {
    type Value = MirroredIssue;

    const TABLE: &'static str = "issue";

    fn id(&self) -> String {
        format!("{}/{}", self.repo_id, self.number)
    }

    fn value(self) -> Result<MirroredIssue, StoreError> {
        let milestone = self.milestone_number.zip(self.milestone_title);
        let more: Option<IssueFacts> = self.facts.as_deref().map(parse).transpose()?;
        Ok(MirroredIssue {
            repo: RepoId(self.repo_id),
            repo_name: repo_name(&self.repo_name)?,
            facts: Issue {
                number: issue_number(self.number)?,
                title: self.title,
                body: self.body,
                state: parse_enum::<IssueState>(&self.state)?,
                labels: parse(&self.labels)?,
                assignees: parse(&self.assignees)?,
                milestone: milestone.map(|(number, title)| Milestone { number, title }),
                author: self.author,
                created_at: Timestamp(self.created_at),
                updated_at: Timestamp(self.updated_at),
                url: self.url,
                more: more.clone().unwrap_or_default(),
            },
            rank: priority(self.rank)?,
            withheld: withheld(self.doubt.as_deref())?.zip(self.doubt_at.map(Timestamp)),
            checked_at: Timestamp(self.checked_at),
            // "Unchanged" would keep a row that lacks facts.
            etag: self.etag.filter(|_| more.is_some()),
        })
    }
}

/// An issue with the reasons of its own for which it is not handed out.
#[derive(Debug, FromRow)]
pub struct UnreadyIssueRow {
    #[sqlx(flatten)]
    issue: IssueRow,
    reasons: String,
}

impl StoredRow for UnreadyIssueRow {
    type Value = (MirroredIssue, ReasonSet);

    const TABLE: &'static str = "issue";

    fn id(&self) -> String {
        self.issue.id()
    }

    fn value(self) -> Result<Self::Value, StoreError> {
        Ok((self.issue.value()?, parse(&self.reasons)?))
    }
}

/// An open issue with a tag, and where it counts.
#[derive(Debug, FromRow)]
pub struct OpenIssueOfTagRow {
    repo_id: i64,
    number: i64,
    created_at: i64,
    lane: String,
    first: String,
}

impl StoredRow for OpenIssueOfTagRow {
    type Value = OpenIssue;

    const TABLE: &'static str = "readiness";

    fn id(&self) -> String {
        format!("{}#{}", self.repo_id, self.number)
    }

    fn value(self) -> Result<OpenIssue, StoreError> {
        Ok(OpenIssue {
            key: (RepoId(self.repo_id), issue_number(self.number)?),
            created_at: Timestamp(self.created_at),
            lane: Lane::new(self.lane),
            first: first_reason(&self.first)?,
        })
    }
}

fn withheld(text: Option<&str>) -> Result<Option<WithheldReason>, StoreError> {
    text.map(parse_enum).transpose()
}
