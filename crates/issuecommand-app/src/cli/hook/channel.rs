//! The channel to the service: its database, or HTTP.

use std::time::Duration;

use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::session::SessionId;
use tokio::time::sleep;

use super::local::Local;
use super::marks::Marks;
use super::remote::Remote;
use super::words::{Feedback, Sight};
use crate::error::AppError;
use crate::settings::Settings;

/// How often the event log of a database is looked at.
const LOOK: Duration = Duration::from_millis(400);

/// Who asks, and how the service is reached.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Asker<'a> {
    pub(in crate::cli) agent: Option<&'a AgentId>,
    /// The client whose hook this is.
    pub(in crate::cli) client: Option<&'a str>,
    pub(in crate::cli) session: Option<&'a SessionId>,
    /// The address of a service elsewhere.
    pub(in crate::cli) remote: Option<&'a str>,
    /// How long a request to it may take.
    pub(in crate::cli) patience: Duration,
    /// Where the session's database is remembered.
    pub(in crate::cli) marks: Option<&'a Marks>,
}

/// The sign of life that a look is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Sign {
    /// The session begins, or goes on.
    Begins,
    /// It is at work, unless it was said to be over.
    Works,
    /// None.
    None,
}

#[derive(Debug)]
pub(in crate::cli) enum Channel {
    Local(Box<Local>),
    Remote(Box<Remote>),
}

impl Channel {
    /// Opens the channel. `None` if there is no database, or no agent in this session.
    ///
    /// # Errors
    /// Why the service cannot be reached.
    pub(in crate::cli) async fn open(
        settings: &Settings,
        asker: Asker<'_>,
    ) -> Result<Option<Self>, AppError> {
        Ok(match asker.remote {
            Some(url) => {
                Remote::open(settings, url, &asker)?.map(|remote| Self::Remote(Box::new(remote)))
            }
            None => Local::open(settings, asker.agent, asker.session, asker.marks)
                .await?
                .map(|local| Self::Local(Box::new(local))),
        })
    }

    /// Who the model is to say that it is in its calls; `None` where its session says so.
    pub(in crate::cli) fn name_to_give(&self) -> Option<String> {
        match self {
            Self::Local(_) => None,
            Self::Remote(remote) => remote.name_to_give(),
        }
    }

    pub(in crate::cli) async fn sight(&self, sign: Sign) -> Result<Sight, AppError> {
        match self {
            Self::Local(local) => local.sight(sign).await,
            Self::Remote(remote) => remote.sight(sign).await,
        }
    }

    pub(in crate::cli) async fn open_work(
        &self,
        issues: bool,
    ) -> Result<(Vec<Feedback>, u64), AppError> {
        match self {
            Self::Local(local) => local.open_work(issues).await,
            Self::Remote(remote) => remote.open_work(issues).await,
        }
    }

    pub(in crate::cli) async fn over(&self) -> Result<(), AppError> {
        match self {
            Self::Local(local) => local.over().await,
            Self::Remote(remote) => remote.over().await,
        }
    }

    /// Waits until something may have changed.
    ///
    /// # Errors
    /// The database was given up.
    pub(in crate::cli) async fn changed(&mut self) -> Result<(), AppError> {
        match self {
            Self::Local(local) => loop {
                sleep(LOOK).await;
                if local.has_changed().await? {
                    return Ok(());
                }
            },
            Self::Remote(remote) => {
                remote.changed().await;
                // What happens together is looked at once.
                sleep(LOOK).await;
                Ok(())
            }
        }
    }

    pub(in crate::cli) async fn close(self) {
        if let Self::Local(local) = self {
            local.close().await;
        }
    }
}
