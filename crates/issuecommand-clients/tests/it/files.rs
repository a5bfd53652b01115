//! Plans and writes on real files.

use std::fs;
use std::path::Path;

use issuecommand_clients::plan::{FileError, addition, removal};
use issuecommand_clients::write::{Storing, copies_of, write};
use issuecommand_clients::{Client, Environment, Os, Scope, Server, Target};

use crate::support::{self, environment, launch, remote, removal_of};

fn home(folder: &Path) -> Environment {
    Environment {
        home: folder.display().to_string(),
        project: folder.join("project").display().to_string(),
        ..environment(Os::Linux)
    }
}

fn files(client: Client, env: &Environment, server: Server) -> Vec<Target> {
    support::files(client, Scope::User, env, server)
}

fn storing(time: &str) -> Storing<'_> {
    Storing {
        time,
        copies: None,
        roots: &[],
    }
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
    let copies = write(&changes, &storing("20260102-030405")).unwrap();
    let copy = folder.path().join(".claude.json.bak-20260102-030405");
    assert_eq!(copies, std::slice::from_ref(&copy));
    assert_eq!(fs::read_to_string(&copy).unwrap(), "{\"numStartups\": 3}");
    let hooks = folder.path().join(".claude/settings.json");
    assert!(hooks.exists());

    assert_eq!(addition(&wanted).unwrap(), [], "twice is once");

    let out = removal(&removal_of(Client::ClaudeCode, Scope::User, &env)).unwrap();
    // The same second: the older copy stays.
    let copies = write(&out, &storing("20260102-030405")).unwrap();
    assert!(copies[0].ends_with(".claude.json.bak-20260102-030405-2"));
    assert_eq!(copies_of(&file), [copy, copies[0].clone()]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\"numStartups\": 3}");
    assert!(!hooks.exists(), "it was made by the installation");
    assert_eq!(
        removal(&removal_of(Client::ClaudeCode, Scope::User, &env)).unwrap(),
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
    let error = write(&changes, &storing("t")).unwrap_err();
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

/// The hooks of Claude Code and Cursor stand in a second file. Where that cannot be written, the first one stays as it was.
#[test]
fn all_files_are_written_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let env = home(folder.path());
    let file = folder.path().join(".claude.json");
    for before in [Some("{}"), None] {
        match before {
            Some(text) => fs::write(&file, text).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        // No folder can be made where a file stands.
        let changes = addition(&files(
            Client::ClaudeCode,
            &env,
            Server::Stdio(launch(Os::Linux)),
        ))
        .unwrap();
        assert_eq!(changes.len(), 2);
        fs::write(folder.path().join(".claude"), "in the way").unwrap();
        let error = write(&changes, &storing("t")).unwrap_err();
        assert!(
            error.to_string().contains("settings.json cannot be"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&file).ok().as_deref(), before);
        assert_eq!(copies_of(&file), Vec::<std::path::PathBuf>::new());
        fs::remove_file(folder.path().join(".claude")).unwrap();
    }
}

#[test]
fn the_copies_of_a_project_stand_outside_of_it_and_its_folders_go_when_they_are_empty() {
    let folder = tempfile::tempdir().unwrap();
    let env = home(folder.path());
    let project = folder.path().join("project");
    fs::create_dir_all(project.join(".zed")).unwrap();
    fs::write(project.join(".zed/settings.json"), "{}").unwrap();
    let copies = folder.path().join("copies");
    let roots = [folder.path().to_owned(), project.clone()];
    let storing = Storing {
        time: "t",
        copies: Some(&copies),
        roots: &roots,
    };
    for client in [
        Client::Zed,
        Client::Devin,
        Client::Copilot,
        Client::ClaudeCode,
    ] {
        let wanted = support::files(
            client,
            Scope::Project,
            &env,
            Server::Stdio(launch(Os::Linux)),
        );
        write(&addition(&wanted).unwrap(), &storing).unwrap();
    }
    let kept: Vec<_> = fs::read_dir(&copies)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        kept.iter().any(|name| name
            .to_string_lossy()
            .ends_with("project-.zed-settings.json.bak-t")),
        "{kept:?}"
    );
    for client in [
        Client::Zed,
        Client::Devin,
        Client::Copilot,
        Client::ClaudeCode,
    ] {
        let out = removal(&removal_of(client, Scope::Project, &env)).unwrap();
        write(&out, &storing).unwrap();
    }
    let left: Vec<_> = fs::read_dir(&project)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, [".zed"], "it had a file before");
    assert_eq!(fs::read_dir(project.join(".zed")).unwrap().count(), 1);
    assert!(project.exists());
}

#[test]
fn installations_at_the_same_time_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let env = home(folder.path());
    let file = folder.path().join(".cursor/mcp.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "{}").unwrap();
    let wanted = files(Client::Cursor, &env, Server::Stdio(launch(Os::Linux)));
    let changes = addition(&wanted).unwrap();
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| write(&changes, &storing("t"))))
            .collect();
        for one in all {
            one.join().unwrap().unwrap();
        }
    });
    assert_eq!(addition(&wanted).unwrap(), []);
    let names = fs::read_dir(file.parent().unwrap()).unwrap();
    let names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names.iter().all(|name| !name.contains(".new-")),
        "{names:?}"
    );
}

#[test]
fn a_diff_shows_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let env = home(folder.path());
    let file = folder.path().join(".config/zed/settings.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let other = "{\"context_servers\": {\"other\": {\"env\": {\"OTHER_TOKEN\": \"canary-1\", \"HOST\": \"h\"}}}}";
    fs::write(&file, other).unwrap();
    let changes = addition(&files(Client::Zed, &env, remote())).unwrap();
    let shown = changes[0].diff();
    assert!(
        shown.contains("Bearer (not shown)") && shown.contains("\"HOST\": \"h\""),
        "{shown}"
    );
    assert!(
        !shown.contains("the-key-itself") && !shown.contains("canary"),
        "{shown}"
    );
    let toml = folder.path().join(".codex/config.toml");
    fs::create_dir_all(toml.parent().unwrap()).unwrap();
    fs::write(
        &toml,
        "[mcp_servers.x]\nenv = { A_SECRET = \"canary-2\" }\n",
    )
    .unwrap();
    let changes = addition(&files(Client::Codex, &env, remote())).unwrap();
    let shown = changes[0].diff();
    assert!(!shown.contains("canary"), "{shown}");
    assert!(
        shown.contains("bearer_token_env_var = \"ISSUECOMMAND_KEY\""),
        "{shown}"
    );
    let cursor = addition(&files(
        Client::Cursor,
        &env,
        Server::Stdio(launch(Os::Linux)),
    ))
    .unwrap();
    assert!(
        cursor[0].diff().contains("\"${env:GITHUB_TOKEN}\""),
        "a placeholder is no secret"
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
        let copies = write(&changes, &storing("a")).unwrap();
        assert_eq!(
            (mode(&file), mode(&copies[0])),
            (0o644, 0o600),
            "no secret: as it was"
        );
        let changes = addition(&files(Client::Zed, &env, remote())).unwrap();
        write(&changes, &storing("b")).unwrap();
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
        let wanted = files(Client::Cursor, &env, Server::Stdio(launch(Os::Linux)));
        write(&addition(&wanted).unwrap(), &storing("t")).unwrap();
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
        let error = write(&changes, &storing("t")).unwrap_err().to_string();
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
