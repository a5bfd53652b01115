//! The place of a line comment in a diff.

use serde::{Deserialize, Serialize};

/// The side of a diff that a comment is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Side {
    /// The old version of the file.
    Left,
    /// The pull request's version of the file.
    Right,
}

impl Side {
    /// GitHub's name for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "LEFT",
            Self::Right => "RIGHT",
        }
    }

    /// The side with that name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Left, Self::Right]
            .into_iter()
            .find(|side| side.as_str() == word)
    }
}

/// The most bytes of a diff hunk that are kept with a comment.
pub const HUNK_MAX: usize = 2_000;

/// The end of a diff hunk, which has the commented line: whole lines, at most [`HUNK_MAX`] bytes.
pub fn bounded_hunk(hunk: &str) -> String {
    if hunk.len() <= HUNK_MAX {
        return hunk.to_owned();
    }
    let tail = &hunk[hunk.ceil_char_boundary(hunk.len() - HUNK_MAX)..];
    tail.split_once('\n')
        .map_or(tail, |(_, rest)| rest)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_hunk_keeps_its_end_in_whole_lines() {
        assert_eq!(bounded_hunk("@@ -1 +1 @@\n+a"), "@@ -1 +1 @@\n+a");
        let lines: Vec<String> = (0..1_000).map(|n| format!("+ line {n} é\n")).collect();
        let long = lines.concat();
        let kept = bounded_hunk(&long);
        assert!(kept.len() <= HUNK_MAX && kept.len() > HUNK_MAX - 40);
        assert!(kept.starts_with("+ line ") && kept.ends_with("+ line 999 é\n"));
    }
}
