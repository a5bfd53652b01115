//! Real histories of repositories: read a public archive, take it as of a moment, play it on.
//!
//! The format is the JSON that the issue archiver of the IETF's working groups writes, one file a repository (GraphQL's
//! spellings). It tells how things ended, so some of what happened between is unknown: labels, assignees and texts are
//! those of the end from the start, issues are never reopened, and pushes are worked out from the commits that reviews
//! looked at.

mod event;
mod format;
mod play;
mod stream;

use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::World;

pub use event::{AuthoredText, Event, EventKind, Opened, PullOpened};

/// One repository's history, in the order in which it happened.
#[derive(Debug, Clone)]
pub struct Archive {
    repo: String,
    default_branch: String,
    next_number: u64,
    events: Vec<Event>,
}

/// A moment of a history and how many issues were open then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Issues open, pull requests left out.
    pub open_issues: usize,
}

impl Archive {
    /// Reads an archive file.
    ///
    /// # Errors
    /// When the file cannot be read, or is not of the format (`InvalidData`, with the place in the text).
    pub fn load(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let explained = |kind, error: &dyn std::fmt::Display| {
            io::Error::new(kind, format!("{}: {error}", path.display()))
        };
        let text =
            std::fs::read_to_string(path).map_err(|error| explained(error.kind(), &error))?;
        Self::parse(&text).map_err(|error| explained(io::ErrorKind::InvalidData, &error))
    }

    /// Reads the text of an archive.
    ///
    /// # Errors
    /// When it is not of the format.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let file: format::File = serde_json::from_str(text)?;
        Ok(stream::archive(file))
    }

    /// `owner/name`.
    pub fn repo(&self) -> &str {
        &self.repo
    }

    /// All that happened, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// What happened after a moment, oldest first.
    pub fn events_after(&self, moment: Timestamp) -> &[Event] {
        &self.events[self.events.partition_point(|event| event.at <= moment)..]
    }

    /// The world as it was at a moment: what happened until then (that second included), and the clock standing there.
    /// The numbers are the archive's, and a new issue or pull request gets one after its last, so that the rest of the
    /// history can still be played.
    pub fn world_at(&self, moment: Timestamp) -> World {
        let begin = self
            .events
            .first()
            .map_or(moment, |event| event.at.min(moment));
        let mut world = World::at(begin);
        let id = world.add_repo(self.repo.as_str());
        world.set_default_branch(&self.repo, &self.default_branch);
        world.reserve_numbers(id, self.next_number);
        for event in self.events.iter().take_while(|event| event.at <= moment) {
            self.apply(event, &mut world);
        }
        world.set_now(moment);
        world
    }

    /// The first moment at which the most issues were open; none for a history without issues.
    pub fn busiest_moment(&self) -> Option<Moment> {
        let mut busiest: Option<Moment> = None;
        let mut open_issues = 0_usize;
        for now in self.events.chunk_by(|one, other| one.at == other.at) {
            for event in now {
                match event.what {
                    EventKind::IssueOpened(_) => open_issues += 1,
                    EventKind::IssueClosed => open_issues -= 1,
                    _ => {}
                }
            }
            if open_issues > busiest.map_or(0, |moment| moment.open_issues) {
                busiest = now.first().map(|event| Moment {
                    at: event.at,
                    open_issues,
                });
            }
        }
        busiest
    }
}
