//! Notifications by programs of this machine: the desktop's, and a command of the operator.

use std::process::Stdio;

use issuecommand_core::domain::notification::SendOutcome;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{TIMEOUT, failed};
use crate::message::Message;
use crate::shape::{Desktop, desktop as arguments};
use crate::text::{cut, visible};

/// How much of a program's error output is kept, in characters.
const ERROR_MAX: usize = 200;

/// Runs the operator's command with the content on its standard input. It took the notification if it ends with 0.
pub(super) async fn exec(command: &[String], content: &str) -> SendOutcome {
    let Some((program, arguments)) = command.split_first() else {
        return failed("no command is set");
    };
    run(program, arguments, content).await
}

/// Shows a message on this machine's desktop.
pub(super) async fn desktop(message: &Message) -> SendOutcome {
    let kind = if cfg!(target_os = "macos") {
        Desktop::MacOs
    } else {
        Desktop::Linux
    };
    let (program, arguments) = arguments(kind, message);
    run(program, &arguments, "").await
}

async fn run(program: &str, arguments: &[String], input: &str) -> SendOutcome {
    let spawned = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let child = match spawned {
        Ok(child) => child,
        Err(error) => return failed(format!("{program} cannot be started: {error}")),
    };
    match timeout(TIMEOUT, finish(child, input)).await {
        Ok(Ok(output)) if output.status.success() => SendOutcome::Delivered { status: None },
        Ok(Ok(output)) => {
            let said = visible(&String::from_utf8_lossy(&output.stderr));
            failed(format!(
                "{program}: {}: {}",
                output.status,
                cut(&said, ERROR_MAX)
            ))
        }
        Ok(Err(error)) => failed(format!("{program}: {error}")),
        Err(_) => failed(format!(
            "{program} did not end within {} s",
            TIMEOUT.as_secs()
        )),
    }
}

async fn finish(mut child: Child, input: &str) -> std::io::Result<std::process::Output> {
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input is no error.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
    child.wait_with_output().await
}
