//! The routes of requests, and failover between them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::issue::IssueLookup;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::ports::github::GitHub;
use issuecommand_github::{Backend, Gh, Rest, RestSettings};
use issuecommand_github_emulator::{Fault, GithubEmulator, RequestRecord};
use tracing::span;

use crate::gh;
use crate::setup::{ManualClock, app, close, failed, number, small_world};

const ISSUE: &str = "GET /repos/acme/app/issues/1";
const SSO: &str = "required; url=https://github.example/orgs/acme/sso?authorization_request=A";

/// A GitHub that knows two tokens: ours, and that of gh's own login.
struct TwoTokens {
    github: GithubEmulator,
    clock: Arc<ManualClock>,
    gh: Gh,
}

impl TwoTokens {
    async fn start() -> Self {
        let mut gh = gh::found().await;
        let login = ("GH_ENTERPRISE_TOKEN".into(), "login-token".into());
        gh.environment.push(login);
        let mut world = small_world();
        world.accept_token("test-token", "octo-agent");
        world.accept_token("login-token", "operator");
        Self {
            github: GithubEmulator::start(world).await,
            clock: Arc::default(),
            gh,
        }
    }

    fn rest(&self, backend: Backend) -> Rest {
        self.tuned(backend, |_| {})
    }

    fn tuned(&self, backend: Backend, tune: impl FnOnce(&mut RestSettings)) -> Rest {
        let mut settings = RestSettings {
            backend,
            gh: self.gh.clone(),
            ..RestSettings::new(self.github.url(), "test-token".into())
        };
        tune(&mut settings);
        Rest::new(&settings, Arc::clone(&self.clock) as Arc<dyn Clock>).unwrap()
    }

    /// The credentials of the requests since the last call, in order.
    fn asked(&self) -> Vec<String> {
        let credential = |request: &RequestRecord| {
            request
                .header("authorization")
                .unwrap_or_default()
                .to_owned()
        };
        let asked = self.github.requests().iter().map(credential).collect();
        self.github.forget_requests();
        asked
    }
}

/// By REST with the token, by gh with it, and by gh with its own login.
const REST: &str = "Bearer test-token";
const GH_TOKEN: &str = "token test-token";
const GH_LOGIN: &str = "token login-token";

/// Collects the log events of failovers.
#[derive(Clone, Default)]
struct SwitchLog(Arc<Mutex<Vec<&'static str>>>);

impl SwitchLog {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        tracing::subscriber::set_default(Listener(self.clone(), AtomicUsize::new(1)))
    }

    fn of(&self, name: &str) -> usize {
        let said = self.0.lock().unwrap();
        said.iter().filter(|said| **said == name).count()
    }
}

struct Listener(SwitchLog, AtomicUsize);

