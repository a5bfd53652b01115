//! Discord: an embed. Mentions are switched off for the whole message, and Markdown is escaped.

use serde_json::json;

use super::Shaped;
use crate::message::{Message, Tone};
use crate::text::{cut, without_mentions};

/// What Markdown, mentions, time stamps and emoji of Discord are made of.
const MARKUP: &str = "\\*_~`|<>#[]()-+:";

pub(super) fn shape(message: &Message) -> Shaped {
    let mut lines: Vec<String> = message
        .details()
        .map(|line| escape(&cut(&line, 1_000)))
        .collect();
    if let Some(command) = message.shown_command() {
        // Between backticks nothing is escaped, so none may be inside.
        lines.push(format!("`{}`", cut(&command, 500).replace('`', "'")));
    }
    let links = message
        .links()
        .filter(|(_, url)| !url.contains(['(', ')', '<', '>', ' ']));
    let links: Vec<String> = links
        .map(|(words, url)| format!("[{words}]({url})"))
        .collect();
    if !links.is_empty() {
        lines.push(links.join(" · "));
    }
    let color = match message.tone {
        Tone::Attention => 0xd9_73_0d,
        Tone::Resolved => 0x2e_7d_32,
        Tone::Info => 0x45_5a_64,
    };
    Shaped::json(&json!({
        "content": "",
        "embeds": [{
            "title": cut(&escape(&cut(&message.headline(), 200)), 256),
            "description": cut(&lines.join("\n"), 4_096),
            "color": color,
        }],
        "allowed_mentions": { "parse": [] },
    }))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in without_mentions(text).chars() {
        if MARKUP.contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
