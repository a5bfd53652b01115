//! Options of the dashboard.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

/// How the dashboard is served.
#[derive(Clone, Debug, Default)]
pub struct DashboardOptions {
    /// The names, with or without port, that a request's `Host` may have. Empty: any.
    pub allowed_hosts: Vec<String>,
    /// Whether a proxy in front says by `x-forwarded-proto` that a request came by HTTPS.
    pub trusts_proxy: bool,
    /// The address of GitHub's pages, without a slash at its end: links lead nowhere else.
    pub github: String,
    /// The settings, as a person who runs the service may see them.
    pub settings: Vec<ShownSetting>,
    /// What can be done with the service as a whole; `None`: nothing.
    pub operator: Option<Arc<dyn Operator>>,
    /// A line above every page, of a service that is not a real one.
    pub banner: Option<&'static str>,
}

/// A setting and where its value comes from. A secret has no value here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownSetting {
    /// Its name.
    pub name: String,
    /// Its value, or that it is not shown.
    pub value: String,
    /// Which source gives it.
    pub from: String,
}

/// What whoever runs the service can do with it as a whole. The dashboard knows neither files nor settings.
#[async_trait]
pub trait Operator: Debug + Send + Sync {
    /// Looks for what is wrong, and says what to do about it. Changes nothing.
    async fn diagnose(&self) -> Vec<Finding>;

    /// Copies the database while it is in use. A sentence on what came of it, or on why it cannot be.
    ///
    /// # Errors
    /// Why there is no copy, and what to do.
    async fn back_up(&self) -> Result<String, String>;
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: String,
    /// `ok`, `warn` or `fail`.
    pub verdict: &'static str,
    /// What was found.
    pub says: String,
    /// What to do; empty where all is well.
    pub remedy: String,
}
