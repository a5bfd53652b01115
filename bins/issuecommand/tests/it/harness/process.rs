//! A running program, which ends with the test.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus};
use std::time::Duration;

use serde_json::Value;

use super::{PATIENCE, wait_for};

/// A process of the test. Dropping it kills it, and prints its log if the test failed.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    pub(crate) fn new(name: String, child: Child, log: PathBuf) -> Self {
        Self { name, child, log }
    }

    pub(super) fn pipes(&mut self) -> (ChildStdin, ChildStdout) {
        (
            self.child.stdin.take().unwrap(),
            self.child.stdout.take().unwrap(),
        )
    }

    /// What it wrote to stderr so far.
    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap()).into_owned()
    }

    /// The lines of its log so far whose message contains this text.
    pub(crate) fn logged(&self, text: &str) -> Vec<Value> {
        let lines = self.stderr();
        let lines = lines
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter(|line| message_of(line).contains(text))
            .collect()
    }

    /// Waits for such a line.
    pub(crate) fn wait_until_logged(&mut self, text: &str, patience: Duration) -> Value {
        let what = format!("{} to log {text:?}", self.name);
        wait_for(&what, patience, || {
            let ended = self.child.try_wait().unwrap();
            let line = self.logged(text).pop();
            if let (None, Some(status)) = (&line, ended) {
                panic!(
                    "{} ended with {status} and never logged {text:?}",
                    self.name
                );
            }
            line
        })
    }

    /// Waits until there are so many such lines; returns the last of them.
    pub(crate) fn wait_until_logged_times(
        &mut self,
        text: &str,
        times: usize,
        patience: Duration,
    ) -> Value {
        let what = format!("{} to log {text:?} {times} times", self.name);
        wait_for(&what, patience, || {
            let mut lines = self.logged(text);
            (lines.len() >= times).then(|| lines.pop()).flatten()
        })
    }

    /// Waits for it to serve HTTP, and returns the address.
    pub(crate) fn address(&mut self) -> String {
        self.address_within(PATIENCE)
    }

    /// The same with a time limit.
    pub(crate) fn address_within(&mut self, patience: Duration) -> String {
        let what = format!("{} to serve HTTP", self.name);
        wait_for(&what, patience, || {
            let lines = self.logged("serving HTTP");
            lines
                .iter()
                .find_map(|line| line["details"]["address"].as_str().map(str::to_owned))
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for it to end by itself.
    pub(crate) fn wait_for_end(&mut self, patience: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        wait_for(&what, patience, || self.child.try_wait().unwrap())
    }

    /// Kills it with SIGKILL, which it cannot handle.
    pub(crate) fn kill_9(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{name} {pid}")])
            .status();
        assert!(sent.unwrap().success(), "SIG{name} could not be sent");
    }
}

/// The message of a log line.
pub(crate) fn message_of(line: &Value) -> &str {
    line["details"]["message"].as_str().unwrap_or_default()
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            // A second panic would hide the first.
            let log = fs::read(&self.log).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            eprintln!("--- stderr of {} ---\n{log}", self.name);
        }
    }
}
