//! The real program as a process, and the system's figures about it.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::Connection;
use crate::data::Place;

/// The bearer token.
pub(crate) const KEY: &str = "benchmark";

/// One `issuecommand` with HTTP on a port of its own; it is killed when dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) port: u16,
    /// From its start to its first healthy response.
    pub(crate) started_in: Duration,
}

impl Program {
    /// Starts it on a database and waits until it is healthy.
    pub(crate) async fn start(place: &Place, github: &str) -> Self {
        Self::start_with(place, github, &[]).await
    }

    /// The same with these settings.
    pub(crate) async fn start_with(place: &Place, github: &str, settings: &[(&str, &str)]) -> Self {
        let (name, value) = place.setting();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let begun = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_issuecommand"))
            .env_clear()
            .env(name, value)
            .env("SQLITE_SYNCHRONOUS", "FULL")
            .env("GITHUB_API_URL", github)
            .env("GITHUB_TOKEN", "test-token")
            .env("API_KEY", KEY)
            .env("HTTP_HOST", "127.0.0.1")
            .env("HTTP_PORT", port.to_string())
            .env("RATE_LIMIT_ENABLED", "false")
            .env("LOG_LEVEL", "warn")
            .envs(settings.iter().copied())
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut program = Self {
            child,
            port,
            started_in: Duration::ZERO,
        };
        loop {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "it does not get healthy"
            );
            if let Ok(mut connection) = Connection::open(port).await
                && connection
                    .get("/healthz")
                    .await
                    .is_ok_and(|(status, _)| status == 200)
            {
                program.started_in = begun.elapsed();
                return program;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Resident memory now, in MB.
    pub(crate) fn resident(&self) -> f64 {
        memory_of(self.child.id(), "VmRSS")
    }

    /// Peak resident memory, in MB.
    pub(crate) fn peak(&self) -> f64 {
        memory_of(self.child.id(), "VmHWM")
    }

    /// Processor time so far: of the threads that run SQLite, and of all others.
    pub(crate) fn worked(&self) -> (Duration, Duration) {
        let (mut sqlite, mut rest) = (Duration::ZERO, Duration::ZERO);
        let folder = format!("/proc/{}/task", self.child.id());
        for task in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            let time = thread_time(&task.path());
            if name.starts_with("sqlx-sqlite") {
                sqlite += time;
            } else {
                rest += time;
            }
        }
        (sqlite, rest)
    }
}

/// A line of `/proc/PID/status`, in MB.
pub(crate) fn memory_of(pid: u32, name: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes: f64 = line
        .and_then(|line| {
            line.trim_start_matches(':')
                .trim()
                .trim_end_matches(" kB")
                .parse()
                .ok()
        })
        .unwrap_or(f64::NAN);
    kilobytes / 1024.0
}

/// Processor time of this process.
pub(crate) fn own_time() -> Duration {
    time_of(std::process::id())
}

/// Processor time of the threads of a process.
pub(crate) fn time_of(pid: u32) -> Duration {
    fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|task| thread_time(&task.path()))
        .sum()
}

/// The first number of `schedstat`: nanoseconds on a processor.
fn thread_time(task: &Path) -> Duration {
    let text = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
