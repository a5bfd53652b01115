//! The running processes of this user, one file each in a private folder. Processes on different databases find each other by
//! it, and `doctor` reads which files a running process has open.
//!
//! A process locks its file while it runs. A file without a lock is left over, and the next reader removes it. The folder is
//! private because the files contain paths.

pub(crate) mod folder;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use issuecommand_core::service::DatabaseInfo;
use serde_json::{Value, json};
use uuid::Uuid;

/// The data that one process publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its process id.
    pub(crate) pid: u32,
    /// The id and the place of its open database.
    pub(crate) database: DatabaseInfo,
    /// The open files of the database with their identities.
    pub(crate) files: Vec<(PathBuf, String)>,
    /// The repositories that it hands out; `None` until it knows them.
    pub(crate) repositories: Option<BTreeSet<String>>,
    /// The port on which it serves HTTP.
    pub(crate) port: Option<u16>,
    /// When it started.
    pub(crate) started: String,
}

impl Entry {
    fn json(&self) -> Value {
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|(path, id)| json!([path.display().to_string(), id]))
            .collect();
        json!({
            "pid": self.pid,
            "database": { "id": self.database.id, "place": self.database.place },
            "files": files,
            "repositories": self.repositories,
            "port": self.port,
            "started": self.started,
        })
    }

    /// `None` if no version of this program wrote it.
    fn read(json: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let file = |pair: &Value| Some((text(&pair[0])?.into(), text(&pair[1])?));
        let repositories = json["repositories"]
            .as_array()
            .map(|names| names.iter().filter_map(text).collect());
        Some(Self {
            pid: u32::try_from(json["pid"].as_u64()?).ok()?,
            database: DatabaseInfo {
                id: text(&json["database"]["id"])?,
                place: text(&json["database"]["place"])?,
            },
            files: json["files"].as_array()?.iter().filter_map(file).collect(),
            repositories,
            port: json["port"].as_u64().and_then(|port| port.try_into().ok()),
            started: text(&json["started"]).unwrap_or_default(),
        })
    }
}

/// The folder, and the file of this process. Dropping it removes the file.
#[derive(Debug)]
pub(crate) struct Registry {
    folder: PathBuf,
    own: Option<(PathBuf, File)>,
}

impl Registry {
    /// The registry of this user.
    ///
    /// # Errors
    /// A folder that cannot be created, or that another user could have created.
    pub(crate) fn of_user() -> io::Result<Self> {
        folder::of_user().map(Self::at)
    }

    fn at(folder: PathBuf) -> Self {
        Self { folder, own: None }
    }

    /// Publishes the data of this process, or replaces it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn enter(&mut self, entry: &Entry) -> io::Result<()> {
        let id = Uuid::new_v4().simple().to_string();
        let new = self.folder.join(format!(".{id}.tmp"));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        let path = match &self.own {
            Some((path, _)) => path.clone(),
            None => self.folder.join(format!("{}-{}.json", entry.pid, &id[..8])),
        };
        let written = file
            .lock()
            .and_then(|()| file.write_all(entry.json().to_string().as_bytes()))
            .and_then(|()| fs::rename(&new, &path));
        if let Err(error) = written {
            // A partial file is useless.
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        // The previous file stays locked until the new one has its name.
        self.own = Some((path, file));
        Ok(())
    }

    /// The other running processes.
    pub(crate) fn others(&self) -> Vec<Entry> {
        let Ok(files) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let own = self.own.as_ref().map(|(path, _)| path.as_path());
        let mut others: Vec<Entry> = files
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
            .filter(|path| Some(path.as_path()) != own)
            .filter_map(|path| living(&path))
            .collect();
        others.sort_by_key(|entry| entry.pid);
        others
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if let Some((path, _)) = &self.own {
            // If this fails, the next reader removes it.
            let _ = fs::remove_file(path);
        }
    }
}

/// The content of the file if its process runs. Removes the file otherwise.
fn living(path: &Path) -> Option<Entry> {
    let file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let text = fs::read_to_string(path).ok()?;
            Entry::read(&serde_json::from_str(&text).ok()?)
        }
        Ok(()) => {
            // Its process may just have replaced the file.
            if same(&file, path) {
                let _ = fs::remove_file(path);
            }
            None
        }
        Err(TryLockError::Error(_)) => None,
    }
}

#[cfg(unix)]
fn same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
    let (open, there) = (file.metadata().map(id), fs::metadata(path).map(id));
    open.is_ok_and(|open| there.is_ok_and(|there| there == open))
}

#[cfg(not(unix))]
fn same(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn entry(pid: u32, repositories: Option<&[&str]>) -> Entry {
        Entry {
            pid,
            database: DatabaseInfo {
                id: "0a@1:2".to_owned(),
                place: "/data/issues.db".to_owned(),
            },
            files: vec![("/data/issues.db".into(), "1:2".to_owned())],
            repositories: repositories.map(|names| names.iter().map(ToString::to_string).collect()),
            port: Some(3100),
            started: "2026-01-01T00:00:00.000Z".to_owned(),
        }
    }

    #[test]
    fn live_processes_are_listed_and_dead_ones_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = || Registry::at(folder.path().to_owned());
        let (mut one, mut two, looking) = (at(), at(), at());
        one.enter(&entry(7, None)).unwrap();
        two.enter(&entry(8, Some(&["acme/api"]))).unwrap();
        assert_eq!(
            looking.others(),
            [entry(7, None), entry(8, Some(&["acme/api"]))]
        );
        assert_eq!(one.others(), [entry(8, Some(&["acme/api"]))]);
        one.enter(&entry(7, Some(&[]))).unwrap();
        assert_eq!(two.others(), [entry(7, Some(&[]))]);

        // Simulates a killed process: its file stays without a lock.
        let (path, file) = one.own.take().unwrap();
        drop(file);
        assert!(path.exists());
        assert!(two.others().is_empty());
        assert!(!path.exists());

        fs::write(folder.path().join("9-x.json"), "no entry").unwrap();
        assert!(two.others().is_empty());
        drop(two);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
