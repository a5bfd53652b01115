//! Which agents an issue is for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::id::AgentId;

/// The agents that an issue is for, as a text: groups of patterns joined by `;`, the patterns of a group joined by `,`. An agent is
/// admitted if each group has a pattern that its name matches. In a pattern `*` stands for any text and `?` for one character.
/// Without a group, which is the default, the issue is for anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lane(String);

impl Lane {
    /// The lane with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The lane of agents that are admitted by all of these groups of patterns. An empty group admits anybody.
    pub fn of_groups<'g>(groups: impl IntoIterator<Item = Vec<&'g str>>) -> Self {
        let groups = groups.into_iter().filter(|group| !group.is_empty());
        let groups: Vec<String> = groups.map(|group| group.join(",")).collect();
        Self(groups.join(";"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The patterns of each group.
    pub fn groups(&self) -> impl Iterator<Item = Vec<&str>> {
        let groups = self.0.split(';').map(|group| {
            let patterns = group.split(',').map(str::trim);
            patterns.filter(|pattern| !pattern.is_empty()).collect()
        });
        groups.filter(|group: &Vec<&str>| !group.is_empty())
    }

    /// The patterns in words: `claude-* or codex`, where there are several groups `claude-* or codex, and *-web`.
    pub fn words(&self) -> String {
        let groups: Vec<String> = self.groups().map(|group| group.join(" or ")).collect();
        groups.join(", and ")
    }

    /// Whether its issues are for this agent.
    pub fn admits(&self, agent: &AgentId) -> bool {
        let name: Vec<char> = agent.as_str().chars().collect();
        let fits = |pattern: &&str| matches(&pattern.chars().collect::<Vec<_>>(), &name);
        self.groups().all(|group| group.iter().any(fits))
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a name matches a pattern. Takes at most the product of both lengths: after a mismatch only the last `*` takes more.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some('?') => (p, n) = (p + 1, n + 1),
            Some(&one) if one == name[n] => (p, n) = (p + 1, n + 1),
            Some(_) | None => {
                let Some((at, taken)) = star else {
                    return false;
                };
                star = Some((at, taken + 1));
                (p, n) = (at + 1, taken + 1);
            }
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(lane: &str, agent: &str) -> bool {
        Lane::new(lane).admits(&AgentId::parse(agent).unwrap())
    }

    #[test]
    fn a_pattern_stands_for_names() {
        for (lane, agent) in [
            ("", "ann"),
            ("ann", "ann"),
            ("claude-*", "claude-7f3e"),
            ("claude-*", "claude-"),
            ("*-web", "claude-web-web"),
            ("c?d*x", "codex-max"),
            ("*", "bob"),
            ("**b*", "bob"),
            ("codex-*, claude-*", "claude-1"),
            ("claude-*;*-web", "claude-web"),
            (" ; ,", "ann"),
        ] {
            assert!(admits(lane, agent), "{lane} {agent}");
        }
        for (lane, agent) in [
            ("ann", "anna"),
            ("ann", "an"),
            ("Ann", "ann"),
            ("claude-*", "claude"),
            ("?", "bob"),
            ("*-web", "claude-webs"),
            ("claude-*;*-web", "claude-api"),
            ("claude-*;*-web", "codex-web"),
            ("a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ] {
            assert!(!admits(lane, agent), "{lane} {agent}");
        }
    }
}
