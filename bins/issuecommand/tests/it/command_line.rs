//! Output for a terminal: help, versions, and one sentence for a missing setting.

use std::process::Command;

use crate::harness::{PATIENCE, Program, Site, path_of};

const ALL: [Program; 3] = [Program::Combined, Program::Mcp, Program::Http];

/// What a program prints and its exit code.
fn printed(program: Program, arg: &str) -> String {
    let output = Command::new(path_of(program))
        .arg(arg)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{program:?} {arg}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_shows_purpose_and_required_settings() {
    for program in ALL {
        let help = printed(program, "--help");
        for words in [
            "Hands out",
            "GITHUB_TOKEN",
            "issuecommand.toml",
            "--config <FILE>",
            "--set <NAME=VALUE>",
        ] {
            assert!(help.contains(words), "{program:?}: {words} in\n{help}");
        }
        assert_eq!(
            help.contains("API_KEY"),
            program != Program::Mcp,
            "{program:?}:\n{help}"
        );
        assert_eq!(
            help.contains("  demo  "),
            program == Program::Combined,
            "{program:?}:\n{help}"
        );
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    for (program, name) in
        ALL.into_iter()
            .zip(["issuecommand", "issuecommand-mcp", "issuecommand-http"])
    {
        let version = printed(program, "--version");
        assert_eq!(version, format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
    }
}

/// Starts a program that must fail, and returns its one sentence.
#[track_caller]
fn last_words(site: &Site, program: Program, change: &[(&str, Option<&str>)]) -> String {
    let mut start = site.program(program);
    for (name, value) in change {
        start = match value {
            Some(value) => start.env(name, value),
            None => start.without(name),
        };
    }
    let mut process = start.start();
    let status = process.wait_for_end(PATIENCE);
    let words = process.stderr();
    assert_eq!(status.code(), Some(1), "{program:?} {change:?}: {words}");
    assert_eq!(words.lines().count(), 1, "one sentence, not {words:?}");
    assert!(
        !site.has_database(),
        "{program:?} {change:?}: a database was made"
    );
    words
}

#[test]
fn a_missing_setting_is_one_sentence_that_names_it() {
    let site = Site::with_issues("acme/harbour", 1);
    for program in ALL {
        let words = last_words(&site, program, &[("GITHUB_TOKEN", None)]);
        assert!(
            words.contains("GITHUB_TOKEN") && words.contains(".env"),
            "{words}"
        );
    }
    for program in [Program::Combined, Program::Http] {
        let words = last_words(&site, program, &[("API_KEY", Some("  "))]);
        assert!(
            words.contains("API_KEY") && words.contains("issuecommand.toml"),
            "{words}"
        );
        assert!(!words.contains("GITHUB_TOKEN"), "{words}");
    }
}

#[test]
fn an_invalid_value_is_named_with_the_allowed_ones() {
    let site = Site::with_issues("acme/harbour", 1);
    let words = last_words(&site, Program::Combined, &[("HTTP_PORT", Some("eighty"))]);
    assert!(
        words.contains("HTTP_PORT") && words.contains("eighty") && words.contains("65535"),
        "{words}"
    );

    // A secret is never repeated.
    let words = last_words(
        &site,
        Program::Http,
        &[("API_KEY", Some("sesame\u{7}open"))],
    );
    assert!(
        words.contains("API_KEY") && !words.contains("sesame"),
        "{words}"
    );
}
