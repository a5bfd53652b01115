//! All routes of the emulated API. A repository can be addressed by its name or its id.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::call::{Call, Caller};
use super::middleware::middleware;
use super::reply::{Answer, Reply, not_found};
use super::{comments, commits, contents, issues, lines, misc, pulls, relations, repos, reviews};
use crate::shared_state::SharedState;
use crate::world::World;

/// A handler: reads or changes the world, and returns GitHub's reply.
pub(super) type Serve = fn(&mut World, &Call) -> Answer;

pub(crate) fn router(state: SharedState) -> Router {
    Router::new()
        .route("/user", get(repos::myself))
        .route("/user/repos", get(repos::mine))
        .route("/installation/repositories", get(repos::of_installation))
        .route("/rate_limit", get(misc::rate_limit))
        .route("/search/issues", get(misc::search))
        .nest("/repos/{owner}/{repo}", repository())
        .nest("/repositories/{id}", repository())
        .fallback(unknown)
        // GitHub answers 404 where other servers answer 405.
        .method_not_allowed_fallback(unknown)
        .layer(from_fn_with_state(state.clone(), middleware))
        .with_state(state)
}

/// A request with an unknown path or method, which fails a test that does not expect it.
async fn unknown(State(state): State<SharedState>, request: Request) -> Box<Reply> {
    let (method, path) = (request.method(), request.extensions().get::<Caller>());
    let path = path.map_or(request.uri().path(), |caller| &caller.path);
    state.log(|log| log.unknown(method.as_str(), path));
    not_found()
}

fn repository() -> Router<SharedState> {
    Router::new()
        .route("/", get(repos::one))
        .route("/collaborators/{user}/permission", get(repos::permission))
        .route("/labels", get(repos::labels))
        .route("/milestones", get(repos::milestones))
        .route("/issue-types", get(contents::issue_types))
        .route("/contents/{*path}", get(contents::file))
        .route("/commits/{sha}", get(commits::one))
        .route("/commits/{sha}/pulls", get(commits::pulls))
        .route("/compare/{*basehead}", get(commits::compare))
        .merge(issues_and_talk())
        .merge(pull_requests())
}

fn issues_and_talk() -> Router<SharedState> {
    Router::new()
        .route("/issues", get(issues::list).merge(post(issues::create)))
        .route("/issues/comments", get(comments::of_repo))
        .route(
            "/issues/comments/{comment}",
            get(comments::one)
                .merge(patch(comments::edit))
                .merge(delete(comments::delete)),
        )
        .route(
            "/issues/{number}",
            get(issues::one).merge(patch(issues::edit)),
        )
        .route("/issues/{number}/events", get(commits::events))
        .route("/issues/{number}/timeline", get(commits::timeline))
        .route(
            "/issues/{number}/comments",
            get(comments::of_issue).merge(post(comments::create)),
        )
        .route(
            "/issues/{number}/dependencies/blocked_by",
            get(relations::blocked_by).merge(post(relations::add_blocker)),
        )
        .route(
            "/issues/{number}/dependencies/blocked_by/{blocker}",
            delete(relations::remove_blocker),
        )
        .route(
            "/issues/{number}/dependencies/blocking",
            get(relations::blocking),
        )
        .route(
            "/issues/{number}/sub_issues",
            get(relations::sub_issues).merge(post(relations::add_sub_issue)),
        )
        .route(
            "/issues/{number}/sub_issue",
            delete(relations::remove_sub_issue),
        )
        .route("/issues/{number}/parent", get(relations::parent))
}

fn pull_requests() -> Router<SharedState> {
    Router::new()
        .route("/pulls", get(pulls::list).merge(post(pulls::create)))
        .route("/pulls/comments", get(lines::of_diffs))
        .route(
            "/pulls/comments/{comment}",
            get(lines::one)
                .merge(patch(lines::edit))
                .merge(delete(lines::delete)),
        )
        .route("/pulls/{number}", get(pulls::one).merge(patch(pulls::edit)))
        .route("/pulls/{number}/commits", get(commits::of_pull))
        .route(
            "/pulls/{number}/reviews",
            get(pulls::reviews).merge(post(reviews::create)),
        )
        .route(
            "/pulls/{number}/reviews/{review}",
            get(reviews::one)
                .merge(put(reviews::edit))
                .merge(delete(reviews::discard)),
        )
        .route(
            "/pulls/{number}/reviews/{review}/comments",
            get(reviews::comments),
        )
        .route(
            "/pulls/{number}/reviews/{review}/events",
            post(reviews::submit),
        )
        .route(
            "/pulls/{number}/reviews/{review}/dismissals",
            put(reviews::dismiss),
        )
        .route(
            "/pulls/{number}/comments",
            get(lines::of_pull).merge(post(lines::create)),
        )
        .route(
            "/pulls/{number}/comments/{comment}/replies",
            post(lines::reply),
        )
        .route("/pulls/{number}/merge", put(pulls::merge))
}

fn get(serve: Serve) -> MethodRouter<SharedState> {
    verb(MethodFilter::GET, serve)
}

fn post(serve: Serve) -> MethodRouter<SharedState> {
    verb(MethodFilter::POST, serve)
}

fn patch(serve: Serve) -> MethodRouter<SharedState> {
    verb(MethodFilter::PATCH, serve)
}

fn put(serve: Serve) -> MethodRouter<SharedState> {
    verb(MethodFilter::PUT, serve)
}

fn delete(serve: Serve) -> MethodRouter<SharedState> {
    verb(MethodFilter::DELETE, serve)
}

fn verb(filter: MethodFilter, serve: Serve) -> MethodRouter<SharedState> {
    on(
        filter,
        async move |State(state): State<SharedState>, call: Call| {
            state.world(|world| world.acting_as(&call.viewer.login, |world| serve(world, &call)))
        },
    )
}
