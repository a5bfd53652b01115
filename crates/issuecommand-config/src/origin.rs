//! Where the value of a setting stands.

use std::fmt;
use std::path::PathBuf;

/// Where a value stands; the greater wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Built in.
    Default,
    /// The settings file.
    File(PathBuf),
    /// `.env`.
    Dotenv(PathBuf),
    /// The process's environment.
    Environment,
    /// The command line.
    Flag,
}

impl Origin {
    /// How a setting is spelled there.
    pub(crate) fn spelling(&self, name: &str) -> String {
        match self {
            Self::File(_) => name.to_ascii_lowercase(),
            Self::Default | Self::Dotenv(_) | Self::Environment | Self::Flag => name.to_owned(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("by default"),
            Self::File(path) | Self::Dotenv(path) => write!(f, "in {}", path.display()),
            Self::Environment => f.write_str("in the environment"),
            Self::Flag => f.write_str("on the command line"),
        }
    }
}
