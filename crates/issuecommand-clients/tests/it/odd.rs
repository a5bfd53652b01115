//! Broken and odd files: a sentence that says what is wrong, and nothing changed.

use issuecommand_clients::{Client, Format, Os, Scope, Server, apply, targets};

use crate::support::{environment, launch, request};

fn refusal(client: Client, before: &str) -> String {
    let server = Server::Stdio(launch(Os::Linux));
    let found = targets(
        &request(client, Scope::User, server),
        &environment(Os::Linux),
        &|_| false,
    );
    let file = found.unwrap().files.remove(0);
    apply(file.format, Some(before), &file.edits)
        .unwrap_err()
        .to_string()
}

#[test]
fn broken_files_are_refused_in_words() {
    let cases = [
        (Client::Cursor, "not json", "it is not valid JSON ("),
        (Client::Cursor, "{\"a\": 1", "it is not valid JSON ("),
        (Client::Cursor, "{\"a\": 1}}", "it is not valid JSON ("),
        (Client::Cursor, "{'a': 1}", "it is not valid JSON ("),
        (
            Client::Cursor,
            "{\"a\" 1 \"b\": 2}",
            "it is not valid JSON (",
        ),
        (
            Client::Cursor,
            "// only a comment\n",
            "it is not valid JSON (there are comments and no object",
        ),
        (
            Client::Cursor,
            "[]",
            "`the file` is an array and must be an object",
        ),
        (
            Client::Cursor,
            "{\"mcpServers\": []}",
            "`mcpServers` is an array and must be an object",
        ),
        (
            Client::Cursor,
            "{\"mcpServers\": null}",
            "`mcpServers` is null and must be an object",
        ),
        (
            Client::Cursor,
            "{\"mcpServers\": {\"issuecommand\": 1}}",
            "`mcpServers.issuecommand` is a number and must be an object",
        ),
        (
            Client::Gemini,
            "{\"hooks\": []}",
            "`hooks` is an array and must be an object",
        ),
        (
            Client::Gemini,
            "{\"hooks\": {\"SessionStart\": {}}}",
            "`hooks.SessionStart` is an object and must be an array",
        ),
        (Client::Codex, "a = ", "it is not valid TOML ("),
        (
            Client::Codex,
            "mcp_servers = 1\n",
            "`mcp_servers` is integer and must be a table",
        ),
        (
            Client::Codex,
            "mcp_servers = { x = {} }\n",
            "it is not valid TOML (",
        ),
        (
            Client::Codex,
            "[mcp_servers]\nissuecommand = { command = 'x' }\n",
            "`mcp_servers.issuecommand` is written in a form",
        ),
        (
            Client::Codex,
            "[mcp_servers.issuecommand]\ncommand='x'\n[b]\n[mcp_servers.issuecommand.env]\n",
            "`mcp_servers.issuecommand` is written in a form",
        ),
        (
            Client::Codex,
            "[hooks]\nStop = []\n",
            "`hooks.Stop` is written in a form",
        ),
    ];
    for (client, before, words) in cases {
        let refusal = refusal(client, before);
        assert!(refusal.starts_with(words), "{before}: {refusal}");
    }
}

#[test]
fn bytes_that_mark_an_encoding_stay_in_front() {
    let server = Server::Stdio(launch(Os::Linux));
    let found = targets(
        &request(Client::Cursor, Scope::User, server),
        &environment(Os::Linux),
        &|_| false,
    );
    let file = found.unwrap().files.remove(0);
    let after = apply(
        Format::Json,
        Some("\u{feff}{\r\n  \"a\": 1\r\n}\r\n"),
        &file.edits,
    )
    .unwrap();
    assert!(
        after.starts_with("\u{feff}{\r\n  \"a\": 1,\r\n  \"mcpServers\": {\r\n"),
        "{after:?}"
    );
    assert!(!after.replace("\r\n", "").contains('\n'), "{after:?}");
}
