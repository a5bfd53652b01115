//! The forms of each client: its events, the JSON that it gives a hook, and the JSON that it takes.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

/// A client whose hooks are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    ClaudeCode,
    Codex,
    Cursor,
    Gemini,
    Copilot,
}

/// What an event means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A session begins, goes on, or has lost its context.
    Start,
    /// A tool was called.
    Tool,
    /// The model ended its turn.
    Stop,
    /// The session is over.
    End,
}

impl Client {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "claude-code" => Self::ClaudeCode,
            "codex" => Self::Codex,
            "cursor" => Self::Cursor,
            "gemini" => Self::Gemini,
            "copilot" => Self::Copilot,
            _ => return None,
        })
    }

    /// The meaning of an event of this client; `None` for one that is not used.
    pub(super) fn moment(self, event: &str) -> Option<Moment> {
        let (start, tool, stop, end) = match self {
            Self::ClaudeCode | Self::Codex => ("SessionStart", "PostToolUse", "Stop", "SessionEnd"),
            Self::Cursor => ("sessionStart", "postToolUse", "stop", "sessionEnd"),
            Self::Gemini => ("SessionStart", "AfterTool", "AfterAgent", "SessionEnd"),
            Self::Copilot => ("sessionStart", "postToolUse", "agentStop", "sessionEnd"),
        };
        let moments = [
            (start, Moment::Start),
            (tool, Moment::Tool),
            (stop, Moment::Stop),
            (end, Moment::End),
            // The same for every client, for whoever writes these commands by hand.
            ("session-start", Moment::Start),
            ("post-tool-use", Moment::Tool),
            ("stop", Moment::Stop),
            ("session-end", Moment::End),
        ];
        let mut moments = moments.into_iter();
        let found = moments.find(|(name, _)| name.eq_ignore_ascii_case(event));
        found.map(|(_, moment)| moment)
    }

    /// How long its hook at the end of a turn waits for feedback if nothing is said: only where nothing else can wake the session.
    pub(super) fn waits(self) -> Duration {
        match self {
            Self::Codex => Duration::from_secs(50),
            Self::ClaudeCode | Self::Cursor | Self::Gemini | Self::Copilot => Duration::ZERO,
        }
    }

    /// The JSON by which the words reach the model.
    pub(super) fn answer(self, moment: Moment, words: &str) -> Option<Value> {
        let context = |event: &str| json!({ "hookSpecificOutput": { "hookEventName": event, "additionalContext": words } });
        let blocks = |decision: &str| json!({ "decision": decision, "reason": words });
        Some(match (self, moment) {
            (_, Moment::End) => return None,
            (Self::ClaudeCode | Self::Codex | Self::Gemini, Moment::Start) => {
                context("SessionStart")
            }
            (Self::ClaudeCode | Self::Codex, Moment::Tool) => context("PostToolUse"),
            (Self::Gemini, Moment::Tool) => context("AfterTool"),
            (Self::ClaudeCode | Self::Codex | Self::Copilot, Moment::Stop) => blocks("block"),
            (Self::Gemini, Moment::Stop) => blocks("deny"),
            (Self::Cursor, Moment::Start | Moment::Tool) => json!({ "additional_context": words }),
            (Self::Cursor, Moment::Stop) => json!({ "followup_message": words }),
            (Self::Copilot, Moment::Start | Moment::Tool) => json!({ "additionalContext": words }),
        })
    }
}

/// What a client tells a hook, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(in crate::cli) struct Input {
    session_id: Option<String>,
    #[serde(rename = "sessionId")]
    session_id_camel: Option<String>,
    conversation_id: Option<String>,
    reason: Option<String>,
    status: Option<String>,
    stop_hook_active: bool,
    loop_count: u64,
}

impl Input {
    /// The client's id of the session.
    pub(in crate::cli) fn session(&self) -> Option<&str> {
        let ids = [
            &self.session_id,
            &self.session_id_camel,
            &self.conversation_id,
        ];
        ids.into_iter().find_map(Option::as_deref)
    }

