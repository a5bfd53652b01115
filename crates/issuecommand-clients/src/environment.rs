//! What the places of configuration files depend on.

/// The system on which a client runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// Linux and other systems with XDG folders.
    Linux,
    /// macOS.
    Mac,
    /// Windows.
    Windows,
}

impl Os {
    /// The system of this process.
    pub fn current() -> Self {
        match std::env::consts::OS {
            "macos" => Self::Mac,
            "windows" => Self::Windows,
            _ => Self::Linux,
        }
    }
}

/// The folders of a user and of a project. Paths are text, so that those of one system can be made on another.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The system.
    pub os: Os,
    /// The home folder.
    pub home: String,
    /// `XDG_CONFIG_HOME`, where it is set.
    pub config_home: Option<String>,
    /// `FLATPAK_XDG_CONFIG_HOME`, where it is set.
    pub flatpak_config_home: Option<String>,
    /// `CODEX_HOME`, where it is set.
    pub codex_home: Option<String>,
    /// `APPDATA`, where it is set.
    pub app_data: Option<String>,
    /// The project's folder.
    pub project: String,
}

impl Environment {
    /// A path below a folder, given with `/`.
    pub(crate) fn below(&self, folder: &str, path: &str) -> String {
        match self.os {
            Os::Windows => format!("{folder}\\{}", path.replace('/', "\\")),
            Os::Linux | Os::Mac => format!("{folder}/{path}"),
        }
    }

    /// A path below the home folder.
    pub(crate) fn in_home(&self, path: &str) -> String {
        self.below(&self.home, path)
    }

    /// A path below the project's folder.
    pub(crate) fn in_project(&self, path: &str) -> String {
        self.below(&self.project, path)
    }

    /// A path below `XDG_CONFIG_HOME` or `~/.config`.
    pub(crate) fn in_config(&self, path: &str) -> String {
        match &self.config_home {
            Some(folder) => self.below(folder, path),
            None => self.in_home(&format!(".config/{path}")),
        }
    }

    /// A path below `%APPDATA%`.
    pub(crate) fn in_app_data(&self, path: &str) -> String {
        match &self.app_data {
            Some(folder) => self.below(folder, path),
            None => self.in_home(&format!("AppData/Roaming/{path}")),
        }
    }

    /// Where the applications of a desktop keep their files: `~/.config`, `~/Library/Application Support` or `%APPDATA%`.
    pub(crate) fn in_application_data(&self, path: &str) -> String {
        match self.os {
            Os::Linux => self.in_config(path),
            Os::Mac => self.in_home(&format!("Library/Application Support/{path}")),
            Os::Windows => self.in_app_data(path),
        }
    }
}
