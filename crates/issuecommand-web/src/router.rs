//! The routes of the dashboard.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use issuecommand_executor::Executor;
use issuecommand_executor::keys::Keys;
use tokio_util::sync::CancellationToken;

use crate::acts;
use crate::assets::asset;
use crate::export;
use crate::guard::guard;
use crate::live::stream;
use crate::options::DashboardOptions;
use crate::page;
use crate::pages;
use crate::person::require_person;
use crate::sign_in;
use crate::state::Web;

/// The most bytes of a form. Notes have 8 KB at most, which as a form are up to three times as many.
const FORM_MAX: usize = 64 * 1024;

/// The dashboard, for the paths `/ui` and below. It signs people in by itself. Call it within a Tokio runtime: it starts the tasks
/// that keep pages live, until `shutdown`. Requests should carry the address that they come from
/// ([`ClientAddress`](issuecommand_executor::limits::ClientAddress)); a response to somebody who is signed in carries their
/// [`Caller`](issuecommand_core::domain::access::Caller).
pub fn dashboard(
    executor: Executor,
    keys: Keys,
    shutdown: CancellationToken,
    options: DashboardOptions,
) -> Router {
    let web = Web::start(executor, keys, options, shutdown);
    let signed_in = Router::new()
        .route("/ui", get(pages::screen))
        .route("/ui/stream", get(stream))
        .route("/ui/events.jsonl", get(export::events))
        .route("/ui/act/{act}", get(acts::confirm).post(acts::run))
        .route("/ui/sign-out", post(sign_in::out))
        .route("/ui/{*path}", get(pages::screen))
        .layer(from_fn_with_state(web.clone(), require_person));
    Router::new()
        .route("/ui/assets/{name}", get(asset))
        .route("/ui/sign-in", get(sign_in::form).post(sign_in::by_key))
        .route("/ui/open/{code}", get(sign_in::open).post(sign_in::confirm))
        .route("/ui/theme", post(page::set_theme))
        .merge(signed_in)
        .method_not_allowed_fallback(page::no_such_method)
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .layer(from_fn_with_state(web.clone(), guard))
        .with_state(web)
}
