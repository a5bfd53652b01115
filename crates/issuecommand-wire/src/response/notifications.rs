//! The responses about notifications.

use schemars::JsonSchema;
use serde::Serialize;

use super::Response;
use crate::record::{EndpointRecord, NotificationRecord};

/// `{endpoints, notifications}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotificationsResponse {
    /// The endpoints, by name.
    pub endpoints: Vec<EndpointRecord>,
    /// The notifications, the latest first.
    pub notifications: Vec<NotificationRecord>,
}

/// What a change of an endpoint or a notification came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EndpointChangedResponse {
    /// `true`.
    pub ok: bool,
    /// Whether there is such an endpoint or notification.
    pub changed: bool,
}

impl Response for NotificationsResponse {}
impl Response for EndpointChangedResponse {}
