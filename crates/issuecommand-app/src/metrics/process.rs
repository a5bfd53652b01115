//! Process metrics from the operating system, under the names of Prometheus's own clients. They are read from `/proc`, so they
//! exist only on Linux.

use std::fs;

use metrics::{counter, gauge};

/// The kernel reports processor time in hundredths of a second on every architecture.
const TICKS: f64 = 100.0;

/// Reads and sets the gauges. Cheap enough for each scrape.
pub(super) fn refresh() {
    let Some(now) = Process::read() else {
        return;
    };
    counter!("process_cpu_seconds_total").absolute(now.cpu_seconds);
    gauge!("process_resident_memory_bytes").set(now.resident);
    gauge!("process_virtual_memory_bytes").set(now.virtual_size);
    gauge!("process_threads").set(now.threads);
    gauge!("process_start_time_seconds").set(now.started);
    gauge!("process_open_fds").set(now.open_files);
    if let Some(most) = now.most_files {
        gauge!("process_max_fds").set(most);
    }
}

struct Process {
    cpu_seconds: u64,
    resident: f64,
    virtual_size: f64,
    threads: f64,
    started: f64,
    open_files: f64,
    most_files: Option<f64>,
}

impl Process {
    fn read() -> Option<Self> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let boot = fs::read_to_string("/proc/stat").ok()?;
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let stat = Stat::of(&stat)?;
        let bytes = |name| Some(value(&status, name)? * 1024.0);
        Some(Self {
            cpu_seconds: stat.cpu_ticks / 100,
            resident: bytes("VmRSS:")?,
            virtual_size: bytes("VmSize:")?,
            threads: value(&status, "Threads:")?,
            started: value(&boot, "btime")? + stat.start_ticks / TICKS,
            open_files: float(fs::read_dir("/proc/self/fd").ok()?.count()),
            most_files: value(&limits, "Max open files"),
        })
    }
}

/// The counts are far below the precision of a float.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn float(count: usize) -> f64 {
    count as f64
}

struct Stat {
    cpu_ticks: u64,
    /// In ticks since the machine was started.
    start_ticks: f64,
}

impl Stat {
    /// The name of the program, in parentheses, may itself contain blanks and parentheses.
    fn of(text: &str) -> Option<Self> {
        let (_, after) = text.rsplit_once(')')?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        // Numbered from 3, as in proc(5): utime is 14, stime 15, starttime 22.
        let field = |number: usize| fields.get(number - 3);
        let ticks = |number| field(number)?.parse::<u64>().ok();
        Some(Self {
            cpu_ticks: ticks(14)? + ticks(15)?,
            start_ticks: field(22)?.parse().ok()?,
        })
    }
}

/// The number after this name at the beginning of a line.
fn value(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_program_may_hold_anything() {
        let stat =
            Stat::of("7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 250 150 0 0 20 0 9 0 777 1 1")
                .unwrap();
        assert_eq!(stat.cpu_ticks, 400);
        assert!((stat.start_ticks - 777.0).abs() < 0.1);
        assert!(Stat::of("nonsense").is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_read() {
        let process = Process::read().unwrap();
        assert!(process.resident > 1e6 && process.virtual_size >= process.resident);
        assert!(process.threads >= 1.0 && process.open_files >= 3.0);
        assert!(
            process
                .most_files
                .is_none_or(|most| most >= process.open_files)
        );
        // After 2020.
        assert!(process.started > 1.57e9, "{}", process.started);
    }
}
