//! Notifications: the work of this process for the endpoints of its settings.

mod attention;

use std::sync::Arc;

use issuecommand_core::service::Service;
use issuecommand_notify::{Notifier, Reach, Sender};
use tokio_util::sync::CancellationToken;

use self::attention::StoreAttention;
use crate::error::AppError;
use crate::settings::NotifyOptions;

/// A sender of notifications.
pub(crate) fn sender(reach: Reach) -> Result<Sender, AppError> {
    // Somebody else may have chosen one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Sender::new(reach)
        .map_err(|error| AppError::Command(format!("no HTTP client can be made: {error}")))
}

/// Makes and sends notifications until it is stopped, if the settings have endpoints.
pub(crate) async fn run(service: Service, options: NotifyOptions, stop: CancellationToken) {
    if options.endpoints.is_empty() {
        return;
    }
    match sender(options.reach) {
        Ok(sender) => {
            let attention = Arc::new(StoreAttention);
            let notifier = Notifier::new(service, sender, options.dashboard, attention);
            notifier.run(&options.endpoints, stop).await;
        }
        Err(error) => {
            tracing::error!(name: "notify.impossible", %error, "no notifications can be sent");
        }
    }
}
