//! Settings in minutes, as core's lengths of time.

use issuecommand_config::{Layers, Setting, SettingsError};
use issuecommand_core::domain::time::Millis;

pub(super) fn minutes(layers: &Layers, setting: &'static Setting) -> Result<Millis, SettingsError> {
    let minutes: u32 = layers.integer(setting)?;
    Ok(Millis::minutes(minutes.into()))
}

/// The same, with 0 as 1 minute.
pub(super) fn at_least_a_minute(
    layers: &Layers,
    setting: &'static Setting,
) -> Result<Millis, SettingsError> {
    Ok(minutes(layers, setting)?.max(Millis::minutes(1)))
}
