//! Where settings come from.

mod dotenv;
mod file;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::definitions::DEFINITIONS;
use crate::error::{BadValue, SettingsError};
use crate::layer::Layer;
use crate::names::{nearest, resembling};
use crate::origin::Origin;
use crate::placeholder::{is_placeholder, is_unfilled};

/// Variables in which MCP clients tell the processes that they start of their session, in the order in which they count. They are no
/// settings; of all other variables that are none the value is not read.
pub const SESSION_VARIABLES: [&str; 1] = ["CLAUDE_CODE_SESSION_ID"];

/// Everything that settings are read from, as values: nothing here is global.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file that the operator named; it must be there. Without one, `issuecommand.toml` in the folder, if it is there.
    pub file: Option<PathBuf>,
    /// The working folder, with `.env` and `issuecommand.toml`; empty is the process's own.
    pub folder: PathBuf,
    /// The environment, by name; of what is no setting only the names are looked at ([`crate::near_misses`]).
    pub environment: Vec<(String, String)>,
    /// What the command line sets, by the name of the setting (`HTTP_PORT`).
    pub flags: Vec<(String, String)>,
    /// Whether [`Sources::variable`] also looks into the environment of this process.
    pub process: bool,
    /// The user's home folder, which `~/` at the beginning of a path stands for.
    pub home: Option<PathBuf>,
}

impl Sources {
    /// The process's own environment and working folder, with what its command line said.
    ///
    /// # Errors
    /// [`SettingsError::Refused`] when the environment has a setting that is not Unicode.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads settings from the environment"
    )]
    pub fn from_process(
        file: Option<PathBuf>,
        flags: Vec<(String, String)>,
    ) -> Result<Self, SettingsError> {
        let environment = unicode(std::env::vars_os())?;
        let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
        let home = home.map(PathBuf::from);
        Ok(Self {
            file: file.map(|file| at_home(&file, home.as_deref()).unwrap_or(file)),
            folder: PathBuf::new(),
            environment,
            flags,
            process: true,
            home,
        })
    }

    /// The value of a variable that a setting names, such as the address of a `[[notify]]` table: in the environment, else in `.env`.
    /// `None` also for a blank value and for a placeholder that was not filled in.
    ///
    /// # Errors
    /// An `.env` that cannot be read.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the variables that settings name"
    )]
    pub fn variable(&self, name: &str) -> Result<Option<String>, SettingsError> {
        let given = self.environment.iter().find(|(given, _)| given == name);
        let given = given.map(|(_, value)| value.clone());
        let given = given.filter(|value| !value.is_empty());
        let given = given.or_else(|| std::env::var(name).ok().filter(|_| self.process));
        let good = |value: &String| !value.trim().is_empty() && !is_placeholder(value);
        if let Some(value) = given.filter(good) {
            return Ok(Some(value));
        }
        let path = self.folder.join(".env");
        if !path.exists() || path.is_dir() {
            return Ok(None);
        }
        Ok(dotenv::variable(&path, name)?.filter(good))
    }

    /// The file with the settings, whether it is there or not.
    pub fn settings_file(&self) -> PathBuf {
        let implied = || self.folder.join("issuecommand.toml");
        self.file.clone().unwrap_or_else(implied)
    }

    /// The file with variables in the working folder, whether it is there or not.
    pub fn dotenv_file(&self) -> PathBuf {
        self.folder.join(".env")
    }

    /// The names that the environment and `.env` set and that are no settings, with where they stand.
    pub(crate) fn others(&self) -> Result<Vec<(String, Origin)>, SettingsError> {
        let known = |name: &str| {
            SESSION_VARIABLES.contains(&name)
                || DEFINITIONS.iter().any(|setting| setting.name == name)
        };
        let names = self.environment.iter().map(|(name, _)| name);
        let mut others: Vec<_> = names
            .filter(|name| !known(name))
            .map(|name| (name.clone(), Origin::Environment))
            .collect();
        let dotenv = self.folder.join(".env");
        if dotenv.exists() && !dotenv.is_dir() {
            let mut names = Vec::new();
            dotenv::read(&dotenv, &mut names)?;
            others.extend(
                names
                    .into_iter()
                    .map(|name| (name, Origin::Dotenv(dotenv.clone()))),
            );
        }
        Ok(others)
    }

    /// What each source says, the weakest first.
    pub(crate) fn layers(&self) -> Result<Vec<Layer>, SettingsError> {
        let mut layers = Vec::new();
        let implied = self.folder.join("issuecommand.toml");
        match &self.file {
            Some(named) => layers.push(file::read(named)?),
            None if implied.exists() => layers.push(file::read(&implied)?),
            None => {}
        }
        let dotenv = self.folder.join(".env");
        // A folder of this name is somebody's Python; a pipe is a password manager.
        if dotenv.exists() && !dotenv.is_dir() {
            layers.push(dotenv::read(&dotenv, &mut Vec::new())?);
        }
        let filled = self.environment.iter().cloned();
        let filled: Vec<_> = filled
            .filter(|(name, value)| !is_unfilled(name, value))
            .collect();
        layers.push(Layer::of_names(Origin::Environment, &filled));
        for (name, _) in &self.flags {
            if !DEFINITIONS.iter().any(|setting| setting.name == name) {
                let nearest = nearest(name);
                return Err(SettingsError::Unknown {
                    key: name.clone(),
                    origin: Origin::Flag,
                    nearest,
                });
            }
        }
        layers.push(Layer::of_names(Origin::Flag, &self.flags));
        Ok(layers)
    }
}

