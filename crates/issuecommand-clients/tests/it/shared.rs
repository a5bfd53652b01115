//! What clients share with each other, and what else in their files bears on an entry.

use issuecommand_clients::{
    Client, Names, Os, Scope, Server, apply, detect, entered, obstacles, revert, targets,
};

use crate::support::{environment, files, launch, remote, removal_of, request};

fn add(client: Client, before: Option<&str>, server: Server) -> String {
    let wanted = files(client, Scope::Project, &environment(Os::Linux), server);
    apply(wanted[0].format, before, &wanted[0].edits).unwrap()
}

fn take(client: Client, before: &str) -> Option<String> {
    let out = removal_of(client, Scope::Project, &environment(Os::Linux));
    revert(out[0].format, Some(before), &out[0].edits).unwrap()
}

#[test]
fn two_clients_share_an_entry_and_each_leaves_it_to_the_other() {
    for server in [Server::Stdio(launch(Os::Linux)), remote()] {
        for (first, second) in [
            (Client::ClaudeCode, Client::Copilot),
            (Client::Copilot, Client::ClaudeCode),
        ] {
            let one = add(first, None, server.clone());
            let both = add(second, Some(&one), server.clone());
            assert!(
                both.contains("alwaysLoad") && both.contains("\"tools\""),
                "{both}"
            );
            assert_eq!(take(second, &both).as_deref(), Some(one.as_str()), "{both}");
            let rest = take(first, &both).unwrap();
            assert!(rest.contains("issuecommand"), "{rest}");
            assert_eq!(take(second, &rest), None, "{rest}");
            // Who has no part in it takes nothing out.
            assert_eq!(take(second, &one).as_deref(), Some(one.as_str()));
        }
    }
}

/// Claude Code warns of an unset variable without a default, and hands on the text of its placeholder.
#[test]
fn placeholders_of_a_shared_entry_have_a_value_for_the_case_that_nothing_is_set() {
    let shared = add(Client::Copilot, None, Server::Stdio(launch(Os::Linux)));
    for wanted in [
        "\"GITHUB_TOKEN\": \"${GITHUB_TOKEN:-}\"",
        "\"HTTP_PORT\": \"${HTTP_PORT:-4711}\"",
        "\"HTTPS_PROXY\": \"${HTTPS_PROXY:-}\"",
    ] {
        assert!(shared.contains(wanted), "{shared}");
    }
    assert!(!shared.contains("GH_CONFIG_DIR"), "{shared}");
}

