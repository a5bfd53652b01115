//! Tests of the program alone. Its tests with other processes are in the package `issuecommand`, which finds it built because
//! of this file.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Stdio};

use tempfile::TempDir;

#[test]
fn without_a_token_one_sentence_names_the_setting() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_issuecommand-mcp"));
    let output = command
        .env_clear()
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(
        words.contains("GITHUB_TOKEN") && words.lines().count() == 1,
        "{words}"
    );
    assert!(
        output.stdout.is_empty(),
        "standard output belongs to the protocol"
    );
}
