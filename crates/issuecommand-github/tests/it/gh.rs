//! The gh that the cases run through: the real one where it is in the PATH, else a stand-in.

mod comparison;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::ports::github::GitHub;
use issuecommand_github::{Backend, Gh, Rest, RestSettings};
use issuecommand_github_emulator::GithubEmulator;
use issuecommand_testkit::machine::Program;
use tokio::sync::OnceCell;

use crate::setup::{ManualClock, failed, small_world};

/// A folder without a login.
const NOWHERE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/no-login");

fn hermetic(program: &Path) -> Gh {
    Gh {
        program: program.to_owned(),
        environment: vec![("GH_CONFIG_DIR".into(), NOWHERE.into())],
    }
}

/// The stand-in, a program of this package.
pub(crate) fn stand_in() -> Gh {
    hermetic(Path::new(env!("CARGO_BIN_EXE_gh-stand-in")))
}

/// The real one, if it is installed and not hidden.
async fn real() -> Option<Gh> {
    static IS_THERE: OnceCell<bool> = OnceCell::const_new();
    let gh = hermetic(Path::new("gh"));
    let look = async || !Program::Gh.is_hidden() && gh.version().await.is_ok();
    let is_there = *IS_THERE.get_or_init(look).await;
    is_there.then_some(gh)
}

/// The real one, else the stand-in.
pub(crate) async fn found() -> Gh {
    real().await.unwrap_or_else(stand_in)
}

/// A client that uses a script of these lines as gh.
fn through(script: &str, patience: Duration) -> (tempfile::TempDir, Rest) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("gh");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let settings = RestSettings {
        backend: Backend::Gh,
        token: None,
        gh: hermetic(&program),
        timeout: patience,
        answer_cap: 1000,
        ..RestSettings::new("http://127.0.0.1:1", "unused".into())
    };
    let rest = Rest::new(&settings, Arc::new(ManualClock::default())).unwrap();
    (folder, rest)
}

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn another_program_is_not_taken_for_gh() {
    assert!(hermetic(Path::new("/no/such/gh")).version().await.is_err());
    assert!(hermetic(Path::new("/bin/true")).version().await.is_err());
}

#[tokio::test]
async fn a_gh_that_hangs_is_ended() {
    let (folder, rest) = through(
        "echo $$ > \"$0.pid\"; exec sleep 600",
        Duration::from_secs(2),
    );
    let begun = Instant::now();
    failed(rest.viewer().await, GithubErrorKind::Unreachable);
    assert!(begun.elapsed() < LONG);
    let id = std::fs::read_to_string(folder.path().join("gh.pid")).unwrap();
    let process = Path::new("/proc").join(id.trim());
    // Its process is gone, or a zombie.
    let gone = || {
        !std::fs::read_to_string(process.join("cmdline")).is_ok_and(|line| line.contains("sleep"))
    };
    while !gone() {
        assert!(begun.elapsed() < LONG, "it runs on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_output_of_gh_is_bounded() {
    for script in ["yes", "yes >&2"] {
        let (_folder, rest) = through(script, LONG);
        let begun = Instant::now();
        rest.viewer().await.unwrap_err();
        assert!(begun.elapsed() < LONG, "{script}");
    }
}

#[tokio::test]
async fn malformed_output_of_gh_is_an_error() {
    for script in [
        "exit 0",
        "exit 1",
        "echo hello",
        "kill -9 $$",
        "printf 'HTTP/1.1 200 OK\\n\\n{}'",
    ] {
        let (_folder, rest) = through(script, LONG);
        failed(rest.viewer().await, GithubErrorKind::Unreachable);
    }
}

#[tokio::test]
async fn a_gh_without_a_login_says_so() {
    let gh = found().await;
    let github = GithubEmulator::start(small_world()).await;
    let settings = RestSettings {
        backend: Backend::Auto,
        token: None,
        gh: gh.clone(),
        ..RestSettings::new(github.url(), "unused".into())
    };
    let rest = Rest::new(&settings, Arc::new(ManualClock::default())).unwrap();
    let error = failed(rest.viewer().await, GithubErrorKind::Refused);
    assert!(error.detail.contains("no login for 127.0.0.1:"), "{error}");
    assert!(github.requests().is_empty());
    assert!(gh.lacks_login(github.url()).await);
    let mut logged_in = gh;
    let login = ("GH_ENTERPRISE_TOKEN".into(), "test-token".into());
    logged_in.environment.push(login);
    assert!(!logged_in.lacks_login(github.url()).await);
}
