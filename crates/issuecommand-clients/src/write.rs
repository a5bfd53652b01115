//! Stores changes: a copy first, then the new file under another name, which takes the old one's place at once. If one
//! cannot be stored, those before it are taken back.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::plan::{Change, FileError, read};

/// How changes are stored.
#[derive(Clone, Copy, Debug)]
pub struct Storing<'a> {
    /// Tells the copies of a file apart.
    pub time: &'a str,
    /// Where the copies go; beside the files if it is `None`.
    pub copies: Option<&'a Path>,
    /// Folders below which a folder goes that is empty after a removal.
    pub roots: &'a [PathBuf],
}

/// Writes all changes, or none. Returns the copies of the files as they were.
///
/// # Errors
/// A file was changed meanwhile, is read-only, or cannot be written. The changes before it were taken back.
pub fn write(changes: &[Change], storing: &Storing<'_>) -> Result<Vec<PathBuf>, FileError> {
    for change in changes {
        if change
            .path
            .metadata()
            .is_ok_and(|data| data.permissions().readonly())
        {
            let words = "it is read-only; make it writable, then run this again";
            return Err(refused(change, io::Error::other(words)));
        }
    }
    let (mut done, mut copies) = (Vec::new(), Vec::new());
    for change in changes {
        match one(change, storing) {
            Ok(Stored::Already) => {}
            Ok(Stored::With(copy)) => {
                done.push(change);
                copies.extend(copy);
            }
            Err(error) => return Err(taken_back(error, &done, copies, storing)),
        }
    }
    for change in changes.iter().filter(|change| change.after.is_none()) {
        tidy(&change.path, storing.roots);
    }
    Ok(copies)
}

fn refused(change: &Change, cause: io::Error) -> FileError {
    FileError::Write {
        path: change.path.clone(),
        cause,
    }
}

/// What became of a change.
enum Stored {
    /// Somebody else did the same meanwhile.
    Already,
    /// It was made, and this copy of the file as it was.
    With(Option<PathBuf>),
}

fn one(change: &Change, storing: &Storing<'_>) -> Result<Stored, FileError> {
    let path = change.path.clone();
    let present = read(&path)?;
    if present == change.after {
        Ok(Stored::Already)
    } else if present == change.before {
        let stored = store(change, storing).map(Stored::With);
        stored.map_err(|cause| refused(change, cause))
    } else {
        Err(FileError::Raced { path })
    }
}

/// Undoes what was done before an error.
fn taken_back(
    error: FileError,
    done: &[&Change],
    copies: Vec<PathBuf>,
    storing: &Storing<'_>,
) -> FileError {
    let left: Vec<PathBuf> = done
        .iter()
        .filter(|change| back(change, storing).is_err())
        .map(|change| change.path.clone())
        .collect();
    if !left.is_empty() {
        return FileError::Half {
            cause: Box::new(error),
            left,
        };
    }
    for copy in copies {
        // What it was a copy of is as it was.
        let _ = fs::remove_file(copy);
    }
    error
}

fn store(change: &Change, storing: &Storing<'_>) -> io::Result<Option<PathBuf>> {
    let path = &change.path;
    let permissions = fs::metadata(path).ok().map(|data| data.permissions());
    let copy = match &change.before {
        Some(before) => Some(copy(path, before, storing, permissions.as_ref())?),
        None => None,
    };
    let stored = match &change.after {
        Some(after) => put(path, after, change.secret, permissions),
        None => fs::remove_file(path),
    };
    match (stored, copy) {
        (Ok(()), copy) => Ok(copy),
        (Err(error), copy) => {
            if let Some(copy) = copy {
                // The error that matters is the first one.
                let _ = fs::remove_file(copy);
            }
            Err(error)
        }
    }
}

/// Undoes a change that was stored.
fn back(change: &Change, storing: &Storing<'_>) -> io::Result<()> {
    if let Some(before) = &change.before {
        let data = fs::metadata(&change.path).ok();
        let permissions = data.map(|data| data.permissions());
        return put(&change.path, before, change.secret, permissions);
    }
    fs::remove_file(&change.path)?;
    tidy(&change.path, storing.roots);
    Ok(())
}

/// Tells the files apart that are made at the same time.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Makes a text the content of a file, at once.
fn put(
    path: &Path,
    text: &str,
    secret: bool,
    permissions: Option<fs::Permissions>,
) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Others may do the same at the same time.
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let new = beside(path, "new", &format!("{}-{count}", std::process::id()));
    let private = secret || permissions.is_some();
    let mut file = create(&new, private)?;
    let written = fill(&mut file, text, secret, permissions).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

/// A copy of what stood there, under a name that is free.
fn copy(
    path: &Path,
    text: &str,
    storing: &Storing<'_>,
    permissions: Option<&fs::Permissions>,
) -> io::Result<PathBuf> {
    let place = match storing.copies {
        Some(folder) => {
            fs::create_dir_all(folder)?;
            let name = path.display().to_string();
            folder.join(name.trim_start_matches('/').replace(['/', '\\', ':'], "-"))
        }
        None => path.to_owned(),
    };
    let mut count = 1;
    loop {
        let time = match count {
            1 => storing.time.to_owned(),
            _ => format!("{}-{count}", storing.time),
        };
        let copy = beside(&place, "bak", &time);
        match create(&copy, true) {
            Ok(mut file) => {
                let filled = fill(&mut file, text, true, permissions.cloned());
                if filled.is_err() {
                    let _ = fs::remove_file(&copy);
                }
                return filled.map(|()| copy);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => count += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Removes the folders that are empty without a file, up to the roots.
fn tidy(path: &Path, roots: &[PathBuf]) {
    let is_below_root = |folder: &&Path| {
        roots
            .iter()
            .any(|root| folder.starts_with(root) && folder != root)
            && roots.iter().all(|root| !root.starts_with(folder))
    };
    let mut folders = path.ancestors().skip(1).take_while(is_below_root);
    // One that is not empty stays.
    while folders
        .next()
        .is_some_and(|folder| fs::remove_dir(folder).is_ok())
    {}
}

/// The copies of a file that were kept beside it.
pub fn copies_of(path: &Path) -> Vec<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let start = format!("{name}.bak-");
    let folder = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    let mut found: Vec<PathBuf> = folder
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&start))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

fn beside(path: &Path, kind: &str, time: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.{kind}-{time}"))
}

/// Fills a file that is for its owner alone until it has the permissions of the file whose place it takes.
fn fill(
    file: &mut File,
    text: &str,
    secret: bool,
    permissions: Option<fs::Permissions>,
) -> io::Result<()> {
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
