//! Plans and writes on real files.

use std::fs;
use std::path::Path;

use issuecommand_clients::plan::{FileError, addition, removal};
use issuecommand_clients::write::write;
use issuecommand_clients::{
    Client, Environment, Os, Scope, Server, Target, targets, targets_of_removal,
};

use crate::support::{environment, launch, remote, request};

fn home(folder: &Path) -> Environment {
    Environment {
        home: folder.display().to_string(),
        project: folder.join("project").display().to_string(),
        ..environment(Os::Linux)
    }
}

fn files(client: Client, env: &Environment, server: Server) -> Vec<Target> {
    targets(&request(client, Scope::User, server), env, &|_| false)
        .unwrap()
        .files
}

#[test]
fn an_installation_keeps_a_copy_and_its_removal_removes_what_it_made() {
    let folder = tempfile::tempdir().unwrap();
    let env = home(folder.path());
    let file = folder.path().join(".claude.json");
    fs::write(&file, "{\"numStartups\": 3}").unwrap();
    let wanted = files(Client::ClaudeCode, &env, Server::Stdio(launch(Os::Linux)));
    let changes = addition(&wanted).unwrap();
    assert_eq!(
        changes.len(),
        2,
        "the file of the servers, and the one of the hooks"
    );
    assert!(
        changes[0]
            .diff()
            .contains("+{\"numStartups\": 3, \"mcpServers\""),
        "{}",
        changes[0].diff()
    );
    let copies: Vec<_> = changes
        .iter()
        .map(|change| write(change, "20260102-030405").unwrap())
        .collect();
    let copy = folder.path().join(".claude.json.bak-20260102-030405");
    assert_eq!(copies, [Some(copy.clone()), None]);
    assert_eq!(fs::read_to_string(&copy).unwrap(), "{\"numStartups\": 3}");
    let hooks = folder.path().join(".claude/settings.json");
    assert!(hooks.exists());

    assert_eq!(addition(&wanted).unwrap(), [], "twice is once");

    let out = removal(&targets_of_removal(Client::ClaudeCode, Scope::User, &env)).unwrap();
    // The same second: the older copy stays.
    let copies: Vec<_> = out
        .iter()
        .map(|change| write(change, "20260102-030405").unwrap())
        .collect();
    assert!(
        copies[0]
            .as_ref()
            .unwrap()
            .ends_with(".claude.json.bak-20260102-030405-2")
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"numStartups\": 3}");
    assert!(!hooks.exists(), "it was made by the installation");
    assert_eq!(
        removal(&targets_of_removal(Client::ClaudeCode, Scope::User, &env)).unwrap(),
        []
    );
}

#[test]
fn a_file_that_changed_meanwhile_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let env = home(folder.path());
    let changes = addition(&files(
        Client::Gemini,
        &env,
        Server::Stdio(launch(Os::Linux)),
    ))
    .unwrap();
    let file = folder.path().join(".gemini/settings.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "{}").unwrap();
    let error = write(&changes[0], "t").unwrap_err();
    assert!(matches!(error, FileError::Raced { .. }), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "{}");
}

#[test]
fn a_file_that_is_no_text_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let env = home(folder.path());
    let file = folder.path().join(".copilot/mcp-config.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, b"{\"a\": \"\xff\"}").unwrap();
    let error = addition(&files(Client::Copilot, &env, remote())).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{} cannot be read: it is not UTF-8 text", file.display())
    );
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_with_a_key_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let env = home(folder.path());
        let file = folder.path().join(".config/zed/settings.json");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "// mine\n{}\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let changes =
            addition(&files(Client::Zed, &env, Server::Stdio(launch(Os::Linux)))).unwrap();
        let copy = write(&changes[0], "a").unwrap().unwrap();
        assert_eq!(
            (mode(&file), mode(&copy)),
            (0o644, 0o600),
            "no secret: as it was"
        );
        let changes = addition(&files(Client::Zed, &env, remote())).unwrap();
        write(&changes[0], "b").unwrap();
        assert_eq!(mode(&file), 0o600, "the key stands in it");
        assert!(
            fs::read_to_string(&file)
                .unwrap()
                .contains("Bearer the-key-itself")
        );
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let env = home(folder.path());
        let real = folder.path().join("dotfiles.json");
        fs::write(&real, "{}").unwrap();
        let link = folder.path().join(".cursor/mcp.json");
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink("../dotfiles.json", &link).unwrap();
        for change in addition(&files(
            Client::Cursor,
            &env,
            Server::Stdio(launch(Os::Linux)),
        ))
        .unwrap()
        {
            write(&change, "t").unwrap();
        }
        assert!(
            fs::symlink_metadata(&link)
                .unwrap()
                .file_type()
                .is_symlink()
        );
        assert!(fs::read_to_string(&real).unwrap().contains("issuecommand"));
    }

    #[test]
    fn a_read_only_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let env = home(folder.path());
        let file = folder.path().join(".cursor/mcp.json");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "{}").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
        let changes = addition(&files(
            Client::Cursor,
            &env,
            Server::Stdio(launch(Os::Linux)),
        ))
        .unwrap();
        let error = write(&changes[0], "t").unwrap_err().to_string();
        assert!(
            error.ends_with("it is read-only; make it writable, then run this again"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), "{}");
        assert_eq!(
            fs::read_dir(file.parent().unwrap()).unwrap().count(),
            1,
            "no copy is left"
        );
    }
}
