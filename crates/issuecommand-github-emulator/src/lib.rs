//! An emulator of GitHub for tests and the demo. It models GitHub's state, not single calls.
//!
//! Three layers. [`World`] is a plain model: users, repositories, issues and pull requests that share one sequence of
//! numbers, comments, reviews, and a clock that moves only when told. `http` serves that model as GitHub's REST API does
//! (version 2022-11-28: JSON shapes, `Link`, weak `ETag`s, rate limits, redirects, 404 and 410). A test holds a
//! [`GithubEmulator`]: it changes the world, reads the log of requests and switches faults on.
//!
//! - [`archive`]: real repository histories, loaded as of a moment and played on.
//! - [`demo_data`]: a few repositories full of plausible issues, the same for the same seed.
//!
//! The emulator shares no type with the client that is tested against it. It is written from GitHub's REST documentation
//! alone, so that a misreading in one is not repeated in the other.
//!
//! ```
//! # async fn example() {
//! use issuecommand_github_emulator::{Fault, GithubEmulator, World};
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
//! After [`World::record_deliveries`] the world also keeps the webhook deliveries that GitHub would send for each change. A
//! test posts them where and in which order it wants.
//!
//! Beside faults of single requests a test can have: a clock that is wrong ([`World::shift_clock`]), what
//! people may do ([`World::set_permission`], [`World::add_private_member`]), Apps (a login that ends in `[bot]`), who acts
//! ([`World::acting_as`]), pushes of all kinds ([`NewPush`]), pending reviews ([`World::submit_review`]), edits and
//! deletions with their `changes`, lists that are wrong ([`World::delay_in_lists`], [`World::set_lists_empty`],
//! [`World::claim_open_issues`], [`World::garble`], [`Fault::circle_of_pages`]), labels and milestones that change behind
//! their issues ([`World::rename_label`]), credentials that see little ([`World::narrow_token`],
//! [`World::accept_installation_token`]) and hooks that tell of more ([`World::record_organization_deliveries`]).
//!
//! Issues have dependencies ([`World::block`]), sub-issues ([`World::add_sub_issue`]), types ([`World::set_type`]) and fields
//! ([`World::set_field`]), each of which a server may lack ([`World::set_feature`]); repositories have files
//! ([`World::put_file`]).
//!
//! Deliberately absent: GraphQL, git itself.

mod alteration;
pub mod archive;
mod associations;
mod builders;
pub mod demo_data;
mod emulator;
mod fault;
mod hook;
mod http;
mod keywords;
mod log;
mod model;
mod page;
mod pattern;
mod render;
mod shared_state;
mod world;

pub use alteration::Alteration;
pub use associations::Association;
pub(crate) use builders::Head;
pub use builders::{NewComment, NewIssue, NewPull, NewPush, NewRepo, NewReview};
pub use emulator::GithubEmulator;
pub use fault::{Fault, FaultId};
pub use hook::{Delivery, sign};
pub use log::RequestRecord;
pub use model::{
    Comment, Commit, Feature, HeadRepo, Issue, Label, Lines, Milestone, Permission, Pull, Repo,
    Review, ReviewComment, ReviewState, Side, State, StateReason, TimelineEvent, TimelineKind,
    User,
};
pub(crate) use world::Place;
pub use world::{Corruption, World};
