//! Asks the client itself, where it is installed, what it knows of the entry.

use std::process::Stdio;
use std::time::Duration;

use issuecommand_clients::Client;
use tokio::process::Command;
use tokio::time::timeout;

use super::place::on_path;
use crate::error::AppError;
use crate::output::tell;

/// How long the client may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Lines of its answer that are shown.
const LINES: usize = 20;

/// Shows what the client says. That it fails is a warning.
pub(super) async fn ask(client: Client) -> Result<(), AppError> {
    let Some([name, args @ ..]) = client.own_check() else {
        return Ok(());
    };
    let Some(program) = on_path(name) else {
        return Ok(());
    };
    let words = format!("{name} {}", args.join(" "));
    let asking = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    match timeout(PATIENCE, asking).await {
        Ok(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stdout);
            let failed = String::from_utf8_lossy(&output.stderr);
            let said = if said.trim().is_empty() { failed } else { said };
            let shown: Vec<_> = said
                .trim()
                .lines()
                .take(LINES)
                .map(|line| format!("  {line}"))
                .collect();
            let verdict = if output.status.success() {
                ""
            } else {
                "warning: "
            };
            tell(&format!("{verdict}`{words}` says:\n{}", shown.join("\n")))
        }
        Ok(Err(error)) => tell(&format!("warning: `{words}` cannot be run: {error}")),
        Err(_) => tell(&format!(
            "warning: `{words}` did not answer within {} seconds",
            PATIENCE.as_secs()
        )),
    }
}
