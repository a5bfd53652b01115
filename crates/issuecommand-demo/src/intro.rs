//! The introduction for visitors, and the lines pinned above the live table: the address, and how to join.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use crate::api::Api;
use crate::host::MINUTES;
use crate::world::TOKEN;

/// Prints the address, the key, three commands to paste, and the settings for an MCP client.
pub(crate) fn print(api: &Api, database: &Path, port: u16) {
    let (base, key) = (&api.base, &api.key);
    let program = std::env::current_exe()
        .map_or_else(|_| "issuecommand".into(), |path| path.display().to_string());
    let mcp = json!({ "mcpServers": { "issuecommand-demo": { "command": program, "env": {
        "SQLITE_PATH": database,
        "GITHUB_API_URL": &*api.github,
        "GITHUB_TOKEN": TOKEN,
        "API_KEY": &**key,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": port.to_string(),
    } } } });
    let text = format!(
        "IssueCommand demo: a GitHub of its own, a database in a temporary folder, simulated agents.

  address    {base}
  dashboard  {base}/ui
  key        {key}

Join in from another terminal:

  curl -s -H 'Authorization: Bearer {key}' {base}/api/claims
  curl -s -H 'Authorization: Bearer {key}' -d '{{\"agent_id\":\"me\"}}' {base}/api/next-work
  curl -N -H 'Authorization: Bearer {key}' {base}/sse

Who joins keeps an issue for {MINUTES} minutes; after that it is freed, as that of an agent that says nothing.

or from an MCP client (Claude Code, Claude Desktop, Cursor …):

{mcp:#}

Ctrl-C ends it; nothing is left behind.

"
    );
    // A closed output is ignored.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// The lines pinned above the live table, because the introduction scrolls away. Each fits into 80 columns by using two shell
/// variables.
pub(crate) fn pinned(base: &str, key: &str) -> Vec<String> {
    let authorized = "-H \"Authorization: Bearer $K\"";
    vec![
        format!("address  {base}   key  {key}"),
        format!("Paste to join; you keep an issue for {MINUTES} minutes. MCP settings: scroll up."),
        format!("  K={key} U={base}"),
        format!("  curl -s {authorized} -d '{{\"agent_id\":\"me\"}}' $U/api/next-work"),
        format!("  curl -s {authorized} $U/api/claims"),
        format!("  curl -N {authorized} $U/sse"),
        String::new(),
    ]
}
