//! All routes, once. The router and the OpenAPI document are both made of this table.

use axum::routing::{MethodFilter, MethodRouter, get, on};
use issuecommand_wire::Call;
use issuecommand_wire::call::{
    ClaimIssue, CreateSignInCode, DismissFollowup, ExplainWork, GetAgent, GetAgents, GetAllClaims,
    GetFollowups, GetIssueDetails, GetIssueHistory, GetMyWork, GetOverview, GetStatistics,
    GiveClaim, GiveFollowup, Heartbeat, HeldFeedback, IssueReadiness, LatestEvents, ListDeliveries,
    ListEvents, ListIssues, ListOpenIssues, ListOutbox, ListRepos, NextIssue, NextWork, OfferIssue,
    ParkIssue, ReleaseIssue, RetryDelivery, RetryWrite, SetWork, Sync, SystemHealth,
    UpdateClaimStatus, UpdateFollowupStatus,
};
use issuecommand_wire::params::Param;
use issuecommand_wire::schema::Components;
use serde_json::Value;

use super::{document, events, health};
use crate::execute::{from_body, from_lenient_query, from_query};
use crate::metrics;
use crate::state::AppState;

/// What stands before a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// The key, and the limit on calls by address.
    Api,
    /// The key, and the limit on streams by address.
    Stream,
    /// The key, unless the settings leave it open.
    Metrics,
    /// Nothing.
    Open,
}

/// Where a call's parameters stand, besides those of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// In the JSON body.
    Body,
    /// In the query.
    Query,
}

/// A route that runs a call.
pub(crate) struct CallRoute {
    pub(crate) params: &'static [Param],
    pub(crate) input: Input,
    pub(crate) refuses: bool,
    pub(crate) answer: fn(&mut Components) -> Value,
}

/// What a route answers.
pub(crate) enum Answers {
    /// What a call answers.
    Call(CallRoute),
    /// A file: its content type.
    File(&'static str),
    /// The stream of events.
    Stream,
    /// Whether the service is up, as JSON, with 503 where it is not.
    Health,
}

/// One route.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) door: Door,
    pub(crate) summary: &'static str,
    pub(crate) answers: Answers,
    pub(crate) handler: fn() -> MethodRouter<AppState>,
}

impl Route {
    const fn call<C: Call>(
        method: &'static str,
        path: &'static str,
        input: Input,
        handler: fn() -> MethodRouter<AppState>,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            door: Door::Api,
            summary,
            answers: Answers::Call(CallRoute {
                params: C::PARAMS,
                input,
                refuses: C::REFUSES,
                answer: Components::answer::<C>,
            }),
            handler,
        }
    }

    const fn get<C: Call>(path: &'static str, summary: &'static str) -> Self {
        Self::call::<C>("get", path, Input::Query, || get(from_query::<C>), summary)
    }

    /// A call that was never refused for its query.
    const fn lenient<C: Call>(path: &'static str, summary: &'static str) -> Self {
        let handler = || get(from_lenient_query::<C>);
        Self::call::<C>("get", path, Input::Query, handler, summary)
    }

    const fn post<C: Call>(path: &'static str, summary: &'static str) -> Self {
        let handler = || on(MethodFilter::POST, from_body::<C>);
        Self::call::<C>("post", path, Input::Body, handler, summary)
    }

    const fn patch<C: Call>(path: &'static str, summary: &'static str) -> Self {
        let handler = || on(MethodFilter::PATCH, from_body::<C>);
        Self::call::<C>("patch", path, Input::Body, handler, summary)
    }

    const fn delete<C: Call>(path: &'static str, summary: &'static str) -> Self {
        let handler = || on(MethodFilter::DELETE, from_body::<C>);
        Self::call::<C>("delete", path, Input::Body, handler, summary)
    }

    const fn other(
        door: Door,
        path: &'static str,
        answers: Answers,
        handler: fn() -> MethodRouter<AppState>,
        summary: &'static str,
    ) -> Self {
        Self {
            method: "get",
            path,
            door,
            summary,
            answers,
            handler,
        }
    }
}

