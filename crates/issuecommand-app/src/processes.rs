//! The processes of this machine, on Linux from `/proc`. Elsewhere nothing is known of them, so that sessions end by silence.

use std::fs;
use std::io::ErrorKind;

use issuecommand_core::domain::session::ProcessRef;
use issuecommand_core::ports::processes::Processes;

/// Reads `/proc`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MachineProcesses;

impl Processes for MachineProcesses {
    fn own(&self) -> Option<ProcessRef> {
        let pid = std::process::id();
        let Status::Since(started) = status(pid) else {
            return None;
        };
        let host = host()?;
        Some(ProcessRef { host, pid, started })
    }

    fn is_gone(&self, process: &ProcessRef) -> bool {
        let there = match status(process.pid) {
            Status::Since(started) => started == process.started,
            Status::Gone => false,
            Status::Unknown => true,
        };
        !there && host().as_ref() == Some(&process.host)
    }
}

/// The machine since its start, its name, and the name space of its process ids: containers of one machine have one each.
fn host() -> Option<String> {
    let text = |path: &str| fs::read_to_string(path).ok();
    let boot = text("/proc/sys/kernel/random/boot_id")?;
    let name = text("/proc/sys/kernel/hostname")?;
    let space = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!(
        "{} {} {}",
        boot.trim(),
        name.trim(),
        space.display()
    ))
}

/// The client that this process works for: its nearest ancestor that is no shell. `None` where that cannot be told.
pub(crate) fn client() -> Option<ProcessRef> {
    const SHELLS: [&str; 7] = ["sh", "bash", "dash", "zsh", "fish", "ksh", "busybox"];
    // What lost its parent is theirs, and so is everything else.
    const ROOTS: [&str; 3] = ["systemd", "init", "launchd"];
    let host = host()?;
    let mut pid = entry(std::process::id())?.parent;
    for _ in 0..GENERATIONS {
        let above = entry(pid)?;
        if ROOTS.contains(&above.name.as_str()) {
            return None;
        }
        if !SHELLS.contains(&above.name.as_str()) {
            let started = above.started;
            return Some(ProcessRef { host, pid, started });
        }
        pid = above.parent;
    }
    None
}

/// How many generations a running process of this machine is below another one; `None` if it is not.
pub(crate) fn generations(process: &ProcessRef, below: &ProcessRef) -> Option<usize> {
    if process.host != below.host || MachineProcesses.is_gone(process) {
        return None;
    }
    let mut pid = process.pid;
    (0..GENERATIONS).find(|_| {
        let is_it = pid == below.pid;
        pid = entry(pid).map_or(0, |entry| entry.parent);
        is_it
    })
}

/// The process with this id.
pub(crate) fn running(pid: u32) -> Option<ProcessRef> {
    let started = entry(pid)?.started;
    host().map(|host| ProcessRef { host, pid, started })
}

/// How far ancestors are looked for.
const GENERATIONS: usize = 20;

/// What `/proc` says of a running process.
struct Entry {
    name: String,
    parent: u32,
    started: i64,
}

fn entry(pid: u32) -> Option<Entry> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (head, rest) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let mut fields = rest.split_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let started = fields.nth(17)?.parse().ok()?;
    Some(Entry {
        name,
        parent,
        started,
    })
}

/// What `/proc` says of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// It runs, and was started so many ticks after the machine.
    Since(i64),
    /// There is none, or it has ended.
    Gone,
    /// It cannot be told.
    Unknown,
}

fn status(pid: u32) -> Status {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(text) => since(&text).unwrap_or(Status::Unknown),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Without our own entry there is no such folder at all.
            if fs::metadata("/proc/self/stat").is_ok() {
                Status::Gone
            } else {
                Status::Unknown
            }
        }
        Err(_) => Status::Unknown,
    }
}

fn since(stat: &str) -> Option<Status> {
    // The name, in brackets, may have spaces and brackets itself.
    let rest = stat.rsplit_once(')')?.1;
    let mut fields = rest.split_whitespace();
    // A zombie has ended; only its parent has not asked for its status.
    if fields.next()? == "Z" {
        return Some(Status::Gone);
    }
    fields.nth(18)?.parse().ok().map(Status::Since)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_is_below_its_ancestors() {
        let own = MachineProcesses.own().unwrap();
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let below = running(child.id()).unwrap();
        assert_eq!(generations(&below, &own), Some(1));
        assert_eq!(generations(&own, &own), Some(0));
        assert_eq!(generations(&own, &below), None);
        assert!(client().is_some_and(|client| generations(&own, &client).is_some()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(generations(&below, &own), None, "it is gone");
    }

    #[test]
    fn a_process_is_gone_once_it_has_ended() {
        let machine = MachineProcesses;
        let own = machine.own().unwrap();
        assert!(!machine.is_gone(&own));
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let Status::Since(started) = status(child.id()) else {
            panic!("it runs")
        };
        let process = ProcessRef {
            pid: child.id(),
            started,
            ..own.clone()
        };
        assert!(!machine.is_gone(&process));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(machine.is_gone(&process));
        // Another process has the number since, and another machine may have the number too.
        let reused = ProcessRef {
            started: own.started - 1,
            ..own.clone()
        };
        assert!(machine.is_gone(&reused));
        let elsewhere = ProcessRef {
            host: "elsewhere".to_owned(),
            ..process
        };
        assert!(!machine.is_gone(&elsewhere));
    }
}
