//! `WEBHOOK_PATH`: deliveries of GitHub.

use std::borrow::Cow;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::webhook::{AuthMethod, Delivery, WebhookAnswer};
use issuecommand_core::service::{DeliveryOutcome, Service, ServiceResult};
use issuecommand_wire::error::{ErrorBody, ErrorCode};
use issuecommand_wire::record::{WebhookOutcome, WebhookReply};
use issuecommand_wire::{ApiError, json};
use metrics::counter;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::api_key::has_api_key;
use crate::error::ErrorResponse;
use crate::extract::body;
use crate::limits::ByAddress;
use crate::rejection_log::Kind;
use crate::serve::admission::ConnectionHandle;
use crate::state::AppState;
use crate::webhook_signature;

const NO_EVENT: &str = "missing_x_github_event_header";
const FORM: &str = "The delivery is form-encoded. Choose application/json as the content type in the webhook's settings on GitHub.";

/// Takes a delivery. It is in the store before the answer leaves.
pub(crate) async fn github(State(state): State<AppState>, request: Request) -> Response {
    let taken = receive(&state, request).await;
    counter!("issuecommand_deliveries_total", "result" => outcome_label(&taken)).increment(1);
    match taken {
        Ok((event, taken)) => respond(&event, &taken),
        Err(error) => {
            if let Some(reason) = rejection_reason(&error) {
                if state.rejections.admit(Kind::Delivery) {
                    tracing::info!(name: "webhook.rejected", status = error.status, reason, "a delivery was turned away");
                }
                state.hub.reject(reason);
            }
            ErrorResponse(error).into_response()
        }
    }
}

/// The label of the outcome for the counter.
fn outcome_label(taken: &Result<(String, DeliveryOutcome), ApiError>) -> &'static str {
    match taken {
        Ok((_, DeliveryOutcome::Answered(answer, _))) => match answer {
            WebhookAnswer::Feedback { .. } | WebhookAnswer::Taken { .. } => "processed",
            WebhookAnswer::Ignored(_) => "ignored",
            WebhookAnswer::Duplicate { .. } => "duplicate",
        },
        Ok((_, DeliveryOutcome::Deferred)) => "deferred",
        Ok((_, DeliveryOutcome::Bad(_))) => "rejected",
        Err(error) if error.status == 429 => "rate_limited",
        Err(error) if error.status < 500 => "rejected",
        Err(_) => "failed",
    }
}

async fn receive(
    state: &AppState,
    request: Request,
) -> Result<(String, DeliveryOutcome), ApiError> {
    // Cheap checks come first: the headers before the body is read, its size before it is hashed, the signature before it is
    // parsed.
    let (parts, body) = request.into_parts();
    let secret = state.settings.webhooks.secret.as_ref();
    let keyed = has_api_key(state.keys.api(), &parts.headers);
    let counted = if keyed {
        ByAddress::Call
    } else {
        ByAddress::UnprovenDelivery
    };
    let limit = || {
        let limits = &state.limits;
        limits.check(counted, &parts.headers, &parts.extensions)
    };
    // Deliveries with a good signature bypass the limit of their address, because GitHub sends bursts from few addresses.
    // Others are limited: those without a signature before the body is read, those with a wrong one as soon as that shows.
    let unsigned = webhook_signature::may_be_signed(&parts.headers, secret).err();
    let signed = unsigned.is_none();
    if let Some(unproven) = unsigned {
        limit()?;
        if !keyed {
            return Err(ApiError::unauthorized_webhook(unproven.reason()));
        }
    }
    let proven = authenticate(state, &parts, body).await;
    if let (Ok(_), Some(connection)) = (&proven, parts.extensions.get::<ConnectionHandle>()) {
        connection.prove();
    }
    if signed && !matches!(proven, Ok((AuthMethod::Signature, _))) {
        limit()?;
    }
    let (auth, bytes) = proven?;
    let event = header(&parts.headers, "x-github-event")
        .ok_or_else(|| ApiError::invalid_webhook(NO_EVENT))?;
    if std::str::from_utf8(&bytes).is_err() {
        return Err(ApiError::invalid_webhook("The body is not UTF-8."));
    }
    if bytes.starts_with(b"payload=") {
        return Err(ApiError::invalid_webhook(FORM));
    }
    let delivery = Delivery {
        id: header(&parts.headers, "x-github-delivery"),
        event: event.clone(),
        auth,
    };
    // The signature is over what GitHub sent; from here on half a surrogate pair is a replacement character.
    let bytes = match json::mend_surrogates(&bytes) {
        Cow::Owned(mended) => mended,
        Cow::Borrowed(_) => bytes,
    };
    match process(state, webhook_signature::caller(auth), delivery, bytes).await? {
        Ok(DeliveryOutcome::Bad(bad)) => Err(ApiError::invalid_webhook(&bad.to_string())),
        Ok(taken) => Ok((event, taken)),
        Err(error) => Err((&error).into()),
    }
}

