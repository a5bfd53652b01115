//! Every form with texts of strangers that try to be more than text.

use serde_json::{Value, json};

use super::*;
use crate::message::Tone;

const ALL: [Preset; 5] = [
    Preset::Slack,
    Preset::Discord,
    Preset::Teams,
    Preset::Ntfy,
    Preset::Telegram,
];

/// What strangers may write into a title, a name or a note.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "<script>alert(1)</script>",
        "<!channel> <!here|x> <@U123> <#C1> <https://evil.example|acme>",
        "@everyone @here @channel @ann",
        "[click](https://evil.example) **bold** `code` ~~no~~ ||spoiler|| # head",
        "<@123456789012345678> <@&1> <t:1618953630:R> :tada: <a:x:1>",
        "{{DATE(2026-01-01T00:00:00Z, SHORT)}} <at>ann</at>",
        "line one\nX-Injected: yes\r\nTitle: other",
        "\u{202e}gnirts desrever\u{202c} \u{2066}x\u{2069} a\u{200b}b \u{feff}c",
        "\u{1b}]0;title\u{7} \u{1b}[2J \u{9b}31m \0",
        "$(touch /tmp/x) `id` ; rm -rf ~ | \"quoted\" 'single' \\",
        "=?UTF-8?B?eA==?=",
        "عنوان من اليمين إلى اليسار",
        "👨\u{200d}👩\u{200d}👧 日本語",
        "",
    ]
    .map(str::to_owned)
    .into();
    texts.push("x".repeat(65_000));
    texts.push("@everyone\n".repeat(6_500));
    texts.push("\u{202e}".repeat(65_000));
    texts
}

fn message(text: &str) -> Message {
    Message {
        tone: Tone::Attention,
        kind: "claim_stale".to_owned(),
        key: "acme/api#1".to_owned(),
        title: format!("Agent silent: {text}"),
        lines: vec![text.to_owned(), "second".to_owned()],
        link: Some("https://board.example/ui/i/acme/api/1".to_owned()),
        github: Some("https://github.com/acme/api/issues/1".to_owned()),
        command: Some(format!("issuecommand release {text}")),
    }
}

/// All texts in a value.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(parts) => parts.iter().flat_map(texts).collect(),
        Value::Object(parts) => parts.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn no_form_hides_or_turns_text_and_all_are_bounded() {
    for text in hostile() {
        for preset in ALL {
            let shaped = shape(preset, &message(&text), Some("42"));
            assert!(
                shaped.body.len() < 28_000,
                "{preset:?}: {}",
                shaped.body.len()
            );
            let shown = match serde_json::from_str(&shaped.body) {
                Ok(body @ Value::Object(_)) => texts(&body).concat(),
                _ => shaped.body.clone(),
            };
            let hidden = |c: char| {
                (c.is_control() && c != '\n')
                    || matches!(u32::from(c), 0x200b | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 | 0xfeff)
            };
            assert!(!shown.contains(hidden), "{preset:?}: {shown:?}");
            for (name, value) in &shaped.headers {
                assert!(
                    value.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
                    "{preset:?} {name}: {value:?}"
                );
            }
        }
    }
}

#[test]
fn slack_takes_strangers_text_as_text() {
    for text in hostile() {
        let shaped = shape(Preset::Slack, &message(&text), None);
        let body: Value = serde_json::from_str(&shaped.body).unwrap();
        let fallback = body["text"].as_str().unwrap();
        assert!(!fallback.contains(['<', '>']), "{fallback}");
        assert!(
            !fallback.contains("@everyone") && !fallback.contains("@channel"),
            "{fallback}"
        );
        let [block] = &body["blocks"].as_array().unwrap()[..] else {
            panic!("{body}")
        };
        assert_eq!(block["type"], "rich_text");
        for section in block["elements"].as_array().unwrap() {
            assert_eq!(section["type"], "rich_text_section");
            for element in section["elements"].as_array().unwrap() {
                let kind = element["type"].as_str().unwrap();
                assert!(matches!(kind, "text" | "link"), "{element}");
                if kind == "link" {
                    let url = element["url"].as_str().unwrap();
                    assert!(!url.contains("evil"), "{url}");
                } else {
                    assert!(element["text"].as_str().unwrap().encode_utf16().count() <= 3_000);
                }
            }
        }
    }
}

