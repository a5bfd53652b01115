//! ntfy: plain text, with the rest in headers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Shaped;
use crate::message::{Message, Tone};
use crate::text::{cut, visible};

/// A longer body becomes an attachment.
const MOST: usize = 4_000;

pub(super) fn shape(message: &Message) -> Shaped {
    let mut lines: Vec<String> = message.details().collect();
    lines.extend(message.shown_command());
    let (priority, tag) = match message.tone {
        Tone::Attention => ("high", "warning"),
        Tone::Resolved => ("low", "white_check_mark"),
        Tone::Info => ("default", "information_source"),
    };
    // The mark of the tone is the tag's.
    let title = match message.tone {
        Tone::Resolved => format!("Resolved: {}", visible(&message.title)),
        Tone::Attention | Tone::Info => visible(&message.title),
    };
    let mut headers = vec![
        ("Title", header(&cut(&title, 200))),
        ("Priority", priority.to_owned()),
        ("Tags", tag.to_owned()),
    ];
    if let Some((_, url)) = message
        .links()
        .next()
        .filter(|(_, url)| url.bytes().all(|b| b.is_ascii_graphic()))
    {
        headers.push(("Click", url.to_owned()));
    }
    // A message must have a body.
    let text = if lines.is_empty() {
        title
    } else {
        lines.join("\n")
    };
    Shaped {
        headers,
        content_type: "text/plain; charset=utf-8",
        body: bytes(&text),
    }
}

/// A header's text. Others than visible ASCII are encoded as in mail (RFC 2047), which ntfy reads.
fn header(text: &str) -> String {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && !text.starts_with("=?") {
        text.to_owned()
    } else {
        format!("=?UTF-8?B?{}?=", STANDARD.encode(text))
    }
}

/// ntfy counts bytes.
fn bytes(text: &str) -> String {
    if text.len() <= MOST {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(MOST - 3)])
}
