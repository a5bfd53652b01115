//! The emulator behaves like GitHub.

mod access;
mod clock;
mod commits;
mod contents;
mod credentials;
mod faults;
mod hooks;
mod labels;
mod lies;
mod lists;
mod optional_facts;
mod people;
mod pulls;
mod relations;
mod reviews;
mod writes;

use std::time::Duration;

use issuecommand_github_emulator::{GithubEmulator, World};

/// One repository `acme/app` with issues 1 to `issues`, opened a minute apart.
fn world_with(issues: u64) -> World {
    let mut world = World::new();
    world.add_repo("acme/app");
    for number in 1..=issues {
        world.advance(Duration::from_mins(1));
        world.open_issue("acme/app", format!("Issue {number}").as_str());
    }
    world
}

async fn emulator_with(issues: u64) -> GithubEmulator {
    crate::raw::start(world_with(issues)).await
}