/// The body, and how it proves itself.
async fn authenticate(
    state: &AppState,
    parts: &Parts,
    body: Body,
) -> Result<(AuthMethod, Vec<u8>), ApiError> {
    let headers = &parts.headers;
    // A body without the key is not authenticated until all of it was read.
    let mut share = (!has_api_key(state.keys.api(), headers)).then(|| {
        let caller = state.limits.caller(headers, &parts.extensions);
        state.unproven.share(caller)
    });
    let bytes = body::bytes(headers, body, &state.settings, share.as_mut()).await?;
    let secret = state.settings.webhooks.secret.as_ref();
    let auth = webhook_signature::verify(headers, &bytes, secret, state.keys.api())
        .map_err(|unproven| ApiError::unauthorized_webhook(unproven.reason()))?;
    Ok((auth, bytes))
}

/// Processes the delivery in a task of its own, which a client that hangs up does not end.
async fn process(
    state: &AppState,
    caller: Caller,
    delivery: Delivery,
    body: Vec<u8>,
) -> Result<ServiceResult<DeliveryOutcome>, ApiError> {
    let (answer, heard) = oneshot::channel();
    let service = state.service.clone();
    state.executor.spawn(async move {
        let taken = service.process_delivery(&caller, delivery, &body).await;
        let look = match &taken {
            Ok(DeliveryOutcome::Answered(_, look)) => look.clone(),
            Ok(DeliveryOutcome::Deferred | DeliveryOutcome::Bad(_)) | Err(_) => None,
        };
        // GitHub may have stopped waiting; the delivery is stored all the same.
        let _ = answer.send(taken);
        if let Some(look) = look {
            settle(&service, look).await;
        }
    });
    match timeout(state.executor.time_limit(), heard).await {
        Ok(Ok(taken)) => Ok(taken),
        // The task broke off; the panic itself was written by the panic hook.
        Ok(Err(_)) => Err(ApiError::internal()),
        Err(_) => Err(ApiError::delivery_timed_out()),
    }
}

async fn settle(service: &Service, look: issuecommand_core::domain::webhook::Refetch) {
    if let Err(error) = service.settle(look.clone()).await {
        tracing::warn!(name: "webhook.look_failed", ?look, %error, "GitHub could not be asked after a delivery; the next sync asks again");
    }
}

fn respond(event: &str, taken: &DeliveryOutcome) -> Response {
    let outcome = match taken {
        DeliveryOutcome::Answered(answer, _) => answer.into(),
        DeliveryOutcome::Deferred => WebhookOutcome::deferred(),
        DeliveryOutcome::Bad(bad) => {
            return ErrorResponse(ApiError::invalid_webhook(&bad.to_string())).into_response();
        }
    };
    let reply = WebhookReply::new(event, outcome);
    let status = StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::ACCEPTED);
    (status, Json(reply)).into_response()
}

/// Why a request was turned away, for live readers; `None` when it was not: a failure of ours, which GitHub may repeat.
fn rejection_reason(error: &ApiError) -> Option<&str> {
    match &error.body {
        ErrorBody::Failure(failure) if failure.error == ErrorCode::PayloadTooLarge => {
            Some("payload_too_large")
        }
        ErrorBody::Failure(failure) if failure.error == ErrorCode::Overloaded => Some("no_room"),
        ErrorBody::Failure(failure) => failure.reason.as_deref(),
        ErrorBody::Refusal(_) => None,
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
