//! A dashboard over a memory store whose GitHub cannot be reached.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{KeyOutcome, NewKey};
use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::event::Event;
use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::halt::HaltKind;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{CommentList, Issue, IssueLookup};
use issuecommand_core::domain::outbox::Write;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::pull_request::LinkedPull;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::engine::command::{Action, Answer, Command, HaltTarget, Outcome};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::github::{
    Budget, Fetched, GitHub, IssueList, IssuePage, PullRequestUpdates, Written,
};
use issuecommand_core::ports::store::Store;
use issuecommand_core::service::Service;
use issuecommand_executor::keys::{ApiKeyHash, Keys, secret_hash};
use issuecommand_executor::{Executor, Surface};
use issuecommand_testkit::builders::{
    agent, claim, create_key, facts, full_poll, issue, local, new_key, record_issues, record_repos,
    revoke_key,
};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;
use issuecommand_web::{DashboardOptions, dashboard};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) const KEY: &str = "the-api-key-of-the-test";
pub(crate) const HOST: &str = "localhost:3100";

#[derive(Debug)]
struct NoGithub;

fn unreachable<T>() -> Result<T, GithubError> {
    Err(GithubError {
        kind: GithubErrorKind::Unreachable,
        retry_after: None,
        status: None,
        detail: "no network in this test".to_owned(),
    })
}

#[async_trait]
impl GitHub for NoGithub {
    async fn repos(&self) -> Result<Vec<RepoSnapshot>, GithubError> {
        unreachable()
    }

    async fn repo(&self, _: &RepoName) -> Result<RepoSnapshot, GithubError> {
        unreachable()
    }

    async fn issues(
        &self,
        _: &RepoName,
        _: IssueList,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<Fetched<IssuePage>, GithubError> {
        unreachable()
    }

    async fn issue(
        &self,
        _: &RepoName,
        _: IssueNumber,
        _: Option<&str>,
    ) -> Result<IssueLookup, GithubError> {
        unreachable()
    }

    async fn comments(&self, _: &RepoName, _: IssueNumber) -> Result<CommentList, GithubError> {
        unreachable()
    }

    async fn pull_news(&self, _: &LinkedPull) -> Result<PullRequestUpdates, GithubError> {
        unreachable()
    }

    async fn viewer(&self) -> Result<String, GithubError> {
        unreachable()
    }

    async fn write(&self, _: &Write) -> Result<Written, GithubError> {
        unreachable()
    }

    fn budget(&self) -> Budget {
        Budget::default()
    }

    fn skew(&self) -> Millis {
        Millis(0)
    }
}

pub(crate) struct World {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) service: Service,
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct PageResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl PageResponse {
    /// Where a redirect leads.
    pub(crate) fn to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{self:?}");
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// The cookie that was set, as the browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        let cookie = self.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(DashboardOptions {
            allowed_hosts: ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into(),
            github: "https://github.com".to_owned(),
            ..DashboardOptions::default()
        })
    }

    pub(crate) fn with(options: DashboardOptions) -> Self {
        let clock = Arc::new(TestClock::at(Timestamp(1_796_000_000_000)));
        let ids = Box::new(TestIds::seeded(1));
        let store = Arc::new(MemoryStore::new(Policy::default(), clock.clone(), ids));
        let service = Service::new(
            store.clone(),
            Arc::new(NoGithub),
            clock.clone(),
            Scope::All,
            "test",
        );
        let stop = CancellationToken::new();
        let executor = Executor::new(
            service.clone(),
            Surface::Http,
            std::time::Duration::from_mins(1),
            None,
            stop.clone(),
        );
        let keys = Keys::new(service.clone(), ApiKeyHash::of(&KEY.into()));
        Self {
            router: dashboard(executor, keys, stop, options),
            clock,
            store,
            service,
        }
    }

    pub(crate) async fn note(&self, command: Command) -> Answer {
        match self.store.transact(command).await {
            Ok(Outcome::Done(answer)) => answer,
            other => panic!("a yes was expected, not {other:?}"),
        }
    }

    /// Makes a named key; its secret.
    pub(crate) async fn key(&self, name: &str, change: impl FnOnce(NewKey) -> NewKey) -> String {
        let secret = format!("ick_{name}");
        let new = NewKey {
            hash: secret_hash(secret.as_bytes()),
            ..change(new_key(name, 0))
        };
        let made = self.note(create_key(new)).await;
        assert!(matches!(made, Answer::Key(made) if matches!(*made, KeyOutcome::Made(_))));
        secret
    }

    pub(crate) async fn revoke(&self, name: &str) {
        self.note(revoke_key(name)).await;
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> PageResponse {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, HOST);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.answer(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        PageResponse {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// The response to a request, whose body may be a stream.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A person halts an agent's work or lets it go on.
    pub(crate) async fn set_work(&self, action: &str, who: &str, note: &str) {
        let kind = (action == "pause").then_some(HaltKind::Paused);
        let target = HaltTarget::Agent(agent(who));
        let note = Some(note.to_owned());
        self.note(Command::new(
            &local(),
            Action::SetHalt { target, kind, note },
        ))
        .await;
    }

    /// The whole event log.
    pub(crate) async fn events(&self) -> Vec<Event> {
        self.store.events_after(0, 1000).await.unwrap()
    }

    /// A page, as a browser with this cookie asks for it.
    pub(crate) async fn get(&self, path: &str, cookie: &str) -> PageResponse {
        self.send(Method::GET, path, &[("cookie", cookie)], "")
            .await
    }

    /// A form, as a page of the dashboard sends it.
    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> PageResponse {
        let headers = [("cookie", cookie), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, path, &headers, form).await
    }

    /// Signs in; the cookie.
    pub(crate) async fn sign_in(&self, key: &str) -> String {
        let answer = self.post("/ui/sign-in", "", &format!("key={key}")).await;
        assert_eq!(answer.to(), "/ui");
        answer.cookie()
    }
}

/// The repository of most tests.
pub(crate) const REPO: &str = "acme/web";

impl World {
    /// Adds a repository with these issues to the mirror, polled just now.
    pub(crate) async fn mirror(
        &self,
        name: &str,
        issues: impl IntoIterator<Item = impl Into<Issue>>,
    ) {
        self.note(record_repos(&[facts(name)])).await;
        self.note(record_issues(name, issues)).await;
        self.note(full_poll(name, self.clock.now())).await;
    }

    /// The agent claims an issue of [`REPO`].
    pub(crate) async fn claim(&self, who: &str, n: i64) -> Claim {
        match self.note(claim(who, REPO, n)).await {
            Answer::Claim { claim, .. } => *claim,
            other => panic!("a claim was expected, not {other:?}"),
        }
    }

    /// [`REPO`] with issues 1 to 5, of which `claude-a` has the first one.
    pub(crate) async fn with_work() -> Self {
        let world = Self::new();
        world.mirror(REPO, (1..=5).map(issue)).await;
        world
            .mirror("acme/secret", [issue(1).title("Of the other team")])
            .await;
        world.claim("claude-a", 1).await;
        world
    }
}
