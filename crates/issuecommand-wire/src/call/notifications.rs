//! Endpoints of notifications, and what was sent to them. These calls are for operators, so they are no tools.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::event::Seq;
use issuecommand_core::domain::notification::NotificationState;
use issuecommand_core::ports::notifications::NotificationFilter;
use issuecommand_core::service::{Service, ServiceResult};

use super::Call;
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::response::{EndpointChangedResponse, NotificationsResponse};

const OF_ENDPOINT: Param = Param::optional(
    "endpoint",
    ParamType::String,
    "notifications of this endpoint alone",
);
const STATE: Param = Param::optional(
    "state",
    ParamType::OneOf(&["waiting", "delivered", "failed"]),
    "notifications in this state alone",
);
const LIMIT: Param = Param::optional(
    "limit",
    ParamType::Integer {
        least: 1,
        most: 1_000,
    },
    "how many notifications at most, the latest; 20 by default",
);
const DEFAULT_LIMIT: u32 = 20;
const ENDPOINT: Param = Param::needed("endpoint", ParamType::String, "the endpoint's name");
const ID: Param = Param::needed(
    "notification_id",
    ParamType::String,
    "the notification's id, which its receiver knows as webhook-id",
);
const SINCE: Param = Param::optional(
    "since",
    ParamType::Integer {
        least: 0,
        most: i64::MAX,
    },
    "an event_id: what happened after it is sent, too; what was sent before is sent again with the same id",
);

/// The endpoints, and the latest notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListNotifications(NotificationFilter);

impl Call for ListNotifications {
    const NAME: &'static str = "notifications";
    const PARAMS: &'static [Param] = &[OF_ENDPOINT, STATE, LIMIT];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = NotificationsResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let limit = fields.whole_or_refused(&LIMIT)?;
        Ok(Self(NotificationFilter {
            endpoint: fields.text(&OF_ENDPOINT)?.map(str::to_owned),
            state: fields.word(&STATE)?.and_then(NotificationState::parse),
            limit: limit
                .and_then(|limit| u32::try_from(limit).ok())
                .unwrap_or(DEFAULT_LIMIT),
        }))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<NotificationsResponse> {
        let endpoints = service.endpoints(caller).await?;
        let notifications = service.notifications(caller, &self.0).await?;
        Ok(NotificationsResponse {
            endpoints: endpoints.iter().map(Into::into).collect(),
            notifications: notifications.iter().map(Into::into).collect(),
        })
    }
}

/// Sends a notification once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayNotification {
    endpoint: String,
    id: String,
}

impl Call for ReplayNotification {
    const NAME: &'static str = "replay_notification";
    const PARAMS: &'static [Param] = &[ENDPOINT, ID];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = EndpointChangedResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            endpoint: fields.needed_text(&ENDPOINT)?.to_owned(),
            id: fields.needed_text(&ID)?.to_owned(),
        })
    }

    async fn run(
        self,
        service: &Service,
        caller: &Caller,
    ) -> ServiceResult<EndpointChangedResponse> {
        let key = (self.endpoint, self.id);
        let changed = service.replay_notification(caller, &key).await?;
        Ok(EndpointChangedResponse { ok: true, changed })
    }
}

/// Sends to an endpoint again that was disabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnableEndpoint {
    endpoint: String,
    since: Option<Seq>,
}

impl Call for EnableEndpoint {
    const NAME: &'static str = "enable_endpoint";
    const PARAMS: &'static [Param] = &[ENDPOINT, SINCE];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = EndpointChangedResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            endpoint: fields.needed_text(&ENDPOINT)?.to_owned(),
            since: fields.whole_or_refused(&SINCE)?,
        })
    }

    async fn run(
        self,
        service: &Service,
        caller: &Caller,
    ) -> ServiceResult<EndpointChangedResponse> {
        let enabled = service.enable_endpoint(caller, &self.endpoint, self.since);
        let changed = enabled.await?;
        Ok(EndpointChangedResponse { ok: true, changed })
    }
}
