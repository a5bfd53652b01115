//! Builders of comments and reviews.

use super::Author;
use crate::associations::Association;
use crate::model::{Lines, ReviewState, Side};

/// A comment on an issue, a pull request, or a line of its diff.
#[derive(Debug, Clone)]
pub struct NewComment {
    pub(crate) body: String,
    pub(crate) author: Author,
    pub(crate) association: Option<Association>,
    pub(crate) review_id: Option<u64>,
    pub(crate) in_reply_to: Option<u64>,
    pub(crate) lines: Lines,
    pub(crate) path: String,
    pub(crate) hunk: Option<String>,
    pub(crate) id: Option<u64>,
}

impl NewComment {
    /// With this text, by the acting account. As a line comment it is at line 1 of `src/lib.rs`.
    pub fn saying(body: &str) -> Self {
        Self {
            body: body.to_owned(),
            author: Author::Viewer,
            association: None,
            review_id: None,
            in_reply_to: None,
            lines: Lines::At {
                start: None,
                line: 1,
                side: Side::Right,
            },
            path: "src/lib.rs".to_owned(),
            hunk: None,
            id: None,
        }
    }

    /// Written by this login.
    #[must_use]
    pub fn by(mut self, login: &str) -> Self {
        self.author = Author::Login(login.to_owned());
        self
    }

    /// Written by a deleted account.
    #[must_use]
    pub fn by_ghost(mut self) -> Self {
        self.author = Author::Ghost;
        self
    }

    /// Sets the author's association instead of deriving it.
    #[must_use]
    pub fn association(mut self, association: Association) -> Self {
        self.association = Some(association);
        self
    }

    /// Part of this review (line comments only). In a pending review it is a draft.
    #[must_use]
    pub fn in_review(mut self, review_id: u64) -> Self {
        self.review_id = Some(review_id);
        self
    }

    /// A reply in the thread of this line comment, at the same line.
    #[must_use]
    pub fn replying_to(mut self, comment_id: u64) -> Self {
        self.in_reply_to = Some(comment_id);
        self
    }

    /// On this line of the new version of the file.
    #[must_use]
    pub fn on_line(mut self, path: &str, line: u64) -> Self {
        path.clone_into(&mut self.path);
        self.at_lines(None, line, Side::Right)
    }

    /// On these lines of the new version of the file, inclusive.
    #[must_use]
    pub fn on_lines(mut self, path: &str, start: u64, line: u64) -> Self {
        path.clone_into(&mut self.path);
        self.at_lines(Some((start, Side::Right)), line, Side::Right)
    }

    /// On a removed line.
    #[must_use]
    pub fn on_old_line(mut self, path: &str, line: u64) -> Self {
        path.clone_into(&mut self.path);
        self.at_lines(None, line, Side::Left)
    }

    /// On a file as a whole.
    #[must_use]
    pub fn on_file(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self.lines = Lines::File;
        self
    }

    /// With this diff hunk.
    #[must_use]
    pub fn hunk(mut self, text: &str) -> Self {
        self.hunk = Some(text.to_owned());
        self
    }

    pub(crate) fn at_lines(mut self, start: Option<(u64, Side)>, line: u64, side: Side) -> Self {
        self.lines = Lines::At { start, line, side };
        self
    }
}

impl From<&str> for NewComment {
    fn from(body: &str) -> Self {
        Self::saying(body)
    }
}

/// A review to be submitted.
#[derive(Debug, Clone)]
pub struct NewReview {
    pub(crate) state: ReviewState,
    pub(crate) comment: NewComment,
    pub(crate) commit_id: Option<String>,
}

impl NewReview {
    /// With this verdict and text.
    pub fn saying(state: ReviewState, comment: impl Into<NewComment>) -> Self {
        Self {
            state,
            comment: comment.into(),
            commit_id: None,
        }
    }
}