impl tracing::Subscriber for Listener {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        let id = self.1.fetch_add(1, Ordering::Relaxed);
        span::Id::from_u64(u64::try_from(id).unwrap())
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        self.0.0.lock().unwrap().push(event.metadata().name());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

async fn see(rest: &Rest) -> IssueLookup {
    rest.issue(&app(), number(1), None).await.unwrap()
}

#[tokio::test]
async fn the_rest_backend_never_runs_gh() {
    let two = TwoTokens::start().await;
    let rest = two.rest(Backend::Rest);
    see(&rest).await;
    two.github.fault(ISSUE, Fault::status(401));
    failed(
        rest.issue(&app(), number(1), None).await,
        GithubErrorKind::Refused,
    );
    assert_eq!(two.asked(), [REST, REST]);
}

#[tokio::test]
async fn rest_comes_first_where_there_is_a_token() {
    let two = TwoTokens::start().await;
    let rest = two.rest(Backend::Auto);
    see(&rest).await;
    // gh would get the same responses about the issue or GitHub's own errors.
    for status in [403, 404, 422, 500] {
        let fault = two.github.fault(ISSUE, Fault::status(status));
        let _ = rest.issue(&app(), number(1), None).await;
        two.github.end_fault(fault);
    }
    assert!(two.asked().iter().all(|asked| asked == REST));
}

#[tokio::test]
async fn without_a_token_gh_uses_its_own_login() {
    let two = TwoTokens::start().await;
    for backend in [Backend::Auto, Backend::Gh] {
        let rest = two.tuned(backend, |settings| settings.token = None);
        see(&rest).await;
        assert_eq!(rest.viewer().await.unwrap(), "operator");
        assert_eq!(two.asked(), [GH_LOGIN, GH_LOGIN]);
    }
}

#[tokio::test]
async fn a_rejected_token_fails_over_to_ghs_login_temporarily() {
    let two = TwoTokens::start().await;
    let (rest, said) = (two.rest(Backend::Auto), SwitchLog::default());
    let _guard = said.listen();
    let IssueLookup::Issue { etag, .. } = see(&rest).await else {
        panic!("it is there");
    };
    two.github.world(|world| world.revoke_token("test-token"));
    two.asked();
    let again = rest.issue(&app(), number(1), etag.as_deref()).await;
    let Ok(IssueLookup::Issue { etag: theirs, .. }) = again else {
        panic!("not as it was, for another asks: {again:?}");
    };
    assert_ne!(theirs, etag);
    let sent: Vec<_> = two.github.requests();
    assert_eq!(sent[0].header("if-none-match").is_some(), etag.is_some());
    assert_eq!(
        sent[1].header("if-none-match"),
        None,
        "that is not its validator"
    );
    assert_eq!(two.asked(), [REST, GH_LOGIN]);
    let unchanged = rest.issue(&app(), number(1), theirs.as_deref()).await;
    assert_eq!(unchanged.unwrap(), IssueLookup::Unchanged);
    assert_eq!(two.asked(), [GH_LOGIN], "without another refusal");
    two.clock.turn(Millis::minutes(5));
    see(&rest).await;
    assert_eq!(two.asked(), [REST, GH_LOGIN]);
    assert_eq!(said.of("github.backend.switched"), 1, "said once");
    two.github
        .world(|world| world.accept_token("test-token", "octo-agent"));
    two.clock.turn(Millis::minutes(5));
    see(&rest).await;
    see(&rest).await;
    assert_eq!(two.asked(), [REST, REST]);
    assert_eq!(said.of("github.backend.back"), 1);
}

#[tokio::test]
async fn an_sso_refusal_fails_over_for_the_refused_request_only() {
    let two = TwoTokens::start().await;
    let (rest, said) = (two.rest(Backend::Auto), SwitchLog::default());
    let _guard = said.listen();
    let closed = Fault::status(403).header("x-github-sso", SSO);
    for _ in 0..3 {
        two.github.fault(ISSUE, closed.clone().times(1));
        see(&rest).await;
        assert_eq!(two.asked(), [REST, GH_LOGIN]);
        rest.comments(&app(), number(1)).await.unwrap();
        assert_eq!(two.asked(), [REST]);
    }
    assert_eq!(said.of("github.backend.switched"), 1);
}

#[tokio::test]
async fn gh_reaches_a_github_that_rest_cannot_with_the_same_token() {
    let mut two = TwoTokens::start().await;
    // Only gh knows the proxy for this host name.
    let proxy = two.github.url().to_owned();
    two.gh.environment.push(("http_proxy".into(), proxy.into()));
    let far = |settings: &mut RestSettings| settings.base = "http://github.invalid".to_owned();
    let (rest, said) = (two.tuned(Backend::Auto, far), SwitchLog::default());
    let _guard = said.listen();
    for _ in 0..3 {
        see(&rest).await;
    }
    assert_eq!(two.asked(), [GH_TOKEN; 3]);
    assert_eq!(said.of("github.backend.switched"), 1);
    let alone = two.tuned(Backend::Rest, far);
    failed(alone.viewer().await, GithubErrorKind::Unreachable);
}

#[tokio::test]
async fn gh_first_fails_over_to_rest_on_any_failure() {
    let two = TwoTokens::start().await;
    let rest = two.rest(Backend::Gh);
    see(&rest).await;
    assert_eq!(two.asked(), [GH_TOKEN]);
    // A transient failure is retried once on the same route.
    two.github.fault(ISSUE, Fault::status(502).times(2));
    see(&rest).await;
    assert_eq!(two.asked(), [GH_TOKEN, GH_TOKEN, REST]);
    see(&rest).await;
    assert_eq!(two.asked(), [GH_TOKEN], "first, the next time as well");
    let missing = two.tuned(Backend::Gh, |settings| {
        settings.gh.program = "/no/such/gh".into();
    });
    let said = SwitchLog::default();
    let _guard = said.listen();
    for _ in 0..3 {
        see(&missing).await;
    }
    assert_eq!(two.asked(), [REST; 3]);
    assert_eq!(said.of("github.backend.switched"), 1);
}

#[tokio::test]
async fn a_rate_limit_holds_for_a_credential_on_every_route() {
    let two = TwoTokens::start().await;
    let rest = two.rest(Backend::Gh);
    two.github
        .fault(ISSUE, Fault::secondary_limit(429, Some(30)));
    failed(
        rest.issue(&app(), number(1), None).await,
        GithubErrorKind::Limited,
    );
    failed(rest.viewer().await, GithubErrorKind::Limited);
    assert_eq!(two.asked(), [GH_TOKEN]);
    assert_eq!(rest.budget().waiting, Some(Millis::seconds(30)));
}

#[tokio::test]
async fn a_write_of_unknown_outcome_is_not_retried_on_another_route() {
    for backend in [Backend::Auto, Backend::Gh] {
        let two = TwoTokens::start().await;
        let rest = two.rest(backend);
        two.github.fault("PATCH /**", Fault::break_off());
        let closed = close(&rest, 1).await;
        failed(closed, GithubErrorKind::Unreachable);
        assert_eq!(two.github.requests_to("PATCH /**").len(), 1, "{backend:?}");
    }
}

#[tokio::test]
async fn when_all_routes_fail_the_first_error_is_returned() {
    let two = TwoTokens::start().await;
    let rest = two.tuned(Backend::Auto, |settings| {
        settings.gh.program = "/no/such/gh".into();
        settings.timeout = Duration::from_secs(5);
    });
    two.github.world(|world| world.revoke_token("test-token"));
    for _ in 0..2 {
        let error = failed(rest.viewer().await, GithubErrorKind::Refused);
        assert!(error.detail.contains("401"), "{error}");
    }
    assert_eq!(two.asked(), [REST, REST], "and it is tried all the same");
    two.github
        .world(|world| world.accept_token("test-token", "octo-agent"));
    see(&rest).await;
}
