//! The real Claude Code and Codex, without a key and without a network: their models are scripts. They run only where
//! `ISSUECOMMAND_TEST_CLIENTS` names a folder with the packages of `tests/clients`. Gemini CLI and OpenCode list the entry and connect
//! to it; their folder, with the packages of `tests/listed-clients`, is named by `ISSUECOMMAND_TEST_LISTED_CLIENTS`.
//! `cargo xtask prove clients` makes both.

mod anthropic;
mod claude_code;
mod codex;
mod fixture;
mod listed;
mod model;
mod openai;

use std::fs;
use std::path::{Path, PathBuf};

use issuecommand_testkit::machine::skipped;
use issuecommand_testkit::prove::is_full;

use self::fixture::Transport;

/// The program of a client with a scripted model. Over HTTP the tests are skipped at less than full counts, since each takes more than
/// a minute.
fn program(transport: Transport, scope: &str, package: &str, name: &str) -> Option<PathBuf> {
    if transport == Transport::Http && !is_full() {
        skipped("over HTTP the real clients run at full counts alone: cargo xtask prove clients");
        return None;
    }
    installed("ISSUECOMMAND_TEST_CLIENTS", scope, package, name)
}

/// The first file of this name below a package whose name begins so, in the folder that a variable names. The tests are skipped
/// where the clients are not installed.
fn installed(variable: &str, scope: &str, package: &str, name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os(variable) else {
        skipped("the real clients are not installed: cargo xtask prove clients");
        return None;
    };
    let scope = Path::new(&folder).join("node_modules").join(scope);
    let packages =
        fs::read_dir(&scope).unwrap_or_else(|error| panic!("{}: {error}", scope.display()));
    let is_it = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        file.starts_with(package)
    };
    let mut packages = packages.map(|it| it.unwrap().path()).filter(is_it);
    let found = packages.find_map(|it| below(&it, name));
    Some(found.unwrap_or_else(|| panic!("no {name} in {}", scope.display())))
}

fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    let here = entries
        .iter()
        .find(|path| path.is_file() && path.file_name().is_some_and(|it| it == name));
    let mut folders = entries.iter().filter(|path| path.is_dir());
    here.cloned()
        .or_else(|| folders.find_map(|folder| below(folder, name)))
}
