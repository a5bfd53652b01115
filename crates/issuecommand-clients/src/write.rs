//! Stores a change: a copy first, then the new file under another name, which takes the old one's place at once.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::plan::{Change, FileError, read};

/// Writes a change. Returns the copy of the file as it was, if there was one. `time` tells the copies of a file apart.
///
/// # Errors
/// The file was changed meanwhile, is read-only, or cannot be written.
pub fn write(change: &Change, time: &str) -> Result<Option<PathBuf>, FileError> {
    let path = &change.path;
    if read(path)? != change.before {
        return Err(FileError::Raced { path: path.clone() });
    }
    store(change, time).map_err(|cause| FileError::Write {
        path: path.clone(),
        cause,
    })
}

fn store(change: &Change, time: &str) -> io::Result<Option<PathBuf>> {
    let path = &change.path;
    let permissions = match fs::metadata(path) {
        Ok(data) if data.permissions().readonly() => {
            return Err(io::Error::other(
                "it is read-only; make it writable, then run this again",
            ));
        }
        Ok(data) => Some(data.permissions()),
        Err(_) => None,
    };
    let copy = match &change.before {
        Some(before) => Some(copy(path, before, time, permissions.as_ref())?),
        None => None,
    };
    let Some(after) = &change.after else {
        fs::remove_file(path)?;
        return Ok(copy);
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = beside(path, "new", time);
    let written =
        fill(&new, after, change.secret, permissions).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&new);
    }
    written.map(|()| copy)
}

/// A copy of what stood there, under a name that is free.
fn copy(
    path: &Path,
    text: &str,
    time: &str,
    permissions: Option<&fs::Permissions>,
) -> io::Result<PathBuf> {
    let mut copy = beside(path, "bak", time);
    let mut count = 1;
    while copy.exists() {
        count += 1;
        copy = beside(path, "bak", &format!("{time}-{count}"));
    }
    fill(&copy, text, true, permissions.cloned())?;
    Ok(copy)
}

fn beside(path: &Path, kind: &str, time: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.{kind}-{time}"))
}

/// Makes a file, for its owner alone until it has the permissions of the file whose place it takes.
fn fill(
    path: &Path,
    text: &str,
    secret: bool,
    permissions: Option<fs::Permissions>,
) -> io::Result<()> {
    let mut file = create(path, secret || permissions.is_some())?;
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        file.set_permissions(narrowed(permissions, secret))?;
    }
    file.sync_all()
}

#[cfg(unix)]
fn create(path: &Path, private: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mode = if private { 0o600 } else { 0o666 };
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _private: bool) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Permissions without those of others, for a secret.
#[cfg(unix)]
fn narrowed(permissions: fs::Permissions, secret: bool) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    if secret {
        fs::Permissions::from_mode(permissions.mode() & 0o700)
    } else {
        permissions
    }
}

#[cfg(not(unix))]
fn narrowed(permissions: fs::Permissions, _secret: bool) -> fs::Permissions {
    permissions
}
