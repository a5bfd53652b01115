//! Names in the environment and in `.env` that are probably meant for one of our settings: nothing reads them, and the setting
//! silently keeps its default. `ALOWED_REPOS=acme/api` would offer every repository.

use std::fmt;

use crate::error::SettingsError;
use crate::layers::Layers;
use crate::setting::Setting;
use crate::sources::{Origin, Sources};
use crate::table::TABLE;

/// What people put before a setting's name where several programs share an environment.
const PREFIX: &str = "ISSUECOMMAND_";

/// A name shorter than this says too little about which setting it is a part of.
const LONG: usize = 9;

/// A name that is no setting, and that looks like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// As it is written. Its value is not known here: a misspelt secret is a secret.
    pub name: String,
    /// Where it stands.
    pub origin: Origin,
    /// The setting that was probably meant.
    pub meant: &'static str,
}

impl fmt::Display for NearMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            origin,
            meant,
        } = self;
        write!(
            f,
            "{name} {origin} is no setting, and nothing reads it: did you mean {meant}?"
        )
    }
}

/// All names in the environment and `.env` that are near a setting which nothing gives. Where the setting itself is given, a
/// name like it is another program's.
///
/// # Errors
/// A source that cannot be read.
pub fn near_misses(sources: &Sources) -> Result<Vec<NearMiss>, SettingsError> {
    let layers = Layers::of(sources)?;
    let mut found = Vec::new();
    for (name, origin) in sources.others()? {
        let Some(meant) = setting(&name) else {
            continue;
        };
        let given = layers.find(meant)?;
        if given.is_none_or(|given| given.origin == Origin::Default) {
            found.push(NearMiss {
                name,
                origin,
                meant: meant.name,
            });
        }
    }
    Ok(found)
}

/// The setting that a name is near: another case, a prefix of ours, one typing error (in long names more), or one name with more
/// words at its end than the other.
pub(crate) fn setting(name: &str) -> Option<&'static Setting> {
    let wanted = name.to_ascii_uppercase();
    let prefixed = wanted.strip_prefix(PREFIX);
    let wanted = prefixed.unwrap_or(&wanted);
    let exact = TABLE.iter().find(|setting| setting.name == wanted);
    if exact.is_some() {
        return exact;
    }
    let near = |setting: &&Setting| {
        let far = ((setting.name.len() + 1) / 7).max(1);
        strsim::osa_distance(wanted, setting.name) <= far
    };
    let begins = |setting: &&Setting| {
        let (name, wanted) = (setting.name, wanted);
        name.len().min(wanted.len()) >= LONG
            && (name.starts_with(wanted) || wanted.starts_with(name))
    };
    let least = |setting: &&Setting| strsim::osa_distance(wanted, setting.name);
    let misspelt = TABLE.iter().filter(near).min_by_key(least);
    misspelt.or_else(|| TABLE.iter().filter(begins).min_by_key(least))
}
