//! Comments, reviews and line comments.

use jiff::Timestamp;

use crate::associations::Association;

/// A comment in the conversation of an issue or a pull request.
#[derive(Debug, Clone)]
pub struct Comment {
    /// GitHub's numeric id.
    pub id: u64,
    /// Login; `None` for a deleted account.
    pub author: Option<String>,
    /// The author's association with the repository.
    pub association: Association,
    /// Markdown.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// The reason why it is minimized, as in REST (`outdated`, `spam`, `resolved`); `None` while it is shown.
    pub minimized: Option<String>,
}

/// The verdict of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// Approved.
    Approved,
    /// Changes are required before the merge.
    ChangesRequested,
    /// Only a comment.
    Commented,
    /// Dismissed by somebody.
    Dismissed,
    /// Not submitted yet; visible only to its author.
    Pending,
}

impl ReviewState {
    /// GitHub's spelling: capitals in REST lists, lower case in webhooks.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::ChangesRequested => "CHANGES_REQUESTED",
            Self::Commented => "COMMENTED",
            Self::Dismissed => "DISMISSED",
            Self::Pending => "PENDING",
        }
    }
}

/// A review of a pull request.
#[derive(Debug, Clone)]
pub struct Review {
    /// GitHub's numeric id.
    pub id: u64,
    /// Login; `None` for a deleted account.
    pub author: Option<String>,
    /// The author's association with the repository.
    pub association: Association,
    /// Whether it approves, asks for changes or comments.
    pub state: ReviewState,
    /// Markdown, often empty.
    pub body: String,
    /// The reviewed commit.
    pub commit_id: String,
    /// When it was submitted, or begun while it is pending.
    pub submitted_at: Timestamp,
}

/// The side of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// The old version of the file.
    Left,
    /// The new version of the file.
    #[default]
    Right,
}

impl Side {
    /// GitHub's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "LEFT",
            Self::Right => "RIGHT",
        }
    }
}

/// The commented part of a file at the time of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// The file as a whole (`subject_type` is `file`).
    File,
    /// One line, or several when `start` is given (`subject_type` is `line`).
    At {
        /// The first of several lines, and its side.
        start: Option<(u64, Side)>,
        /// The line, or the last of several.
        line: u64,
        /// Which side of the diff.
        side: Side,
    },
}

/// A line comment of a pull request.
#[derive(Debug, Clone)]
pub struct ReviewComment {
    /// GitHub's numeric id.
    pub id: u64,
    /// The id of the review that it belongs to, if any.
    pub review_id: Option<u64>,
    /// Login; `None` for a deleted account.
    pub author: Option<String>,
    /// The author's association with the repository.
    pub association: Association,
    /// Markdown.
    pub body: String,
    /// The commented file's path in the repository.
    pub path: String,
    /// The commented lines.
    pub lines: Lines,
    /// The diff hunk around it.
    pub hunk: String,
    /// The first comment of its thread, if this is a reply.
    pub in_reply_to: Option<u64>,
    /// A later push changed its lines: GitHub then shows only its original position.
    pub outdated: bool,
    /// The reviewed commit.
    pub commit_id: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
}
