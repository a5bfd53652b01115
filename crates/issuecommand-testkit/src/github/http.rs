//! The HTTP face: GitHub's REST API on the model.

mod call;
mod comments;
mod commits;
mod cursor;
mod etag;
mod face;
mod front;
mod issues;
mod lines;
mod lists;
mod misc;
mod pulls;
mod reply;
mod repos;
mod reviews;
mod routes;
mod struck;

pub(super) use face::Face;
pub(super) use routes::router;
pub(super) use struck::alter;
