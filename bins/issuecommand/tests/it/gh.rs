//! A service without a token on a machine whose user is logged in with `gh`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use issuecommand_testkit::machine;
use serde_json::json;

use crate::harness::{Http, PATIENCE, Program, Site, path_beside};

/// A PATH with gh in it: the installed one, or the stand-in.
fn path_with_gh(site: &Site) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = || Command::new("gh").arg("--version").output().is_ok();
    if !machine::Program::Gh.is_hidden() && is_there() {
        return path;
    }
    let folder = site.folder().join("programs");
    std::fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink(path_beside("gh-stand-in"), folder.join("gh")).unwrap();
    let others = std::env::split_paths(&path).collect::<Vec<PathBuf>>();
    std::env::join_paths([folder].into_iter().chain(others)).unwrap()
}

/// Logs the user of a site in with gh.
fn log_in(site: &Site) {
    let folder = site.folder().join("home/.config/gh");
    std::fs::create_dir_all(&folder).unwrap();
    let host = site.github.url().strip_prefix("http://").unwrap();
    let login = format!(
        "{host}:\n    oauth_token: test-token\n    user: octo-agent\n    git_protocol: https\n"
    );
    std::fs::write(folder.join("hosts.yml"), login).unwrap();
}

#[test]
fn a_gh_login_is_enough_to_start() {
    let site = Site::with_issues("acme/harbour", 2);
    log_in(&site);
    let path = path_with_gh(&site);
    let program = site.program(Program::Http).without("GITHUB_TOKEN");
    let mut process = program.env("PATH", path.to_str().unwrap()).start();
    let http = Http::at(process.address());
    process.wait_until_logged("GitHub can be asked through gh", PATIENCE);
    let claim = json!({ "agent_id": "ada", "repo": "acme/harbour", "issue_number": 1 });
    assert_eq!(http.post("/api/claims", &claim).status, 200);
    let asked = site.github.requests();
    assert!(!asked.is_empty());
    assert!(
        asked
            .iter()
            .all(|request| request.header("authorization") == Some("token test-token"))
    );
    process.signal("TERM");
    assert!(process.wait_for_end(PATIENCE).success());
}

#[test]
fn without_a_gh_login_the_start_is_refused() {
    let site = Site::with_issues("acme/harbour", 1);
    for backend in ["auto", "gh", "rest"] {
        let program = site.program(Program::Http).without("GITHUB_TOKEN");
        let output = program.env("GITHUB_BACKEND", backend).output();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success());
        assert!(
            words.contains("GITHUB_TOKEN") && words.contains("gh auth login"),
            "{words}"
        );
        assert!(!site.has_database(), "{backend}");
    }
}