/// All routes but that of GitHub's deliveries, whose path is a setting. A first part of a path that is new here is also one that
/// `WEBHOOK_PATH` may not have: `ROUTES` in the configuration.
pub(crate) const ROUTES: &[Route] = &[
    Route::post::<NextWork>(
        "/api/next-work",
        "Takes the most urgent work: feedback on a pull request, or an issue",
    ),
    Route::post::<NextIssue>("/api/next", "Takes the most urgent issue"),
    Route::get::<GetMyWork>("/api/my-work", "What an agent holds"),
    Route::get::<GetAllClaims>(
        "/api/claims",
        "Active claims; with a status that ends a claim, those that ended so",
    ),
    Route::post::<ClaimIssue>("/api/claims", "Claims one issue"),
    Route::patch::<UpdateClaimStatus>(
        "/api/claims/{claim_id}",
        "Moves a claim; the same status again is a sign of life",
    ),
    Route::delete::<ReleaseIssue>("/api/claims/{claim_id}", "Gives a claim back"),
    Route::post::<GiveClaim>(
        "/api/claims/{claim_id}/give",
        "Gives a claim to another agent; for people",
    ),
    Route::get::<GetFollowups>(
        "/api/followups",
        "Feedback that waits or is worked on, in serving order",
    ),
    Route::lenient::<HeldFeedback>(
        "/api/followups/held-back",
        "Feedback of people without write access, kept from agents",
    ),
    Route::patch::<UpdateFollowupStatus>(
        "/api/followups/{work_item_id}",
        "Moves a follow-up; the same status again is a sign of life",
    ),
    Route::post::<GiveFollowup>(
        "/api/followups/{work_item_id}/give",
        "Gives a follow-up to an agent; for people",
    ),
    Route::post::<DismissFollowup>(
        "/api/followups/{work_item_id}/dismiss",
        "Ends a follow-up without an answer, whoever has it; for people",
    ),
    Route::lenient::<ListRepos>("/api/repos", "The repositories whose issues are handed out"),
    Route::get::<ListOpenIssues>(
        "/api/repos/{owner}/{repo}/issues",
        "Open issues of a repository that nobody holds",
    ),
    Route::lenient::<GetIssueDetails>(
        "/api/issues/{owner}/{repo}/{number}",
        "One issue with its comments, as GitHub has it now",
    ),
    Route::lenient::<IssueReadiness>(
        "/api/issues/{owner}/{repo}/{number}/readiness",
        "Whether an issue is handed out, and why not",
    ),
    Route::get::<GetIssueHistory>(
        "/api/issues/{owner}/{repo}/{number}/history",
        "What happened to an issue and its pull requests, newest first, and what was tried",
    ),
    Route::post::<ParkIssue>(
        "/api/issues/{owner}/{repo}/{number}/park",
        "Keeps an issue from being offered; for people",
    ),
    Route::post::<OfferIssue>(
        "/api/issues/{owner}/{repo}/{number}/offer",
        "Offers an issue again; for people",
    ),
    Route::get::<ExplainWork>(
        "/api/explain",
        "What there is for an agent, and why not all of it is handed out",
    ),
    Route::post::<SetWork>("/api/work", "Pauses, drains or resumes work; for people"),
    Route::post::<Heartbeat>(
        "/api/heartbeat",
        "A sign of life for all that an agent's session holds, or its end. It needs no idempotency key: repeating it does what it says",
    ),
    Route::get::<GetAgents>(
        "/api/agents",
        "All agents that were heard lately; with a limit page by page",
    ),
    Route::get::<GetOverview>(
        "/api/overview",
        "The first look: what needs a person, who works on what, what comes next, what just happened",
    ),
    Route::get::<ListIssues>(
        "/api/issues",
        "Open issues: ready ones in serving order, those that agents have, and blocked ones with the reasons",
    ),
    Route::get::<GetAgent>(
        "/api/agents/{agent_id}",
        "One agent: what it holds, what it did, what happened to it",
    ),
    Route::get::<GetStatistics>("/api/statistics", "What happened on each day"),
    Route::get::<ListDeliveries>(
        "/api/deliveries",
        "Deliveries of GitHub that could not be applied yet",
    ),
    Route::post::<RetryDelivery>(
        "/api/deliveries/{delivery_id}/retry",
        "Tries a delivery again; for people. It needs no idempotency key: repeating it does what it says",
    ),
    Route::get::<ListOutbox>("/api/outbox", "Writes to GitHub that are not done yet"),
    Route::post::<RetryWrite>(
        "/api/outbox/{write_id}/retry",
        "Tries a write to GitHub again; for people. It needs no idempotency key: repeating it does what it says",
    ),
    Route::get::<ListEvents>("/api/events", "A page of the event log"),
    Route::get::<LatestEvents>("/api/events/latest", "The event log, newest first"),
    Route::other(
        Door::Stream,
        "/sse",
        Answers::Stream,
        || get(events::stream),
        "The event log, live, as server-sent events",
    ),
    Route::post::<Sync>(
        "/api/sync",
        "Follows GitHub at once. It needs no idempotency key: repeating it reads GitHub again",
    ),
    Route::post::<CreateSignInCode>(
        "/api/dashboard/codes",
        "Makes a one-time code, good for 60 s, that signs a browser in with the key's rights. It needs no idempotency key: make another",
    ),
    Route::lenient::<SystemHealth>("/api/health", "How the service is"),
    Route::other(
        Door::Api,
        "/api/openapi.json",
        Answers::File("application/json"),
        || get(document::json),
        "This document",
    ),
    Route::other(
        Door::Api,
        "/api/docs",
        Answers::File("text/html; charset=utf-8"),
        || get(document::page_of_it),
        "This document as a page to read",
    ),
    Route::other(
        Door::Metrics,
        "/metrics",
        Answers::File("text/plain; version=0.0.4"),
        || get(metrics::metrics),
        "Numbers for Prometheus; 404 where there are none",
    ),
    Route::other(
        Door::Open,
        "/healthz",
        Answers::Health,
        || get(health::healthz),
        "Whether the process answers",
    ),
    Route::other(
        Door::Open,
        "/readyz",
        Answers::Health,
        || get(health::readyz),
        "Whether the process can work",
    ),
];
