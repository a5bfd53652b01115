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
    /// `CLAUDE_CONFIG_DIR`, where it is set.
    pub claude_config_dir: Option<String>,
    /// `CODEX_HOME`, where it is set.
    pub codex_home: Option<String>,
    /// `COPILOT_HOME`, where it is set.
    pub copilot_home: Option<String>,
    /// `GEMINI_CLI_HOME`, where it is set. It stands for the home folder.
    pub gemini_cli_home: Option<String>,
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

    /// The folder of Claude Code's settings.
    pub(crate) fn claude_folder(&self) -> String {
        let set = self.claude_config_dir.clone();
        set.unwrap_or_else(|| self.in_home(".claude"))
    }

    /// The file in which Claude Code keeps the servers of a user.
    pub(crate) fn claude_file(&self) -> String {
        match &self.claude_config_dir {
            Some(folder) => self.below(folder, ".claude.json"),
            None => self.in_home(".claude.json"),
        }
    }

    /// The folder of Codex.
    pub(crate) fn codex_folder(&self) -> String {
        let set = self.codex_home.clone();
        set.unwrap_or_else(|| self.in_home(".codex"))
    }

    /// The folder of Copilot CLI.
    pub(crate) fn copilot_folder(&self) -> String {
        let set = self.copilot_home.clone();
        set.unwrap_or_else(|| self.in_home(".copilot"))
    }

    /// The folder of Gemini CLI.
    pub(crate) fn gemini_folder(&self) -> String {
        let home = self.gemini_cli_home.as_ref().unwrap_or(&self.home);
        self.below(home, ".gemini")
    }

    /// Where copies of a project's files are kept: not in its repository.
    pub fn copies(&self) -> String {
        self.in_application_data("issuecommand/copies")
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
