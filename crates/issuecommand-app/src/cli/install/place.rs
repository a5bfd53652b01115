//! The folders of this user and of the clients.

use std::ffi::OsString;

use issuecommand_clients::{Environment, KEY_VARIABLE, Os};

use crate::error::AppError;

/// The environment in which the clients keep their files.
pub(super) fn environment() -> Result<Environment, AppError> {
    let os = Os::current();
    let home = match os {
        Os::Windows => variable("USERPROFILE"),
        Os::Linux | Os::Mac => variable("HOME"),
    };
    let home = home.ok_or_else(|| {
        AppError::Command(
            "there is no home folder; set HOME to one, then run this again".to_owned(),
        )
    })?;
    let project = std::env::current_dir().map_err(|cause| AppError::Io {
        what: "the working folder cannot be told".to_owned(),
        cause,
    })?;
    Ok(Environment {
        os,
        home,
        config_home: variable("XDG_CONFIG_HOME"),
        flatpak_config_home: variable("FLATPAK_XDG_CONFIG_HOME"),
        claude_config_dir: variable("CLAUDE_CONFIG_DIR"),
        codex_home: variable("CODEX_HOME"),
        copilot_home: variable("COPILOT_HOME"),
        gemini_cli_home: variable("GEMINI_CLI_HOME"),
        app_data: variable("APPDATA"),
        project: project.display().to_string(),
    })
}

/// The key of a remote service.
pub(super) fn key() -> Option<String> {
    variable(KEY_VARIABLE)
}

/// Whether the environment has this variable.
pub(super) fn is_set(name: &str) -> bool {
    os_variable(name).is_some_and(|value| !value.is_empty())
}

/// The text of a file, if it can be read.
pub(super) fn text_of(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// The program of this name on PATH.
pub(super) fn on_path(name: &str) -> Option<std::path::PathBuf> {
    let path = os_variable("PATH")?;
    let names = match Os::current() {
        Os::Windows => vec![format!("{name}.exe"), format!("{name}.cmd")],
        Os::Linux | Os::Mac => vec![name.to_owned()],
    };
    std::env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|path| path.is_file())
}

fn variable(name: &str) -> Option<String> {
    let value = os_variable(name)?.into_string().ok()?;
    Some(value).filter(|value| !value.is_empty())
}

#[expect(
    clippy::disallowed_methods,
    reason = "variables of the system and of other programs, which are no settings"
)]
fn os_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
