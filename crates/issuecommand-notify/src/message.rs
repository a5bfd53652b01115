//! A message for people, before it has the form of a chat service.

use serde::{Deserialize, Serialize};

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// A person is needed.
    Attention,
    /// A person is not needed any more.
    Resolved,
    /// Something is told that was asked for.
    Info,
}

/// A message for people. Every text may have words of strangers in it, so each form escapes all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// How it is meant.
    pub tone: Tone,
    /// What it is about, as a word for programs: `claim_stale`, `claim.created`, `several`.
    pub kind: String,
    /// The issue, agent or other thing that it is about; messages of one key are told apart by time.
    pub key: String,
    /// The first line.
    pub title: String,
    /// The other lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// The page of the dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The page on GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub github: Option<String>,
    /// The command that comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl Message {
    /// The title with a mark that says how it is meant.
    pub(crate) fn headline(&self) -> String {
        let mark = match self.tone {
            Tone::Attention => "⚠️ ",
            Tone::Resolved => "✅ Resolved: ",
            Tone::Info => "",
        };
        format!("{mark}{}", crate::text::visible(&self.title))
    }

    /// The other lines, each made visible, without empty ones.
    pub(crate) fn details(&self) -> impl Iterator<Item = String> {
        let lines = self.lines.iter().map(|line| crate::text::visible(line));
        lines.filter(|line| !line.is_empty())
    }

    /// The command in one line.
    pub(crate) fn shown_command(&self) -> Option<String> {
        self.command.as_deref().map(crate::text::visible)
    }

    /// Its links, each with what it leads to.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let dashboard = self.link.as_deref().map(|link| ("Dashboard", link));
        let github = self.github.as_deref().map(|link| ("GitHub", link));
        let links = [dashboard, github].into_iter().flatten();
        links.filter(|(_, link)| link.starts_with("https://") || link.starts_with("http://"))
    }
}
