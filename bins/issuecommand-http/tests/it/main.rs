//! Tests of the program alone. Its tests with other processes are in the package `issuecommand`, which finds it built because
//! of this file.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Stdio};

use tempfile::TempDir;

#[test]
fn without_a_key_one_sentence_names_the_setting() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_issuecommand-http"));
    command
        .env_clear()
        .env("GITHUB_TOKEN", "a-token-of-github")
        .current_dir(folder.path());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    // Besides the lines of the log.
    let said: Vec<&str> = words
        .lines()
        .filter(|line| !line.starts_with('{'))
        .collect();
    assert!(said.len() == 1 && said[0].contains("API_KEY"), "{words}");
    assert!(
        !words.contains("a-token-of-github"),
        "a secret is never printed: {words}"
    );
}
