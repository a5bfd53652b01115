//! Where each client keeps what it knows of MCP servers.

use crate::client::{Client, Scope};
use crate::environment::{Environment, Os};

/// A file, and the dialect of its entries where a client has two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) dialect: Dialect,
}

/// How the entries of a file differ from those of the client's usual file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Usual,
    /// `.mcp.json` of a project, which Claude Code and Copilot CLI share.
    SharedProject,
    /// The file of Windsurf, before it became Devin Desktop.
    Windsurf,
}

/// The files that an entry goes into; none if the client has no file of this scope.
pub(crate) fn of(
    client: Client,
    scope: Scope,
    env: &Environment,
    exists: &dyn Fn(&str) -> bool,
) -> Vec<Place> {
    let all = candidates(client, scope, env);
    let first_or_there = |all: Vec<Place>| {
        let there = all.iter().position(|place| exists(&place.path));
        all.into_iter()
            .nth(there.unwrap_or(0))
            .into_iter()
            .collect()
    };
    match (client, scope) {
        // Both, where both folders are there.
        (Client::Devin, Scope::User) => {
            let folders = [devin_folder(env), env.in_home(".codeium/windsurf")];
            let there: Vec<Place> = all
                .iter()
                .zip(&folders)
                .filter(|(_, folder)| exists(folder))
                .map(|(place, _)| place.clone())
                .collect();
            if there.is_empty() {
                all.into_iter().take(1).collect()
            } else {
                there
            }
        }
        // It reads both, and what the later one says holds.
        (Client::OpenCode, _) => {
            let last = all.iter().rposition(|place| exists(&place.path));
            all.into_iter().nth(last.unwrap_or(0)).into_iter().collect()
        }
        _ => first_or_there(all),
    }
}

/// Every file in which an entry of the client may stand, the one for a new entry first.
pub(crate) fn candidates(client: Client, scope: Scope, env: &Environment) -> Vec<Place> {
    let usual = |path: String| Place {
        path,
        dialect: Dialect::Usual,
    };
    let other = |path: String, dialect| Place { path, dialect };
    match (client, scope) {
        (Client::ClaudeCode, Scope::User) => vec![usual(env.claude_file())],
        (Client::ClaudeCode, Scope::Project) => {
            vec![other(env.in_project(".mcp.json"), Dialect::SharedProject)]
        }
        (Client::ClaudeDesktop, Scope::User) => {
            vec![usual(
                env.in_application_data("Claude/claude_desktop_config.json"),
            )]
        }
        (Client::ClaudeDesktop, Scope::Project) => Vec::new(),
        (Client::Codex, Scope::User) => vec![usual(env.below(&env.codex_folder(), "config.toml"))],
        (Client::Codex, Scope::Project) => vec![usual(env.in_project(".codex/config.toml"))],
        (Client::Cursor, Scope::User) => vec![usual(env.in_home(".cursor/mcp.json"))],
        (Client::Cursor, Scope::Project) => vec![usual(env.in_project(".cursor/mcp.json"))],
        (Client::VsCode, Scope::User) => {
            vec![usual(env.in_application_data("Code/User/mcp.json"))]
        }
        (Client::VsCode, Scope::Project) => vec![usual(env.in_project(".vscode/mcp.json"))],
        (Client::Gemini, Scope::User) => {
            vec![usual(env.below(&env.gemini_folder(), "settings.json"))]
        }
        (Client::Gemini, Scope::Project) => vec![usual(env.in_project(".gemini/settings.json"))],
        (Client::OpenCode, Scope::User) => vec![
            usual(env.in_config("opencode/opencode.json")),
            usual(env.in_config("opencode/opencode.jsonc")),
        ],
        (Client::OpenCode, Scope::Project) => vec![
            usual(env.in_project("opencode.json")),
            usual(env.in_project("opencode.jsonc")),
        ],
        (Client::Copilot, Scope::User) => {
            vec![usual(env.below(&env.copilot_folder(), "mcp-config.json"))]
        }
        (Client::Copilot, Scope::Project) => vec![
            other(env.in_project(".mcp.json"), Dialect::SharedProject),
            usual(env.in_project(".github/mcp.json")),
        ],
        (Client::Zed, Scope::User) => vec![usual(env.below(&zed_folder(env), "settings.json"))],
        (Client::Zed, Scope::Project) => vec![usual(env.in_project(".zed/settings.json"))],
        (Client::Devin, Scope::User) => vec![
            usual(env.below(&devin_folder(env), "mcp_config.json")),
            other(
                env.in_home(".codeium/windsurf/mcp_config.json"),
                Dialect::Windsurf,
            ),
        ],
        (Client::Devin, Scope::Project) => vec![usual(env.in_project(".devin/mcp_config.json"))],
    }
}

/// The clients whose folder of settings is there.
pub fn detect(env: &Environment, exists: &dyn Fn(&str) -> bool) -> Vec<Client> {
    let there = |client: &Client| {
        let traces = match client {
            Client::ClaudeCode => vec![env.claude_folder(), env.claude_file()],
            Client::ClaudeDesktop => vec![env.in_application_data("Claude")],
            Client::Codex => vec![env.codex_folder()],
            Client::Cursor => vec![env.in_home(".cursor")],
            Client::VsCode => vec![env.in_application_data("Code/User")],
            Client::Gemini => vec![env.gemini_folder()],
            Client::OpenCode => vec![env.in_config("opencode")],
            Client::Copilot => vec![env.copilot_folder()],
            Client::Zed => vec![zed_folder(env)],
            Client::Devin => vec![devin_folder(env), env.in_home(".codeium/windsurf")],
        };
        traces.iter().any(|path| exists(path))
    };
    Client::ALL.into_iter().filter(there).collect()
}

fn zed_folder(env: &Environment) -> String {
    match (env.os, &env.flatpak_config_home) {
        (Os::Windows, _) => env.in_app_data("Zed"),
        (Os::Linux, Some(folder)) => env.below(folder, "zed"),
        (Os::Linux, None) => env.in_config("zed"),
        (Os::Mac, _) => env.in_home(".config/zed"),
    }
}

fn devin_folder(env: &Environment) -> String {
    match env.os {
        Os::Windows => env.in_app_data("devin"),
        Os::Linux | Os::Mac => env.in_home(".config/devin"),
    }
}
