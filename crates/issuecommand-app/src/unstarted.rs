//! Tells an MCP client why its program cannot start. If the server ends before the handshake, a client shows its user only
//! "connection closed".

use std::io::IsTerminal;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::error::AppError;
use crate::output::tell;
use crate::parent;
use crate::role::Role;

/// How long the program waits for a client. Without one it must end, so that its supervisor notices.
const SILENCE: Duration = Duration::from_secs(10);

/// If an MCP client is on standard input, completes the handshake, lists the tools, and answers each call with the reason until
/// the client leaves. Returns the error to end with.
pub(crate) async fn explain(role: Role, error: AppError, stop: &CancellationToken) -> AppError {
    if !role.has_mcp() || std::io::stdin().is_terminal() {
        return error;
    }
    let (client, mut seen) = watch::channel(false);
    let leaving = stop.child_token();
    let explaining = issuecommand_mcp::explain_stdio(words(&error), client, leaving.clone());
    let watching = async {
        // The result must be dropped here, because it holds a lock that the session needs.
        let spoken = timeout(SILENCE, seen.wait_for(|there| *there)).await;
        let spoken = spoken.is_ok_and(|there| there.is_ok());
        if !spoken {
            return;
        }
        // Clients keep their servers' stderr and show it on request.
        let _ = tell(&format!("error: {error}"));
        parent::gone().await;
    };
    tokio::select! {
        _ = explaining => {}
        () = watching => leaving.cancel(),
    }
    let told = *seen.borrow();
    if told { AppError::Explained } else { error }
}

/// The reason, and where to correct it.
fn words(error: &AppError) -> String {
    match error {
        AppError::Settings(_) | AppError::Missing(_) => {
            let folder = std::env::current_dir().map_or_else(
                |_| "its working folder".to_owned(),
                |folder| folder.display().to_string(),
            );
            format!(
                "{error}. An MCP client sets the environment in its own configuration, under \"env\" of this server; .env and \
                 issuecommand.toml are looked for in {folder}. Then let the client start this server anew."
            )
        }
        error => format!(
            "{error}. `issuecommand doctor` with the same settings looks for what is wrong; then let the client start this \
             server anew."
        ),
    }
}
