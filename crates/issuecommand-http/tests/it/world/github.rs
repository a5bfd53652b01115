//! A fake GitHub of a few issues that can be told to fail.

use std::sync::Mutex;

use async_trait::async_trait;
use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{
    Comment, CommentList, Issue, IssueFacts, IssueLookup, IssueState, Milestone, WithheldReason,
};
use issuecommand_core::domain::outbox::Write;
use issuecommand_core::domain::pull_request::{LinkedPull, PullValidators};
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::ports::github::{
    Budget, Fetched, GitHub, IssueList, IssuePage, PullRequestUpdates, Written,
};

#[derive(Debug)]
pub(crate) struct FakeGithub {
    issues: Mutex<Vec<Issue>>,
    fault: Mutex<Option<GithubErrorKind>>,
    /// Calls wait here while a test holds it.
    pub(crate) gate: tokio::sync::Mutex<()>,
}

const MADE: i64 = 1_767_225_600_000;

fn issue(number: i64, labels: &[&str], state: IssueState) -> Issue {
    let milestone = (number == 2).then(|| Milestone {
        number: 9,
        title: "First Cut".to_owned(),
    });
    Issue {
        number: IssueNumber::new(number).unwrap(),
        title: format!("Issue {number}"),
        body: "Do it".to_owned(),
        state,
        labels: labels.iter().map(|&label| label.to_owned()).collect(),
        assignees: Vec::new(),
        milestone,
        author: Some("octo".to_owned()),
        created_at: Timestamp(MADE + number * 1000),
        updated_at: Timestamp(MADE + number * 1000),
        url: format!("https://github.com/acme/api/issues/{number}"),
        more: IssueFacts::default(),
    }
}

impl FakeGithub {
    pub(crate) fn new() -> Self {
        let issues = vec![
            issue(1, &["P3"], IssueState::Open),
            issue(2, &["bug"], IssueState::Open),
            issue(3, &["P1", "Bug"], IssueState::Open),
            issue(4, &[], IssueState::Open),
            issue(5, &[], IssueState::Closed),
        ];
        Self {
            issues: Mutex::new(issues),
            fault: Mutex::new(None),
            gate: tokio::sync::Mutex::new(()),
        }
    }

    /// Makes every call fail so, or succeed again.
    pub(crate) fn fail(&self, kind: Option<GithubErrorKind>) {
        *self.fault.lock().unwrap() = kind;
    }

    /// Sets the body of an issue.
    pub(crate) fn describe(&self, number: i64, body: &str) {
        let mut issues = self.issues.lock().unwrap();
        let issue = issues.iter_mut().find(|issue| issue.number.get() == number);
        body.clone_into(&mut issue.unwrap().body);
    }

    /// Adds a label to an issue and assigns it.
    pub(crate) fn keep_for(&self, number: i64, label: &str, login: &str) {
        let mut issues = self.issues.lock().unwrap();
        let issue = issues.iter_mut().find(|issue| issue.number.get() == number);
        let issue = issue.unwrap();
        issue.labels.push(label.to_owned());
        issue.assignees.push(login.to_owned());
    }

    pub(crate) fn state(&self, number: i64) -> IssueState {
        self.find(number).unwrap().state
    }

    fn find(&self, number: i64) -> Option<Issue> {
        self.issues
            .lock()
            .unwrap()
            .iter()
            .find(|issue| issue.number.get() == number)
            .cloned()
    }

    async fn pass(&self) -> Result<(), GithubError> {
        let _open = self.gate.lock().await;
        match *self.fault.lock().unwrap() {
            None => Ok(()),
            Some(kind) => {
                let retry_after = (kind == GithubErrorKind::Limited).then_some(Millis(61_500));
                Err(GithubError {
                    kind,
                    retry_after,
                    status: None,
                    detail: "inner detail".to_owned(),
                })
            }
        }
    }
}

pub(crate) fn facts(name: &str, id: i64) -> RepoSnapshot {
    RepoSnapshot {
        github_id: id,
        name: RepoName::parse(name).unwrap(),
        url: format!("https://github.com/{name}"),
        description: None,
        private: false,
        archived: false,
        open_count: 9,
    }
}

fn all_facts() -> Vec<RepoSnapshot> {
    vec![facts("acme/web", 2), facts("acme/api", 1)]
}

#[async_trait]
impl GitHub for FakeGithub {
    async fn repos(&self) -> Result<Vec<RepoSnapshot>, GithubError> {
        self.pass().await?;
        Ok(all_facts())
    }

    async fn repo(&self, name: &RepoName) -> Result<RepoSnapshot, GithubError> {
        self.pass().await?;
        all_facts()
            .into_iter()
            .find(|facts| facts.name == *name)
            .ok_or_else(|| GithubError {
                kind: GithubErrorKind::NotFound,
                retry_after: None,
                status: None,
                detail: "inner detail".to_owned(),
            })
    }

    async fn issues(
        &self,
        repo: &RepoName,
        list: IssueList,
        _page: Option<&str>,
        _etag: Option<&str>,
    ) -> Result<Fetched<IssuePage>, GithubError> {
        self.pass().await?;
        let mut issues = if repo.key() == "acme/api" {
            self.issues.lock().unwrap().clone()
        } else {
            Vec::new()
        };
        if list == IssueList::Open {
            issues.retain(|issue| issue.state == IssueState::Open);
        }
        issues.reverse();
        let newest = issues.first().map(|issue| issue.updated_at);
        Ok(Fetched::New(IssuePage {
            issues,
            newest,
            ..IssuePage::default()
        }))
    }

    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        _etag: Option<&str>,
    ) -> Result<IssueLookup, GithubError> {
        self.pass().await?;
        Ok(match (repo.key(), number.get()) {
            ("acme/api", 6) => IssueLookup::PullRequest,
            ("acme/api", 13) => panic!("inner detail"),
            ("acme/api", n) => match self.find(n) {
                Some(issue) => IssueLookup::Issue {
                    issue: Box::new(issue),
                    etag: None,
                },
                None => IssueLookup::Withheld(WithheldReason::NotFound),
            },
            _ => IssueLookup::Withheld(WithheldReason::NotFound),
        })
    }

    async fn comments(
        &self,
        _repo: &RepoName,
        number: IssueNumber,
    ) -> Result<CommentList, GithubError> {
        self.pass().await?;
        let comment = Comment {
            author: Some("bob".to_owned()),
            body: format!("About {number}"),
            created_at: Timestamp(MADE),
            url: None,
        };
        Ok(vec![comment].into())
    }

    async fn pull_news(&self, _pull: &LinkedPull) -> Result<PullRequestUpdates, GithubError> {
        self.pass().await?;
        Ok(PullRequestUpdates {
            meanings: Vec::new(),
            validators: PullValidators::default(),
            unreadable: Vec::new(),
        })
    }

    async fn viewer(&self) -> Result<String, GithubError> {
        self.pass().await?;
        Ok("octo".to_owned())
    }

    async fn write(&self, write: &Write) -> Result<Written, GithubError> {
        let Write::CloseIssue { number, .. } = write;
        self.pass().await?;
        let mut issues = self.issues.lock().unwrap();
        let issue = issues
            .iter_mut()
            .find(|issue| issue.number == *number)
            .unwrap();
        issue.state = IssueState::Closed;
        Ok(Written::Issue(Box::new(issue.clone())))
    }

    fn budget(&self) -> Budget {
        Budget::default()
    }
}
