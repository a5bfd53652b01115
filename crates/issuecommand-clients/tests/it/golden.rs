//! The files of every client, system, scope and kind of server, compared with those under `tests/golden`.
//! `ISSUECOMMAND_WRITE_GOLDEN=1` writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use issuecommand_clients::{Client, Scope, apply, targets};

use crate::support::{SYSTEMS, environment, request, servers};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Everything that is written for a client on one system.
fn text(client: Client, system: usize) -> String {
    let (os, _) = SYSTEMS[system];
    let env = environment(os);
    let mut text = String::new();
    for (scope, scope_name) in [(Scope::User, "user"), (Scope::Project, "project")] {
        for (server, kind) in servers(os) {
            let _ = writeln!(text, "######## {scope_name}, {kind}");
            match targets(&request(client, scope, server), &env, &|_| false) {
                Err(error) => {
                    let _ = writeln!(text, "error: {error}");
                }
                Ok(found) => {
                    for file in found.files {
                        let content = apply(file.format, None, &file.edits).unwrap();
                        let secret = if file.secret { " (0600)" } else { "" };
                        let _ = writeln!(text, "==== {}{secret}\n{content}", file.path);
                    }
                    for note in found.notes {
                        let _ = writeln!(text, "note: {note}");
                    }
                }
            }
            text.push('\n');
        }
    }
    text
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the switch of this test, and no setting"
)]
fn the_files_of_every_client_are_those_of_the_golden_files() {
    let mut wanted = BTreeMap::new();
    for client in Client::ALL {
        for (system, (_, name)) in SYSTEMS.iter().enumerate() {
            wanted.insert(
                format!("{}.{name}.txt", client.name()),
                text(client, system),
            );
        }
    }
    if std::env::var_os("ISSUECOMMAND_WRITE_GOLDEN").is_some() {
        std::fs::create_dir_all(folder()).unwrap();
        for (name, text) in &wanted {
            std::fs::write(folder().join(name), text).unwrap();
        }
    }
    let present = std::fs::read_dir(folder()).unwrap();
    let present: Vec<String> = present
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for name in &present {
        assert!(wanted.contains_key(name), "{name} belongs to no client");
    }
    for (name, wanted) in &wanted {
        let found = std::fs::read_to_string(folder().join(name)).unwrap_or_default();
        assert_eq!(
            &found, wanted,
            "{name}; ISSUECOMMAND_WRITE_GOLDEN=1 writes it"
        );
    }
}
