//! The second first-class use: another Rust service embeds core with the memory store and a GitHub port of its own, without our
//! adapters. Only `issuecommand_core` is used here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::id::{AgentId, IdGenerator, IssueNumber, Principal};
use issuecommand_core::domain::issue::{
    CommentList, Issue, IssueFacts, IssueFilter, IssueLookup, IssueState, WithheldReason,
};
use issuecommand_core::domain::lease::LeaseOutcome;
use issuecommand_core::domain::outbox::Write;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::pull_request::LinkedPull;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::github::{
    Budget, Fetched, GitHub, IssueList, IssuePage, PullRequestUpdates, Written,
};
use issuecommand_core::service::{AssignedIssue, Service, ServiceError};
use uuid::Uuid;

/// The issues of the other service, as a list in GitHub's terms.
#[derive(Debug, Default)]
struct FixedIssues(Mutex<BTreeMap<i64, Issue>>);

impl FixedIssues {
    fn put(&self, n: i64, title: &str, labels: &[&str]) {
        let issue = Issue {
            number: IssueNumber::new(n).unwrap(),
            title: title.to_owned(),
            body: String::new(),
            state: IssueState::Open,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            assignees: Vec::new(),
            milestone: None,
            author: None,
            created_at: Timestamp(n * 1000),
            updated_at: Timestamp(n * 1000),
            url: format!("https://shelf.example/{n}"),
            more: IssueFacts::default(),
        };
        self.0.lock().unwrap().insert(n, issue);
    }

    fn facts() -> RepoSnapshot {
        RepoSnapshot {
            github_id: 1,
            name: RepoName::parse("shelf/books").unwrap(),
            url: "https://shelf.example".to_owned(),
            description: None,
            private: true,
            archived: false,
            open_count: 0,
        }
    }
}

#[async_trait]
impl GitHub for FixedIssues {
    async fn repos(&self) -> Result<Vec<RepoSnapshot>, GithubError> {
        Ok(vec![Self::facts()])
    }

    async fn repo(&self, _: &RepoName) -> Result<RepoSnapshot, GithubError> {
        Ok(Self::facts())
    }

    async fn issues(
        &self,
        _: &RepoName,
        list: IssueList,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<Fetched<IssuePage>, GithubError> {
        let mut issues: Vec<Issue> = self.0.lock().unwrap().values().cloned().collect();
        issues.retain(|issue| match list {
            IssueList::Open => issue.state == IssueState::Open,
            IssueList::ChangedSince(moment) => issue.updated_at >= moment,
        });
        issues.sort_by_key(|issue| std::cmp::Reverse(issue.updated_at));
        let newest = issues.first().map(|issue| issue.updated_at);
        let page = IssuePage {
            issues,
            newest,
            ..IssuePage::default()
        };
        Ok(Fetched::New(page))
    }

    async fn issue(
        &self,
        _: &RepoName,
        number: IssueNumber,
        _: Option<&str>,
    ) -> Result<IssueLookup, GithubError> {
        let issue = self.0.lock().unwrap().get(&number.get()).cloned();
        Ok(
            issue.map_or(IssueLookup::Withheld(WithheldReason::NotFound), |issue| {
                IssueLookup::Issue {
                    issue: Box::new(issue),
                    etag: None,
                }
            }),
        )
    }

    async fn comments(&self, _: &RepoName, _: IssueNumber) -> Result<CommentList, GithubError> {
        Ok(CommentList::default())
    }

    async fn pull_news(&self, pull: &LinkedPull) -> Result<PullRequestUpdates, GithubError> {
        let validators = pull.validators.clone();
        Ok(PullRequestUpdates {
            meanings: Vec::new(),
            validators,
            unreadable: Vec::new(),
        })
    }

    async fn viewer(&self) -> Result<String, GithubError> {
        Ok("board".to_owned())
    }

    async fn write(&self, write: &Write) -> Result<Written, GithubError> {
        let Write::CloseIssue { number: n, .. } = write;
        let mut issues = self.0.lock().unwrap();
        let issue = issues
            .get_mut(&n.get())
            .expect("only what was claimed is closed");
        issue.state = IssueState::Closed;
        issue.updated_at = Timestamp(issue.updated_at.0 + 1_000_000);
        Ok(Written::Issue(Box::new(issue.clone())))
    }

    fn budget(&self) -> Budget {
        Budget::default()
    }
}

/// A clock and ids of the embedding service.
#[derive(Debug, Default)]
struct ManualClock(Mutex<i64>);

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let mut ticks = self.0.lock().unwrap();
        *ticks += 1;
        Timestamp(1_000_000_000_000 + *ticks)
    }

    async fn sleep(&self, _: Millis) {
        std::future::pending::<()>().await;
    }
}

struct CountingIds(u128);

impl IdGenerator for CountingIds {
    fn uuid(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }
}

#[tokio::test]
async fn another_program_embeds_the_service() {
    let github = Arc::new(FixedIssues::default());
    github.put(1, "Sort the novels", &[]);
    github.put(2, "Water in the cellar", &["urgent"]);
    let clock = Arc::new(ManualClock::default());
    let policy = Policy {
        auto_close: true,
        ..Policy::default()
    };
    let store = MemoryStore::new(policy, clock.clone(), Box::new(CountingIds(0)));
    let service = Service::new(
        Arc::new(store),
        github.clone(),
        clock,
        Scope::All,
        "the shelf",
    );
    let caller = Caller::full(Principal::Key("shelf".to_owned()));
    let agent = |name| AgentId::parse(name).unwrap();
    let next = |name| service.next_issue(&caller, agent(name), IssueFilter::default());

    // The mirror fills itself on the first request.
    let AssignedIssue { claim, issue, .. } = next("ann").await.unwrap();
    assert_eq!(
        issue.facts.title, "Water in the cellar",
        "the urgent one first"
    );
    assert_eq!(claim.principal, caller.principal);
    assert_eq!(next("bob").await.unwrap().claim.number.get(), 1);
    let Err(ServiceError::NoWork { refusal, .. }) = next("cid").await else {
        panic!("there is no third")
    };
    assert_eq!(*refusal, Refusal::NothingEligible);

    // An agent that is done closes the issue at its source.
    let url = Some("https://shelf.example/pull/1".to_owned());
    for to in [
        ClaimStatus::InProgress,
        ClaimStatus::PrSubmitted,
        ClaimStatus::PrMerged,
        ClaimStatus::Closed,
    ] {
        let update = service.update_claim(&caller, claim.id, agent("ann"), to, None, url.clone());
        let updated = update.await.unwrap();
        assert_eq!(
            updated.issue_closed,
            (to == ClaimStatus::Closed).then_some(true)
        );
    }
    assert_eq!(github.0.lock().unwrap()[&2].state, IssueState::Closed);

    // The embedding service runs the background work itself.
    github.put(3, "Repair the ladder", &[]);
    let LeaseOutcome::Acquired(lease) = service
        .acquire_lease("rounds", Millis::minutes(1))
        .await
        .unwrap()
    else {
        panic!("another process holds the lease")
    };
    let report = service.sync(&lease).await.unwrap();
    assert_eq!(
        (report.failed.len(), report.tally.newly_opened_issues),
        (0, 1)
    );
    assert_eq!(next("cid").await.unwrap().claim.title, "Repair the ladder");
    assert_eq!(service.health(&caller).await.unwrap().store.total_claims, 3);
}