/// The environment's settings, and the client's session. Of all else only the name is kept, and only where it is near that of a
/// setting: the value is nobody's business here.
fn unicode(
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, String)>, SettingsError> {
    let mut found = Vec::new();
    for (name, value) in environment {
        let Some(setting) = DEFINITIONS.iter().find(|setting| name == setting.name) else {
            let name = name.into_string().unwrap_or_default();
            if SESSION_VARIABLES.contains(&name.as_str()) {
                // What a client sets is not the operator's, so it is no error either.
                found.extend(value.into_string().ok().map(|value| (name, value)));
                continue;
            }
            if resembling(&name).is_some() {
                found.push((name, String::new()));
            }
            continue;
        };
        let value = value.into_string().map_err(|_| {
            SettingsError::Refused(Box::new(BadValue {
                key: setting.name.into(),
                value: None,
                origin: Origin::Environment,
                allowed: format!("{}, in UTF-8", setting.allowed()),
            }))
        })?;
        found.push((setting.name.to_owned(), value));
    }
    Ok(found)
}

/// The path that begins with `~/`, in the home folder. `None` for any other, and where there is no home.
pub(crate) fn at_home(path: &Path, home: Option<&Path>) -> Option<PathBuf> {
    let below = path.strip_prefix("~").ok()?;
    Some(home?.join(below))
}

/// Names alone: the values may be secrets, and the rest of the environment is not ours to print.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &[(String, String)]| -> Vec<String> {
            pairs.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("Sources")
            .field("file", &self.file)
            .field("folder", &self.folder)
            .field("environment", &names(&self.environment))
            .field("flags", &names(&self.flags))
            .field("home", &self.home)
            .finish()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    #[test]
    fn a_clients_session_is_read_and_other_variables_are_not() {
        let given = |name: &str, value: &[u8]| {
            let pair = (name.into(), OsString::from_vec(value.to_vec()));
            unicode(std::iter::once(pair)).unwrap()
        };
        assert_eq!(
            given("CLAUDE_CODE_SESSION_ID", b"7f3e"),
            [("CLAUDE_CODE_SESSION_ID".to_owned(), "7f3e".to_owned())]
        );
        assert_eq!(given("CLAUDE_CODE_SESSION_ID", b"\xff"), []);
        assert_eq!(given("CLAUDE_CODE_TOKEN", b"secret"), []);
    }

    #[test]
    fn only_settings_must_be_unicode() {
        let bytes = || OsString::from_vec(vec![b'/', 0xff]);
        let kept = unicode([("PATH".into(), bytes()), ("API_KEY".into(), "k".into())].into_iter());
        assert_eq!(kept.unwrap(), [("API_KEY".to_owned(), "k".to_owned())]);
        let error = unicode([("SQLITE_PATH".into(), bytes())].into_iter())
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("SQLITE_PATH in the environment"),
            "{error}"
        );
    }
}
