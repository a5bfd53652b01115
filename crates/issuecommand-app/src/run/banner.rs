//! What a person at a terminal is told when the service runs: where it is, and what to do next.

use std::io::{IsTerminal, Write as _};
use std::net::SocketAddr;

use crate::role::Role;

/// Says it, if a person started the program at a terminal.
pub(super) fn show(role: Role, address: SocketAddr, database: &str) {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if role == Role::Combined && terminal {
        // Without a reader there is nobody to tell.
        let _ = std::io::stderr().write_all(text(address, database).as_bytes());
    }
}

fn text(address: SocketAddr, database: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "
IssueCommand {version} serves http://{address}, on {database}

  what agents do     issuecommand watch
  what needs you     issuecommand status
  why not an issue   issuecommand explain owner/name#1
  connect an agent   issuecommand install claude-code
  all commands       issuecommand help

It keeps this terminal; Ctrl-C ends it.

"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_a_terminal() {
        let text = text(([127, 0, 0, 1], 65_535).into(), "/home/ann/issuecommand.db");
        assert!(text.lines().all(|line| line.chars().count() < 80), "{text}");
        assert!(text.contains("http://127.0.0.1:65535"), "{text}");
    }
}
