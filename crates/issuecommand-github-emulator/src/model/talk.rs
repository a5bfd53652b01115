//! What people say on issues and pull requests: comments, reviews, comments on lines.

use jiff::Timestamp;

use crate::associations::Association;

/// A comment in the conversation of an issue or a pull request.
#[derive(Debug, Clone)]
pub struct Comment {
    /// GitHub's numeric id.
    pub id: u64,
    /// Login; none once the account is gone.
    pub author: Option<String>,
    /// How the author stands to the repository.
    pub association: Association,
    /// Markdown.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// Why it was minimized, as REST shows it (`outdated`, `spam`, `resolved`); none while it is shown in full.
    pub minimized: Option<String>,
}

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// Good to merge.
    Approved,
    /// Not before something changes.
    ChangesRequested,
    /// Words only.
    Commented,
    /// Taken back by someone.
    Dismissed,
    /// Not submitted yet: seen by its author alone.
    Pending,
}

impl ReviewState {
    /// GitHub's word: REST lists spell it in capitals (webhooks do not).
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
    /// Login; none once the account is gone.
    pub author: Option<String>,
    /// How the author stands to the repository.
    pub association: Association,
    /// What it says.
    pub state: ReviewState,
    /// Markdown, often empty.
    pub body: String,
    /// The commit that was looked at.
    pub commit_id: String,
    /// When it was submitted; when it was begun, while it is pending.
    pub submitted_at: Timestamp,
}

/// The side of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// The file as it was.
    Left,
    /// The file as the pull request makes it.
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

/// What of a file a comment is about, counted when it was written.
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

/// A comment on a line of a pull request's diff.
#[derive(Debug, Clone)]
pub struct ReviewComment {
    /// GitHub's numeric id.
    pub id: u64,
    /// The review it belongs to.
    pub review_id: Option<u64>,
    /// Login; none once the account is gone.
    pub author: Option<String>,
    /// How the author stands to the repository.
    pub association: Association,
    /// Markdown.
    pub body: String,
    /// The file.
    pub path: String,
    /// Where in the file it stands.
    pub lines: Lines,
    /// The part of the diff around it.
    pub hunk: String,
    /// The comment that opened its thread, where it is a reply.
    pub in_reply_to: Option<u64>,
    /// A later push changed its lines: GitHub no longer says where it stands, only where it stood.
    pub outdated: bool,
    /// The commit that was looked at.
    pub commit_id: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
}
