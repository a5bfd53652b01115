//! GitHub's REST API over the model.

mod answer;
mod call;
mod comments;
mod commits;
mod contents;
mod cursor;
mod etag;
mod faults;
mod issues;
mod lines;
mod lists;
mod middleware;
mod misc;
mod pulls;
mod relations;
mod reply;
mod repos;
mod reviews;
mod routes;

pub(super) use routes::router;
