//! The notifications of this machine's desktop, by a program that shows one.

use super::Message;
use crate::text::{cut, visible};

/// Which program shows a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desktop {
    /// `notify-send` of libnotify.
    Linux,
    /// `osascript` of macOS.
    MacOs,
}

/// The program and its arguments. No shell reads them.
pub fn desktop(kind: Desktop, message: &Message) -> (&'static str, Vec<String>) {
    let title = cut(&message.headline(), 120);
    let mut lines: Vec<String> = message.details().collect();
    lines.extend(message.shown_command().as_deref().map(visible));
    let body = cut(&lines.join("\n"), 600);
    match kind {
        Desktop::Linux => (
            "notify-send",
            vec![
                "--app-name=IssueCommand".to_owned(),
                "--".to_owned(),
                title,
                markup(&body),
            ],
        ),
        // The texts are arguments of the script, not a part of it.
        Desktop::MacOs => (
            "osascript",
            vec![
                "-e".to_owned(),
                "on run argv".to_owned(),
                "-e".to_owned(),
                "display notification (item 2 of argv) with title (item 1 of argv)".to_owned(),
                "-e".to_owned(),
                "end run".to_owned(),
                "--".to_owned(),
                title,
                body,
            ],
        ),
    }
}

/// Servers of notifications read a body as markup.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
