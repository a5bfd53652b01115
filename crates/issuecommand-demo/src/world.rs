//! The GitHub of the demo: generated repositories, or a real history that advances while agents work.

use std::sync::{Arc, Mutex, PoisonError};

use issuecommand_github_emulator::archive::{Archive, Event};
use issuecommand_github_emulator::demo_data::demo_world_at;
use issuecommand_github_emulator::{GithubEmulator, Issue, State, World};

use crate::DemoArgs;
use issuecommand_app::AppError;

/// The token that the demo's GitHub accepts; valid nowhere else.
pub(crate) const TOKEN: &str = "demo-token";

/// The demo's GitHub.
pub(crate) struct DemoWorld {
    emulator: Arc<GithubEmulator>,
    history: Option<History>,
}

/// The remaining events of a real history.
struct History {
    emulator: Arc<GithubEmulator>,
    archive: Archive,
    coming: Mutex<Vec<Event>>,
}

impl DemoWorld {
    pub(crate) async fn start(args: &DemoArgs) -> Result<Self, AppError> {
        let Some(file) = &args.archive else {
            let mut world = demo_world_at(args.seed, jiff::Timestamp::now());
            world.follow_system_clock();
            block_some(&mut world);
            return Ok(Self {
                emulator: Arc::new(serve(world).await?),
                history: None,
            });
        };
        let unreadable = |cause| AppError::Io {
            what: "the archive could not be read".to_owned(),
            cause,
        };
        let archive = Archive::load(file).map_err(unreadable)?;
        let no_issue = || {
            std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "it has no issue that was ever open",
            )
        };
        let at = match args.at {
            Some(at) => at,
            None => {
                archive
                    .busiest_moment()
                    .ok_or_else(no_issue)
                    .map_err(unreadable)?
                    .at
            }
        };
        let emulator = Arc::new(serve(archive.world_at(at)).await?);
        let mut coming = archive.events_after(at).to_vec();
        coming.reverse();
        let history = History {
            emulator: emulator.clone(),
            archive,
            coming: Mutex::new(coming),
        };
        Ok(Self {
            emulator,
            history: Some(history),
        })
    }

    pub(crate) fn url(&self) -> &str {
        self.emulator.url()
    }

    /// Changes the emulated GitHub as a person would.
    pub(crate) fn github<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        self.emulator.world(act)
    }

    /// Applies the next two events of a real history. A generated world has none.
    pub(crate) fn step(&self) {
        if let Some(history) = &self.history {
            history.step();
        }
    }

    /// The name and the time of a real history.
    pub(crate) fn place(&self) -> Option<String> {
        let history = self.history.as_ref()?;
        let now = self.emulator.world(|world| world.now());
        Some(format!(
            "In {} it is {}",
            history.archive.repo(),
            now.strftime("%Y-%m-%d %H:%M")
        ))
    }
}

/// Of each six open issues of a repository one waits for another.
fn block_some(world: &mut World) {
    let mut pairs = Vec::new();
    for repo in world.repos() {
        let is_open = |issue: &&Issue| issue.pull.is_none() && issue.state == State::Open;
        let open = repo.issues().filter(is_open);
        let open: Vec<u64> = open.map(|issue| issue.number).collect();
        let of_repo = open.windows(2).step_by(6);
        pairs.extend(of_repo.map(|pair| (repo.full_name(), pair[1], pair[0])));
    }
    for (repo, waiting, blocker) in pairs {
        world.block(&repo, waiting, (&repo, blocker));
    }
}

async fn serve(mut world: World) -> Result<GithubEmulator, AppError> {
    world.accept_token(TOKEN, "demo");
    // The demo polls every other second; GitHub's real limit would end it within the hour.
    world.set_rate_limit(1_000_000);
    GithubEmulator::try_start(world)
        .await
        .map_err(|cause| AppError::Io {
            what: "the demo's GitHub could not be started".to_owned(),
            cause,
        })
}

impl History {
    fn step(&self) {
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..2 {
            let Some(event) = coming.pop() else { return };
            self.emulator
                .world(|world| self.archive.apply(&event, world));
        }
    }
}
