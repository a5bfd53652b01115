//! A client whose credentials differ by owner.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::time::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::*;
use crate::rest::credentials::{CredentialId, Credentials, GhLogin};
use crate::rest::settings::Backend;
use crate::rest::transport::{FailureCause, RawResponse, Transport, TransportError};

#[derive(Debug)]
struct Still;

#[async_trait::async_trait]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(1_772_352_000_000)
    }

    async fn sleep(&self, _: Millis) {}
}

/// A token for each owner, another one each time, as installations of an App have.
#[derive(Debug, Default)]
struct ByOwner(AtomicUsize);

#[async_trait::async_trait]
impl Credentials for ByOwner {
    async fn authorize(&self, owner: Option<&str>) -> Result<Option<SecretString>, TransportError> {
        let renewed = self.0.fetch_add(1, Ordering::Relaxed);
        let owner = owner.unwrap_or("nobody");
        Ok(Some(format!("{owner}-{renewed}").into()))
    }

    fn id(&self, owner: Option<&str>) -> CredentialId {
        CredentialId::new(format!("installation-{}", owner.unwrap_or("nobody")))
    }

    fn redact(&self, text: String) -> String {
        text
    }
}

/// Answers that were prepared, and the tokens and conditions of the requests.
#[derive(Debug, Default)]
struct Script {
    answers: Mutex<Vec<(u16, &'static str, &'static str)>>,
    seen: Mutex<Vec<(String, Option<String>)>>,
}

#[async_trait::async_trait]
impl Transport for Arc<Script> {
    async fn send(
        &self,
        request: &RawRequest,
        token: Option<&SecretString>,
        _: usize,
    ) -> Result<RawResponse, TransportError> {
        let token = token.map(ExposeSecret::expose_secret).unwrap_or_default();
        let condition = request.headers.get(IF_NONE_MATCH);
        let condition = condition.map(|etag| etag.to_str().unwrap().to_owned());
        self.seen
            .lock()
            .unwrap()
            .push((token.to_owned(), condition));
        let (status, name, value) = self.answers.lock().unwrap().remove(0);
        Ok(RawResponse {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]),
            body: b"{}".to_vec(),
            broken: None,
        })
    }
}

fn client(answers: &[(u16, &'static str, &'static str)]) -> (Arc<Script>, Client) {
    let script = Arc::new(Script {
        answers: Mutex::new(answers.to_vec()),
        ..Script::default()
    });
    let credentials = Arc::new(ByOwner::default());
    let route = |name| Route {
        name,
        transport: Box::new(Arc::clone(&script)),
        over_gh: false,
        credentials: credentials.clone(),
    };
    let settings = RestSettings::new("https://api.github.com", "unused".into());
    let clock = Arc::new(Still);
    let mut client = Client::new(&settings, clock.clone()).unwrap();
    client.routes = Failover::new(vec![route("one"), route("two")], Backend::Auto, clock);
    (script, client)
}

fn issue(client: &Client, repo: &str) -> Endpoint {
    client.of_repo(&RepoName::parse(repo).unwrap(), "issues/1")
}

fn tokens(script: &Script) -> Vec<String> {
    let seen = script.seen.lock().unwrap();
    seen.iter().map(|(token, _)| token.clone()).collect()
}

#[tokio::test]
async fn a_validator_outlives_the_token_and_stays_with_its_owner() {
    let tag = (200, "etag", "\"a\"");
    let (script, client) = client(&[tag, tag, tag]);
    let kept = client.get(issue(&client, "acme/app"), None).await.unwrap();
    let kept = kept.validator.as_deref();
    assert_eq!(kept, Some("installation-acme:\"a\""));
    for repo in ["acme/app", "other/app"] {
        client.get(issue(&client, repo), kept).await.unwrap();
    }
    let seen = script.seen.lock().unwrap();
    let conditions: Vec<_> = seen.iter().map(|(_, etag)| etag.as_deref()).collect();
    assert_eq!(conditions, [None, Some("\"a\""), None]);
    drop(seen);
    assert_eq!(tokens(&script), ["acme-0", "acme-1", "other-2"]);
}

#[tokio::test]
async fn a_limit_of_one_owner_does_not_stop_the_others() {
    let (script, client) = client(&[(429, "retry-after", "30"), (200, "etag", "\"a\"")]);
    let limited = client.get(issue(&client, "acme/app"), None).await;
    assert_eq!(limited.unwrap_err().kind, GithubErrorKind::Limited);
    let blocked = client.get(issue(&client, "acme/web"), None).await;
    assert_eq!(blocked.unwrap_err().kind, GithubErrorKind::Limited);
    client.get(issue(&client, "other/app"), None).await.unwrap();
    assert_eq!(tokens(&script), ["acme-0", "other-1"]);
}

#[tokio::test]
async fn a_rejected_credential_is_skipped_for_its_owner_alone() {
    let (_, client) = client(&[(401, "etag", "\"a\"")]);
    let rejected = client.get(issue(&client, "acme/app"), None).await;
    assert_eq!(rejected.unwrap_err().kind, GithubErrorKind::Refused);
    let failover = &client.routes;
    assert!(failover.is_awake(0, Some("other")));
    assert!(!failover.is_awake(0, Some("acme")));
    assert!(!failover.is_awake(1, Some("acme")), "on no route");
}

#[tokio::test]
async fn what_redirects_and_pages_lead_to_keeps_its_owner() {
    let elsewhere = "https://api.github.com/repositories/7/issues/1";
    let (script, client) = client(&[(301, "location", elsewhere), (200, "etag", "\"a\"")]);
    let found = client.get_following(issue(&client, "acme/app"), None).await;
    let found = found.unwrap().endpoint;
    assert_eq!(found.url.path(), "/repositories/7/issues/1");
    assert_eq!(found.owner(), Some("acme"));
    assert_eq!(tokens(&script), ["acme-0", "acme-1"]);
}

/// A route that GitHub cannot be reached on, or one whose credential is missing.
#[derive(Debug)]
struct Fails(FailureCause);

#[async_trait::async_trait]
impl Transport for Fails {
    async fn send(
        &self,
        _: &RawRequest,
        _: Option<&SecretString>,
        _: usize,
    ) -> Result<RawResponse, TransportError> {
        Err(TransportError {
            kind: if self.0 == FailureCause::Credential {
                GithubErrorKind::Refused
            } else {
                GithubErrorKind::Unreachable
            },
            words: "scripted".to_owned(),
            why: self.0,
            transient: false,
            sent: false,
        })
    }
}

#[tokio::test]
async fn an_unreachable_github_is_not_told_as_a_missing_login() {
    let (_, mut client) = client(&[]);
    let route = |name, why, over_gh| Route {
        name,
        transport: Box::new(Fails(why)),
        over_gh,
        credentials: Arc::new(ByOwner::default()),
    };
    let login = Route {
        credentials: Arc::new(GhLogin),
        ..route("login", FailureCause::Credential, true)
    };
    let list = vec![
        route("REST", FailureCause::Unreachable, false),
        route("gh", FailureCause::Unreachable, true),
        login,
    ];
    client.routes = Failover::new(list, Backend::Auto, Arc::new(Still));
    for _ in 0..3 {
        let failed = client.get(issue(&client, "acme/app"), None).await;
        assert_eq!(failed.unwrap_err().kind, GithubErrorKind::Unreachable);
    }
}
