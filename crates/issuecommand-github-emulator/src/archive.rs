//! Real histories of repositories: reads a public archive, builds the world at a time, and replays later events.
//!
//! The format is the JSON that the issue archiver of the IETF's working groups writes, one file per repository (GraphQL's
//! spellings). It contains final states, so some of the history is unknown: labels, assignees and texts have their final values
//! from the start, issues are never reopened, and pushes are derived from the commits that reviews refer to.

mod event;
mod format;
mod play;
mod stream;

use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::World;

pub use event::{AuthoredText, Event, EventKind, Opened, PullOpened};

/// The history of one repository, in order of time.
#[derive(Debug, Clone)]
pub struct Archive {
    repo: String,
    default_branch: String,
    next_number: u64,
    events: Vec<Event>,
}

/// A time in a history, with the number of open issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Open issues, without pull requests.
    pub open_issues: usize,
}

impl Archive {
    /// Reads an archive file.
    ///
    /// # Errors
    /// If the file cannot be read, or has another format (`InvalidData`, with the position in the text).
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
    /// If it has another format.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let file: format::File = serde_json::from_str(text)?;
        Ok(stream::archive(file))
    }

    /// `owner/name`.
    pub fn repo(&self) -> &str {
        &self.repo
    }

    /// All events, oldest first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The events after a time, oldest first.
    pub fn events_after(&self, moment: Timestamp) -> &[Event] {
        &self.events[self.events.partition_point(|event| event.at <= moment)..]
    }

    /// The world at a time, including the events of that second, with its clock set to it. Numbers are those of the archive.
    /// New issues and pull requests get numbers after its last one, so that the rest of the history can be replayed.
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

    /// The first time at which the most issues were open; `None` for a history without issues.
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
