//! What would be changed, before anything is.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::edit::{EditError, apply, revert};
use crate::target::Target;

/// A file that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file itself; where the client's file is a symbolic link, what it leads to.
    pub path: PathBuf,
    /// What stands there; `None` if there is no such file.
    pub before: Option<String>,
    /// What would stand there; `None` removes the file.
    pub after: Option<String>,
    /// Whether others must not read it.
    pub secret: bool,
}

/// Why files cannot be planned or written. But for [`FileError::Half`], none was changed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Its content cannot be changed.
    #[error("{}: {why}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: EditError,
    },
    /// It cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// It cannot be written.
    #[error("{} cannot be written: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// It was changed between the reading and the writing.
    #[error("{} was changed by another program meanwhile; run this again", path.display())]
    Raced {
        /// The file.
        path: PathBuf,
    },
    /// Changes before it could not be taken back.
    #[error("{cause}. Changed already, and not taken back: {}", names(left))]
    Half {
        /// Why the rest was not done.
        cause: Box<FileError>,
        /// The files that were changed.
        left: Vec<PathBuf>,
    },
}

fn names(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}

/// The changes that make all files say what they must; nothing for a file that does.
///
/// # Errors
/// The first file that cannot be read or changed.
pub fn addition(targets: &[Target]) -> Result<Vec<Change>, FileError> {
    changes(targets, |target, before| {
        apply(target.format, before, &target.edits).map(Some)
    })
}

/// The changes that take out again what [`addition`] put in; nothing for a file without it.
///
/// # Errors
/// The first file that cannot be read or changed.
pub fn removal(targets: &[Target]) -> Result<Vec<Change>, FileError> {
    changes(targets, |target, before| match before {
        Some(_) => revert(target.format, before, &target.edits),
        None => Ok(None),
    })
}

fn changes(
    targets: &[Target],
    after: impl Fn(&Target, Option<&str>) -> Result<Option<String>, EditError>,
) -> Result<Vec<Change>, FileError> {
    let mut found = Vec::new();
    for target in targets {
        let path = resolved(Path::new(&target.path));
        let before = read(&path)?;
        let after = after(target, before.as_deref()).map_err(|why| FileError::Content {
            path: path.clone(),
            why,
        })?;
        if after != before {
            found.push(Change {
                path,
                before,
                after,
                secret: target.secret,
            });
        }
    }
    Ok(found)
}

/// The text of a file; `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, FileError> {
    let failed = |cause| FileError::Read {
        path: path.to_owned(),
        cause,
    };
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| failed(io::Error::other("it is not UTF-8 text"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// What a symbolic link leads to, so that the link stays a link.
fn resolved(path: &Path) -> PathBuf {
    match std::fs::symlink_metadata(path) {
        Ok(data) if data.file_type().is_symlink() => match std::fs::canonicalize(path) {
            Ok(target) => target,
            // It leads to a file that is not there yet.
            Err(_) => match (std::fs::read_link(path), path.parent()) {
                (Ok(target), Some(folder)) => folder.join(target),
                _ => path.to_owned(),
            },
        },
        _ => path.to_owned(),
    }
}

impl Change {
    /// The change as a unified diff, without secrets.
    pub fn diff(&self) -> String {
        let (before, after) = (
            hidden(self.before.as_deref().unwrap_or_default()),
            hidden(self.after.as_deref().unwrap_or_default()),
        );
        let name = self.path.display().to_string();
        let absent = "/dev/null";
        let from = if self.before.is_some() { &name } else { absent };
        let to = if self.after.is_some() { &name } else { absent };
        let diff = TextDiff::from_lines(before.as_str(), after.as_str());
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "{}",
            diff.unified_diff().context_radius(3).header(from, to)
        );
        text
    }
}

/// A text for people, without keys and the values of variables whose names look secret.
fn hidden(text: &str) -> String {
    text.split_inclusive('\n').map(hidden_line).collect()
}

fn hidden_line(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    let mut name = "";
    // Every second part stands in quotes; a quote within a text only makes more parts.
    while let Some((before, (quoted, after))) = rest
        .split_once('"')
        .and_then(|(before, rest)| Some((before, rest.split_once('"')?)))
    {
        if let Some(bare) = before.trim().strip_suffix('=') {
            name = bare
                .trim()
                .rsplit([' ', '{', ','])
                .next()
                .unwrap_or_default();
        }
        shown.push_str(before);
        // Writing to a string does not fail.
        let _ = write!(shown, "\"{}\"", hidden_text(name, quoted));
        name = if after.trim_start().starts_with([':', '=']) {
            quoted
        } else {
            ""
        };
        rest = after;
    }
    shown + rest
}

/// A member's text, or what is shown in its place.
fn hidden_text(name: &str, text: &str) -> String {
    let is_variable = name
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let words = ["TOKEN", "KEY", "SECRET", "PASSWORD", "DATABASE_URL"];
    let is_secret = is_variable && words.iter().any(|word| name.contains(word));
    let (scheme, secret) = match text.split_once(' ') {
        Some((scheme, secret)) if scheme.eq_ignore_ascii_case("bearer") => (scheme, secret),
        _ if is_secret => ("", text),
        _ => return text.to_owned(),
    };
    // A placeholder is no secret, and a file's path is none.
    if secret.is_empty() || secret.starts_with(['$', '{']) || secret.starts_with("sqlite:") {
        return text.to_owned();
    }
    format!("{scheme} (not shown)").trim_start().to_owned()
}
