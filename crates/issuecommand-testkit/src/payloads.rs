//! GitHub's example webhook payloads: the npm package `@octokit/webhooks-examples`, installed on first use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use crate::machine::Program;

const PACKAGE: &str = "@octokit/webhooks-examples";
const VERSION: &str = "7.6.1";

#[derive(Deserialize)]
struct Event {
    name: String,
    examples: Vec<Value>,
}

/// Every payload with the name of its event.
#[derive(Clone, Debug)]
pub struct Payloads {
    /// Those of github.com.
    pub com: Vec<(String, Value)>,
    /// Those of older GitHub servers.
    pub servers: Vec<(String, Value)>,
}

impl Payloads {
    /// Reads the package, and installs it into this folder if it is missing. Pass the `CARGO_TARGET_TMPDIR` of the test.
    ///
    /// # Errors
    /// The reason why it cannot be installed: no npm, or no network.
    ///
    /// # Panics
    /// If the package cannot be read.
    pub fn load(folder: &str) -> Result<Self, String> {
        let root = Path::new(folder).join(format!("webhooks-examples-{VERSION}"));
        let package = root.join("node_modules").join(PACKAGE);
        let is_there = !Program::Npm.is_hidden() && package.join("package.json").exists();
        if !is_there {
            let no = |why| format!("npm cannot install {PACKAGE}@{VERSION}: {why}");
            install(&root).map_err(no)?;
        }
        let (mut com, mut servers) = (Vec::new(), Vec::new());
        let mut folders: Vec<PathBuf> = fs::read_dir(&package)
            .expect("an installed package is a folder")
            .map(|entry| entry.expect("a folder can be read to its end").path())
            .filter(|folder| folder.join("index.json").exists())
            .collect();
        folders.sort();
        for folder in folders {
            let index = fs::read(folder.join("index.json")).expect("a file that is there");
            let events: Vec<Event> = serde_json::from_slice(&index).expect("the package's shape");
            let of_com = folder.ends_with("api.github.com");
            let payloads = if of_com { &mut com } else { &mut servers };
            for event in events {
                let named = |example| (event.name.clone(), example);
                payloads.extend(event.examples.into_iter().map(named));
            }
        }
        Ok(Self { com, servers })
    }
}

/// Installs into a temporary folder and renames it, so that no other process sees a partial package.
///
/// # Errors
/// The reason why it cannot be installed.
fn install(root: &Path) -> Result<(), String> {
    if Program::Npm.is_hidden() {
        return Err("there is no npm".to_owned());
    }
    let beside = PathBuf::from(format!("{}.{}", root.display(), std::process::id()));
    fs::create_dir_all(&beside).expect("a test may write to its own folder");
    let flags = [
        "install",
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefix",
    ];
    let mut npm = Command::new("npm");
    npm.args(flags)
        .arg(&beside)
        .arg(format!("{PACKAGE}@{VERSION}"));
    let installed = match npm.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr);
            let first = words.lines().find(|line| line.contains("npm"));
            Err(first.unwrap_or("it does not say why").to_owned())
        }
        Err(error) => Err(error.to_string()),
    };
    if installed.is_err() || fs::rename(&beside, root).is_err() {
        // The rename failed, or another process was faster.
        let _ = fs::remove_dir_all(&beside);
    }
    installed
}
