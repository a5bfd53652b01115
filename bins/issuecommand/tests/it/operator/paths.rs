//! Unusable paths: a check finds what a start would refuse, and the message is a sentence. The tests may run as root, who can
//! write every folder; a folder whose place a file has fails for root too.

use super::{run, stderr, stdout};
use crate::harness::{PATIENCE, Program, Site};

/// The message of a start that must fail.
fn start(site: &Site, name: &str, value: &str) -> String {
    let output = site.program(Program::Combined).env(name, value).output();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = stderr(&output);
    let last = text.lines().last().unwrap_or_default();
    last.to_owned()
}

#[test]
fn doctor_fails_where_the_start_fails() {
    let site = Site::with_issues("acme/harbour", 1);
    let folder = site.folder().display().to_string();
    std::fs::write(site.folder().join("file"), "").unwrap();
    std::fs::create_dir(site.folder().join("folder")).unwrap();
    for (name, path, check, words) in [
        (
            "SQLITE_PATH",
            "file/ic.db",
            "database",
            "a part of the path is a file and not a folder",
        ),
        (
            "SQLITE_PATH",
            "nowhere/ic.db",
            "database",
            "its folder is not there",
        ),
        (
            "SQLITE_PATH",
            "folder",
            "database",
            "is a folder, and a file is needed",
        ),
        // procfs does not accept new files.
        (
            "SQLITE_PATH",
            "/proc/self/ic.db",
            "database",
            "cannot be opened",
        ),
        (
            "LOG_FILE",
            "file/log",
            "log file",
            "a part of the path is a file and not a folder",
        ),
        (
            "LOG_FILE",
            "folder",
            "log file",
            "it is a folder, and a file is needed",
        ),
    ] {
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{folder}/{path}")
        };
        let told = start(&site, name, &path);
        assert!(
            told.contains(words) && told.contains(&path),
            "{name}={path}: {told}"
        );
        assert!(
            !told.contains("os error") && !told.contains("is unavailable"),
            "{told}"
        );
        let doctor = stdout(&run(&site, &["doctor"], &[(name, Some(&path))]));
        let line = doctor
            .lines()
            .find(|line| line.starts_with("fail") && line.contains(check));
        let line = line.unwrap_or_else(|| panic!("{name}={path}:\n{doctor}"));
        assert!(line.contains(words), "{line}");
    }
    assert!(site.folder().join("folder").is_dir(), "a folder was moved");
    let left: Vec<_> = std::fs::read_dir(site.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("doctor"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn an_error_message_begins_with_the_cause() {
    let site = Site::with_issues("acme/harbour", 1);
    let mut service = site.program(Program::Combined).start();
    service.address();
    let taken = site.folder().join("taken");
    std::fs::write(&taken, "").unwrap();
    let taken = taken.to_str().unwrap();
    for command in ["backup", "export"] {
        let output = run(&site, &[command, taken], &[]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = stderr(&output);
        assert!(
            text.starts_with(&format!("error: {taken}")),
            "{command}: {text}"
        );
        assert!(
            text.contains("is there already") && text.contains("overwrit"),
            "{command}: {text}"
        );
        let folder = site.folder().to_str().unwrap();
        let text = stderr(&run(&site, &[command, folder], &[]));
        assert!(!text.contains("os error"), "{command}: {text}");
    }
    let text = stderr(&run(&site, &["config", "check", "--config", "/"], &[]));
    assert!(
        text.contains("it is a folder") && !text.contains("os error"),
        "{text}"
    );
}

#[test]
fn a_tilde_in_a_setting_is_the_home_folder() {
    let site = Site::with_issues("acme/harbour", 1);
    let mut service = site
        .program(Program::Combined)
        .env("SQLITE_PATH", "~/tilde.db")
        .start();
    service.address();
    assert!(site.folder().join("home").join("tilde.db").exists());
    assert!(!site.folder().join("~").exists());
}

#[test]
fn a_start_that_waits_for_the_lock_of_the_database_says_so() {
    let site = Site::with_issues("acme/harbour", 1);
    let lock = std::fs::File::create(site.folder().join("issuecommand.db.lock")).unwrap();
    lock.lock().unwrap();
    let mut service = site.program(Program::Combined).start();
    let told = service.wait_until_logged("holds the lock under which the database", PATIENCE);
    assert_eq!(told["event"], "store.waits_for_lock", "{told}");
    assert!(
        told["details"]["path"]
            .as_str()
            .unwrap()
            .ends_with("issuecommand.db.lock"),
        "{told}"
    );
    drop(lock);
    service.address();
}
