//! Names in the environment and in `.env` that are probably meant for one of our settings: nothing reads them, and the setting
//! silently keeps its default. `ALOWED_REPOS=acme/api` would offer every repository.

use std::fmt;

use crate::error::SettingsError;
use crate::layers::Layers;
use crate::names::resembling;
use crate::origin::Origin;
use crate::sources::Sources;

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
        let Some(meant) = resembling(&name) else {
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
