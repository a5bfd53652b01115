//! Why settings cannot be used, each as one sentence that names the key, where it stands and what would do.

use std::fmt;
use std::path::PathBuf;

use crate::origin::Origin;

/// Why settings cannot be used. No text of it ever shows a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A value that is not allowed.
    #[error(transparent)]
    Refused(Box<BadValue>),
    /// A key that is no setting. Its value is not shown: a misspelt secret is a secret.
    #[error("{key:?} {origin} is no setting: {}", advice(*.nearest, origin))]
    Unknown {
        /// As it is written.
        key: String,
        /// Where.
        origin: Origin,
        /// The setting that was probably meant, by its name in the environment.
        nearest: Option<&'static str>,
    },
    /// A setting that this program cannot do without.
    #[error(
        "{key} is not set: set it to {to}, in the environment, .env or issuecommand.toml{}{}",
        meant(key, near),
        if *.unfilled { UNFILLED } else { "" }
    )]
    Missing {
        /// The name of the setting, as in the environment.
        key: &'static str,
        /// What to set it to.
        to: &'static str,
        /// Names that are set and were probably meant for it.
        near: Vec<String>,
        /// The environment has a placeholder that was not filled in.
        unfilled: bool,
    },
    /// A file that cannot be read.
    #[error("{} cannot be read: {}", file.display(), io_words(.reason))]
    Unreadable {
        /// The path, as it was given.
        file: PathBuf,
        /// What the system said when it was opened or read.
        #[source]
        reason: std::io::Error,
    },
    /// A file with a line that cannot be understood. The line is not shown: it may hold a secret.
    #[error("{} line {line}: {reason}", file.display())]
    Syntax {
        /// The path, as it was given.
        file: PathBuf,
        /// The first line is 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
}

/// A value that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    /// Its key, as it is spelled where it stands.
    pub key: String,
    /// The value, or the part of it that is wrong; `None` where it may be or hold a secret.
    pub value: Option<String>,
    /// Where it stands.
    pub origin: Origin,
    /// What would do.
    pub allowed: String,
}

impl std::error::Error for BadValue {}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            value,
            origin,
            allowed,
        } = self;
        match value {
            Some(value) => write!(
                f,
                "{key} is {:?} {origin}: allowed is {allowed}",
                Short(value)
            ),
            None => write!(
                f,
                "{key} {origin} has a value that cannot be used (it is not shown): allowed is {allowed}"
            ),
        }
    }
}

/// A text of which nobody needs more than its beginning.
struct Short<'a>(&'a str);

impl fmt::Debug for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ENOUGH: usize = 80;
        match self.0.char_indices().nth(ENOUGH) {
            Some((end, _)) => write!(f, "{:?}…", &self.0[..end]),
            None => write!(f, "{:?}", self.0),
        }
    }
}

const UNFILLED: &str = " (the environment has a placeholder such as ${NAME} in its place, which the client that started this program \
    did not fill in: the variable that it names is not set there)";

fn meant(key: &str, near: &[String]) -> String {
    match near {
        [] => String::new(),
        [name] => format!(" ({name} is set: did you mean {key}?)"),
        names => format!(" ({} are set: did you mean {key}?)", names.join(" and ")),
    }
}

fn advice(nearest: Option<&str>, origin: &Origin) -> String {
    match nearest {
        Some(name) => format!("did you mean {}?", origin.spelling(name)),
        None => "docs/configuration.md lists the settings".into(),
    }
}

/// What the operating system answered, without its number of the error.
fn io_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder, and a file is needed".to_owned(),
        std::io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        _ => error.to_string(),
    }
}
