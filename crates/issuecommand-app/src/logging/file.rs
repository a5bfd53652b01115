//! The log file. The configured path always holds today's log; older logs are renamed by their day.
//!
//! Several processes may share one log: each appends whole lines, and the first one that notices a new day renames the old log.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, UNIX_EPOCH};

use issuecommand_core::domain::time::Timestamp;
use tracing_subscriber::fmt::MakeWriter;

use super::line::now;
use crate::error::io_words;

/// A log file that is rotated daily, in UTC.
pub(super) struct DailyFile {
    path: PathBuf,
    keep_days: u32,
    current: Mutex<Current>,
    /// Whether the last line could not be written.
    fails: AtomicBool,
}

struct Current {
    day: i64,
    file: File,
}

const DAY: i64 = 24 * 60 * 60 * 1000;

fn day_of(time: Timestamp) -> i64 {
    time.0.div_euclid(DAY)
}

/// The day as part of a file name: `2026-11-22`.
fn name_of(day: i64) -> String {
    Timestamp(day * DAY).to_string().chars().take(10).collect()
}

impl DailyFile {
    /// # Errors
    /// A missing folder, or one that cannot be written.
    pub(super) fn open(path: &Path, keep_days: u32) -> io::Result<Self> {
        let day = day_of(now());
        Ok(Self {
            current: Mutex::new(Current {
                day,
                file: turn(path, day, keep_days)?,
            }),
            path: path.to_owned(),
            keep_days,
            fails: AtomicBool::new(false),
        })
    }

    fn write_on(&self, day: i64, line: &[u8]) -> io::Result<()> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if day > current.day {
            // If rotating fails, logging continues in the old file.
            if let Ok(file) = turn(&self.path, day, self.keep_days) {
                current.file = file;
            }
            current.day = day;
        }
        // One write call per line, so that lines of several processes do not mix.
        current.file.write_all(line)
    }
}

impl DailyFile {
    /// Whether the result of a write is logged: the first failure, and the first success after failures.
    fn is_news(&self, written: &io::Result<()>) -> bool {
        let fails = written.is_err();
        self.fails.swap(fails, Ordering::Relaxed) != fails
    }

    fn tell(&self, written: &io::Result<()>) {
        let path = self.path.display().to_string();
        let error = written.as_ref().err().map(io_words);
        // A separate thread, because this thread is just writing a log line.
        std::thread::spawn(move || {
            if let Some(error) = error {
                tracing::error!(name: "log.file_failed", path, error, "LOG_FILE cannot be written: its lines are lost until it can");
            } else {
                tracing::warn!(name: "log.file_writes", path, "LOG_FILE is written again");
            }
        });
    }
}

impl Write for &DailyFile {
    /// Accepts every line. If the file cannot be written, the log on stderr says so once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = self.write_on(day_of(now()), line);
        if self.is_news(&written) {
            self.tell(&written);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for DailyFile {
    type Writer = &'a DailyFile;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// Opens today's log. A log of another day is renamed first, and expired logs are deleted.
fn turn(path: &Path, today: i64, keep_days: u32) -> io::Result<File> {
    // A folder must not be renamed as if it were an old log.
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let _lock = lock(&beside(path, "lock"))?;
    if let Some(day) = last_written(path)?
        && day < today
    {
        let aside = beside(path, &name_of(day));
        // If the clock went back, a file of that day exists. Nothing is overwritten, and logging continues in the current file.
        if !aside.exists() {
            fs::rename(path, aside)?;
        }
        forget(path, today - i64::from(keep_days));
    }
    OpenOptions::new().append(true).create(true).open(path)
    // Dropping the file releases the lock.
}

/// Timeout for the lock, which other processes hold only briefly.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes the lock. The lock file is private, because every user who can open it could lock it.
fn lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            // Only the owner of a file may change its mode, which happens at the owner's next start.
            let _ = file.set_permissions(fs::Permissions::from_mode(0o600));
        }
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => {
                let held = format!("another process holds {}", path.display());
                return Err(io::Error::new(io::ErrorKind::TimedOut, held));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// The day of the last line, or `None` if there is no line.
fn last_written(path: &Path) -> io::Result<Option<i64>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let since = metadata.modified()?.duration_since(UNIX_EPOCH);
    let millis = i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX);
    Ok((metadata.len() > 0).then(|| day_of(Timestamp(millis))))
}

/// Deletes the logs of days before this one. A log that cannot be deleted is tried again the next day.
fn forget(path: &Path, before: i64) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let prefix = format!("{}.", name.to_string_lossy());
    let first_kept = name_of(before);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let day = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        if day.is_some_and(|day| is_day(day) && *day < *first_kept) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn age(path: &Path, days: u64) {
        let then = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(then)
            .unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with("lock"))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn yesterdays_log_is_set_aside_once_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "yesterday\n").unwrap();
        age(&path, 1);
        fs::write(folder.path().join("log.2001-01-01"), "old").unwrap();
        fs::write(folder.path().join("log.notes"), "not ours").unwrap();
        let today = day_of(now());
        // Two processes notice the new day one after the other.
        let (one, two) = (
            DailyFile::open(&path, 14).unwrap(),
            DailyFile::open(&path, 14).unwrap(),
        );
        (&one).write_all(b"one\n").unwrap();
        (&two).write_all(b"two\n").unwrap();
        let aside = format!("log.{}", name_of(today - 1));
        assert_eq!(names(folder.path()), ["log", aside.as_str(), "log.notes"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        assert_eq!(
            fs::read_to_string(folder.path().join(aside)).unwrap(),
            "yesterday\n"
        );
    }

    #[test]
    fn the_day_turns_while_a_process_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let file = DailyFile::open(&path, 14).unwrap();
        let today = day_of(now());
        file.write_on(today, b"today\n").unwrap();
        file.write_on(today + 1, b"tomorrow\n").unwrap();
        file.write_on(today + 1, b"still\n").unwrap();
        let aside = format!("log.{}", name_of(today));
        assert_eq!(names(folder.path()), ["log", aside.as_str()]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "tomorrow\nstill\n");
        assert_eq!(
            fs::read_to_string(folder.path().join(aside)).unwrap(),
            "today\n"
        );
    }

    #[test]
    fn only_the_first_failed_and_the_first_good_write_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let file = DailyFile::open(&folder.path().join("log"), 14).unwrap();
        let (full, well) = (Err(io::ErrorKind::StorageFull.into()), Ok(()));
        let lines = [&well, &full, &full, &full, &well, &well, &full];
        let news: Vec<bool> = lines.map(|line| file.is_news(line)).into();
        assert_eq!(news, [false, true, false, false, true, false, true]);
    }

    #[cfg(unix)]
    #[test]
    fn the_lock_is_its_users_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        drop(DailyFile::open(&path, 14).unwrap());
        let lock = fs::metadata(beside(&path, "lock")).unwrap();
        assert_eq!(lock.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_log_that_cannot_be_written_is_an_error_at_once() {
        let folder = tempfile::tempdir().unwrap();
        assert!(DailyFile::open(&folder.path().join("no/such/log"), 14).is_err());
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        let then = SystemTime::now() - Duration::from_hours(72);
        File::open(&taken).unwrap().set_modified(then).unwrap();
        let error = DailyFile::open(&taken, 14).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        assert!(taken.is_dir(), "a folder was moved away");
    }
}
