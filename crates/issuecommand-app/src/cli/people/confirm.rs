//! Asks a person before something is taken from an agent.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::failure::Failure;

/// Says what will happen, and goes on if the person says so. Without a terminal there is nobody to ask.
pub(super) async fn confirm(yes: bool, what: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Failure::usage(format!(
            "nobody can be asked here, and nothing was done: {what}"
        ))
        .hint("Say --yes to do it without a question."));
    }
    let question = format!("{what} [y/N] ");
    // A thread of its own: reading a terminal cannot be stopped.
    let read = tokio::task::spawn_blocking(move || {
        let mut err = io::stderr();
        err.write_all(question.as_bytes())
            .and_then(|()| err.flush())?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        io::Result::Ok(line)
    });
    let line = read.await.ok().and_then(Result::ok).unwrap_or_default();
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::failed("nothing was done")),
    }
}
