//! The dashboard in HTTP's router, if this program has it.

#[cfg(feature = "dashboard")]
use std::sync::Arc;

#[cfg(feature = "dashboard")]
use async_trait::async_trait;
use issuecommand_http::Mount;
#[cfg(feature = "dashboard")]
use issuecommand_web::{Finding, Operator};

#[cfg(feature = "dashboard")]
use crate::cli::{admin::backup, doctor};
use crate::settings::{Dashboard, Settings};

/// The dashboard with these settings. With all settings it can look at and copy the service as a whole. `banner` stands above every page
/// of a service that is no real one. `None` where the settings want none.
#[cfg(feature = "dashboard")]
pub fn mount(
    settings: Option<&Dashboard>,
    whole: Option<&Settings>,
    banner: Option<&'static str>,
) -> Option<Mount> {
    let settings = settings?;
    let operator = whole.map(|whole| -> Arc<dyn Operator> { Arc::new(OwnOperator(whole.clone())) });
    let options = issuecommand_web::DashboardOptions {
        allowed_hosts: settings.allowed_hosts.clone(),
        trusts_proxy: settings.trusts_proxy,
        github: settings.github.clone(),
        settings: settings.shown.iter().cloned().map(shown).collect(),
        operator,
        banner,
    };
    Some(Mount::new(move |parts| {
        let (executor, keys, shutdown) = (parts.executor, parts.keys, parts.shutdown);
        issuecommand_web::dashboard(executor, keys, shutdown, options.clone())
    }))
}

#[cfg(feature = "dashboard")]
fn shown([name, value, from]: [String; 3]) -> issuecommand_web::ShownSetting {
    issuecommand_web::ShownSetting { name, value, from }
}

/// This program was built without a dashboard.
#[cfg(not(feature = "dashboard"))]
pub fn mount(
    _settings: Option<&Dashboard>,
    _whole: Option<&Settings>,
    _banner: Option<&'static str>,
) -> Option<Mount> {
    None
}

/// What this program can do with its own service.
#[cfg(feature = "dashboard")]
#[derive(Debug)]
struct OwnOperator(Settings);

#[cfg(feature = "dashboard")]
#[async_trait]
impl Operator for OwnOperator {
    async fn diagnose(&self) -> Vec<Finding> {
        let findings = doctor::look(Ok(self.0.clone())).await.into_iter();
        let findings = findings.map(|finding| {
            let (check, verdict, says, remedy) = finding.parts();
            Finding {
                check: check.to_owned(),
                verdict,
                says,
                remedy,
            }
        });
        findings.collect()
    }

    async fn back_up(&self) -> Result<String, String> {
        backup::beside(&self.0)
            .await
            .map_err(|error| error.to_string())
    }
}
