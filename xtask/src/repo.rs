//! The workspace's root, and helpers to run programs in it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The error is a sentence for the caller of the task: what failed, and where to look.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the workspace")
        .to_owned()
}

/// The folder of what is built.
#[expect(clippy::disallowed_methods, reason = "cargo's own variable")]
pub(crate) fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    root().join(target.unwrap_or_else(|| "target".into()))
}

/// The same cargo that runs this task, ready to run in the workspace's root.
#[expect(clippy::disallowed_methods, reason = "the cargo that runs this")]
pub(crate) fn cargo(args: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// The stdout of a program; its stderr is passed through.
pub(crate) fn stdout_of(command: &mut Command) -> Outcome<String> {
    let shown = shown(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("`{shown}` did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{shown}` failed: {}", output.status));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| format!("`{shown}` printed something that is no UTF-8"))
}

/// Runs a program with its output passed through.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let shown = shown(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` failed: {status}")),
        Err(error) => Err(format!("`{shown}` did not start: {error}")),
    }
}

/// The same, and calls `hear` with each line of its stderr.
pub(crate) fn run_and_hear(command: &mut Command, mut hear: impl FnMut(&str)) -> Outcome {
    let shown = shown(command);
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{shown}` did not start: {error}"))?;
    let mut stderr = BufReader::new(child.stderr.take().expect("it was piped"));
    let mut line = Vec::new();
    while stderr
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        // A closed stderr is ignored.
        let _ = std::io::stderr().write_all(&line);
        hear(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` failed: {status}")),
        Err(error) => Err(format!("`{shown}` was lost: {error}")),
    }
}

/// The command line as one would type it, with the program's file name and without the environment.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Converts a list of violations to the result of a check, one per line.
pub(crate) fn verdict(check: &str, violations: &[String]) -> Outcome {
    if violations.is_empty() {
        eprintln!("{check}: fine");
        return Ok(());
    }
    for violation in violations {
        eprintln!("  {violation}");
    }
    Err(format!("{check}: {} to mend", violations.len()))
}
