//! An emulator of GitHub: emulate the world, not the call.
//!
//! Three layers. [`World`] is a plain model: users, repositories, issues and pull requests that share one sequence of
//! numbers, comments, reviews, and a clock that moves only when told. The HTTP face shows that model as GitHub's REST
//! API does (version 2022-11-28: JSON shapes, `Link`, weak `ETag`s, rate limits, redirects, 404 and 410).
//! [`GithubEmulator`] is what a test holds: it changes the world, reads the log of requests and switches faults on.
//!
//! ```
//! # async fn example() {
//! use issuecommand_testkit::github::{Fault, GithubEmulator, World};
//!
//! let mut world = World::new();
//! world.add_repo("acme/app");
//! let number = world.open_issue("acme/app", "Login loops forever");
//! let github = GithubEmulator::start(world).await;
//!
//! let fault = github.fault("GET /repos/acme/app/issues", Fault::status(502).times(2));
//! github.world(|w| w.close_issue("acme/app", number));
//! github.end_fault(fault);
//! assert!(github.requests().is_empty());
//! # }
//! ```
//!
//! A world that was told to ([`World::record_deliveries`]) also keeps the webhook deliveries that GitHub would send for
//! whatever happens in it; a test posts them where and in which order it likes.
//!
//! Deliberately absent: GraphQL, git itself, permissions beyond read and write.

mod associations;
mod emulator;
mod fault;
mod hook;
mod http;
mod keywords;
mod listing;
mod log;
mod model;
mod new;
mod page;
mod pattern;
mod render;
mod world;

pub use associations::Association;
pub use emulator::GithubEmulator;
pub use fault::{Fault, FaultId};
pub use hook::{Delivery, sign};
pub use log::RequestRecord;
pub use model::{
    Comment, Issue, Label, Milestone, Pull, Repo, Review, ReviewComment, ReviewState, State,
    StateReason, User,
};
pub use new::{NewComment, NewIssue, NewPull, NewRepo, NewReview};
pub(crate) use world::Place;
pub use world::World;
