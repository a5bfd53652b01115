//! A client, its GitHub, and a clock that only the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::Issue;
use issuecommand_core::domain::outbox::Write;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::ports::github::{GitHub as _, Written};
use issuecommand_github::{Backend, Gh, Rest, RestSettings};
use issuecommand_github_emulator::{GithubEmulator, World};

/// A clock that is wrong by decades, because only differences to GitHub's clock may matter.
#[derive(Debug, Default)]
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn turn(&self, by: Millis) {
        self.0.fetch_add(by.0, Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }

    async fn sleep(&self, length: Millis) {
        self.turn(length);
    }
}

pub(crate) struct Setup {
    pub(crate) github: GithubEmulator,
    pub(crate) rest: Rest,
    pub(crate) clock: Arc<ManualClock>,
}

impl Setup {
    pub(crate) async fn with(world: World) -> Self {
        Self::tuned(world, |_| {}).await
    }

    pub(crate) async fn tuned(world: World, tune: impl FnOnce(&mut RestSettings)) -> Self {
        let github = GithubEmulator::start(world).await;
        let clock = Arc::new(ManualClock::default());
        let rest = client(github.url(), "test-token", &clock, tune);
        Self {
            github,
            rest,
            clock,
        }
    }

    /// One repository `acme/app` with the open issue 1.
    pub(crate) async fn small() -> Self {
        Self::with(small_world()).await
    }

    /// Advances both clocks.
    pub(crate) fn pass(&self, length: Millis) {
        self.clock.turn(length);
        let length = Duration::from_millis(length.0.unsigned_abs());
        self.github.world(|world| world.advance(length));
    }
}

tokio::task_local! {
    /// The gh for clients; without one they use REST.
    static THROUGH: Gh;
}

/// Makes two tests of each case: one over REST, one through gh.
macro_rules! both_ways {
    ($($case:ident),* $(,)?) => {
        mod over_rest {
            $(#[tokio::test] async fn $case() { super::$case().await; })*
        }
        mod over_gh {
            $(#[tokio::test] async fn $case() { crate::setup::over_gh(super::$case()).await; })*
        }
    };
}
pub(crate) use both_ways;

/// A case through gh, which has no login but the case's own.
pub(crate) async fn over_gh(case: impl Future<Output = ()>) {
    THROUGH.scope(crate::gh::found().await, case).await;
}

/// Whether this case goes through gh.
pub(crate) fn through_gh() -> bool {
    THROUGH.try_with(|_| ()).is_ok()
}

pub(crate) fn client(
    base: &str,
    token: &str,
    clock: &Arc<ManualClock>,
    tune: impl FnOnce(&mut RestSettings),
) -> Rest {
    let mut settings = RestSettings::new(base, token.into());
    tune(&mut settings);
    let _ = THROUGH.try_with(|gh| {
        // The only route, with the token as gh's own login.
        settings.backend = Backend::Gh;
        settings.token = None;
        settings.gh = gh.clone();
        let login = ("GH_ENTERPRISE_TOKEN".into(), token.into());
        settings.gh.environment.push(login);
        // A process takes time to start, especially on a busy machine.
        settings.timeout *= 10;
    });
    Rest::new(&settings, Arc::clone(clock) as Arc<dyn Clock>).unwrap()
}

pub(crate) fn small_world() -> World {
    let mut world = World::new();
    world.add_repo("acme/app");
    world.open_issue("acme/app", "Login loops");
    world
}

pub(crate) fn app() -> RepoName {
    RepoName::parse("acme/app").unwrap()
}

/// Closes an issue of `acme/app`.
pub(crate) async fn close(rest: &Rest, issue: u64) -> Result<Issue, GithubError> {
    let write = Write::CloseIssue {
        repo: app(),
        number: number(issue),
    };
    let Written::Issue(issue) = rest.write(&write).await?;
    Ok(*issue)
}

pub(crate) fn number(number: u64) -> IssueNumber {
    IssueNumber::new(i64::try_from(number).unwrap()).unwrap()
}

pub(crate) fn failed<T: std::fmt::Debug>(
    result: Result<T, GithubError>,
    kind: GithubErrorKind,
) -> GithubError {
    let error = result.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    error
}
