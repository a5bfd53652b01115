//! The token is in no error text and in no debug output, even if a server echoes it.

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::ports::github::{GitHub, IssueList};
use issuecommand_github::{Backend, RestSettings};
use issuecommand_github_emulator::{Fault, GithubEmulator};

use crate::setup::{ManualClock, app, client, close, number, small_world};

const CANARY: &str = "ghp_CANARY0123456789abcdefghijklmnopqrst";

fn clean(text: &str) {
    assert!(!text.contains("CANARY"), "{text}");
}

#[tokio::test]
async fn no_error_shows_the_token() {
    let impatient = |settings: &mut RestSettings| settings.timeout = Duration::from_millis(300);
    no_error_shows_it(impatient).await;
}

#[tokio::test]
async fn no_error_of_gh_shows_it_either() {
    let gh = crate::gh::found().await;
    no_error_shows_it(|settings| {
        settings.timeout = Duration::from_secs(1);
        settings.backend = Backend::Gh;
        settings.gh = gh.clone();
    })
    .await;
}

async fn no_error_shows_it(tune: impl Fn(&mut RestSettings)) {
    let mut world = small_world();
    world.accept_token(CANARY, "octo-agent");
    let github = GithubEmulator::start(world).await;
    let echo = format!("{{\"message\": \"you said {CANARY}\\nand more\"}}");
    // Where a message is cut, half a token must not remain.
    let late = format!("{{\"message\": \"{}{CANARY}\"}}", "x".repeat(190));
    let near = format!("[{{\"number\": \"{CANARY}\"}}]");
    let faults = [
        Fault::status(401),
        Fault::status(403),
        Fault::status(404),
        Fault::status(500),
        Fault::status(418).header("x-echo", CANARY),
        Fault::secondary_limit(429, None),
        Fault::hang(),
        Fault::break_off(),
        Fault::wrong_json(),
        Fault::text(&near),
        Fault::status(301).header("location", &format!("http://127.0.0.1:1/?token={CANARY}")),
    ];
    let mut seen = 0;
    for fault in faults {
        let clock = Arc::new(ManualClock::default());
        let rest = client(github.url(), CANARY, &clock, &tune);
        let fault = github.fault("/**", fault);
        for error in [
            rest.repos().await.map(drop),
            rest.repo(&app()).await.map(drop),
            rest.issues(&app(), IssueList::Open, None, None)
                .await
                .map(drop),
            rest.issue(&app(), number(1), None).await.map(drop),
            rest.comments(&app(), number(1)).await.map(drop),
            close(&rest, 1).await.map(drop),
        ]
        .into_iter()
        .filter_map(Result::err)
        {
            seen += 1;
            clean(&format!("{error} {error:?}"));
            assert!(!error.detail.contains(['?', '\n']), "{error}");
        }
        clean(&format!("{rest:?}"));
        github.end_fault(fault);
    }
    assert!(seen > 50, "{seen} errors were looked at");
    for body in [&echo, &late] {
        let error = echoed(body, &tune).await;
        clean(&error);
        assert!(error.len() < 600 && !error.contains('\n'), "{error}");
    }
    let page = format!("http://127.0.0.1:1/?page={CANARY}");
    let rest = client(
        github.url(),
        CANARY,
        &Arc::new(ManualClock::default()),
        |_| {},
    );
    let error = rest
        .issues(&app(), IssueList::Open, Some(&page), None)
        .await
        .unwrap_err();
    clean(&format!("{error} {error:?}"));
    // The redirect of the last fault leads to a path that GitHub does not have; its writes were answered by faults.
    let unexpected = github.take_unexpected();
    assert!(
        unexpected.iter().all(|request| request == "GET /"),
        "{unexpected:?}"
    );
    github.forget_requests();
}

/// The error for a server that refuses with this body.
async fn echoed(body: &str, tune: impl Fn(&mut RestSettings)) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let serve = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        let _ = connection.read(&mut [0; 4096]).await.unwrap();
        connection.write_all(answer.as_bytes()).await.unwrap();
        connection.shutdown().await.unwrap();
    };
    let rest = client(&base, CANARY, &Arc::new(ManualClock::default()), tune);
    let ask = async { rest.repo(&app()).await.unwrap_err() };
    let (error, ()) = tokio::join!(ask, serve);
    assert!(error.detail.contains("403"), "{error}");
    format!("{error} {error:?}")
}

#[test]
fn settings_do_not_show_the_token() {
    let mut settings = RestSettings::new("https://api.github.com", CANARY.into());
    clean(&format!("{settings:?}"));
    settings.base = format!("https://user:{CANARY}@github.example");
    let clock = Arc::new(ManualClock::default());
    let error = issuecommand_github::Rest::new(&settings, clock).unwrap_err();
    clean(&format!("{error} {error:?}"));
    settings.base = "https://api.github.com".to_owned();
    settings.token = Some(format!("{CANARY}\n").into());
    let clock = Arc::new(ManualClock::default());
    let error = issuecommand_github::Rest::new(&settings, clock).unwrap_err();
    clean(&format!("{error} {error:?}"));
}

#[tokio::test]
async fn a_short_token_is_not_redacted_within_words() {
    let mut world = small_world();
    world.accept_token("e", "octo-agent");
    let github = GithubEmulator::start(world).await;
    let clock = Arc::new(ManualClock::default());
    let rest = client(github.url(), "e", &clock, |_: &mut RestSettings| {});
    github.fault("/**", Fault::status(404));
    let error = rest.repo(&app()).await.unwrap_err().to_string();
    assert!(!error.contains("[token]"), "{error}");
    assert!(error.contains("/repos/"), "{error}");
}
