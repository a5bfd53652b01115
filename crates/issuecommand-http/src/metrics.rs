//! Metrics for Prometheus: counters of requests, and gauges that are read from the store when `/metrics` is asked for.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, http};
use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::service::{Measures, ServiceError};
use issuecommand_wire::ApiError;
use metrics::{counter, gauge, histogram};

use crate::error::ErrorResponse;
use crate::state::AppState;

/// Counts an answer and its time by the route, never by the path: that would be a number for each claim.
pub(crate) async fn count_request(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = method_label(request.method());
    let begun = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    counter!("issuecommand_http_requests_total", "route" => route.clone(), "method" => method, "status" => status)
        .increment(1);
    histogram!("issuecommand_http_request_seconds", "route" => route, "method" => method)
        .record(begun.elapsed());
    response
}

/// Unknown methods share one label: a client could make up any number, and each would be kept for good.
fn method_label(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    }
}

/// `GET /metrics`, for callers who may see everything.
pub(crate) async fn metrics(
    State(state): State<AppState>,
    caller: Option<Extension<Caller>>,
) -> Result<Response, ErrorResponse> {
    let Some(metrics) = &state.settings.metrics else {
        return Err(ErrorResponse(ApiError::not_found()));
    };
    if caller.is_some_and(|Extension(caller)| caller.scope != Scope::All) {
        return Err(ErrorResponse(ApiError::not_found()));
    }
    let begun = Instant::now();
    let measures = state.service.measures().await;
    gauge!("issuecommand_store_read_seconds").set(begun.elapsed());
    set_gauges(&measures.map_err(|error| ApiError::from(&ServiceError::from(error)))?);
    (metrics.refresh)();
    let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    Ok((StatusCode::OK, text, metrics.render.render()).into_response())
}

fn seconds(length: Millis) -> f64 {
    float(length.0) / 1000.0
}

/// Counts and lengths of time are far from where this loses anything.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn float(number: i64) -> f64 {
    number as f64
}

fn count(number: u64) -> f64 {
    float(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Every status is told, also where nothing has it: a number that vanishes cannot be watched.
fn set_gauges(measures: &Measures) {
    let now = measures.now;
    let age = |since: Timestamp| seconds(Millis((now.0 - since.0).max(0)));
    for status in ClaimStatus::ALL
        .into_iter()
        .filter(|status| !status.is_terminal())
    {
        let n = measures.tally.claims.get(&status).copied().unwrap_or(0);
        gauge!("issuecommand_claims", "status" => status.as_str()).set(count(n));
    }
    counter!("issuecommand_claims_created_total").absolute(measures.store.total_claims);
    for status in FollowupStatus::ALL
        .into_iter()
        .filter(|status| !status.is_terminal())
    {
        let waiting = measures.tally.followups.get(&status);
        gauge!("issuecommand_followups", "status" => status.as_str())
            .set(count(waiting.map_or(0, |waiting| waiting.count)));
        gauge!("issuecommand_followup_oldest_seconds", "status" => status.as_str())
            .set(waiting.map_or(0.0, |waiting| age(waiting.since)));
    }
    for (state, n) in [
        ("deferred", measures.store.deferred_deliveries),
        ("dead", measures.store.dead_deliveries),
    ] {
        gauge!("issuecommand_deliveries", "state" => state).set(count(n));
    }
    gauge!("issuecommand_issues_ready").set(count(measures.tally.ready));
    // A closed issue is none of those that are counted.
    for reason in ReasonCode::ALL
        .into_iter()
        .filter(|reason| *reason != ReasonCode::Closed)
    {
        let n = measures.not_ready.get(&reason).copied().unwrap_or(0);
        gauge!("issuecommand_issues_not_ready", "reason" => reason.as_str()).set(count(n));
    }
    gauge!("issuecommand_outbox").set(count(measures.store.outbox));
    if let Some(last) = measures.store.last_sync {
        gauge!("issuecommand_sync_age_seconds").set(age(last));
        gauge!("issuecommand_sync_last_success_timestamp_seconds").set(seconds(Millis(last.0)));
    }
    gauge!("issuecommand_sync_failures").set(count(measures.store.sync_failures.len() as u64));
    let oldest = measures.store.sync_failures.first();
    gauge!("issuecommand_sync_failing_seconds")
        .set(oldest.map_or(0.0, |failure| age(failure.since)));
    if let Some(left) = measures.budget.remaining {
        gauge!("issuecommand_github_budget_remaining").set(float(left));
    }
    gauge!("issuecommand_github_wait_seconds").set(measures.budget.waiting.map_or(0.0, seconds));
    for (invariant, n) in [
        ("one_claim_an_issue", measures.tally.shared_issues),
        ("one_agent_a_pull_request", measures.tally.shared_pulls),
    ] {
        gauge!("issuecommand_invariant_violations", "invariant" => invariant).set(count(n));
    }
}