    /// Whether the turn that ends was itself made by a stop hook.
    pub(super) fn is_continued(&self) -> bool {
        self.stop_hook_active || self.loop_count > 0
    }

    /// Whether the session really ends: its process does not go on with another conversation.
    pub(super) fn ends(&self) -> bool {
        !matches!(self.reason.as_deref(), Some("clear" | "resume"))
    }

    /// Whether a person broke the turn off, so that nothing may be asked.
    pub(super) fn is_broken_off(&self) -> bool {
        matches!(self.status.as_deref(), Some("aborted" | "error"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, Client, [&str; 4]); 5] = [
        (
            "claude-code",
            Client::ClaudeCode,
            ["SessionStart", "PostToolUse", "Stop", "SessionEnd"],
        ),
        (
            "codex",
            Client::Codex,
            ["SessionStart", "PostToolUse", "Stop", "SessionEnd"],
        ),
        (
            "cursor",
            Client::Cursor,
            ["sessionStart", "postToolUse", "stop", "sessionEnd"],
        ),
        (
            "gemini",
            Client::Gemini,
            ["SessionStart", "AfterTool", "AfterAgent", "SessionEnd"],
        ),
        (
            "copilot",
            Client::Copilot,
            ["sessionStart", "postToolUse", "agentStop", "sessionEnd"],
        ),
    ];

    #[test]
    fn each_client_has_its_own_words_for_the_same_moments() {
        let moments = [Moment::Start, Moment::Tool, Moment::Stop, Moment::End];
        for (name, client, events) in ALL {
            assert_eq!(Client::parse(name), Some(client));
            for (event, moment) in events.into_iter().zip(moments) {
                assert_eq!(client.moment(event), Some(moment), "{name} {event}");
            }
            for (event, moment) in ["session-start", "post-tool-use", "stop", "session-end"]
                .into_iter()
                .zip(moments)
            {
                assert_eq!(client.moment(event), Some(moment), "{name} {event}");
            }
            assert_eq!(client.moment("PreToolUse"), None);
        }
        assert_eq!(Client::parse("zed"), None);
    }

    /// The forms that the clients document; the texts are compared whole.
    #[test]
    fn the_answers_have_the_form_of_each_client() {
        let mut forms = String::new();
        for (name, client, events) in ALL {
            for event in events {
                let moment = client.moment(event).unwrap();
                let answer = client.answer(moment, "W");
                let answer = answer.map_or_else(|| "nothing".to_owned(), |it| it.to_string());
                forms += &[name, event, &answer].join(" ");
                forms.push('\n');
            }
        }
        insta::assert_snapshot!(forms);
    }

    #[test]
    fn the_session_is_found_by_each_clients_name_for_it() {
        for text in [
            r#"{"session_id":"s","transcript_path":"/t","cwd":"/c","hook_event_name":"Stop"}"#,
            r#"{"sessionId":"s","timestamp":1704614750000,"cwd":"/c","stopReason":"end_turn"}"#,
            r#"{"conversation_id":"s","generation_id":"g","status":"completed","loop_count":0}"#,
            r#"{"session_id":"s","conversation_id":"other"}"#,
        ] {
            let input: Input = serde_json::from_str(text).unwrap();
            assert_eq!(input.session(), Some("s"), "{text}");
            assert!(!input.is_continued() && input.ends() && !input.is_broken_off());
        }
        let read = |text: &str| serde_json::from_str::<Input>(text).unwrap();
        assert!(read(r#"{"stop_hook_active":true}"#).is_continued());
        assert!(read(r#"{"loop_count":1}"#).is_continued());
        assert!(!read(r#"{"reason":"clear"}"#).ends());
        assert!(read(r#"{"reason":"prompt_input_exit"}"#).ends());
        assert!(read(r#"{"status":"aborted"}"#).is_broken_off());
        assert!(serde_json::from_str::<Input>(r#"{"session_id":7}"#).is_err());
    }
}
