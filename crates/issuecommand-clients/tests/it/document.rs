//! `docs/clients.md` is written from the same table as the files. `ISSUECOMMAND_WRITE_GOLDEN=1` writes it.

use std::fmt::Write as _;
use std::path::Path;

use issuecommand_clients::{
    Client, Environment, Kind, Launch, Os, Scope, Server, Target, Variable, apply,
};

use crate::support::{SYSTEMS, files as files_of};

const BEGINNING: &str = "# Clients

<!-- Written from the table in crates/issuecommand-clients; do not edit. -->

`issuecommand install CLIENT` shows the change of the client's files, keeps copies beside them (`FILE.bak-TIME`), writes the entry with the absolute path of the program and of the
database, starts the entry and counts its tools, and asks the client itself where it can be asked. All files are written, or none. Twice is once. Comments, order and everything foreign stay
as they are, to the byte; `issuecommand uninstall CLIENT` takes out what was put in. `--dry-run` only shows, `--print` prints the entry alone to standard output, to be pasted, `--no-hooks`
leaves the hooks out, `issuecommand install` without a client lists those of this machine.

All clients of a machine must work with the same database, or an issue is given out twice. `install` says which one the entry names, and warns when another client's entry names another. Where no
setting names one, it is `issuecommand.db` in the working folder: `issuecommand install CLIENT --set SQLITE_PATH=FILE` names it.

`--scope project` writes the files of the project in the working folder, the one of the hooks too. Paths of this machine stand in them, so they are not for others; copies are kept outside of
the repository, in `issuecommand/copies` of the user's folder of settings.

`--remote https://ic.example.com/mcp` enters a service elsewhere. The key is read from `ISSUECOMMAND_KEY` wherever the client knows a placeholder; else it must stand in the file, which
then only its owner may read. Do not commit such a file. Secrets of a local entry are never written: the client hands them on from its environment, or they stand in the file that `--config`
names. Settings that are no secrets are written with their values where a client would not hand them on.

Hooks run `issuecommand hook` at the beginning of a session, after tool calls, at the end of a turn and of the session. A hook is taken for one of IssueCommand, and brought up to date or taken
out, if its program is called `issuecommand` and its words are `hook CLIENT EVENT` or `wait --hook CLIENT`. Every other hook stays.

In the paths `~` is the home folder. `CLAUDE_CONFIG_DIR`, `CODEX_HOME`, `COPILOT_HOME`, `GEMINI_CLI_HOME` and `XDG_CONFIG_HOME` move them as they do for the clients.
";

const END: &str = "
Other clients take the block of `issuecommand install cursor --print --no-hooks`, or the address by
`npx add-mcp https://ic.example.com/mcp --header 'Authorization: Bearer KEY'`.
";

fn environment(os: Os) -> Environment {
    Environment {
        os,
        home: "~".to_owned(),
        config_home: None,
        flatpak_config_home: None,
        claude_config_dir: None,
        codex_home: None,
        copilot_home: None,
        gemini_cli_home: None,
        app_data: Some("%APPDATA%".to_owned()),
        project: ".".to_owned(),
    }
}

fn files(client: Client, scope: Scope, os: Os, server: Server) -> Vec<Target> {
    files_of(client, scope, &environment(os), server)
}

fn local() -> Server {
    Server::Stdio(Launch {
        program: "issuecommand".to_owned(),
        pass: vec![Variable {
            name: "GITHUB_TOKEN".to_owned(),
            kind: Kind::Secret,
            is_set: false,
        }],
        ..Launch::default()
    })
}

fn content(file: &Target) -> String {
    apply(file.format, None, &file.edits).unwrap()
}

/// The path on each system, once where all are the same.
fn paths(client: Client, scope: Scope, which: impl Fn(&Target) -> bool) -> String {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for (os, _) in SYSTEMS {
        let name = match os {
            Os::Linux => "Linux",
            Os::Mac => "macOS",
            Os::Windows => "Windows",
        };
        let all = files(client, scope, os, local());
        let Some(file) = all.iter().find(|file| which(file)) else {
            return "none".to_owned();
        };
        let path = if file.path.starts_with(['~', '.']) {
            file.path.replace('\\', "/")
        } else {
            file.path.clone()
        };
        let path = path.trim_start_matches("./").to_owned();
        match found.iter_mut().find(|(known, _)| *known == path) {
            Some((_, systems)) => systems.push(name),
            None => found.push((path, vec![name])),
        }
    }
    let all: Vec<_> = found
        .iter()
        .map(|(path, systems)| match systems.len() {
            3 => format!("`{path}`"),
            _ => format!("`{path}` ({})", systems.join(", ")),
        })
        .collect();
    all.join(", ")
}

/// The line of a file that has this word.
fn line(client: Client, server: Server, word: &str) -> Option<String> {
    let files = files(client, Scope::User, Os::Linux, server);
    let text = content(files.first()?);
    let line = text.lines().find(|line| line.contains(word))?;
    Some(format!("`{}`", line.trim().trim_end_matches(',')))
}

fn has_hooks(file: &Target) -> bool {
    content(file).contains(" hook ")
}

fn document() -> String {
    let mut text = BEGINNING.to_owned();
    for client in Client::ALL {
        let settings = line(client, local(), "GITHUB_TOKEN").unwrap_or_else(|| {
            match client {
                Client::ClaudeDesktop => "nothing is handed on; use --config",
                _ => "the client hands on its environment",
            }
            .to_owned()
        });
        let remote = Server::Remote {
            program: "issuecommand".to_owned(),
            url: "https://ic.example.com/mcp".to_owned(),
            key: Some("KEY".to_owned()),
        };
        let key = line(client, remote, "earer");
        let hooks = match (
            paths(client, Scope::User, has_hooks).as_str(),
            paths(client, Scope::Project, has_hooks).as_str(),
        ) {
            ("none", "none") => "none".to_owned(),
            (user, project) => format!("user {user}, project {project}"),
        };
        let _ = write!(
            text,
            "\n## {client}\n\n- Set up: `issuecommand install {}`\n- File of the user: {}\n- File of a project: {}\n- Secrets of a \
             local entry: {settings}\n- Key of a remote service: {}\n- Hooks: {hooks}\n",
            client.name(),
            paths(client, Scope::User, |_| true),
            paths(client, Scope::Project, |_| true),
            key.unwrap_or_else(|| "not by a file; Settings, Connectors".to_owned()),
        );
    }
    text.push_str(END);
    text
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the switch of this test, and no setting"
)]
fn the_document_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/clients.md");
    let wanted = document();
    if std::env::var_os("ISSUECOMMAND_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, wanted, "ISSUECOMMAND_WRITE_GOLDEN=1 writes it");
}

#[test]
fn the_readme_has_one_command_for_each_client() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    for client in Client::ALL {
        let row = format!("| {client} | `issuecommand install {}` |", client.name());
        assert!(readme.contains(&row), "{row}");
    }
}

/// The plugin says by hand what `install` writes for Claude Code.
#[test]
fn the_plugin_has_the_same_hooks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/plugins/issuecommand");
    let plugin = std::fs::read_to_string(root.join("hooks/hooks.json")).unwrap();
    let all = files(Client::ClaudeCode, Scope::User, Os::Linux, local());
    let written = content(all.iter().find(|file| has_hooks(file)).unwrap());
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(&plugin), value(&written));
    for manifest in [".claude-plugin/plugin.json", ".codex-plugin/plugin.json"] {
        let manifest = value(&std::fs::read_to_string(root.join(manifest)).unwrap());
        assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    }
}
