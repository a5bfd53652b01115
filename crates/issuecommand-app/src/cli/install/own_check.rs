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
const LINES: usize = 40;

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
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    match timeout(PATIENCE, asking).await {
        Ok(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stdout);
            let failed = String::from_utf8_lossy(&output.stderr);
            let said = if said.trim().is_empty() { failed } else { said };
            let shown = shown(&said);
            let verdict = if output.status.success() {
                ""
            } else {
                "warning: "
            };
            tell(&format!("{verdict}`{words}` says:\n{shown}"))
        }
        Ok(Err(error)) => tell(&format!("warning: `{words}` cannot be run: {error}")),
        Err(_) => tell(&format!(
            "warning: `{words}` did not answer within {} seconds",
            PATIENCE.as_secs()
        )),
    }
}

/// The words of a client for a terminal that is not its own: without escapes, and not too many.
fn shown(said: &str) -> String {
    let said = without_escapes(said);
    let lines: Vec<_> = said.trim().lines().collect();
    let mut shown: Vec<_> = lines
        .iter()
        .take(LINES)
        .map(|line| format!("  {line}"))
        .collect();
    if lines.len() > LINES {
        shown.push(format!("  … and {} lines more", lines.len() - LINES));
    }
    shown.join("\n")
}

/// A text without colours and other commands to a terminal.
fn without_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                // ESC [ … up to a letter or a sign of that kind.
                Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
                // ESC ] … up to BEL or ESC \.
                Some(']') => {
                    while chars.next_if(|c| !"\u{7}\u{1b}".contains(*c)).is_some() {}
                    chars.next_if_eq(&'\u{7}');
                }
                _ => {}
            },
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_to_the_terminal_are_left_out() {
        let said = "\u{1b}[90m│\u{1b}[0m  issuecommand \u{1b}]8;;http://x\u{1b}\\link\u{7}\r\n\u{1b}[2K\tconnected\n";
        assert_eq!(shown(said), "  │  issuecommand link\n  \tconnected");
    }

    #[test]
    fn what_is_cut_says_so() {
        let said = "x\n".repeat(LINES + 2);
        assert!(shown(&said).ends_with("\n  … and 2 lines more"));
        assert!(!shown(&"x\n".repeat(LINES)).contains('…'));
    }
}