#[test]
fn discord_pings_nobody_and_reads_no_markdown() {
    for text in hostile() {
        let shaped = shape(Preset::Discord, &message(&text), None);
        let body: Value = serde_json::from_str(&shaped.body).unwrap();
        assert_eq!(body["allowed_mentions"], json!({ "parse": [] }));
        assert_eq!(body["content"], "");
        let embed = &body["embeds"][0];
        let title = embed["title"].as_str().unwrap();
        let description = embed["description"].as_str().unwrap();
        assert!(title.encode_utf16().count() <= 256);
        assert!(description.encode_utf16().count() <= 4_096);
        assert!(!title.contains("@everyone") && !description.contains("\n@everyone"));
        let first = description.lines().next().unwrap_or_default();
        for (at, c) in first.char_indices().filter(|(_, c)| "*_~|<[(".contains(*c)) {
            assert!(first[..at].ends_with('\\'), "{c} at {at} of {first}");
        }
    }
}

#[test]
fn teams_gets_text_runs_alone() {
    for text in hostile() {
        let shaped = shape(Preset::Teams, &message(&text), None);
        let body: Value = serde_json::from_str(&shaped.body).unwrap();
        let card = &body["attachments"][0]["content"];
        assert_eq!(card["type"], "AdaptiveCard");
        for block in card["body"].as_array().unwrap() {
            assert_eq!(block["type"], "RichTextBlock");
            assert_eq!(block["inlines"][0]["type"], "TextRun");
        }
        assert!(card.get("msteams").is_none(), "no mentions are defined");
        let actions = card["actions"].as_array().unwrap();
        assert!(
            actions
                .iter()
                .all(|action| action["type"] == "Action.OpenUrl")
        );
    }
}

#[test]
fn ntfy_has_a_title_whatever_it_is_made_of() {
    let of = |text: &str| {
        let shaped = shape(Preset::Ntfy, &message(text), None);
        let title = shaped.headers.iter().find(|(name, _)| *name == "Title");
        (title.unwrap().1.clone(), shaped)
    };
    let (title, shaped) = of("Flaky test");
    assert_eq!(title, "Agent silent: Flaky test");
    assert_eq!(
        shaped.headers[1..],
        [
            ("Priority", "high".to_owned()),
            ("Tags", "warning".to_owned()),
            ("Click", "https://board.example/ui/i/acme/api/1".to_owned()),
        ]
    );
    assert_eq!(
        shaped.body,
        "Flaky test\nsecond\nissuecommand release Flaky test"
    );
    assert_eq!(
        of("日本語").0,
        "=?UTF-8?B?QWdlbnQgc2lsZW50OiDml6XmnKzoqp4=?="
    );
    // A line break begins no new header.
    assert_eq!(
        of("a\r\nX-Injected: yes").0,
        "Agent silent: a X-Injected: yes"
    );
}

#[test]
fn telegram_mentions_nobody() {
    for text in hostile() {
        let shaped = shape(Preset::Telegram, &message(&text), Some("-100"));
        let body: Value = serde_json::from_str(&shaped.body).unwrap();
        assert_eq!(body["chat_id"], "-100");
        assert!(body.get("parse_mode").is_none());
        let text = body["text"].as_str().unwrap();
        assert!(text.encode_utf16().count() <= 4_096);
        assert!(
            !text.contains("@everyone") && !text.contains("@ann"),
            "{text}"
        );
    }
}

#[test]
fn the_desktop_gets_arguments_and_no_markup() {
    for text in hostile() {
        for kind in [Desktop::Linux, Desktop::MacOs] {
            let (program, arguments) = desktop(kind, &message(&text));
            let end = arguments.iter().position(|part| part == "--").unwrap();
            assert_eq!(arguments.len(), end + 3, "{program}");
            assert!(arguments.iter().all(|part| !part.contains('\0')));
            if kind == Desktop::Linux {
                assert!(!arguments[end + 2].contains(['<', '>']), "{arguments:?}");
            }
        }
    }
}

#[test]
fn a_resolved_message_says_so() {
    let resolved = Message {
        tone: Tone::Resolved,
        ..message("x")
    };
    for preset in ALL {
        let shaped = shape(preset, &resolved, None);
        let said = format!("{:?}{}", shaped.headers, shaped.body).replace('\\', "");
        assert!(
            said.contains("Resolved: Agent silent"),
            "{preset:?}: {said}"
        );
    }
}