#[test]
fn a_change_of_kind_takes_the_type_with_it() {
    let env = environment(Os::Linux);
    for client in Client::ALL
        .into_iter()
        .filter(|client| *client != Client::ClaudeDesktop)
    {
        let stdio = &files(client, Scope::User, &env, Server::Stdio(launch(Os::Linux)))[0];
        let far = &files(client, Scope::User, &env, remote())[0];
        let alone = apply(stdio.format, None, &stdio.edits[..1]).unwrap();
        let changed = apply(far.format, Some(&alone), &far.edits[..1]).unwrap();
        let changed = apply(stdio.format, Some(&changed), &stdio.edits[..1]).unwrap();
        let kinds = |text: &str| {
            text.lines()
                .filter(|line| line.contains("type"))
                .map(str::trim)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(kinds(&changed), kinds(&alone), "{client}: {changed}");
    }
}

#[test]
fn the_folders_that_clients_let_move_are_moved() {
    let mut env = environment(Os::Linux);
    env.claude_config_dir = Some("/c".to_owned());
    env.codex_home = Some("/x".to_owned());
    env.copilot_home = Some("/p".to_owned());
    env.gemini_cli_home = Some("/g".to_owned());
    let paths = |client| -> Vec<String> {
        let all = files(client, Scope::User, &env, Server::Stdio(launch(Os::Linux)));
        let out = removal_of(client, Scope::User, &env);
        let paths: Vec<String> = all.into_iter().map(|file| file.path).collect();
        assert_eq!(
            paths,
            out.into_iter().map(|file| file.path).collect::<Vec<_>>()
        );
        paths
    };
    assert_eq!(
        paths(Client::ClaudeCode),
        ["/c/.claude.json", "/c/settings.json"]
    );
    assert_eq!(paths(Client::Codex), ["/x/config.toml"]);
    assert_eq!(paths(Client::Copilot), ["/p/mcp-config.json"]);
    assert_eq!(paths(Client::Gemini), ["/g/.gemini/settings.json"]);
    for (there, client) in [
        ("/c/.claude.json", Client::ClaudeCode),
        ("/x", Client::Codex),
        ("/p", Client::Copilot),
        ("/g/.gemini", Client::Gemini),
    ] {
        assert_eq!(detect(&env, &|path| path == there), [client]);
    }
    assert_eq!(detect(&env, &|path| path == "/home/ada/.claude"), []);
}

/// OpenCode reads `opencode.json`, and `opencode.jsonc` over it.
#[test]
fn of_two_files_the_one_that_holds_gets_the_entry() {
    let env = environment(Os::Linux);
    let asked = request(
        Client::OpenCode,
        Scope::User,
        Server::Stdio(launch(Os::Linux)),
    );
    let chosen = |there: &[&str]| {
        let found = targets(&asked, &env, &|path: &str| {
            there.iter().any(|end| path.ends_with(end))
        })
        .unwrap();
        let others: Vec<String> = found.others.into_iter().map(|file| file.path).collect();
        (found.files[0].path.clone(), others)
    };
    let (json, jsonc) = (
        "/home/ada/.config/opencode/opencode.json".to_owned(),
        "/home/ada/.config/opencode/opencode.jsonc".to_owned(),
    );
    let first = (json.clone(), vec![jsonc.clone()]);
    let second = (jsonc, vec![json]);
    assert_eq!(chosen(&[]), first);
    assert_eq!(chosen(&["opencode.json"]), first);
    assert_eq!(chosen(&["opencode.jsonc"]), second);
    assert_eq!(chosen(&["opencode.json", "opencode.jsonc"]), second);
}

#[test]
fn every_entry_says_what_it_works_with() {
    let env = environment(Os::Linux);
    for client in Client::ALL {
        for (server, names) in [
            (
                Server::Stdio(launch(Os::Linux)),
                Names::File("/home/ada/issues.db".to_owned()),
            ),
            (
                remote(),
                Names::Remote("https://ic.example.com/mcp".to_owned()),
            ),
        ] {
            let Some(file) = files(client, Scope::User, &env, server).into_iter().next() else {
                continue;
            };
            let text = apply(file.format, None, &file.edits).unwrap();
            let found = entered(&env, &|path| (path == file.path).then(|| text.clone()));
            let [one] = &found[..] else {
                panic!("{client}: {found:?}")
            };
            assert_eq!(
                (one.client, one.scope, &one.names),
                (client, Scope::User, &names)
            );
        }
    }
    let text = "{\"mcpServers\": {\"issuecommand\": {\"command\": \"x\", \"env\": {\"DATABASE_URL\": \"${env:DATABASE_URL}\"}}}}";
    let found = entered(&env, &|path| {
        path.ends_with(".cursor/mcp.json").then(|| text.to_owned())
    });
    assert_eq!(found.len(), 2, "of the user and of the project");
    assert_eq!(found[0].names, Names::Variable);
    assert_eq!(
        entered(&env, &|_| Some("{\"mcpServers\": 1".to_owned())),
        []
    );
}

#[test]
fn what_keeps_an_entry_or_its_hooks_from_working_is_said() {
    let env = environment(Os::Linux);
    for (client, text, words) in [
        (
            Client::ClaudeCode,
            "{\"disableAllHooks\": true}",
            "turns all hooks off",
        ),
        (
            Client::Gemini,
            "{\"hooksConfig\": {\"enabled\": false}}",
            "turns all hooks off",
        ),
        (
            Client::Gemini,
            "{\"mcp\": {\"allowed\": [\"x\"]}}",
            "add \"issuecommand\" to mcp.allowed",
        ),
        (
            Client::Gemini,
            "{\"mcp\": {\"excluded\": [\"issuecommand\"]}}",
            "out of mcp.excluded",
        ),
        (
            Client::Codex,
            "[features]\nhooks = false\n",
            "turns all hooks off",
        ),
        (
            Client::Codex,
            "[mcp_servers.issuecommand]\nenabled = false\n",
            "turns the entry off",
        ),
        (
            Client::Zed,
            "// mine\n{\"context_servers\": {\"issuecommand\": {\"enabled\": false}}}",
            "turns the entry off",
        ),
        (
            Client::Devin,
            "{\"mcpServers\": {\"issuecommand\": {\"disabled\": true}}}",
            "turns the entry off",
        ),
    ] {
        let wanted = files(client, Scope::User, &env, Server::Stdio(launch(Os::Linux)));
        let told = obstacles(client, Scope::User, &wanted, &env, &|_| {
            Some(text.to_owned())
        });
        assert!(
            !told.is_empty() && told.iter().all(|told| told.contains(words)),
            "{client}: {told:?}"
        );
        for good in [
            "{}",
            "{\"mcp\": {\"allowed\": [\"issuecommand\"]}, \"disableAllHooks\": false}",
        ] {
            let told = obstacles(client, Scope::User, &wanted, &env, &|_| {
                Some(good.to_owned())
            });
            assert!(told.is_empty(), "{client}: {told:?}");
        }
    }
}

#[test]
fn notes_say_what_must_be_set_and_what_must_not_be_committed() {
    let env = environment(Os::Linux);
    let notes = |client, scope, server| {
        let found = targets(&request(client, scope, server), &env, &|_| false);
        found.unwrap().notes.join("\n")
    };
    let local = || Server::Stdio(launch(Os::Linux));
    for client in Client::ALL {
        let told = notes(client, Scope::User, local());
        assert!(told.contains("API_KEY"), "{client}: {told}");
        assert!(
            !told.contains("GITHUB_TOKEN is not set"),
            "{client}: {told}"
        );
    }
    for client in [Client::Zed, Client::Devin] {
        assert!(notes(client, Scope::Project, remote()).contains("warning: do not commit "));
        assert!(!notes(client, Scope::User, remote()).contains("commit"));
    }
    assert!(
        notes(Client::Copilot, Scope::User, local()).contains("install copilot --scope project")
    );
    let told = notes(Client::Cursor, Scope::Project, remote());
    assert!(
        told.contains("Paths of this machine stand in /home/ada/src/web/.cursor/hooks.json:"),
        "{told}"
    );
    assert!(notes(Client::Codex, Scope::Project, local()).contains("say that you trust it"));
}
