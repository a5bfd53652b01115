//! The settings of notifications.

use issuecommand_config::{Layers, Origin, SettingsError, Sources, definitions};
use issuecommand_notify::{EndpointSettings, Reach, ReadError};

use super::parse;

/// Where notifications are sent to, and how.
#[derive(Clone, Debug)]
pub struct NotifyOptions {
    /// The endpoints.
    pub endpoints: Vec<EndpointSettings>,
    /// Which addresses may be reached.
    pub reach: Reach,
    /// The dashboard's address, without a slash at its end.
    pub dashboard: Option<String>,
    /// Endpoints that lack something in this process's environment, each as one sentence.
    pub unusable: Vec<String>,
}

pub(super) fn read(layers: &Layers, sources: &Sources) -> Result<NotifyOptions, SettingsError> {
    let exec = layers.find(&definitions::NOTIFY_ALLOW_EXEC)?;
    let by_file = |origin: &Origin| {
        matches!(
            origin,
            Origin::File(_) | Origin::Dotenv(_) | Origin::Default
        )
    };
    let allows_exec = layers.bool(&definitions::NOTIFY_ALLOW_EXEC)?
        && exec.is_some_and(|given| !by_file(&given.origin));
    let allows_private = layers.bool(&definitions::NOTIFY_ALLOW_PRIVATE)?;
    let dashboard = match layers.find(&definitions::DASHBOARD_URL)? {
        Some(given) => Some(parse::base_url(&given)?),
        None => {
            let port: u16 = layers.integer(&definitions::HTTP_PORT)?;
            (port > 0).then(|| format!("http://localhost:{port}"))
        }
    };
    let mut options = NotifyOptions {
        endpoints: Vec::new(),
        reach: if allows_private {
            Reach::Any
        } else {
            Reach::Public
        },
        dashboard,
        unusable: Vec::new(),
    };
    let Some((tables, given)) = layers.tables(&definitions::NOTIFY)? else {
        return Ok(options);
    };
    // Read before, so that an unreadable .env is an error and not an unset variable.
    sources.variable("NOTIFY")?;
    let variable = |name: &str| sources.variable(name).ok().flatten();
    for table in tables {
        match EndpointSettings::read(table, &variable, allows_exec) {
            Ok(read)
                if options
                    .endpoints
                    .iter()
                    .any(|known| known.name == read.name) =>
            {
                return Err(given.refuse_part(&format!(
                    "two tables have the name {:?}: give one another name",
                    read.name
                )));
            }
            Ok(read) => options.endpoints.push(read),
            Err(ReadError::Wrong(words)) => return Err(given.refuse_part(&words)),
            Err(ReadError::Unusable(words)) => options.unusable.push(words),
        }
    }
    Ok(options)
}
